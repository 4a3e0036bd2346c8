package call_test

import (
	"database/sql"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
)

// feedbackSums is the sum of all feedback about one person.
type feedbackSums struct{ Kind, Unkind, OnTopic, OffTopic, Safe, Unsafe int }

func (w *world) feedbackSums(who account.ID) (r feedbackSums) {
	w.t.Helper()
	err := w.db.QueryRowContext(ctx, `SELECT kind, unkind, on_topic, off_topic, safe, unsafe FROM regards WHERE account_id = $1`, string(who)).
		Scan(&r.Kind, &r.Unkind, &r.OnTopic, &r.OffTopic, &r.Safe, &r.Unsafe)
	if !db.IsNone(err) {
		must(w.t, err)
	}
	return r
}

func TestFeedbackOfManyCallsAddsUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		yes, no := isTrue(), new(bool)
		c, ann, bob := w.ended()
		say := func(f call.Feedback) {
			t.Helper()
			_, err := w.Choose(ctx, ann, c, call.Heart, f)
			must(t, err)
		}
		wants := func(r feedbackSums) {
			t.Helper()
			if got := w.feedbackSums(bob); got != r {
				t.Fatalf("said of Bob: %+v, not %+v", got, r)
			}
			if got := w.feedbackSums(ann); got != (feedbackSums{}) {
				t.Fatalf("said of Ann: %+v", got)
			}
		}
		wants(feedbackSums{})
		say(call.Feedback{Kind: yes, Safe: no})
		say(call.Feedback{Kind: yes, Safe: no}) // a double tap
		wants(feedbackSums{Kind: 1, Unsafe: 1})
		say(call.Feedback{Safe: yes, OnTopic: no}) // replaces the first
		wants(feedbackSums{Safe: 1, OffTopic: 1})
		say(call.Feedback{}) // changes nothing
		wants(feedbackSums{Safe: 1, OffTopic: 1})

		// Feedback of others adds up, and stays when their account is deleted.
		carl := w.person()
		other, err := w.propose(bob, carl)
		must(t, err)
		for _, f := range []func() error{
			func() error { _, err := w.Accept(ctx, bob, other); return err },
			func() error { _, err := w.Accept(ctx, carl, other); return err },
			func() error { _, err := w.AudioReceived(ctx, bob, other); return err },
			func() error { _, err := w.AudioReceived(ctx, carl, other); return err },
			func() error { _, err := w.Leave(ctx, carl, other); return err },
			func() error {
				_, err := w.Choose(ctx, carl, other, call.Pass, call.Feedback{Safe: yes, Kind: no, OnTopic: yes})
				return err
			},
		} {
			must(t, f())
		}
		sum := feedbackSums{Unkind: 1, OnTopic: 1, OffTopic: 1, Safe: 2}
		wants(sum)
		_, err = w.db.Exec(`DELETE FROM accounts WHERE id = $1`, string(carl))
		must(t, err)
		wants(sum)
		_, err = w.Choose(ctx, bob, other, call.Heart, call.Feedback{Safe: no}) // about a deleted account
		must(t, err)
		wants(sum)

		// The sums stay when the calls are deleted.
		w.later(31 * 24 * time.Hour)
		wants(sum)
	})
}

func TestCallsAreDeletedAfterThirtyDaysAndEncountersAreNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		there := func() (n int) {
			must(t, w.db.QueryRow(`SELECT (SELECT COUNT(*) FROM calls) + (SELECT COUNT(*) FROM call_sides)`).Scan(&n))
			return n
		}
		was := there()
		var old []call.ID
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error {
			for range 210 { // more than one sweep deletes
				c := call.ID(id.New())
				if _, err := tx.Exec(`INSERT INTO calls (id, kind, state, seq, created_at, ended_at, ended_why, cards, audio)
					VALUES ($1, 'match', 'ended', 2, $2, $2, 'declined', '[]', FALSE)`, string(c), db.Millis(w.now())); err != nil {
					return err
				}
				old = append(old, c)
			}
			return nil
		}))
		c, ann, bob := w.ended()
		w.later(24 * time.Hour) // the choices are closed
		if _, excluded := w.encounter(ann, bob); !excluded {
			t.Fatal("they may meet again")
		}
		w.later(29*24*time.Hour - time.Millisecond)
		w.sees(ann, c)
		if n := there(); n != was+210+3 {
			t.Fatalf("%d rows of %d", n, was+210+3)
		}
		loud, _, eve := w.ended()
		_, err := w.db.Exec(`UPDATE calls SET ended_at = 1, choose_by = NULL, audio = TRUE WHERE id = $1`, string(loud))
		must(t, err)
		w.sfu.Fail(errDown) // a call whose room is not closed yet is kept
		w.wait(time.Millisecond)
		if err := w.Reconcile(ctx); err == nil {
			t.Fatal("it was silenced")
		}
		must(t, w.Sweep(ctx))
		w.sees(eve, loud)
		w.sfu.Fail(nil)
		must(t, w.Reconcile(ctx))
		must(t, w.Sweep(ctx))
		_, err = w.Get(ctx, eve, loud)
		refused(t, err, "call.not_found")
		for _, gone := range append(old, c) {
			_, err := w.Get(ctx, ann, gone)
			refused(t, err, "call.not_found")
		}
		if n := there(); n != was {
			t.Fatalf("%d rows are left, not %d", n, was)
		}
		if _, excluded := w.encounter(ann, bob); !excluded {
			t.Fatal("it is forgotten that they met")
		}
	})
}
