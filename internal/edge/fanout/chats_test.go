package fanout_test

import (
	"database/sql"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"

	"heyy/internal/base/id"
	"heyy/internal/edge/apitypes"
	"heyy/internal/media/audio"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
)

// chatEvents collects what a member's own channel carries, as it came.
func (p *fixture) chatEvents(t *testing.T, l *listener) chan json.RawMessage {
	t.Helper()
	events := make(chan json.RawMessage, 100)
	l.client.OnPublication(func(e centrifuge.ServerPublicationEvent) { events <- e.Data })
	return events
}

// next returns the next event as a T, and fails if it is of another type.
func next[T any](t *testing.T, events chan json.RawMessage, kind string) (e T) {
	t.Helper()
	select {
	case data := <-events:
		var of struct{ Type string }
		must(t, json.Unmarshal(data, &of))
		if of.Type == "presence" { // of another listener: it comes at any time
			return next[T](t, events, kind)
		}
		if of.Type != kind {
			t.Fatalf("want %s, got %s", kind, data)
		}
		must(t, json.Unmarshal(data, &e))
	case <-time.After(5 * time.Second):
		t.Fatalf("no %s came", kind)
	}
	return e
}

func silent(t *testing.T, events chan json.RawMessage) {
	t.Helper()
	select {
	case data := <-events:
		if strings.Contains(string(data), `"type":"presence"`) {
			silent(t, events)
			return
		}
		t.Fatalf("got %s", data)
	case <-time.After(300 * time.Millisecond):
	}
}

func TestLiveEventsOfAChat(t *testing.T) {
	p := newFixture(t)
	ada, bob, eve := p.member(t, "ada"), p.member(t, "bob"), p.member(t, "eve")
	adas, bobs, eves := p.chatEvents(t, ada), p.chatEvents(t, bob), p.chatEvents(t, eve)
	ctx := t.Context()
	must(t, p.db.Tx(ctx, func(tx *sql.Tx) error { return p.messages.Open(ctx, tx, ada.id, bob.id, time.Now()) }))

	// A message reaches both, each in their own view, and nobody else.
	sent, err := p.messages.Send(ctx, ada.id, bob.id, message.Draft{ID: message.ID(id.Opaque()), Text: "Which tram is that?"})
	must(t, err)
	mine, theirs := next[apitypes.MessageEvent](t, adas, "message"), next[apitypes.MessageEvent](t, bobs, "message")
	if !mine.Message.Mine || mine.PersonID != string(bob.id) || mine.Unread != 0 || mine.Seq != 1 {
		t.Errorf("Ada: %+v", mine)
	}
	if theirs.Message.Mine || theirs.PersonID != string(ada.id) || theirs.Unread != 1 || theirs.Message.Text != "Which tram is that?" {
		t.Errorf("Bob: %+v", theirs)
	}

	// A read mark reaches one's own devices and the other.
	must(t, p.messages.MarkRead(ctx, bob.id, ada.id, 1))
	if r := next[apitypes.ReadEvent](t, bobs, "read"); !r.Mine || r.N != 1 || r.Unread != 0 {
		t.Errorf("Bob: %+v", r)
	}
	if r := next[apitypes.ReadEvent](t, adas, "read"); r.Mine || r.N != 1 || r.PersonID != string(bob.id) {
		t.Errorf("Ada: %+v", r)
	}

	// Changes follow in the order of the chat.
	_, err = p.messages.React(ctx, bob.id, ada.id, sent.ID, "🚋")
	must(t, err)
	_, err = p.messages.Delete(ctx, ada.id, bob.id, sent.ID)
	must(t, err)
	for i, events := range []chan json.RawMessage{adas, bobs} {
		first, second := next[apitypes.MessageEvent](t, events, "message"), next[apitypes.MessageEvent](t, events, "message")
		if first.Seq != 2 || second.Seq != 3 || !second.Message.Deleted || second.Message.Text != "" {
			t.Errorf("%d: %+v, %+v", i, first, second)
		}
	}

	// Hidden read marks reach one's own devices alone.
	must(t, p.messages.ShowReadMarks(ctx, ada.id, false))
	_, err = p.messages.Send(ctx, ada.id, bob.id, message.Draft{ID: message.ID(id.Opaque()), Text: "The one with the bell"})
	must(t, err)
	next[apitypes.MessageEvent](t, adas, "message")
	next[apitypes.MessageEvent](t, bobs, "message")
	must(t, p.messages.MarkRead(ctx, bob.id, ada.id, 2))
	next[apitypes.ReadEvent](t, bobs, "read")

	must(t, p.tell.Typing(bob.id, ada.id))
	if e := next[apitypes.TypingEvent](t, adas, "typing"); e.PersonID != string(bob.id) {
		t.Errorf("%+v", e)
	}
	silent(t, bobs)
	silent(t, eves)
}

func TestLiveEventsOfAVoiceMessage(t *testing.T) {
	p := newFixture(t)
	ada, bob := p.member(t, "ada"), p.member(t, "bob")
	adas, bobs := p.chatEvents(t, ada), p.chatEvents(t, bob)
	ctx := t.Context()
	must(t, p.db.Tx(ctx, func(tx *sql.Tx) error { return p.messages.Open(ctx, tx, ada.id, bob.id, time.Now()) }))
	record := func() message.ID {
		d := message.Draft{ID: message.ID(id.Opaque())}
		_, err := p.messages.SendVoice(ctx, ada.id, bob.id, d, audio.Clip{Ogg: []byte("OggS"), Duration: 12 * time.Second, Peaks: make([]byte, audio.Bars)})
		must(t, err)
		return d.ID
	}

	first := record()
	next[apitypes.MessageEvent](t, adas, "message")
	if e := next[apitypes.MessageEvent](t, bobs, "message"); e.Message.Voice == nil || e.Message.Voice.Ms != 12000 {
		t.Errorf("Bob: %+v", e)
	}
	must(t, p.messages.MarkHeard(ctx, bob.id, ada.id, first))
	if e := next[apitypes.HeardEvent](t, bobs, "heard"); !e.Mine || e.N != 1 {
		t.Errorf("Bob: %+v", e)
	}
	if e := next[apitypes.HeardEvent](t, adas, "heard"); e.Mine || e.N != 1 || e.PersonID != string(bob.id) {
		t.Errorf("Ada: %+v", e)
	}

	// Hidden read marks hide it, and what comes later does not tell it.
	must(t, p.messages.ShowReadMarks(ctx, bob.id, false))
	second := record()
	next[apitypes.MessageEvent](t, adas, "message")
	next[apitypes.MessageEvent](t, bobs, "message")
	must(t, p.messages.MarkHeard(ctx, bob.id, ada.id, second))
	next[apitypes.HeardEvent](t, bobs, "heard")
	_, err := p.messages.React(ctx, bob.id, ada.id, second, "🚋")
	must(t, err)
	if e := next[apitypes.MessageEvent](t, adas, "message"); e.Message.Voice.Heard {
		t.Errorf("Ada: %+v", e)
	}
	if e := next[apitypes.MessageEvent](t, bobs, "message"); !e.Message.Voice.Heard {
		t.Errorf("Bob: %+v", e)
	}
}

// Of a request the other learns when it has a message, and of what they do with it who asked
// learns nothing but the answer.
func TestLiveEventsOfARequest(t *testing.T) {
	p := newFixture(t)
	ada, bob := p.member(t, "ada"), p.member(t, "bob")
	adas, bobs := p.chatEvents(t, ada), p.chatEvents(t, bob)
	ctx := t.Context()
	must(t, p.messages.SetSettings(ctx, bob.id, message.Settings{Requests: true}))
	ask := func() {
		_, err := p.messages.Begin(ctx, ada.id, bob.id, nil)
		must(t, err)
		next[apitypes.ChatEvent](t, adas, "chat")
		next[apitypes.RequestEvent](t, adas, "request")
		silent(t, bobs)
		_, err = p.messages.Send(ctx, ada.id, bob.id, message.Draft{ID: message.ID(id.Opaque()), Text: "What do you play?"})
		must(t, err)
		next[apitypes.MessageEvent](t, adas, "message")
		next[apitypes.RequestEvent](t, bobs, "request")
	}
	both := func(events chan json.RawMessage) {
		next[apitypes.ChatEvent](t, events, "chat")
		next[apitypes.RequestEvent](t, events, "request")
	}
	ask()
	_, err := p.messages.Accept(ctx, bob.id, ada.id)
	must(t, err)
	both(adas)
	both(bobs)
	must(t, p.messages.End(ctx, ada.id, bob.id))
	both(adas)
	both(bobs)

	cleo := p.member(t, "cleo")
	bob, bobs = cleo, p.chatEvents(t, cleo)
	must(t, p.messages.SetSettings(ctx, bob.id, message.Settings{Requests: true}))
	ask()
	must(t, p.messages.End(ctx, bob.id, ada.id)) // declined
	both(bobs)
	silent(t, adas)
	// A block tells whoever waits for an answer nothing.
	must(t, p.db.Tx(ctx, func(tx *sql.Tx) error { return p.messages.Separate(ctx, tx, bob.id, ada.id) }))
	silent(t, adas)
}

// A moment is told without a name to its author and their matches; who follows sees it later.
func TestLiveEventsOfAMoment(t *testing.T) {
	p := newFixture(t)
	ada, bob, eve := p.member(t, "ada"), p.member(t, "bob"), p.member(t, "eve")
	adas, bobs, eves := p.chatEvents(t, ada), p.chatEvents(t, bob), p.chatEvents(t, eve)
	ctx := t.Context()
	must(t, p.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at) VALUES ($1, $2, 'like', 'like', 1)`,
			string(min(ada.id, bob.id)), string(max(ada.id, bob.id)))
		return err
	}))
	clip := audio.Clip{Ogg: []byte("OggS"), Duration: 12 * time.Second, Peaks: make([]byte, audio.Bars)}
	m, err := p.moments.Post(ctx, ada.id, moment.Draft{ID: moment.DraftID(id.New()), Audience: moment.Everyone}, clip)
	must(t, err)
	must(t, p.moments.MarkHeard(ctx, bob.id, m.ID)) // is nobody's business
	must(t, p.moments.Remove(ctx, ada.id, m.ID))
	for _, events := range []chan json.RawMessage{adas, bobs} {
		for range 2 {
			next[apitypes.MomentsEvent](t, events, "moments")
		}
		silent(t, events)
	}
	silent(t, eves)
}
