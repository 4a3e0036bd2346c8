package fanout_test

import (
	"encoding/json"
	"testing"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/fanout"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
)

// talking are people in one room, the first of them its host, each with a socket on its channel.
func talking(t *testing.T, p *fixture, names ...string) (room.ID, []*listener) {
	t.Helper()
	var all []*listener
	var in room.ID
	for i, name := range names {
		l := p.member(t, name)
		if i == 0 {
			r, err := p.rooms.Open(t.Context(), l.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
			must(t, err)
			in = r.ID
		} else {
			_, _, err := p.rooms.Join(t.Context(), l.id, in)
			must(t, err)
		}
		if !l.subscribe(t, fanout.Room(in)) {
			t.Fatal("no subscription")
		}
		all = append(all, l)
	}
	return in, all
}

// nextOf returns the next event of one of some types.
func (l *listener) nextOf(t *testing.T, types ...string) received {
	t.Helper()
	for {
		m := l.receives(t)
		for _, want := range types {
			if m.Type == want {
				return m
			}
		}
	}
}

func TestAMessageReachesWhoMayMeetItsAuthor(t *testing.T) {
	p := newFixture(t)
	in, l := talking(t, p, "host", "guest", "other")
	host, guest, other := l[0], l[1], l[2]
	must(t, p.safety.Block(t.Context(), other.id, guest.id))
	write := func(by account.ID, text string, mentions ...account.ID) roomchat.Message {
		t.Helper()
		m, err := p.chats.Send(t.Context(), by, in, roomchat.Draft{ID: roomchat.ID(id.New()), Text: text, Mentions: mentions})
		must(t, err)
		return m
	}
	m := write(guest.id, "Hi", host.id, other.id)
	write(host.id, "Welcome")
	talk := []string{"message", "message_deleted"}
	for _, of := range []struct {
		l         *listener
		texts     []string
		mentioned bool
	}{{host, []string{"Hi", "Welcome"}, true}, {guest, []string{"Hi", "Welcome"}, false}, {other, []string{"Welcome"}, false}} {
		for i, want := range of.texts {
			got := of.l.nextOf(t, talk...)
			if got.Message.Text != want || got.Message.Mentioned != (of.mentioned && i == 0) || got.Message.Person.Name == "" {
				t.Errorf("%s hears %+v, not %q", of.l.id, got, want)
			}
		}
	}
	must(t, p.chats.Delete(t.Context(), host.id, in, m.ID))
	write(host.id, "Bye")
	for _, to := range []*listener{host, guest} {
		if got := to.nextOf(t, talk...); got.Type != "message_deleted" || got.ID != string(m.ID) || got.Deleted != "host" {
			t.Errorf("%+v", got)
		}
	}
	if got := other.nextOf(t, talk...); got.Message.Text != "Bye" {
		t.Errorf("who must not meet the author hears %+v", got)
	}
}

func TestAnEventOfAMessageIsSmall(t *testing.T) {
	e := apitypes.RoomMessageEvent{Type: "message", Message: apitypes.RoomMessage{
		ID: id.New(), At: time.Now().UnixMilli(), Mentioned: true,
		Person: apitypes.Person{ID: id.New(), Name: "Alessandra", Verified: true, Voice: &apitypes.Voice{PitchHz: 212.34567891234, Brightness: 0.4567891234567, Tempo: 0.5123456789123, Energy: 0.6123456789123}},
	}}
	data, err := json.Marshal(e)
	must(t, err)
	if len(data) > 400 {
		t.Errorf("%d bytes beside the text: %s", len(data), data)
	}
}

func TestReactionsAreToldOneByOneToFewAndCountedForMany(t *testing.T) {
	p := newFixture(t)
	in, l := talking(t, p, "host", "guest", "other")
	host, guest, other := l[0], l[1], l[2]
	must(t, p.safety.Block(t.Context(), other.id, guest.id))
	kinds := []string{"reaction", "reactions"}
	must(t, p.tell.React(t.Context(), in, guest.id, "🔥", 3))
	must(t, p.tell.React(t.Context(), in, host.id, "🎉", 50))
	for _, to := range []*listener{host, guest} {
		if got := to.nextOf(t, kinds...); got.PersonID != string(guest.id) || got.Emoji != "🔥" {
			t.Errorf("%+v", got)
		}
	}
	for _, to := range l {
		if got := to.nextOf(t, kinds...); got.PersonID != string(host.id) || got.Emoji != "🎉" {
			t.Errorf("%+v", got)
		}
	}
	// Applause, and everything in a crowd, by number; twice by one person counts once.
	for range 3 {
		must(t, p.tell.React(t.Context(), in, guest.id, "👏", 3))
	}
	must(t, p.tell.React(t.Context(), in, host.id, "👏", 3))
	must(t, p.tell.React(t.Context(), in, guest.id, "🔥", 51))
	for to, clap := range map[*listener]int{host: 2, guest: 2, other: 1} {
		got := to.nextOf(t, kinds...)
		fire := 0
		for _, c := range got.Counts {
			if c.Emoji == "🔥" {
				fire = c.People
			} else if c.Emoji != "👏" || c.People != clap {
				t.Errorf("%+v", got)
			}
		}
		if got.Type != "reactions" || len(got.Counts) == 0 || fire != 0 && to == other || fire != 1 && to != other {
			t.Errorf("%+v", got)
		}
	}
}

func TestACaptionReachesWhoMayMeetTheSpeaker(t *testing.T) {
	p := newFixture(t)
	in, l := talking(t, p, "host", "guest", "other")
	host, guest, other := l[0], l[1], l[2]
	must(t, p.safety.Block(t.Context(), other.id, guest.id))
	line := func(by account.ID, text string) {
		t.Helper()
		must(t, p.tell.Caption(t.Context(), in, apitypes.CaptionEvent{PersonID: string(by), Line: 7, Text: text, Final: true}))
	}
	facts := func() (n int) {
		must(t, p.db.QueryRow(`SELECT COUNT(*) FROM outbox`).Scan(&n))
		return n
	}
	before := facts()
	line(guest.id, "Hello there")
	line(host.id, "Welcome")
	for to, want := range map[*listener]*listener{host: guest, guest: guest, other: host} {
		if got := to.nextOf(t, "caption"); got.PersonID != string(want.id) {
			t.Errorf("%s hears %+v", to.id, got)
		}
	}
	if facts() != before {
		t.Error("a caption is kept")
	}
}
