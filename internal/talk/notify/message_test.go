package notify_test

import (
	"database/sql"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/people/verification"
	"heyy/internal/talk/message"
	"heyy/internal/talk/notify"
)

// chat opens the chat of two people.
func (w *world) chat(a, b account.ID) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.chats.Open(ctx, tx, a, b, w.Now()) }))
}

// writes sends a message, and returns the fact.
func (w *world) writes(by, to account.ID) message.Changed {
	w.t.Helper()
	m, err := w.chats.Send(ctx, by, to, message.Draft{ID: message.ID(id.New()), Text: "How was the concert, and who sang?"})
	must(w.t, err)
	return message.Changed{A: min(by, to), B: max(by, to), By: by, N: m.N, Seq: m.Seq, New: true, At: m.At}
}

func TestAMessageIsPushedOnceItIsNotReadAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.chat(ann, bob)
		w.hear(w.writes(bob, ann))
		w.none("she may have the chat open")
		w.Advance(3 * time.Second)
		p := w.one()
		if p.Kind != notify.Message || p.Body != "You have a new message." || p.URL != "/chats/"+string(bob) || p.Tag != "message:"+string(bob) || p.Count != 0 {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l, n := w.list(ann), must1(w.Unseen(ctx, ann))(t); len(l) != 0 || n != 0 {
			t.Errorf("messages are in Chats; the centre has %+v, %d unseen", l, n)
		}
		w.Advance(time.Hour)
		w.none("it is told once")
	})
}

func TestAMessageThatIsReadIsNotPushed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.chat(ann, bob)
		f := w.writes(bob, ann)
		w.hear(f)
		must(t, w.chats.MarkRead(ctx, ann, bob, f.N))
		w.Advance(time.Minute)
		w.none("she has read it")
		if n := w.count(`SELECT COUNT(*) FROM push_queue`); n != 0 {
			t.Errorf("%d rows wait for ever", n)
		}
	})
}

func TestWhatFollowsAnUnreadMessageIsOnePushFiveMinutesLater(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true })
		w.chat(ann, bob)
		w.chat(ann, cleo)
		w.hear(w.writes(bob, ann))
		w.Advance(3 * time.Second)
		if p := w.one(); p.Body != "Bob sent you a message." || strings.Contains(p.Body, "concert") {
			t.Errorf("the push is %+v", p.Payload)
		}
		for range 4 {
			w.Advance(time.Minute)
			w.hear(w.writes(bob, ann))
			w.none("the first was told a moment ago")
		}
		w.Advance(2 * time.Minute)
		if p := w.one(); p.Body != "Bob sent you 5 messages." || p.Count != 5 {
			t.Errorf("the push is %+v", p.Payload)
		}
		w.hear(w.writes(cleo, ann))
		w.Advance(3 * time.Second)
		if p := w.one(); p.Body != "Cleo sent you a message." {
			t.Errorf("another chat has its own: %+v", p.Payload)
		}
		if n := w.count(`SELECT pushed FROM notification_settings WHERE account_id = $1`, string(ann)); n != 3 {
			t.Errorf("%d pushes were counted", n)
		}
	})
}

func TestNobodyIsPushedTheirOwnMessagesNorChangesNorThoseOfAnEndedChat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.chat(ann, bob)
		mine := w.writes(ann, bob)
		w.hear(mine)
		theirs := w.writes(bob, ann)
		edit := theirs
		edit.New = false
		w.hear(edit)
		w.Advance(time.Minute)
		w.none("there is nothing new for her")
		w.hear(theirs)
		must(t, w.db.Tx(ctx, func(tx *sql.Tx) error { return w.chats.Close(ctx, tx, ann, bob) }))
		w.Advance(time.Minute)
		w.none("the chat is gone")
		w.hear(theirs)
		w.Advance(time.Minute)
		w.none("and stays gone")
	})
}

func TestUnreadChatsArePartOfWhatWaitedForTheMorning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob, cleo := w.person("Ann"), w.person("Bob"), w.person("Cleo")
		w.device(ann)
		w.chat(ann, bob)
		w.set(ann, func(s *notify.Settings) { s.QuietFrom, s.QuietTo = 22*60, 7*60 })
		w.at(23, 0, "UTC")
		w.hear(w.writes(bob, ann), w.writes(bob, ann), w.matched(ann, cleo))
		w.none("it is night")
		w.Advance(8 * time.Hour)
		if p := w.one(); p.Kind != "more" || p.Body != "You have 2 new notifications." { // a chat and a match
			t.Errorf("in the morning came %+v", p.Payload)
		}
		w.set(ann, func(s *notify.Settings) { s.Push[notify.Message] = false })
		w.Advance(16 * time.Hour)
		w.hear(w.writes(bob, ann))
		w.Advance(8 * time.Hour)
		w.none("she does not want to be told of messages")
	})
}

func TestMessagesThatAreReadUseNothingOfTheDailyLimit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.device(ann)
		w.chat(ann, bob)
		w.set(ann, func(s *notify.Settings) { s.DailyCap = 2 })
		for range 5 {
			f := w.writes(bob, ann)
			w.hear(f)
			must(t, w.chats.MarkRead(ctx, ann, bob, f.N))
			w.Advance(10 * time.Second)
			w.none("she reads as he writes")
		}
		w.hear(w.matched(ann, w.person("Cleo")))
		if all := w.send(); len(all) != 2 || all[0].Kind != notify.Match {
			t.Errorf("on two devices came %+v", all)
		}
		if n := w.count(`SELECT pushed FROM notification_settings WHERE account_id = $1`, string(ann)); n != 1 {
			t.Errorf("%d pushes were counted", n)
		}
	})
}

func TestDeletingAndWritingAgainIsNoOtherPush(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.chat(ann, bob)
		pushes := 0
		for range 20 {
			id := message.ID(id.New())
			m, err := w.chats.Send(ctx, bob, ann, message.Draft{ID: id, Text: "Look at your phone, please"})
			must(t, err)
			w.hear(message.Changed{A: min(ann, bob), B: max(ann, bob), By: bob, N: m.N, Seq: m.Seq, New: true, At: m.At})
			w.Advance(4 * time.Second)
			pushes += len(w.send())
			_, err = w.chats.Delete(ctx, bob, ann, id)
			must(t, err)
		}
		if pushes != 1 {
			t.Errorf("in 80 seconds came %d", pushes)
		}
	})
}

func TestAMessageJustBeforeQuietHoursWaitsForTheirEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.chat(ann, bob)
		w.set(ann, func(s *notify.Settings) { s.QuietFrom, s.QuietTo = 22*60, 7*60 })
		w.at(21, 58, "UTC")
		w.hear(w.writes(bob, ann))
		w.Advance(10 * time.Second)
		w.one()
		w.hear(w.writes(bob, ann)) // would be due at 22:03
		w.Advance(8 * time.Hour)
		w.none("it is night")
		w.Advance(time.Hour + 5*time.Minute)
		if p := w.one(); p.Count != 2 {
			t.Errorf("in the morning came %+v", p.Payload)
		}
	})
}

func TestWhatIsSwitchedOffIsNotCountedInTheMorning(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann := w.person("Ann")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.QuietFrom, s.QuietTo, s.Push[notify.Match] = 22*60, 7*60, false })
		w.at(23, 0, "UTC")
		w.hear(w.matched(ann, w.person("Bob")), verification.Decided{Account: ann, Approved: true})
		w.Advance(8 * time.Hour)
		if p := w.one(); p.Count != 0 || p.Kind != "more" {
			t.Errorf("in the morning came %+v", p.Payload)
		}
	})
}

func TestAnAnswerToAMomentIsAKindOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true; s.Push[notify.Message] = false })
		w.chat(ann, bob)
		m, err := w.chats.Send(ctx, bob, ann, message.Draft{ID: message.ID(id.New()), Text: "That was the number 3", Moment: id.New()})
		must(t, err)
		w.hear(message.Changed{A: min(ann, bob), B: max(ann, bob), By: bob, N: m.N, Seq: m.Seq, New: true, At: m.At})
		w.Advance(3 * time.Second)
		p := w.one()
		if p.Kind != notify.MomentAnswer || p.Body != "Bob answered your moment." || p.URL != "/chats/"+string(bob) || p.Tag != "moment_answer:"+string(bob) {
			t.Errorf("the push is %+v", p.Payload)
		}
		w.hear(w.writes(bob, ann))
		w.Advance(time.Hour)
		w.none("messages are switched off")
	})
}
