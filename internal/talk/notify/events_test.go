package notify_test

import (
	"fmt"
	"testing"
	"time"

	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/notify"
)

// planned is an event in an hour.
func (w *world) planned(host account.ID) schedule.Event {
	w.t.Helper()
	e, err := w.events.Plan(ctx, host, "", schedule.Plan{Title: "Jazz at night", Category: "music", Language: "en", Zone: "UTC", StartsAt: w.Now().Add(time.Hour), Minutes: 60})
	must(w.t, err)
	return e
}

func TestWhoGoesIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(bob)
		w.set(bob, func(s *notify.Settings) { s.PrivateContent = true })
		e := w.planned(ann)
		must(t, w.events.Invite(ctx, ann, e.ID, cleo, schedule.Speaker))
		must(t, w.events.Go(ctx, bob, e.ID))
		must(t, w.events.Go(ctx, cleo, e.ID))
		path := "/events/" + string(e.ID)

		w.Advance(45 * time.Minute)
		for range 2 { // the fact is repeated
			w.hear(schedule.News{Event: e.ID, What: schedule.Soon, StartsAt: e.StartsAt})
		}
		if p := w.one(); p.Kind != notify.Event || p.Body != "Jazz at night starts soon." || p.URL != path {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 1 || l[0].Outcome != notify.Soon || l[0].Event != e.ID {
			t.Errorf("the host: %+v", l)
		}
		_, err := w.db.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(cleo), string(ann))
		must(t, err)
		w.Advance(time.Second)
		r, err := w.events.Start(ctx, ann, e.ID)
		must(t, err)
		w.hear(schedule.News{Event: e.ID, What: schedule.Started, StartsAt: e.StartsAt, Room: r, By: ann})
		if p := w.one(); p.Body != "Jazz at night is live. Come in." || p.URL != "/rooms/"+string(r) {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(bob); len(l) != 2 || l[0].Room != r || l[0].Event != e.ID || l[0].About != ann {
			t.Errorf("the centre has %+v", l)
		}
		if l := w.list(cleo); len(l) != 0 {
			t.Errorf("somebody who blocked the host is told: %+v", l)
		}
		// Who was told that the event is live is not told that the host is.
		must(t, w.follows.Follow(ctx, bob, ann))
		_, err = w.db.Exec(`UPDATE rooms SET live_at = 1 WHERE id = $1`, string(r))
		must(t, err)
		w.hear(room.Appeared{Room: r, Seq: 2})
		if l := w.list(bob); len(l) != 2 {
			t.Errorf("told twice: %+v", l)
		}
	})
}

func TestAThousandWhoGoAreToldInParts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		e := w.planned(ann)
		const many = 250
		for i := range many {
			must(t, w.events.Go(ctx, w.person(fmt.Sprint(i)), e.ID))
		}
		must(t, w.events.Cancel(ctx, ann, e.ID))
		w.hear(schedule.News{Event: e.ID, What: schedule.Called, StartsAt: e.StartsAt, By: ann})
		if rounds := w.continuedOf(notify.KindEventContinued); rounds != 2 {
			t.Errorf("told in %d more parts", rounds)
		}
		var told int
		must(t, w.db.QueryRow(`SELECT COUNT(*) FROM notifications WHERE kind = 'event'`).Scan(&told))
		if told != many {
			t.Errorf("%d of %d are told", told, many)
		}
	})
}
