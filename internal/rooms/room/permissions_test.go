package room

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"

	"heyy/internal/base/fault"
)

// names are the actions as the table writes them.
var names = map[action]string{
	actionRead: "read", actionJoin: "join", actionLeave: "leave", actionTakeSeat: "take-seat", actionLeaveSeat: "leave-seat",
	actionMute: "mute", actionUnmute: "unmute", actionMoveToAudience: "move-to-audience", actionAllowToSpeak: "allow-to-speak",
	actionRemove: "remove", actionEnd: "end", actionHideFrom: "hide-from", actionDisplace: "displace",
}

// actors are the columns of the table. Who has blocked three people of the room has
// used up what they may displace.
var actors = []struct {
	name string
	person
}{
	{"outsider", person{role: Listener, canSpeak: true}},
	{"isolated", person{role: Listener, known: true, canSpeak: true, removed: true, isolated: true}},
	{"inside", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true, isolated: true}},
	{"removed", person{role: Listener, known: true, canSpeak: true, removed: true}},
	{"audience", person{role: Listener, known: true, present: true}},
	{"listener", person{role: Listener, known: true, present: true, canSpeak: true}},
	{"speaker", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true}},
	{"blocker", person{role: Speaker, known: true, present: true, canSpeak: true, seated: true, blocked: 3}},
	{"co-host", person{role: CoHost, known: true, present: true, canSpeak: true}},
	{"co-gone", person{role: CoHost, known: true, canSpeak: true}},
	{"host", person{role: Host, known: true, present: true, canSpeak: true, seated: true, blocked: 9}},
	{"host-gone", person{role: Host, known: true, canSpeak: true, blocked: 9}},
}

// targets are the rows of the table; an action that looks at none of them has one
// row, "any".
var targets = []struct {
	name string
	target
}{
	{"room", target{}},
	{"oneself", target{self: true, person: person{role: Listener, known: true, present: true}}},
	{"stranger", target{person: person{role: Listener}}},
	{"gone", target{person: person{role: Listener, known: true}}},
	{"listener", target{person: person{role: Listener, known: true, present: true}}},
	{"speaker", target{person: person{role: Speaker, known: true, present: true, seated: true}}},
	{"co-host", target{person: person{role: CoHost, known: true, present: true}}},
	{"host", target{person: person{role: Host, known: true, present: true}}},
	{"host-gone", target{person: person{role: Host, known: true}}},
	{"free", target{seat: seatFree}},
	{"own", target{seat: seatOwn}},
	{"taken", target{seat: seatTaken}},
	{"locked", target{seat: seatLocked}},
	{"none", target{seat: seatNone}},
	{"unknown", target{seat: seatUnknown}},
}

// table is who may do what: "-" is yes, anything else the code of the refusal
// without "room.". "go" is that of two people who must not meet the acting one goes.
const table = `
                          outsider   isolated   inside     removed    audience     listener     speaker      blocker      co-host    co-gone    host       host-gone
read             any      -          not_found  not_found  removed    -            -            -            -            -          -          -          -
join             any      -          not_found  not_found  removed    -            -            -            -            -          -          -          -
leave            any      -          -          -          -          -            -            -            -            -          -          -          -
leave-seat       any      not_here   not_here   not_found  not_here   -            -            -            -            -          not_here   -          not_here
mute             any      not_here   not_here   not_found  not_here   -            -            -            -            -          not_here   -          not_here
unmute           any      not_here   not_here   not_found  not_here   no_seat      no_seat      -            -            no_seat    not_here   -          not_here
end              any      host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  -          -

take-seat        free     not_here   not_here   not_found  not_here   seat_refused -            -            seat_shut    -          not_here   -          not_here
take-seat        own      not_here   not_here   not_found  not_here   -            -            -            -            -          not_here   -          not_here
take-seat        taken    not_here   not_here   not_found  not_here   seat_refused seat_taken   seat_taken   seat_taken   seat_taken not_here   seat_taken not_here
take-seat        locked   not_here   not_here   not_found  not_here   seat_refused seat_locked  seat_locked  seat_locked  -          not_here   -          not_here
take-seat        none     not_here   not_here   not_found  not_here   seat_refused seats_full   seats_full   seats_full   seats_full not_here   seats_full not_here
take-seat        unknown  not_here   not_here   not_found  not_here   seat_unknown seat_unknown seat_unknown seat_unknown seat_unknown not_here seat_unknown not_here

move-to-audience oneself  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    self       host_only  self       self
move-to-audience stranger host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    person_gone host_only person_gone person_gone
move-to-audience gone     host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    person_gone host_only person_gone person_gone
move-to-audience listener host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
move-to-audience speaker  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
move-to-audience co-host  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
move-to-audience host     host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  *          *
move-to-audience host-gone host_only host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  *          *

allow-to-speak   oneself  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    self       host_only  self       self
allow-to-speak   stranger host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    person_gone host_only person_gone person_gone
allow-to-speak   gone     host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    person_gone host_only person_gone person_gone
allow-to-speak   listener host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
allow-to-speak   speaker  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
allow-to-speak   co-host  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
allow-to-speak   host     host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  *          *
allow-to-speak   host-gone host_only host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  *          *

remove           oneself  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    self       host_only  self       self
remove           stranger host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    person_gone host_only person_gone person_gone
remove           gone     host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
remove           listener host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
remove           speaker  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
remove           co-host  host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    -          host_only  -          -
remove           host     host_only  host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  *          *
remove           host-gone host_only host_only  host_only  host_only  host_only    host_only    host_only    host_only    host_only  host_only  *          *

hide-from        stranger go         go         go         go         go           go           go           go           go         go         go         go
hide-from        gone     go         go         go         go         go           go           go           go           go         go         go         go
hide-from        listener go         go         go         go         -            -            go           go           go         go         go         go
hide-from        speaker  go         go         go         go         go           go           go           go           go         go         go         go
hide-from        co-host  go         go         go         go         go           go           go           go           go         go         go         go
hide-from        host     go         go         go         go         go           go           go           go           go         go         *          *
hide-from        host-gone go        go         go         go         go           go           go           go           go         go         *          *

displace         stranger -          -          -          -          -            -            -            -            -          -          -          -
displace         gone     -          -          -          -          -            -            -            -            -          -          -          -
displace         listener go         go         -          go         -            -            -            go           -          go         -          -
displace         speaker  go         go         -          go         go           go           -            go           -          go         -          -
displace         co-host  go         go         go         go         go           go           go           go           -          go         -          -
displace         host     go         go         go         go         go           go           go           go           go         go         *          *
displace         host-gone go        go         go         go         go           go           go           go           go         go         *          *
`

// onPerson are the actions on somebody, onSeat those on a seat; any other is on the
// room.
var (
	onPerson = map[action]bool{actionMoveToAudience: true, actionAllowToSpeak: true, actionRemove: true, actionHideFrom: true, actionDisplace: true}
	onSeat   = map[action]bool{actionTakeSeat: true}
)

// asked are the rows that an action needs.
func asked(do action) (rows []string) {
	for _, t := range targets {
		isPerson, isSeat := t.person != person{}, t.name == "free" || t.seat != seatFree
		switch {
		case onPerson[do] && isPerson && !(t.self && (do == actionHideFrom || do == actionDisplace)), onSeat[do] && isSeat:
			rows = append(rows, t.name)
		}
	}
	if rows == nil {
		rows = []string{"any"}
	}
	return rows
}

func refusal(err error) string {
	switch f := fault.As(err); {
	case err == nil:
		return "-"
	case errors.Is(err, errOutranked):
		return "go"
	case f == nil:
		return err.Error()
	default:
		return strings.TrimPrefix(f.Code, "room.")
	}
}

// Every action on every target by everybody is in the table, and is as it says.
// There is one host: "*" is what cannot be.
func TestWhoMayDoWhat(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	columns := strings.Fields(lines[0])
	want := map[string][]string{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) == 0 {
			continue
		}
		if len(cells) != 2+len(columns) {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		want[cells[0]+" "+cells[1]] = cells[2:]
	}
	for do := range actions {
		for _, row := range asked(do) {
			cells, ok := want[names[do]+" "+row]
			if !ok {
				t.Errorf("action %d (%q) on %s is not in the table", do, names[do], row)
				continue
			}
			delete(want, names[do]+" "+row)
			for i, by := range actors {
				if by.name != columns[i] {
					t.Fatalf("column %d is %s, not %s", i, columns[i], by.name)
				}
				for _, on := range targets {
					if cells[i] == "*" || row != "any" && row != on.name {
						continue
					}
					if got := refusal(can(by.person, do, on.target)); got != cells[i] {
						t.Errorf("%s: %s on %s: %s, not %s", by.name, names[do], on.name, got, cells[i])
					}
				}
			}
		}
	}
	for row := range want {
		t.Errorf("%q is nothing that anybody does", row)
	}
	for _, r := range Roles {
		acts, isTarget := false, false
		for _, by := range actors {
			acts = acts || by.role == r && by.present
		}
		for _, on := range targets {
			isTarget = isTarget || on.role == r && on.present
		}
		if !acts || !isTarget {
			t.Errorf("%s has no column or no row", r)
		}
	}
}

func TestAnUnknownActionIsRefused(t *testing.T) {
	for _, by := range actors {
		if can(by.person, actions, target{}) == nil {
			t.Errorf("%s may do what nobody has thought of", by.name)
		}
	}
}

// What holds for whatever the rows say, not only for those of the table.
func TestNoRowsGiveMoreThanARoleAllows(t *testing.T) {
	bools := []bool{false, true}
	var people []person
	for _, r := range Roles {
		for _, known := range bools {
			for _, present := range bools {
				for _, seated := range bools {
					for _, canSpeak := range bools {
						for _, removed := range bools {
							for _, isolated := range bools {
								for _, blocked := range []int{0, maxDisplaced, maxDisplaced + 1} {
									people = append(people, person{r, known, present, seated, canSpeak, removed, isolated, blocked})
								}
							}
						}
					}
				}
			}
		}
	}
	var on []target
	for _, p := range people {
		if !p.isolated && p.blocked == 0 {
			on = append(on, target{person: p}, target{person: p, self: true})
		}
	}
	for s := range seatUnknown + 1 {
		on = append(on, target{seat: s})
	}
	for _, by := range people {
		for _, o := range on {
			for _, do := range []action{actionMoveToAudience, actionAllowToSpeak, actionRemove, actionEnd} {
				switch err := can(by, do, o); {
				case err != nil:
				case by.role == Speaker || by.role == Listener:
					t.Fatalf("%+v: %s on %+v", by, names[do], o)
				case by.role == CoHost && (!by.present || o.role == Host || do == actionEnd):
					t.Fatalf("%+v: %s on %+v", by, names[do], o)
				}
			}
			for _, do := range []action{actionTakeSeat, actionLeaveSeat, actionMute, actionUnmute} {
				if (!by.present || by.isolated) && can(by, do, o) == nil {
					t.Fatalf("not there: %+v: %s on %+v", by, names[do], o)
				}
			}
			if !by.canSpeak && o.seat != seatOwn && can(by, actionTakeSeat, o) == nil {
				t.Fatalf("may not speak: %+v on %+v", by, o)
			}
			if !by.seated && can(by, actionUnmute, o) == nil {
				t.Fatalf("has no seat: %+v", by)
			}
			if (by.isolated || by.removed) && (can(by, actionJoin, o) == nil || can(by, actionRead, o) == nil) {
				t.Fatalf("has no way in: %+v", by)
			}
		}
	}
}

// Roles are compared in one file: nothing else of the package decides by them.
func TestOnlyPermissionsCompareRoles(t *testing.T) {
	decides := map[string]bool{"Host": true, "CoHost": true, "Speaker": true, "Listener": true, "Role": true, "role": true, "Lounge": true, "Stage": true}
	named := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.Ident:
			return decides[e.Name]
		case *ast.SelectorExpr:
			return decides[e.Sel.Name]
		}
		return false
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range files {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "permissions.go" {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && (named(n.X) || named(n.Y)) {
					t.Errorf("%s compares a role or a host", set.Position(n.Pos()))
				}
			case *ast.SwitchStmt:
				if n.Tag != nil && named(n.Tag) {
					t.Errorf("%s chooses by a role", set.Position(n.Pos()))
				}
			}
			return true
		})
	}
}
