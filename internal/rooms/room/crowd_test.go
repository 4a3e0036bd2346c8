package room_test

import (
	"database/sql"
	"encoding/json"
	"slices"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// crowd opens a room, and lets as many people listen to it.
func (l *fixture) crowd(t *testing.T, n int) (r room.Room, host account.ID, listeners []account.ID) {
	t.Helper()
	host = l.person(t)
	r = l.opened(t, host)
	l.joins(t, r.ID, host)
	for range n {
		listeners = append(listeners, l.joined(t, r.ID))
	}
	return r, host, listeners
}

func (l *fixture) count(t *testing.T, kind string) (n int) {
	t.Helper()
	must(t, l.db.QueryRow(`SELECT COUNT(*) FROM outbox WHERE kind = $1`, kind).Scan(&n))
	return n
}

func TestAMemberWhoComesIntoACrowdIsCountedNotTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r, host, listeners := l.crowd(t, room.MaxListed)
		view, err := l.Get(ctx, host, r.ID)
		must(t, err)
		if view.Crowded || len(view.Members) != room.MaxListed+1 {
			t.Fatalf("%d listeners: crowded %v, %d listed", view.Listeners, view.Crowded, len(view.Members))
		}
		listeners = append(listeners, l.joined(t, r.ID)) // seen by all, and with it the crowd begins
		view, err = l.Get(ctx, host, r.ID)
		must(t, err)
		if !view.Crowded || view.Listeners != room.MaxListed+1 || len(view.Members) != 1 {
			t.Fatalf("%d listeners: crowded %v, %d listed", view.Listeners, view.Crowded, len(view.Members))
		}

		told, seq := l.count(t, room.KindChanged), view.Seq
		more := l.joined(t, r.ID)
		must(t, l.Leave(ctx, listeners[0], r.ID))
		view, err = l.Get(ctx, host, r.ID)
		must(t, err)
		if view.Seq != seq || view.Listeners != room.MaxListed+1 || l.count(t, room.KindChanged) != told || l.count(t, room.KindCounted) != 2 {
			t.Errorf("one came and one went: seq %d -> %d, %d listeners, %d facts more, %d counted",
				seq, view.Seq, view.Listeners, l.count(t, room.KindChanged)-told, l.count(t, room.KindCounted))
		}

		// Whoever does something is told, and listed.
		up, err := l.RaiseHand(ctx, more, r.ID, "")
		must(t, err)
		if up.Seq != seq+1 {
			t.Errorf("a raised hand has the number %d", up.Seq)
		}
		if view, err = l.Get(ctx, host, r.ID); err != nil || !slices.ContainsFunc(view.Members, func(m room.Member) bool { return m.Account == more }) {
			t.Errorf("a raised hand is not listed: %v, %v", view.Members, err)
		}
		if view, err = l.Get(ctx, listeners[1], r.ID); err != nil || len(view.Members) != 3 {
			t.Errorf("a listener sees the host, the hand and themselves: %v, %v", view.Members, err)
		}
		must(t, l.Leave(ctx, more, r.ID))
		_, err = l.Sit(ctx, listeners[1], r.ID, 0)
		must(t, err)
		must(t, l.Leave(ctx, listeners[1], r.ID))
		if l.count(t, room.KindChanged) != told+4 {
			t.Errorf("hand, leaving with it, sitting and leaving the seat are told: %d facts", l.count(t, room.KindChanged)-told)
		}
		l.missed(t, host, r.ID, seq, room.HandRaised, room.Left, room.Sat, room.Left)

		// The crowd ends late, or it would come and go with each listener.
		gone := 2
		for view.Crowded {
			must(t, l.Leave(ctx, listeners[gone], r.ID))
			gone++
			view, err = l.Get(ctx, host, r.ID)
			must(t, err)
		}
		if view.Listeners != 80 || len(view.Members) != 81 {
			t.Errorf("the crowd ended with %d listeners, %d listed", view.Listeners, len(view.Members))
		}
	})
}

// Who only listens in a crowd is shown to nobody: not as somebody to ring, nor as somebody to offer a card.
func TestNobodyIsTogetherWithWhoListensInACrowd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r, host, listeners := l.crowd(t, 2)
		quiet, loud := listeners[0], listeners[1]
		together := func(by, other account.ID, want bool) {
			t.Helper()
			title, ok, err := room.Together(ctx, d, by, other)
			must(t, err)
			var rings bool
			must(t, d.Tx(ctx, func(tx *sql.Tx) (err error) {
				rings, err = l.Together(ctx, tx, by, other)
				return err
			}))
			if ok != want || rings != want || ok != (title == r.Title) {
				t.Errorf("together %v in %q, to ring %v, not %v", ok, title, rings, want)
			}
		}
		together(host, quiet, true)
		for range room.MaxListed {
			l.joined(t, r.ID)
		}
		view, err := l.Get(ctx, host, r.ID)
		must(t, err)
		if !view.Crowded {
			t.Fatal("there is no crowd")
		}
		_, err = l.Sit(ctx, host, r.ID, 0)
		must(t, err)
		together(host, quiet, false)
		together(loud, quiet, false)
		together(quiet, host, true)
		_, err = l.RaiseHand(ctx, loud, r.ID, "")
		must(t, err)
		together(host, loud, true)
		together(quiet, loud, true)
		together(host, l.person(t), false)
		if _, err := d.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, loud, host); err != nil {
			t.Fatal(err)
		}
		together(host, loud, false)
		together(loud, host, false)
	})
}

// The fact of a hand carries who raised it, not who else is here.
func TestFactsOfACrowdAreSmall(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r, _, listeners := l.crowd(t, room.MaxListed+5)
		up, err := l.RaiseHand(ctx, listeners[3], r.ID, "")
		must(t, err)
		if data, err := json.Marshal(up); err != nil || len(data) > 400 {
			t.Errorf("%d bytes, %v: %s", len(data), err, data)
		}
	})
}

func TestWhoIsBannedFindsNoRoomOfTheHost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r, host, listeners := l.crowd(t, 3)
		co, loud, left := listeners[0], listeners[1], listeners[2]
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		_, err = l.Ban(ctx, loud, r.ID, co)
		refused(t, err, "room.host_only")
		_, err = l.Ban(ctx, co, r.ID, host)
		refused(t, err, "room.host_only")

		must(t, l.Leave(ctx, left, r.ID))
		recent, err := l.Recent(ctx, co, r.ID)
		if err != nil || !slices.Equal(recent, []account.ID{left}) {
			t.Fatalf("recently here: %v, %v", recent, err)
		}
		_, err = l.Recent(ctx, loud, r.ID)
		refused(t, err, "room.host_only")
		for _, who := range []account.ID{loud, left} {
			_, err = l.Ban(ctx, co, r.ID, who)
			must(t, err)
		}
		if there, _ := l.canPublish(r.ID, loud); there || l.sees(t, loud, r.ID) {
			t.Error("somebody banned is still here")
		}
		_, _, err = l.Join(ctx, left, r.ID)
		refused(t, err, "room.not_found")

		// The next room of the host neither.
		next := l.opened(t, host)
		l.joins(t, next.ID, host)
		_, _, err = l.Join(ctx, loud, next.ID)
		refused(t, err, "room.not_found")
		if l.sees(t, loud, next.ID) || !l.sees(t, co, next.ID) {
			t.Error("the lobby of somebody banned has a room of the host, or that of the co-host has none")
		}
		closed, err := l.ClosedTo(ctx, next.ID)
		if err != nil || !slices.Contains(closed, loud) {
			t.Errorf("the live lobby: %v, %v", closed, err)
		}

		banned, _, err := l.Bans(ctx, host, page.Request{})
		if err != nil || len(banned) != 2 {
			t.Fatalf("banned: %v, %v", banned, err)
		}
		first, next2, err := l.Bans(ctx, host, page.Request{Limit: 1})
		must(t, err)
		last, end, err := l.Bans(ctx, host, page.Request{Before: next2, Limit: 1})
		if must(t, err); !slices.Equal(append(first, last...), banned) || end.String() != "" {
			t.Errorf("in pages: %v, %v, %q", first, last, end)
		}
		must(t, l.LiftBan(ctx, host, loud))
		must(t, l.LiftBan(ctx, host, loud))
		l.joins(t, next.ID, loud)
	})
}

func TestABanIsUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r, host, listeners := l.crowd(t, 1)
		_, err := l.Ban(ctx, host, r.ID, listeners[0])
		must(t, err)
		log, err := l.Log(ctx, host, r.ID)
		if err != nil || len(log) != 1 || log[0].Action != room.LogBanned || !log[0].CanUndo {
			t.Fatalf("log: %+v, %v", log, err)
		}
		must(t, l.Undo(ctx, host, r.ID, log[0].ID))
		if banned, _, err := l.Bans(ctx, host, page.Request{}); err != nil || len(banned) != 0 {
			t.Errorf("still banned: %v, %v", banned, err)
		}
		l.joins(t, r.ID, listeners[0])
	})
}

func TestWhomTheNewHostHasBannedLeaves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		loud, next := l.person(t), l.person(t)
		before := l.opened(t, next)
		l.joins(t, before.ID, next)
		l.joins(t, before.ID, loud)
		_, err := l.Ban(ctx, next, before.ID, loud)
		must(t, err)
		must(t, l.End(ctx, next, before.ID))

		host := l.person(t)
		r := l.opened(t, host)
		for _, who := range []account.ID{host, next, loud} {
			l.joins(t, r.ID, who)
		}
		_, err = l.HandOver(ctx, host, r.ID, next)
		must(t, err)
		if _, there := l.canPublish(r.ID, loud); there {
			t.Error("whom the new host has banned is still connected")
		}
		view, err := l.Get(ctx, next, r.ID)
		must(t, err)
		if _, there := view.Member(loud); there {
			t.Error("whom the new host has banned is still in the room")
		}
	})
}

func TestOnlyThoseOneAsksForAreNamedOfACrowd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r, host, listeners := l.crowd(t, 3)
		known := []account.ID{listeners[0], l.person(t), host}
		there, err := l.Known(ctx, listeners[1], r.ID, known)
		if err != nil || len(there) != 2 || !slices.Contains(there, listeners[0]) || !slices.Contains(there, host) {
			t.Errorf("of %v are here %v, %v", known, there, err)
		}
		_, err = l.Known(ctx, l.person(t), r.ID, known)
		refused(t, err, "room.not_here")
	})
}
