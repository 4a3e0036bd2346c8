package notify_test

import (
	"errors"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/notify"
)

// opens lets somebody open a room and connect to its audio, and returns the fact of it.
func (w *world) opens(who account.ID, title string) (room.Room, room.Appeared) {
	w.t.Helper()
	r, err := w.rooms.Open(ctx, who, room.Plan{Title: title, Category: "talk", Language: "en"})
	must(w.t, err)
	r, join, err := w.rooms.Join(ctx, who, r.ID)
	must(w.t, err)
	me, _ := r.Member(who)
	must(w.t, w.rooms.ParticipantJoined(ctx, string(r.ID), me.Identity(), join))
	return r, room.Appeared{Room: r.ID, Seq: r.Seq}
}

func (w *world) follow(by, other account.ID) {
	w.t.Helper()
	must(w.t, w.follows.Follow(ctx, by, other))
}

// continued hears what the listener has left for later, until nothing is left.
func (w *world) continued() (rounds int) {
	w.t.Helper()
	return w.continuedOf(notify.KindLiveContinued)
}

func (w *world) continuedOf(kind string) (rounds int) {
	w.t.Helper()
	for {
		left, err := db.Select(ctx, w.db, func(row interface{ Scan(...any) error }) (r outbox.Record, err error) {
			var data string
			err = row.Scan(&r.ID, &data)
			r.Kind, r.Data, r.At = kind, []byte(data), w.Now()
			return r, err
		}, `SELECT id, data FROM outbox WHERE kind = $1 ORDER BY id`, kind)
		must(w.t, err)
		if len(left) == 0 {
			return rounds
		}
		_, err = w.db.Exec(`DELETE FROM outbox WHERE kind = $1`, kind)
		must(w.t, err)
		for _, r := range left {
			must(w.t, w.Listener().Take(ctx, r))
			rounds++
		}
	}
}

func TestFollowersAreToldThatSomebodyIsLive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bob, ada, cleo, eve := w.person("Bob"), w.person("Ada"), w.person("Cleo"), w.person("Eve")
		w.device(ada)
		w.device(cleo)
		w.device(eve)
		w.set(cleo, func(s *notify.Settings) { s.PrivateContent = true })
		w.follow(ada, bob)
		w.follow(cleo, bob)
		r, appeared := w.opens(bob, "Late talk")
		w.hear(appeared, appeared)
		all := w.send()
		if len(all) != 2 {
			t.Fatalf("two follow, and these came: %+v", all)
		}
		said := map[string]bool{}
		for _, p := range all {
			said[p.Body] = true
			if p.Kind != notify.FollowedLive || p.URL != "/rooms/"+string(r.ID) || p.Tag != "live:"+string(r.ID) || p.headers.Get("TTL") != "1800" {
				t.Errorf("%+v", p)
			}
		}
		if !said["Someone you follow has opened a room."] || !said["Bob has opened a room: Late talk"] {
			t.Errorf("they say %v", said)
		}
		if l := w.list(ada); len(l) != 1 || l[0].About != bob || l[0].Detail != "Late talk" || l[0].Room != r.ID {
			t.Errorf("the centre has %+v", l)
		}
		if l := w.list(eve); len(l) != 0 {
			t.Errorf("who does not follow has %+v", l)
		}
	})
}

func TestSomebodyWhoOpensRoomAfterRoomIsNewsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bob, ada, cleo := w.person("Bob"), w.person("Ada"), w.person("Cleo")
		w.follow(ada, bob)
		w.follow(ada, cleo)
		for range 5 {
			_, appeared := w.opens(bob, "Again")
			w.hear(appeared)
			w.Advance(time.Hour)
		}
		_, appeared := w.opens(cleo, "Another")
		w.hear(appeared)
		if l := w.list(ada); len(l) != 2 || l[0].About != cleo || l[1].About != bob {
			t.Errorf("%+v", l)
		}
		w.Advance(time.Hour + time.Second)
		_, appeared = w.opens(bob, "Six hours later")
		w.hear(appeared)
		if l := w.list(ada); len(l) != 3 || l[0].Detail != "Six hours later" {
			t.Errorf("%+v", l)
		}
	})
}

func TestARoomThatIsNotOpenToAFollowerIsNoNews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bob, cleo, ada, dan, eve := w.person("Bob"), w.person("Cleo"), w.person("Ada"), w.person("Dan"), w.person("Eve")
		for _, who := range []account.ID{ada, dan, eve} {
			w.device(who)
			w.follow(who, bob)
		}
		r, appeared := w.opens(bob, "Late talk")
		_, _, err := w.rooms.Join(ctx, cleo, r.ID)
		must(t, err)
		_, err = w.rooms.Sit(ctx, cleo, r.ID, 0)
		must(t, err)
		w.block(ada, cleo) // who talks in it
		w.hear(appeared)
		if l := w.list(ada); len(l) != 0 {
			t.Errorf("Ada, who blocked a speaker, has %+v", l)
		}
		w.block(dan, bob) // after the fact, before the push
		if all := w.send(); len(all) != 1 || len(w.list(dan)) != 0 {
			t.Errorf("Eve alone is left, and these came: %+v", all)
		}

		// A room that has ended before the push is nothing to go to.
		w.Advance(7 * time.Hour)
		r, appeared = w.opens(bob, "A short one")
		w.hear(appeared)
		must(t, w.rooms.End(ctx, bob, r.ID))
		w.none("the room has ended")
		if err := w.Listener().Take(ctx, w.records(room.Appeared{Room: "none"})[0]); !errors.Is(err, outbox.ErrGone) {
			t.Errorf("of a room that was deleted: %v", err)
		}
	})
}

// The listener takes a fact about a person with many followers in parts; what came meanwhile
// is in front of the rest.
func TestManyFollowersAreToldInParts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const many = 950
		bob := w.person("Bob")
		_, err := w.db.Exec(`INSERT INTO accounts (id, kind, created_at) WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 950)
			SELECT 'm' || n, 'member', 0 FROM r`)
		must(t, err)
		_, err = w.db.Exec(`INSERT INTO follows (follower_id, followee_id, at) SELECT id, $1, 1 FROM accounts WHERE id <> $1`, string(bob))
		must(t, err)
		_, appeared := w.opens(bob, "Late talk")
		w.hear(appeared)
		if n := w.count(`SELECT COUNT(*) FROM notifications`); n != 100 {
			t.Errorf("the first part has %d", n)
		}
		w.hear(appeared) // repeated after a crash: the parts come twice, each notification once
		if rounds := w.continued(); rounds != 18 {
			t.Errorf("%d further parts", rounds)
		}
		if n := w.count(`SELECT COUNT(*) FROM notifications WHERE kind = 'live'`); n != many {
			t.Errorf("%d are told", n)
		}
	})
}
