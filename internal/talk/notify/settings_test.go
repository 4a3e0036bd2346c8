package notify_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/language"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
	"heyy/internal/people/verification"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
)

// at moves the clock to a time of the day after noon's day.
func (w *world) at(hour, minute int, zone string) {
	w.t.Helper()
	l, err := time.LoadLocation(zone)
	must(w.t, err)
	w.Advance(time.Date(2027, 3, 11, hour, minute, 0, 0, l).Sub(w.Now()))
}

func TestAKindThatIsSwitchedOffIsOnlyInTheCentre(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.Push[notify.Match] = false })
		w.hear(w.matched(ann, w.person("Bob")))
		w.none("matches are switched off")
		if l := w.list(ann); len(l) != 1 {
			t.Errorf("the centre has %+v", l)
		}
		w.hear(verification.Decided{Account: ann, Approved: true})
		w.one() // other kinds are not
	})
}

func TestQuietHoursHoldNewsBackInTheTimeZoneOfThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) {
			s.TimeZone, s.QuietFrom, s.QuietTo = "Asia/Shanghai", 22*60, 7*60+30
		})
		w.at(23, 0, "Asia/Shanghai") // the middle of the afternoon in UTC
		w.hear(w.matched(ann, w.person("Bob")))
		w.Advance(time.Hour)
		w.hear(w.matched(ann, w.person("Cleo")))
		w.none("it is night")
		w.Advance(7*time.Hour + 29*time.Minute)
		w.none("one minute too early")
		w.Advance(time.Minute)
		if p := w.one(); p.Kind != "more" || p.Body != "You have 2 new notifications." || p.URL != "/" {
			t.Errorf("in the morning came %+v", p.Payload)
		}
	})
}

func TestNoCallRingsInQuietHoursAndASignInIsToldAllTheSame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.QuietFrom, s.QuietTo = 0, 8*60 })
		w.at(3, 0, "UTC")
		c := w.ring(bob)
		w.hear(w.sees(ann, c))
		w.none("it is night")
		c.State, c.EndReason = call.Ended, call.Unanswered
		w.hear(w.sees(ann, c))
		w.none("it still is")
		w.Advance(time.Second)
		w.hear(account.NewDevice{Account: ann})
		if p := w.one(); p.Kind != notify.NewDevice {
			t.Errorf("at night came %+v", p.Payload)
		}
		w.at(8, 0, "UTC")
		if p := w.one(); p.Kind != "more" {
			t.Errorf("in the morning came %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 2 || l[1].Outcome != notify.Missed {
			t.Errorf("the centre has %+v", l)
		}
	})
}

func TestOverTheDailyCapOnePushStandsForTheRest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.DailyCap, s.TimeZone = 2, "Europe/Rome" })
		var kinds []string
		for range 5 {
			w.hear(w.matched(ann, w.person("Somebody")))
			for _, p := range w.send() {
				kinds = append(kinds, string(p.Kind))
			}
		}
		if got := strings.Join(kinds, " "); got != "match match more" {
			t.Errorf("pushed %s", got)
		}
		c := w.ring(bob)
		w.hear(w.sees(ann, c))
		if p := w.one(); p.Kind != notify.CallRing {
			t.Errorf("over the cap a call is %+v", p)
		}
		w.at(0, 1, "Europe/Rome") // it is the day before in UTC
		w.hear(w.matched(ann, w.person("Somebody")))
		if p := w.one(); p.Kind != notify.Match {
			t.Errorf("on the next day came %+v", p.Payload)
		}
	})
}

func TestSettingsAreReadAsTheyWereWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		st, err := w.Settings(ctx, ann)
		must(t, err)
		if st.TimeZone != "UTC" || st.DailyCap != 20 || st.PrivateContent || !st.Email || len(st.Push) != len(notify.Kinds) || !st.Push[notify.Match] {
			t.Errorf("by default they are %+v", st)
		}
		st.TimeZone, st.QuietFrom, st.QuietTo, st.DailyCap, st.PrivateContent, st.Email = "America/Argentina/Buenos_Aires", 1, 2, 3, true, false
		st.Push[notify.Fits] = false
		must(t, w.SetSettings(ctx, ann, st))
		got, err := w.Settings(ctx, ann)
		must(t, err)
		if got.Push[notify.Fits] || !got.Push[notify.Match] || got.TimeZone != st.TimeZone || got.QuietFrom != 1 || got.QuietTo != 2 || got.DailyCap != 3 || !got.PrivateContent || got.Email {
			t.Errorf("they are %+v", got)
		}
		for _, zone := range []string{"", "Local", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", strings.Repeat("x", 100)} {
			bad := got
			bad.TimeZone = zone
			testkit.WantCode(t, w.SetSettings(ctx, ann, bad), "notifications.time_zone")
		}
		for _, kind := range []notify.Kind{"", "more", "rain"} {
			bad := got
			bad.Push = map[notify.Kind]bool{kind: true}
			testkit.WantCode(t, w.SetSettings(ctx, ann, bad), "notifications.kind")
		}
		for _, change := range []func(*notify.Settings){
			func(s *notify.Settings) { s.QuietFrom = -1 }, func(s *notify.Settings) { s.QuietTo = 1440 },
			func(s *notify.Settings) { s.DailyCap = 0 }, func(s *notify.Settings) { s.DailyCap = 101 },
		} {
			bad := got
			change(&bad)
			testkit.WantCode(t, w.SetSettings(ctx, ann, bad), "notifications.limits")
		}
	})
}

func TestQuietHoursEndThoughTheClockIsSetForwardOrBack(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	must(t, err)
	for _, x := range []struct {
		from, to int
		now, end time.Time
	}{
		{22 * 60, 7 * 60, time.Date(2027, 3, 27, 23, 0, 0, 0, rome), time.Date(2027, 3, 28, 7, 0, 0, 0, rome)}, // the night has an hour less
		{22 * 60, 7 * 60, time.Date(2027, 10, 30, 23, 0, 0, 0, rome), time.Date(2027, 10, 31, 7, 0, 0, 0, rome)},
		{60, 150, time.Date(2027, 3, 28, 1, 30, 0, 0, rome), time.Date(2027, 3, 28, 3, 30, 0, 0, rome)}, // there is no half past two
		{9 * 60, 9 * 60, time.Date(2027, 1, 1, 9, 0, 0, 0, rome), time.Time{}},
		{9 * 60, 10 * 60, time.Date(2027, 1, 1, 10, 0, 0, 0, rome), time.Time{}},
		{9 * 60, 10 * 60, time.Date(2027, 1, 1, 9, 0, 0, 0, rome), time.Date(2027, 1, 1, 10, 0, 0, 0, rome)},
	} {
		st := notify.Settings{TimeZone: "Europe/Rome", QuietFrom: x.from, QuietTo: x.to}
		if got := notify.QuietUntil(st, x.now); !got.Equal(x.end) {
			t.Errorf("%d to %d at %s: until %s, not %s", x.from, x.to, x.now, got, x.end)
		}
	}
	// Wherever the person is and whatever the time, they end, and within a day.
	for _, zone := range []string{"Europe/Rome", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"} {
		for from := 0; from < 1440; from += 173 {
			st := notify.Settings{TimeZone: zone, QuietFrom: from, QuietTo: (from + 601) % 1440}
			for at := noon; at.Before(noon.AddDate(1, 0, 0)); at = at.Add(1777 * time.Minute) {
				if end := notify.QuietUntil(st, at); !end.IsZero() && (!end.After(at) || end.Sub(at) > 25*time.Hour) {
					t.Fatalf("%+v at %s: until %s", st, at, end)
				}
			}
		}
	}
}

func TestEveryKindHasTextsInEveryLanguage(t *testing.T) {
	extra := map[string][]string{
		"call_ring": {"call_ring_answered", "call_ring_declined", "call_ring_missed"}, "verification": {"verification_approved", "verification_declined"},
		"card":          {"card_exchanged"},
		"club_answer":   {"club_answer_approved", "club_answer_declined"},
		"event":         {"event_soon", "event_begins", "event_started", "event_moved", "event_cancelled", "event_invited"},
		"replay":        {"replay_ready", "replay_kept", "replay_opened"},
		"call_proposal": {"call_proposal_answered", "call_proposal_declined", "call_proposal_missed", "call_alert"},
	}
	used := map[string]bool{"more": true}
	for _, kind := range notify.Kinds {
		keys := append([]string{kind}, extra[kind]...)
		if kind == "verification" || kind == "club_answer" || kind == "event" || kind == "replay" {
			keys = extra[kind] // there is none without an outcome
		}
		for _, key := range keys {
			used[key] = true
			for _, tag := range language.All {
				if text := language.In(tag).Push[key]; text.Title == "" || text.Plain == "" {
					t.Errorf("%s has no text in %s", key, tag)
				}
			}
		}
	}
	for key := range language.In("en").Push {
		if !used[key] {
			t.Errorf("the text %s belongs to no kind", key)
		}
	}
}

// peace is a presence with do not disturb for whom it names; zero: until it is switched off.
type peace map[account.ID]time.Time

func (p peace) IsUndisturbed(_ context.Context, _ db.Querier, who account.ID) (on bool, until time.Time, err error) {
	until, on = p[who]
	return on, until, nil
}

func (peace) IsOnline(context.Context, db.Querier, account.ID) (bool, error) { return false, nil }

func TestDoNotDisturbHoldsBackWhatQuietHoursDo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := peace{}
		w := newWorld(t, d, func(c *notify.Config) { c.Presence = in })
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		switched := presence.SettingsChanged{Account: ann}

		in[ann] = time.Time{}
		w.hear(switched, w.matched(ann, bob))
		ring, proposal := w.ring(bob), w.ring(bob)
		proposal.Kind = call.Match
		w.hear(w.sees(ann, ring), w.sees(ann, proposal))
		w.none("nothing rings")
		w.Advance(48 * time.Hour)
		w.none("it has no end")
		w.hear(account.NewDevice{Account: ann})
		if p := w.one(); p.Kind != notify.NewDevice {
			t.Errorf("then came %+v", p.Payload)
		}

		delete(in, ann)
		w.hear(switched)
		if p := w.one(); p.Kind != "more" {
			t.Errorf("when it was switched off came %+v", p.Payload)
		}

		in[ann] = w.Now().Add(time.Hour)
		w.hear(switched, w.matched(ann, w.person("Cleo")))
		w.Advance(59 * time.Minute)
		w.none("it lasts an hour")
		w.Advance(time.Minute)
		if p := w.one(); p.Kind != "more" {
			t.Errorf("after an hour came %+v", p.Payload)
		}

		w.set(ann, func(s *notify.Settings) { s.QuietFrom, s.QuietTo = 0, 8*60 })
		w.Advance(w.Now().Truncate(24 * time.Hour).Add(23 * time.Hour).Sub(w.Now()))
		in[ann] = w.Now().Add(2 * time.Hour)
		w.hear(switched, w.matched(ann, w.person("Dora")))
		w.Advance(2 * time.Hour)
		delete(in, ann)
		w.hear(switched)
		w.none("it ended in quiet hours")
		w.Advance(7 * time.Hour)
		w.one()
	})
}
