package room_test

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// eventually waits for what the media server is told beside the round.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// hosted is a room whose host talks.
type hosted struct {
	room   room.ID
	host   account.ID
	joinID string
}

func (l *fixture) hosted(t *testing.T) hosted {
	t.Helper()
	host := l.person(t)
	r := l.opened(t, host)
	return hosted{r.ID, host, l.joins(t, r.ID, host)}
}

func (l *fixture) there(h hosted) bool {
	_, there := l.canPublish(h.room, h.host)
	return there
}

func TestARoomWithoutAnAnswerFromTheMediaServerDelaysNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		var all []hosted
		for range 20 {
			all = append(all, l.hosted(t))
		}
		first, last, others := all[0], all[19], all[1:19]
		answer := l.media.Hang(string(first.room))
		defer answer()

		// All but the last have lost their line, and nobody reports it.
		for _, h := range all[:19] {
			must(t, l.ParticipantLeft(ctx, string(h.room), l.media.identity(h.room, h.host), h.joinID))
		}
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		for _, h := range all[:19] {
			if l.member(t, h.room, h.host).Present {
				t.Fatal("the rows wait for the media server")
			}
		}
		eventually(t, "the others are disconnected", func() bool {
			for _, h := range others {
				if l.there(h) {
					return false
				}
			}
			return true
		})
		if n := l.media.Unanswered(); n != 1 {
			t.Fatalf("%d requests wait for the room that gets no answer", n)
		}

		// Rounds to come do not wait for it, either.
		must(t, l.ParticipantLeft(ctx, string(last.room), l.media.identity(last.room, last.host), last.joinID))
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		eventually(t, "the last is disconnected", func() bool { return !l.there(last) })
		l.media.connect(last.room, last.host, last.joinID, true)
		must(t, l.Reconcile(ctx))
		must(t, l.Reconcile(ctx))
		eventually(t, "who has left is disconnected again", func() bool { return !l.there(last) })
		if n := l.media.Unanswered(); n != 2 {
			t.Fatalf("%d requests of Sweep and Reconcile wait for the room that gets no answer", n)
		}
		if !l.there(first) {
			t.Fatal("the media server has answered after all")
		}
		answer()
		eventually(t, "the first is disconnected", func() bool { return !l.there(first) })
	})
}

func TestASweepThatHasLostTheLeaseWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		h := l.hosted(t)
		listener := l.joined(t, h.room)
		l.vanishes(t, h.room, listener)
		token, held, err := d.Lease(ctx, "worker", "slow", time.Now(), time.Hour)
		must(t, err)
		if !held {
			t.Fatal("no lease")
		}
		slow := db.WithFence(ctx, db.Fence{Lease: "worker", Token: token})
		deadlines := func() (n int) {
			must(t, d.QueryRow(`SELECT COUNT(*) FROM room_members WHERE deadline_at IS NOT NULL`).Scan(&n))
			return n
		}

		// In the middle of the round, another node takes over.
		l.media.BeforePresent = func() {
			must(t, d.Release(ctx, "worker", "slow"))
			if _, held, err := d.Lease(ctx, "worker", "quick", time.Now(), time.Hour); err != nil || !held {
				t.Errorf("not taken: held %t, %v", held, err)
			}
		}
		if err := l.Reconcile(slow); !errors.Is(err, db.ErrFenced) {
			t.Errorf("want it fenced off, got %v", err)
		}
		l.media.BeforePresent = nil
		if deadlines() != 0 {
			t.Error("a stale reconciler has noted who is missing")
		}
		must(t, l.Reconcile(ctx))
		if deadlines() != 1 {
			t.Error("nobody has noted who is missing")
		}

		_, before := l.facts(t, h.room)
		l.wait(11 * time.Second)
		if err := l.Sweep(slow); !errors.Is(err, db.ErrFenced) {
			t.Errorf("want it fenced off, got %v", err)
		}
		if _, after := l.facts(t, h.room); len(after) != len(before) || !l.member(t, h.room, listener).Present {
			t.Error("a stale sweep has written")
		}
		must(t, l.Sweep(ctx))
		if l.member(t, h.room, listener).Present {
			t.Error("still there")
		}
	})
}

func TestANodeThatWasOvertakenDoesItsGrantOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		h := l.hosted(t)
		who := l.joined(t, h.room)
		other := room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: l.media, Now: l.now})
		var overtaken atomic.Bool
		l.media.BeforeGrant = func() {
			if overtaken.CompareAndSwap(false, true) { // this node is slow, and the host is at another
				_, err := other.MoveToAudience(ctx, h.host, h.room, who)
				must(t, err)
			}
		}
		_, err := l.Sit(ctx, who, h.room, 3)
		must(t, err)
		if canPublish, there := l.canPublish(h.room, who); canPublish || !there {
			t.Errorf("moved back and speaks: %t; connected: %t", canPublish, there)
		}
	})
}

// The deadline of whoever had been invited was cleared by the next round of the reconciler
// only: while the media server was down, they were out of the room after half a minute.
func TestWhoeverIsInvitedStaysWhileTheMediaServerIsDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		h := l.hosted(t)
		who := l.joined(t, h.room)
		_, err := l.Invite(ctx, h.host, h.room, who)
		must(t, err)
		_, err = l.RaiseHand(ctx, l.joined(t, h.room), h.room, "About the sea")
		must(t, err)
		l.wait(time.Minute)
		must(t, l.Sweep(ctx)) // and no round of Reconcile has been possible
		_, err = l.AnswerInvite(ctx, who, h.room, true)
		must(t, err)
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		if m := l.member(t, h.room, who); !m.Present || m.Seat == 0 {
			t.Errorf("whoever was invited and has accepted is %+v", m)
		}
	})
}
