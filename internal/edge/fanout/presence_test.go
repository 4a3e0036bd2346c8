package fanout_test

import (
	"database/sql"
	"testing"
	"time"

	"heyy/internal/rooms/room"
	"heyy/internal/talk/presence"
)

// states are the events about how people are there, until none comes for a while.
func (l *listener) states(t *testing.T, names map[string]string) (all []string) {
	t.Helper()
	for {
		select {
		case m := <-l.heard:
			if m.Type == "presence" {
				all = append(all, names[m.PersonID]+" "+m.State)
			}
		case <-time.After(2 * time.Second):
			return all
		}
	}
}

func TestOnlyFriendsWhoMaySeeItGetEventsOfPresence(t *testing.T) {
	p := newFixture(t)
	bob := p.member(t, "bob")
	friend, blocked, stranger := p.member(t, "friend"), p.member(t, "blocked"), p.member(t, "stranger")
	names := map[string]string{}
	for name, l := range map[string]*listener{"bob": bob, "friend": friend, "blocked": blocked, "stranger": stranger} {
		names[string(l.id)] = name
	}
	for _, l := range []*listener{friend, blocked} {
		must(t, p.db.Tx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at) VALUES ($1, $2, 'like', 'like', 1)`, string(min(bob.id, l.id)), string(max(bob.id, l.id)))
			return err
		}))
	}
	must(t, p.safety.Block(t.Context(), blocked.id, bob.id))
	must(t, p.db.Tx(t.Context(), func(tx *sql.Tx) error { // as the program's block does
		_, err := tx.Exec(`UPDATE pairs SET ended_at = 2 WHERE a_id = $1 AND b_id = $2`, string(min(bob.id, blocked.id)), string(max(bob.id, blocked.id)))
		return err
	}))
	for _, l := range []*listener{friend, blocked, stranger} {
		l.states(t, names) // of coming
	}
	must(t, p.here.Set(t.Context(), bob.id, presence.Settings{Mode: presence.Visible, ShowRooms: true}))
	r, err := p.rooms.Open(t.Context(), bob.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	time.Sleep(presence.Pause)
	must(t, p.here.Set(t.Context(), bob.id, presence.Settings{Mode: presence.Invisible}))
	time.Sleep(time.Second)
	must(t, p.rooms.Leave(t.Context(), bob.id, r.ID))
	if got := friend.states(t, names); len(got) == 0 || got[len(got)-1] != "bob offline" {
		t.Errorf("a friend heard %q", got)
	}
	for who, l := range map[string]*listener{"somebody blocked": blocked, "a stranger": stranger} {
		if got := l.states(t, names); len(got) != 0 {
			t.Errorf("%s heard %q", who, got)
		}
	}
	bob.client.Close()
	if got := friend.states(t, names); len(got) != 0 {
		t.Errorf("he was invisible, and a friend heard %q", got)
	}
}
