package notify_test

import (
	"fmt"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/notify"
)

// recorded is a draft with the voices of some, of the room of an event.
func (w *world) recorded(host account.ID, speakers ...account.ID) room.ID {
	w.t.Helper()
	e := w.planned(host)
	w.Advance(time.Hour)
	r, err := w.events.Start(ctx, host, e.ID)
	must(w.t, err)
	_, err = w.db.Exec(`INSERT INTO replays (id, host_id, title, category, language, access, women_only, verified_only, state, began_at, ended_at, keep_days)
		VALUES ($1, $2, 'Jazz at night', 'music', 'en', 'open', FALSE, FALSE, 'draft', $3, $3, 30)`, string(r), string(host), db.Millis(w.Now()))
	must(w.t, err)
	for i, who := range speakers {
		_, err = w.db.Exec(`INSERT INTO replay_voices (replay_id, account_id, keeps, at) VALUES ($1, $2, TRUE, 0)`, string(r), string(who))
		must(w.t, err)
		_, err = w.db.Exec(`INSERT INTO replay_parts (id, replay_id, account_id, from_ms, ms, loud_ms, bytes, blob_key) VALUES ($1, $2, $3, $4, 10, 10, 10, $1)`, id.New(), string(r), string(who), i)
		must(w.t, err)
	}
	return r
}

func TestWhoSpokeIsToldOfADraftAndWhoWentOfTheReplay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo, dan, eve := w.person("Ann"), w.person("Bob"), w.person("Cleo"), w.person("Dan"), w.person("Eve")
		w.device(bob)
		w.set(bob, func(s *notify.Settings) { s.PrivateContent = true })
		r := w.recorded(ann, ann, bob)
		for _, who := range []account.ID{cleo, dan} {
			_, err := w.db.Exec(`INSERT INTO event_goers (event_id, account_id, at) SELECT id, $1, 0 FROM events WHERE room_id = $2`, string(who), string(r))
			must(t, err)
		}
		_, err := w.db.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(dan), string(bob))
		must(t, err)

		for range 2 { // the fact is repeated
			w.hear(replay.News{Replay: r, What: replay.Drafted})
		}
		if p := w.one(); p.Kind != notify.Replay || p.Outcome != notify.Kept || p.Body != "Jazz at night was recorded with your voice. You can delete it." || p.URL != "/replays/"+string(r) {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 1 || l[0].Outcome != notify.Ready || l[0].Replay != r {
			t.Errorf("the host: %+v", l)
		}
		if l := w.list(cleo); len(l) != 0 {
			t.Errorf("who only went is told of a draft: %+v", l)
		}

		w.hear(replay.News{Replay: r, What: replay.Opened}) // as yet it is a draft
		if l := w.list(cleo); len(l) != 0 {
			t.Errorf("it is a draft, and somebody is told: %+v", l)
		}
		must(t, w.replays.Publish(ctx, ann, r, 30))
		w.hear(replay.News{Replay: r, What: replay.Opened})
		if p := w.one(); p.Outcome != notify.Opened || p.Body != "The replay of Jazz at night is here." {
			t.Errorf("the push is %+v", p.Payload)
		}
		for name, want := range map[account.ID]int{ann: 1, bob: 2, cleo: 1, dan: 0, eve: 0} {
			if l := w.list(name); len(l) != want {
				t.Errorf("%s is told %d times, not %d: %+v", w.names[name].Name, len(l), want, l)
			}
		}
	})
}

func TestThoseWhoWentAreToldOfTheReplayInParts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		r := w.recorded(ann, ann)
		const many = 250
		for i := range many {
			_, err := w.db.Exec(`INSERT INTO event_goers (event_id, account_id, at) SELECT id, $1, 0 FROM events WHERE room_id = $2`, string(w.person(fmt.Sprint(i))), string(r))
			must(t, err)
		}
		must(t, w.replays.Publish(ctx, ann, r, 30))
		w.hear(replay.News{Replay: r, What: replay.Opened})
		if rounds := w.continuedOf(notify.KindReplayContinued); rounds != 2 {
			t.Errorf("told in %d more parts", rounds)
		}
		if told := w.count(`SELECT COUNT(*) FROM notifications WHERE kind = 'replay'`); told != many {
			t.Errorf("%d of %d are told", told, many)
		}
	})
}
