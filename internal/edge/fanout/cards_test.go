package fanout_test

import (
	"database/sql"
	"testing"
	"time"

	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/talk/card"
)

func TestLiveEventsOfCards(t *testing.T) {
	p := newFixture(t)
	ada, bob, eve := p.member(t, "ada"), p.member(t, "bob"), p.member(t, "eve")
	adas, bobs, eves := p.chatEvents(t, ada), p.chatEvents(t, bob), p.chatEvents(t, eve)
	say := func(c card.Changed) {
		t.Helper()
		c.By, c.Other, c.At = ada.id, bob.id, time.Now()
		must(t, p.db.Tx(t.Context(), func(tx *sql.Tx) error { return outbox.Append(t.Context(), tx, time.Now(), c) }))
	}
	say(card.Changed{Change: card.ChangeOffered})
	next[apitypes.CardsEvent](t, adas, "cards")
	next[apitypes.CardsEvent](t, bobs, "cards")
	// What the other must not learn is for one's own windows.
	say(card.Changed{Change: card.ChangeIgnored, Hidden: true})
	next[apitypes.CardsEvent](t, adas, "cards")
	silent(t, bobs)
	silent(t, eves)
}
