package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// exclusionTimeout is the promised time of a block: from the command to the last audio packet
// and the last card.
const exclusionTimeout = time.Second

func (p *person) block(other *person) { p.do("PUT", "/api/people/"+other.id+"/block", nil, nil) }

func (p *person) lobby() (rooms []string) {
	var all struct{ Rooms []struct{ ID string } }
	p.do("GET", "/api/rooms", nil, &all)
	for _, r := range all.Rooms {
		rooms = append(rooms, r.ID)
	}
	return rooms
}

func TestABlockActsInARoomWithinASecond(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name  string
		block func(host, speaker, listener *person)
		out   int // of host, speaker, listener
	}{
		{"the host blocks a speaker", func(host, speaker, _ *person) { host.block(speaker) }, 1},
		{"a speaker reports the host", func(host, speaker, _ *person) {
			speaker.do("POST", "/api/people/"+host.id+"/report", map[string]string{"reason": "hate", "note": "", "place": "profile"}, nil)
		}, 1},
		{"a speaker blocks a listener", func(_, speaker, listener *person) { speaker.block(listener) }, 2},
		{"a listener blocks a speaker", func(_, speaker, listener *person) { listener.block(speaker) }, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.people(t, t.Name(), "Host", "Speaker", "Listener")
			host, speaker, listener := p[0], p[1], p[2]
			room := host.open("Apart")
			ears := []*connection{host.voice(room, 1000), speaker.voice(room, 440), listener.voice(room, 0)}
			for _, l := range ears {
				defer l.hangUp()
			}
			ears[0].mustHear(440)
			ears[1].mustHear(1000)
			ears[2].mustHear(440)
			ears[2].mustHear(1000)
			s.onlySpeakers(t, room, host, speaker)
			out := p[c.out]

			sent := time.Now()
			c.block(host, speaker, listener)
			time.Sleep(2 * exclusionTimeout)
			for i, l := range ears {
				for j, of := range p {
					last := l.lastFrom(of)
					if i != j && j != 2 && last.IsZero() {
						t.Fatalf("%s never heard %s", l.who.name, of.name)
					}
					took := last.Sub(sent)
					if i != j && (i == c.out || j == c.out) && took > exclusionTimeout {
						t.Errorf("%s still hears %s %s after the block", l.who.name, of.name, took)
					}
				}
			}
			if _, there := s.atMedia(t, room)[out.identity(room)]; there {
				t.Error("the media server still has them in the room")
			}
			for _, r := range out.lobby() {
				if r == room {
					t.Error("the lobby still shows it to them")
				}
			}
			// To them the room is like any that never was; who has blocked somebody knows why.
			never, own := uuid.NewString(), c.name == "a listener blocks a speaker"
			for _, ask := range []func(room string) reply{
				func(room string) reply { return out.try("GET", "/api/rooms/"+room, nil) },
				func(room string) reply { return out.try("POST", "/api/rooms/"+room+"/join", nil) },
			} {
				this, other := ask(room).problem(), ask(never).problem()
				if own && this.Code == "room.blocked_here" {
					continue
				}
				if own || this != other || this.Code != "room.not_found" {
					t.Errorf("%+v, not %+v", this, other)
				}
			}
			// The other two go on.
			for i, one := range p {
				if i != c.out && one.look(room).You == nil {
					t.Errorf("%s is out, too", one.name)
				}
			}
		})
	}
}

func TestOneAccountCannotFloodTheLobby(t *testing.T) {
	s := start(t)
	flooder, watcher := s.member(t, "Flo"), s.member(t, "Wanda")
	var mu sync.Mutex
	opened := 0
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 10 {
				r, err := flooder.send("POST", "/api/rooms", `{"title":"Look at me","category":"talk","language":"en"}`, "")
				if err == nil && r.status == http.StatusCreated {
					mu.Lock()
					opened++
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	if opened == 0 || opened > 10 {
		t.Errorf("%d of 200 rooms opened", opened)
	}
	var rooms, open int
	openRows(t, s).one(t, []any{&rooms, &open}, `SELECT COUNT(*), COUNT(CASE WHEN ended_at IS NULL THEN 1 END) FROM rooms`)
	if rooms != opened || open != 1 {
		t.Errorf("%d rooms, %d of them open", rooms, open)
	}
	if shown := watcher.lobby(); len(shown) != 0 {
		t.Errorf("the lobby shows %d rooms in which nobody is", len(shown))
	}
}

func TestAnOperatorReadsAndClosesReports(t *testing.T) {
	s := start(t)
	p := s.people(t, "reports", "Ada", "Bob", "Cleo")
	ada, bob, cleo := p[0], p[1], p[2]
	room := bob.open("Bob talks")
	ada.join(room)
	elsewhere := cleo.open("Cleo talks")
	for _, place := range []string{"room:" + room, "room:" + elsewhere, "call:" + uuid.NewString()} {
		ada.do("POST", "/api/people/"+bob.id+"/report", map[string]string{"reason": "threat", "note": "He knows my street.", "place": place}, nil)
	}
	if r := ada.try("POST", "/api/people/"+bob.id+"/report", map[string]string{"reason": "threat", "note": "", "place": "the moon"}); r.problem().Code != "report.place" {
		t.Errorf("%d %s", r.status, r.text)
	}
	eventually(t, 5*time.Second, "the log says that a report waits", func() bool { return strings.Contains(s.log.String(), "a report is waiting") })
	if n := strings.Count(s.log.String(), "a report is waiting"); n != 1 {
		t.Errorf("the log says so %d times", n)
	}
	figure := func(want string) {
		t.Helper()
		r := ada.try("GET", "/metrics", nil)
		if !strings.Contains(string(r.text), "\nheyy_reports_open "+want+"\n") {
			t.Errorf("the figure is not %s", want)
		}
	}
	figure("1")

	admin := func(args ...string) string {
		t.Helper()
		out, err := output(heyy(append([]string{"admin", "reports"}, append(args, "--data", s.data)...)...))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var r struct {
		ID, Reason, Note, Place, About string
		More                           []struct{ Place string }
		By, On                         struct {
			ID, Name        string
			Since           int64
			Given, Received int
		}
		Decision string
		ClosedBy string `json:"closed_by"`
	}
	list := admin("list")
	if err := json.Unmarshal([]byte(list), &r); err != nil {
		t.Fatalf("not one line of JSON: %v in %s", err, list)
	}
	if r.By.ID != ada.id || r.On.ID != bob.id || r.By.Given != 1 || r.On.Received != 1 || r.On.Since == 0 ||
		r.Place != "room:"+room || r.About != "Bob talks" || r.Note != "He knows my street." ||
		len(r.More) != 2 || r.More[0].Place != "room" || r.More[1].Place != "call" {
		t.Errorf("%s", list)
	}
	admin("close", r.ID, "--by", "Eva", "--decision", "Banned: a threat.")
	if left := admin("list"); left != "" {
		t.Errorf("still waits: %s", left)
	}
	if err := json.Unmarshal([]byte(admin("show", r.ID)), &r); err != nil || r.Decision != "Banned: a threat." || r.ClosedBy != "Eva" {
		t.Errorf("%+v, %v", r, err)
	}
	figure("0")
}
