package club

import (
	"strings"
	"testing"

	"heyy/internal/base/fault"
)

// names are the actions as the table writes them.
var names = map[action]string{
	actionRead: "read", actionJoin: "join", actionAsk: "ask", actionFollow: "follow", actionLeave: "leave", actionTakeBack: "take-back", actionAcceptRules: "accept-rules",
	actionListMembers: "list-members", actionListFollowers: "list-followers", actionEdit: "edit", actionInvite: "invite", actionRevoke: "revoke",
	actionAnswer: "answer", actionRemove: "remove", actionBan: "ban", actionLiftBan: "lift-ban", actionMakeAdmin: "make-admin",
	actionUnmakeAdmin: "unmake-admin", actionHandOver: "hand-over", actionClose: "close", actionOpenRoom: "open-room",
}

// actors are the columns of the table. Linked is an outsider with a link, behind a member who
// has not accepted the rules as they are.
var actors = []struct {
	name string
	person
}{
	{"outsider", person{}},
	{"isolated", person{isolated: true, invited: true}},
	{"banned", person{banned: true}},
	{"linked", person{invited: true}},
	{"follower", person{role: Follower}},
	{"member", person{role: Ordinary, accepted: true, isolated: true}},
	{"behind", person{role: Ordinary}},
	{"admin", person{role: Admin, accepted: true}},
	{"founder", person{role: Founder, accepted: true}},
}

// targets are the rows of the table.
var targets = map[string]target{
	"any":      {entry: Open},
	"open":     {entry: Open},
	"request":  {entry: Request},
	"invite":   {entry: Invite},
	"shared":   {entry: Open, membersInvite: true},
	"own":      {entry: Open, self: true},
	"others":   {entry: Open},
	"asking":   {entry: Request, person: person{asked: true}},
	"apart":    {entry: Request, person: person{asked: true}, apart: true},
	"oneself":  {entry: Open, self: true, person: person{role: Admin}},
	"stranger": {entry: Open},
	"follower": {entry: Open, person: person{role: Follower}},
	"member":   {entry: Open, person: person{role: Ordinary}, apart: true},
	"admin":    {entry: Open, person: person{role: Admin}},
	"founder":  {entry: Open, person: person{role: Founder}},
}

// table lists the permissions: "-" is yes, anything else the code of the refusal without "club.",
// and "*" what cannot be, as there is one founder.
const table = `
                        outsider      isolated      banned        linked        follower      member        behind        admin         founder
read           open     -             not_found     -             -             -             -             -             -             -
read           request  -             not_found     -             -             -             -             -             -             -
read           invite   not_found     not_found     not_found     -             -             -             -             -             -

join           open     -             not_found     banned        -             -             -             -             -             -
join           request  ask_first     not_found     banned        -             ask_first     -             -             -             -
join           invite   not_found     not_found     not_found     -             not_found     -             -             -             -

ask            open     no_requests   not_found     banned        no_requests   no_requests   member        member        member        member
ask            request  -             not_found     banned        -             -             member        member        member        member
ask            invite   not_found     not_found     not_found     no_requests   no_requests   member        member        member        member

follow         open     -             not_found     banned        -             -             -             -             -             -
follow         request  -             not_found     banned        -             -             -             -             -             -
follow         invite   not_found     not_found     not_found     -             -             -             -             -             -

invite         open     members_only  not_found     members_only  members_only  members_only  no_invites    no_invites    -             -
invite         shared   members_only  not_found     members_only  members_only  members_only  -             rules         -             -

leave          any      -             not_found     -             -             -             -             -             -             founder_stays

leave          invite   not_found     not_found     not_found     -             -             -             -             -             founder_stays
take-back      open     -             not_found     -             -             -             -             -             -             -
take-back      invite   not_found     not_found     not_found     -             -             -             -             -             -

accept-rules   any      members_only  not_found     members_only  members_only  members_only  -             -             -             -

list-members   any      members_only  not_found     members_only  members_only  members_only  -             -             -             -

open-room      any      members_only  not_found     members_only  members_only  members_only  -             rules         -             -

list-followers any      admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -

edit           any      admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -

lift-ban       any      admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -

close          any      founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -

revoke         own      -             not_found     -             -             -             -             -             -             -
revoke         others   admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -

answer         asking   admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
answer         apart    admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   request_gone  request_gone

remove         oneself  admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   self          self
remove         stranger admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
remove         follower admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
remove         member   admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
remove         admin    admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   founder_only  -
remove         founder  admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   founder_only  *

ban            oneself  admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   self          self
ban            stranger admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
ban            follower admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
ban            member   admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   -             -
ban            admin    admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   founder_only  -
ban            founder  admins_only   not_found     admins_only   admins_only   admins_only   admins_only   admins_only   founder_only  *

make-admin     oneself  founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  self
make-admin     stranger founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  person_gone
make-admin     follower founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  person_gone
make-admin     member   founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -
make-admin     admin    founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -
make-admin     founder  founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  *

unmake-admin   oneself  founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  self
unmake-admin   stranger founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  person_gone
unmake-admin   follower founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  person_gone
unmake-admin   member   founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -
unmake-admin   admin    founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -
unmake-admin   founder  founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  *

hand-over      oneself  founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  self
hand-over      stranger founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  person_gone
hand-over      follower founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  person_gone
hand-over      member   founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -
hand-over      admin    founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  -
hand-over      founder  founder_only  not_found     founder_only  founder_only  founder_only  founder_only  founder_only  founder_only  *
`

func refusal(err error) string {
	if err == nil {
		return "-"
	}
	return strings.TrimPrefix(fault.As(err).Code, "club.")
}

func TestWhoMayDoWhat(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	columns := strings.Fields(lines[0])
	said := map[string]bool{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		if len(cells) == 0 {
			continue
		}
		if len(cells) != 2+len(columns) {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		said[cells[0]] = true
		on, known := targets[cells[1]]
		if !known {
			t.Fatalf("no target %q", cells[1])
		}
		for do, name := range names {
			if name != cells[0] {
				continue
			}
			for i, by := range actors {
				if by.name != columns[i] {
					t.Fatalf("column %d is %s, not %s", i, columns[i], by.name)
				}
				if want := cells[2+i]; want != "*" {
					if got := refusal(can(by.person, do, on)); got != want {
						t.Errorf("%s: %s on %s: %s, not %s", by.name, name, cells[1], got, want)
					}
				}
			}
		}
	}
	for do := range actions {
		if !said[names[do]] {
			t.Errorf("action %d (%q) is not in the table", do, names[do])
		}
	}
}

func TestAClosedClubIsClosedForAll(t *testing.T) {
	for do := range actions {
		for _, by := range actors {
			on := target{entry: Open, closed: true}
			if got := refusal(can(by.person, do, on)); got != "closed" && (by.name != "isolated" || got != "not_found") {
				t.Errorf("%s: %s: %s", by.name, names[do], got)
			}
		}
	}
}

func TestAClubOfLinksExistsForNobodyWithoutOne(t *testing.T) {
	for do := range actions {
		for _, who := range []person{{}, {banned: true}, {asked: true}} {
			got := refusal(can(who, do, target{entry: Invite, membersInvite: true}))
			ends := who.asked && (do == actionLeave || do == actionTakeBack) // their request, from when it took some
			if want := map[bool]string{true: "-", false: "not_found"}[ends]; got != want {
				t.Errorf("%s: %s", names[do], got)
			}
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
