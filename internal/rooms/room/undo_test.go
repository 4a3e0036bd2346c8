package room_test

import (
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/rooms/room"
)

// Whoever handed the room over read can_undo where undoing was refused: what they did as the
// host asks for a host, and a co-host may undo only their own.
func TestTheLogOffersToUndoJustWhatCanBeUndone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		next, co, who := l.joined(t, r.ID), l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		_, err = l.Ban(ctx, host, r.ID, who)
		must(t, err)
		must(t, l.SetHands(ctx, host, r.ID, room.HandsOff))
		_, err = l.HandOver(ctx, host, r.ID, next)
		must(t, err)
		offered := 0
		log, err := l.Log(ctx, host, r.ID)
		must(t, err)
		for _, e := range log {
			if e.CanUndo {
				offered++
			}
			err := l.Undo(ctx, host, r.ID, e.ID)
			if err != nil && fault.As(err) == nil {
				t.Fatal(err)
			}
			if e.CanUndo != (err == nil) {
				t.Errorf("%s: can_undo %v, and undoing answers %v", e.Action, e.CanUndo, err)
			}
		}
		if offered == 0 || offered == len(log) {
			t.Errorf("%d of %d can be undone: the test tells nothing", offered, len(log))
		}
	})
}
