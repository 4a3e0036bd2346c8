package message_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// another is a service of another process on the same database.
func (x *fixture) another() *message.Service {
	return message.New(x.db, x.refs, x.clock.Now, func() {})
}

var longText = strings.Repeat("word ", message.MaxText/5)[:message.MaxText-1]

// exhaust sends long texts of by in several chats until no more is taken, and returns how many.
func (x *fixture) exhaust(t testing.TB, by account.ID, to []account.ID) (sent int) {
	t.Helper()
	for ; sent <= message.DayText/message.MaxText; sent++ {
		_, err := x.another().Send(ctx, by, to[sent%len(to)], draft(longText))
		if fault.Is(err, "message.text_day") {
			return sent
		}
		must(t, err)
	}
	t.Fatalf("%d texts of %d characters were taken", sent, len(longText))
	return sent
}

// friends returns somebody with n chats.
func (x *fixture) friends(t testing.TB, n int) (ada account.ID, all []account.ID) {
	t.Helper()
	ada, bob := x.couple(t)
	all = []account.ID{bob}
	for range n - 1 {
		other := x.member(t)
		x.open(t, ada, other)
		all = append(all, other)
	}
	return ada, all
}

func TestADayHoldsSoMuchTextOfOne(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, all := x.friends(t, 3)
		first, err := x.Send(ctx, ada, all[0], draft("What is the sound in your intro?"))
		must(t, err)
		if n := x.exhaust(t, ada, all); n < message.DayText*9/10/message.MaxText {
			t.Errorf("only %d texts", n)
		}
		// No other way to write is left: not an edit, the text of a voice message, nor after a deletion.
		_, err = x.Edit(ctx, ada, all[0], first.ID, longText)
		wantCode(t, err, "message.text_day")
		_, err = x.SendVoice(ctx, ada, all[0], draft(longText), tone())
		wantCode(t, err, "message.text_day")
		_, err = x.Delete(ctx, ada, all[0], first.ID)
		must(t, err)
		_, err = x.Send(ctx, ada, all[0], draft(longText))
		wantCode(t, err, "message.text_day")
		// A reaction writes nothing, and what was sent can be sent again; the others write on.
		must(t, x.MarkRead(ctx, all[1], ada, 1))
		theirs := x.say(t, all[1], ada, longText)
		_, err = x.React(ctx, ada, all[1], theirs.ID, "👍")
		must(t, err)
		// So much as is past of the day.
		x.clock.Advance(12 * time.Hour)
		if n := x.exhaust(t, ada, all); n < message.DayText*4/10/message.MaxText || n > message.DayText/2/message.MaxText {
			t.Errorf("%d texts after half a day", n)
		}
	})
}

// Short texts take rows, too.
func TestADayHoldsSoManyShortTexts(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "What is the sound in your intro?")
		_, err := x.db.Exec(`UPDATE message_quotas SET text_until = $1 WHERE account_id = $2`, x.clock.Now().Add(24*time.Hour-30*time.Second).UnixMilli(), string(ada))
		must(t, err)
		texts := []string{"a", "b"}
		n := 0
		for ; n < 100; n++ {
			_, err := x.Edit(ctx, ada, bob, m.ID, texts[n%2])
			if fault.Is(err, "message.text_day") {
				break
			}
			must(t, err)
		}
		if n != 2 {
			t.Errorf("%d one-letter texts in a remainder of about 70 characters", n)
		}
	})
}

func TestTheDayHoldsThoughAThousandAreSentAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, all := x.friends(t, 8)
		var sending sync.WaitGroup
		var taken atomic.Int64
		slots := make(chan struct{}, 24)
		for i := range 4 * message.DayText / message.MaxText {
			slots <- struct{}{}
			sending.Go(func() {
				defer func() { <-slots }()
				_, err := x.Send(ctx, ada, all[i%len(all)], draft(longText))
				if err == nil {
					taken.Add(1)
				} else if !fault.Is(err, "message.text_day") {
					t.Error(err)
				}
			})
		}
		sending.Wait()
		if n := taken.Load(); n < 90 || n > message.DayText/message.MaxText {
			t.Errorf("%d were taken", n)
		}
	})
}

// minutes is a recording that is said to last so long.
func minutes(d time.Duration) audio.Clip {
	c := tone()
	c.Duration = d
	return c
}

func TestADayHoldsSoMuchVoiceOfOneThoughItIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		const each = 30 * time.Minute
		for range message.DayVoice / each {
			must(t, x.MaySpeak(ctx, ada, bob, draft("")))
			m, err := x.SendVoice(ctx, ada, bob, draft(""), minutes(each))
			must(t, err)
			_, err = x.Delete(ctx, ada, bob, m.ID)
			must(t, err)
		}
		must(t, x.Sweep(ctx, x.clock.Now()))
		if n := x.rows(t, "message_blobs"); n != 0 {
			t.Errorf("%d blobs are left", n)
		}
		wantCode(t, x.another().MaySpeak(ctx, ada, bob, draft("")), "message.voice_day")
		_, err := x.another().SendVoice(ctx, ada, bob, draft(""), tone())
		wantCode(t, err, "message.voice_day")
		must(t, x.MaySpeak(ctx, bob, ada, draft("")))
		x.clock.Advance(6 * time.Hour)
		must(t, x.MaySpeak(ctx, ada, bob, draft("")))
		_, err = x.SendVoice(ctx, ada, bob, draft(""), minutes(each+time.Second))
		wantCode(t, err, "message.voice_day")
		_, err = x.SendVoice(ctx, ada, bob, draft(""), minutes(each))
		must(t, err)
	})
}
