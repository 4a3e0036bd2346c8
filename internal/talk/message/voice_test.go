package message_test

import (
	"database/sql"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// tone is a recording of one second and more.
var tone = sync.OnceValue(func() audio.Clip {
	data, err := os.ReadFile("../../lab/bot/tones/440.opus")
	if err != nil {
		panic(err)
	}
	c, err := audio.NewClip(data, message.VoiceLimits)
	if err != nil {
		panic(err)
	}
	return c
})

// record sends a voice message of by.
func (x *fixture) record(t testing.TB, by, to account.ID, text string) message.Message {
	t.Helper()
	x.clock.Advance(time.Second)
	d := draft(text)
	d.Moment = "the-moment"
	m, err := x.SendVoice(ctx, by, to, d, tone())
	must(t, err)
	return m
}

// sweep runs both sweeps until dropped blobs are past their grace.
func (x *fixture) sweep(t testing.TB) {
	t.Helper()
	must(t, x.Sweep(ctx, x.clock.Now()))
	x.clock.Advance(time.Hour)
	must(t, x.refs.Sweep(ctx, x.clock.Now()))
}

// stored reports whether a blob is there.
func (x *fixture) stored(t testing.TB, key string) bool {
	t.Helper()
	r, err := x.blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNone) {
		return false
	}
	must(t, err)
	must(t, r.Close())
	return true
}

func (x *fixture) rows(t testing.TB, table string) (n int) {
	t.Helper()
	must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n))
	return n
}

func TestAVoiceMessageIsSentOnceWithWhatTheServerMeasured(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		d := draft("")
		d.Moment = "the-moment"
		if _, sent, err := x.Sent(ctx, ada, bob, d.ID); sent || err != nil {
			t.Fatalf("sent before: %v, %v", sent, err)
		}
		m, err := x.SendVoice(ctx, ada, bob, d, tone())
		must(t, err)
		if v := m.Voice; v == nil || v.Ms != int(tone().Duration.Milliseconds()) || !slices.Equal(v.Peaks, tone().Peaks) || v.Heard || m.Text != "" || m.Moment != d.Moment {
			t.Fatalf("%+v", m)
		}
		again, sent, err := x.Sent(ctx, ada, bob, d.ID)
		must(t, err)
		if !sent || again.Seq != m.Seq {
			t.Errorf("%v, %+v", sent, again)
		}
		// Both at once, as after a lost answer.
		again, err = x.SendVoice(ctx, ada, bob, d, tone())
		must(t, err)
		if again.Seq != m.Seq || again.Voice.Key != m.Voice.Key || x.rows(t, "message_blobs") != 1 {
			t.Errorf("sent twice: %+v", again)
		}
		x.sweep(t)
		if !x.stored(t, m.Voice.Key) {
			t.Error("the recording was swept away")
		}
		if n := x.rows(t, "loose_blobs"); n != 0 {
			t.Errorf("%d blobs wait", n)
		}
		_, _, err = x.Sent(ctx, bob, ada, d.ID)
		wantCode(t, err, "message.id_used")
		_, err = x.Send(ctx, ada, bob, message.Draft{ID: d.ID, Text: "In writing"})
		wantCode(t, err, "message.id_used")

		x.clock.Advance(time.Second)
		reply := draft("It is a tram")
		reply.ReplyTo = m.N
		quoting, err := x.SendVoice(ctx, bob, ada, reply, tone())
		must(t, err)
		if quoting.Reply == nil || quoting.Reply.VoiceMs != m.Voice.Ms || quoting.Text != "It is a tram" {
			t.Errorf("%+v", quoting)
		}
		if c := x.chat(t, ada, bob); c.Unread != 1 || c.Last == nil || c.Last.Voice == nil {
			t.Errorf("%+v", c)
		}
	})
}

func TestManySendOneVoiceMessageAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		d := draft("")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := x.SendVoice(ctx, ada, bob, d, tone()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if x.rows(t, "messages") != 1 || x.rows(t, "message_blobs") != 1 {
			t.Errorf("%d messages with %d blobs", x.rows(t, "messages"), x.rows(t, "message_blobs"))
		}
	})
}

func TestTheTextOfAVoiceMessageComesLater(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.record(t, ada, bob, "")
		m, err := x.Edit(ctx, ada, bob, m.ID, "That is the number 3")
		must(t, err)
		if m.Text != "That is the number 3" || m.Edited || m.Voice == nil {
			t.Errorf("%+v", m)
		}
		m, err = x.Edit(ctx, ada, bob, m.ID, "That is the number 4")
		must(t, err)
		if !m.Edited {
			t.Errorf("%+v", m)
		}
		m, err = x.Edit(ctx, ada, bob, m.ID, " ")
		must(t, err)
		if m.Text != "" {
			t.Errorf("%+v", m)
		}
		_, err = x.Edit(ctx, bob, ada, m.ID, "Mine")
		wantCode(t, err, "message.not_yours")
		written := x.say(t, ada, bob, "In writing")
		_, err = x.Edit(ctx, ada, bob, written.ID, "")
		wantCode(t, err, "message.empty")
		x.clock.Advance(message.EditTime + time.Second)
		_, err = x.Edit(ctx, ada, bob, m.ID, "Too late")
		wantCode(t, err, "message.too_late")
	})
}

func TestListeningIsToldUnlessReadMarksAreHidden(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.record(t, ada, bob, "")
		before := x.chat(t, ada, bob)
		must(t, x.MarkHeard(ctx, ada, bob, m.ID)) // one's own
		see := func(by, other account.ID) *message.Voice {
			p, err := x.History(ctx, by, other, page.Request{Limit: 1})
			must(t, err)
			return p.Messages[0].Voice
		}
		if see(bob, ada).Heard {
			t.Error("Ada listened to her own message, and Bob has heard it")
		}
		must(t, x.MarkHeard(ctx, bob, ada, m.ID))
		must(t, x.MarkHeard(ctx, bob, ada, m.ID))
		if v := see(ada, bob); !v.Heard || !v.HeardShown {
			t.Errorf("%+v", v)
		}
		if after := x.chat(t, ada, bob); after.Seq != before.Seq {
			t.Error("the seq tells of it")
		}
		var facts int
		must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE kind = $1`, message.KindHeard).Scan(&facts))
		if facts != 1 {
			t.Errorf("%d facts", facts)
		}
		heard := func(by, other account.ID) []int64 {
			p, err := x.Changes(ctx, by, other, before.Seq)
			must(t, err)
			return p.Heard
		}
		if got := heard(ada, bob); !slices.Equal(got, []int64{m.N}) {
			t.Errorf("Ada sees %v", got)
		}
		for _, hides := range []account.ID{ada, bob} {
			must(t, x.ShowReadMarks(ctx, hides, false))
			if v := see(ada, bob); v.HeardShown || len(heard(ada, bob)) != 0 {
				t.Errorf("hidden, and yet %+v", v)
			}
			if got := heard(bob, ada); !slices.Equal(got, []int64{m.N}) { // what he heard himself he sees
				t.Errorf("Bob sees %v", got)
			}
			must(t, x.ShowReadMarks(ctx, hides, true))
			must(t, x.SweepReadMarks(ctx, x.clock.Now().Add(message.ShowAgainTime)))
		}
		written := x.say(t, ada, bob, "In writing")
		wantCode(t, x.MarkHeard(ctx, bob, ada, written.ID), "message.no_voice")
		wantCode(t, x.MarkHeard(ctx, bob, ada, draft("").ID), "message.not_found")
	})
}

// However a voice message goes, nothing of it is left, and nobody can hear it meanwhile.
func TestNothingIsLeftOfAVoiceMessage(t *testing.T) {
	for how, end := range map[string]func(t *testing.T, x *fixture, ada, bob account.ID, m message.Message){
		"deleted": func(t *testing.T, x *fixture, ada, bob account.ID, m message.Message) {
			gone, err := x.Delete(ctx, ada, bob, m.ID)
			must(t, err)
			if gone.Voice != nil || gone.Text != "" || gone.Moment != "" {
				t.Errorf("%+v", gone)
			}
			_, err = x.Audio(ctx, bob, ada, m.ID)
			wantCode(t, err, "message.no_voice")
			if again, sent, err := x.Sent(ctx, ada, bob, m.ID); err != nil || !sent || !again.Deleted {
				t.Errorf("it can be sent again: %v, %v", sent, err)
			}
		},
		"the end of the match": func(t *testing.T, x *fixture, ada, bob account.ID, m message.Message) {
			x.end(t, ada, bob)
		},
		"an account": func(t *testing.T, x *fixture, ada, _ account.ID, _ message.Message) {
			must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `DELETE FROM accounts WHERE id = $1`, string(ada))
				return err
			}))
		},
	} {
		t.Run(how, func(t *testing.T) {
			each(t, func(t *testing.T, x *fixture) {
				ada, bob := x.couple(t)
				m := x.record(t, ada, bob, "Forget this")
				cleo, dan := x.couple(t)
				stays := x.record(t, cleo, dan, "")
				v, err := x.Audio(ctx, bob, ada, m.ID)
				must(t, err)
				end(t, x, ada, bob, m)
				if _, err := x.Audio(ctx, bob, ada, m.ID); !fault.Is(err, "chat.none") && !fault.Is(err, "message.no_voice") {
					t.Errorf("Bob hears it: %v", err)
				}
				x.sweep(t)
				if x.stored(t, v.Key) || x.rows(t, "message_blobs") != 1 || x.rows(t, "loose_blobs") != 0 {
					t.Error("something is left")
				}
				if !x.stored(t, stays.Voice.Key) {
					t.Error("another recording went, too")
				}
			})
		})
	}
}

func TestOnlyTheTwoHearAVoiceMessage(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.record(t, ada, bob, "")
		eve, dan := x.couple(t)
		for _, pair := range [][2]account.ID{{eve, ada}, {eve, bob}, {dan, ada}} {
			_, err := x.Audio(ctx, pair[0], pair[1], m.ID)
			wantCode(t, err, "chat.none")
			wantCode(t, x.MarkHeard(ctx, pair[0], pair[1], m.ID), "chat.none")
			_, _, err = x.Sent(ctx, pair[0], pair[1], m.ID)
			wantCode(t, err, "chat.none")
			_, err = x.SendVoice(ctx, pair[0], pair[1], draft(""), tone())
			wantCode(t, err, "chat.none")
		}
		_, err := x.Audio(ctx, eve, dan, m.ID)
		wantCode(t, err, "message.not_found")
	})
}

func TestWhatMayNotBeSentIsNotDecoded(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		eve := x.member(t)
		wantCode(t, x.MaySpeak(ctx, eve, bob, draft("")), "chat.none")
		wantCode(t, x.MaySpeak(ctx, ada, bob, draft("a\x00b")), "message.characters")
		reply := draft("")
		reply.ReplyTo = 1
		wantCode(t, x.MaySpeak(ctx, ada, bob, reply), "message.reply_unknown")
		x.record(t, bob, ada, "")
		must(t, x.MaySpeak(ctx, ada, bob, reply))
	})
}
