package notify_test

import (
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
	"heyy/internal/talk/notify"
)

// answers sends the answer to a moment, and returns the fact.
func (w *world) answers(by, to account.ID) message.Changed {
	w.t.Helper()
	m, err := w.chats.Send(ctx, by, to, message.Draft{ID: message.ID(id.New()), Text: "That was the number 3", Moment: id.New()})
	must(w.t, err)
	return message.Changed{A: min(by, to), B: max(by, to), By: by, N: m.N, Seq: m.Seq, New: true, At: m.At}
}

func TestWhoWritesAllDayUsesAQuarterOfThePushesOfTheDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(ann)
		w.device(ann)
		w.chat(ann, bob)
		w.chat(ann, cleo)
		pushes := 0
		for i := range 60 { // nearly six hours
			if i == 20 { // a process that starts later knows of them
				x := w.twin(d)
				x.chats = w.chats
				x.Advance(w.Now().Sub(x.Now()))
				w = x
			}
			if i%3 == 2 {
				w.hear(w.answers(bob, ann))
			} else {
				w.hear(w.writes(bob, ann))
			}
			w.Advance(6 * time.Minute)
			pushes += len(w.send())
		}
		if pushes != 2*5 {
			t.Errorf("on two devices came %d pushes", pushes)
		}
		if c, err := w.chats.Chat(ctx, ann, bob); err != nil || c.Unread != 60 {
			t.Errorf("in the chat wait %d, %v", c.Unread, err)
		}
		w.hear(w.writes(cleo, ann))
		w.Advance(time.Minute)
		for _, p := range w.send() {
			if p.Tag != "message:"+string(cleo) {
				t.Errorf("of Cleo came %+v", p.Payload)
			}
			pushes++
		}
		w.hear(w.matched(ann, w.person("Dora")))
		if pushes += len(w.send()); pushes != 2*7 {
			t.Errorf("of the others came %d", pushes-10)
		}
		if n := w.count(`SELECT pushed FROM notification_settings WHERE account_id = $1`, string(ann)); n != 7 {
			t.Errorf("%d pushes were counted", n)
		}
		w.at(0, 1, "UTC")
		w.hear(w.writes(bob, ann))
		w.Advance(time.Minute)
		if n := len(w.send()); n != 2 {
			t.Errorf("on the next day came %d", n)
		}
	})
}

func TestOfEverybodyOnePushADayIsPossible(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(ann)
		w.chat(ann, bob)
		w.chat(ann, cleo)
		w.set(ann, func(s *notify.Settings) { s.DailyCap = 3 })
		for range 3 { // what is read before it is told uses nothing up
			f := w.writes(bob, ann)
			w.hear(f)
			must(t, w.chats.MarkRead(ctx, ann, bob, f.N))
			w.Advance(10 * time.Minute)
			w.none("she reads as he writes")
		}
		for _, by := range []account.ID{bob, cleo} {
			pushes := 0
			for range 5 {
				w.hear(w.writes(by, ann))
				w.Advance(10 * time.Minute)
				pushes += len(w.send())
			}
			if pushes != 1 {
				t.Errorf("of one person came %d", pushes)
			}
		}
	})
}
