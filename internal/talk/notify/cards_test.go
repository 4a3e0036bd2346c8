package notify_test

import (
	"testing"
	"time"

	"heyy/internal/talk/card"
	"heyy/internal/talk/notify"
)

func TestAnOfferOfACardAndItsAnswerAreNews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.device(bob)
		w.set(ann, func(s *notify.Settings) { s.PrivateContent = true })
		offer := card.Changed{By: bob, Other: ann, Change: card.ChangeOffered, Place: "Go", At: w.Now()}
		w.hear(offer)
		if p := w.one(); p.Kind != notify.Card || p.Body != "Bob offers you their card." || p.URL != "/me/cards" {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 1 || l[0].About != bob || l[0].Detail != "Go" || l[0].Outcome != notify.Open {
			t.Errorf("the centre has %+v", l)
		}
		w.hear(card.Changed{By: ann, Other: bob, Change: card.ChangeExchanged, Place: "Go", At: w.Now()})
		if p := w.one(); p.Kind != notify.Card || p.Outcome != notify.Exchanged || p.Body != "You have a new card." {
			t.Errorf("the push is %+v", p.Payload)
		}
		if l := w.list(ann); len(l) != 0 {
			t.Errorf("she has answered, and the centre has %+v", l)
		}
		if l := w.list(bob); len(l) != 1 || l[0].About != ann || l[0].Outcome != notify.Exchanged {
			t.Errorf("the centre has %+v", l)
		}
		w.hear(card.Changed{By: ann, Other: bob, Change: card.ChangeRemoved, At: w.Now()})
		if l := w.list(bob); len(l) != 0 {
			t.Errorf("the card is gone, and the centre has %+v", l)
		}
	})
}

func TestAnOfferThatIsOverIsNoNews(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		offer := func() card.Changed {
			return card.Changed{By: bob, Other: ann, Change: card.ChangeOffered, At: w.Now()}
		}
		for name, over := range map[string]card.Changed{
			"taken back": {By: bob, Other: ann, Change: card.ChangeWithdrawn},
			"expired":    {By: bob, Other: ann, Change: card.ChangeExpired},
			"ignored":    {By: ann, Other: bob, Change: card.ChangeIgnored, Hidden: true},
			"removed":    {By: ann, Other: bob, Change: card.ChangeRemoved},
		} {
			w.Advance(24 * time.Hour)
			w.hear(offer())
			if l := w.list(ann); len(l) != 1 {
				t.Errorf("%s: the centre has %+v", name, l)
			}
			w.hear(over)
			w.hear(offer()) // once a day
			w.hear(card.Changed{By: bob, Other: ann, Change: card.ChangeOffered, Hidden: true})
			if l := w.list(ann); len(l) != 0 {
				t.Errorf("%s: the centre has %+v", name, l)
			}
			if l := w.list(bob); len(l) != 0 {
				t.Errorf("%s: bob is told %+v", name, l)
			}
		}
	})
}

func TestAnOfferThatIsTakenBackIsNotPushedAnyMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ann, bob := w.person("Ann"), w.person("Bob")
		w.device(ann)
		w.set(ann, func(s *notify.Settings) { s.QuietFrom, s.QuietTo = 0, 23*60 })
		w.hear(card.Changed{By: bob, Other: ann, Change: card.ChangeOffered, At: w.Now()})
		w.none("it is night")
		w.hear(card.Changed{By: bob, Other: ann, Change: card.ChangeWithdrawn, At: w.Now()})
		w.Advance(11*time.Hour + time.Minute)
		w.none("it was taken back")
	})
}
