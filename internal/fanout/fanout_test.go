package fanout_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/db/dbtest"
	"heyy/internal/event"
	"heyy/internal/fanout"
	"heyy/internal/mail"
	"heyy/internal/profile"
	"heyy/internal/realtime"
	"heyy/internal/room"
)

// place is everything between a room's rows and a member's socket.
type place struct {
	rooms    *room.Service
	accounts *account.Service
	url      string
}

type silent struct{}

func (silent) Grant(context.Context, string, string, bool) error { return nil }
func (silent) Remove(context.Context, string, string) error      { return nil }
func (silent) Close(context.Context, string) error               { return nil }
func (silent) Present(context.Context, string) (map[string]bool, error) {
	return map[string]bool{}, nil
}

func newPlace(t *testing.T) *place {
	t.Helper()
	d := dbtest.SQLite(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	var relay *event.Relay
	wake := func() { relay.Wake() }
	profiles := profile.New(d, nil, time.Now)
	accounts, err := account.New(d, mail.NewQueue(mail.NewInbox(io.Discard), log), profiles, log, account.Config{
		Key: []byte(strings.Repeat("k", 32)), Origin: "http://localhost", Wake: wake,
	})
	must(t, err)
	rooms := room.New(d, silent{}, wake, time.Now, log)
	var tell *fanout.Fanout
	node, err := realtime.New(realtime.Rules{
		Who: func(r *http.Request) (string, error) {
			s, err := accounts.Who(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			return string(s.Account), err
		},
		MayHear: func(ctx context.Context, person, channel string) error {
			return tell.MayHear(ctx, account.ID(person), channel)
		},
	}, log)
	must(t, err)
	tell = fanout.New(node, rooms, call.New(d, log, call.Config{Voices: silent{}}), profiles, log)
	relay = event.NewRelay(d, log, "here", tell.Take)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 2)
	go func() { done <- relay.Run(ctx) }()
	go func() { done <- tell.Run(ctx) }()
	server := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		stop()
		must(t, <-done)
		must(t, <-done)
		must(t, node.Stop(context.Background()))
		server.Close()
	})
	return &place{rooms: rooms, accounts: accounts, url: "ws" + strings.TrimPrefix(server.URL, "http")}
}

// listener is a member with a socket, and what came over it.
type listener struct {
	id     account.ID
	token  string
	client *centrifuge.Client
	heard  chan message
	closed chan string
}

type message struct {
	channel string
	Type    string                                     `json:"type"`
	Seq     int64                                      `json:"seq"`
	Cause   string                                     `json:"cause"`
	RoomID  string                                     `json:"room_id"`
	Member  struct{ Person struct{ ID, Name string } } `json:"member"`
	Card    struct{ ID string }                        `json:"card"`
}

func (p *place) member(t *testing.T, name string) *listener {
	t.Helper()
	who, err := p.accounts.Resident(t.Context(), account.Plan{Key: name, Name: name, Born: "1990-01-01", Language: "en"})
	must(t, err)
	token, err := p.accounts.Token(t.Context(), who, "test")
	must(t, err)
	l := &listener{id: who, token: token, heard: make(chan message, 100), closed: make(chan string, 10)}
	l.client = centrifuge.NewJsonClient(p.url, centrifuge.Config{Header: http.Header{"Authorization": {"Bearer " + token}}})
	take := func(channel string, data []byte) {
		m := message{channel: channel}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Error(err)
		}
		l.heard <- m
	}
	l.client.OnPublication(func(e centrifuge.ServerPublicationEvent) { take(e.Channel, e.Data) })
	l.client.OnDisconnected(func(e centrifuge.DisconnectedEvent) { l.closed <- e.Reason })
	l.client.OnConnecting(func(e centrifuge.ConnectingEvent) { l.closed <- e.Reason })
	connected := make(chan struct{}, 10)
	l.client.OnConnected(func(centrifuge.ConnectedEvent) { connected <- struct{}{} })
	must(t, l.client.Connect())
	t.Cleanup(l.client.Close)
	select {
	case <-connected:
	case <-time.After(5 * time.Second):
		t.Fatal("no connection")
	}
	<-l.closed // "connect called"
	return l
}

// subscribe reports whether the server let l hear channel.
func (l *listener) subscribe(t *testing.T, channel string) bool {
	t.Helper()
	s, err := l.client.NewSubscription(channel)
	must(t, err)
	answer := make(chan bool, 10)
	s.OnSubscribed(func(centrifuge.SubscribedEvent) { answer <- true })
	s.OnUnsubscribed(func(centrifuge.UnsubscribedEvent) { answer <- false })
	s.OnError(func(centrifuge.SubscriptionErrorEvent) { answer <- false })
	s.OnPublication(func(e centrifuge.PublicationEvent) {
		m := message{channel: channel}
		if err := json.Unmarshal(e.Data, &m); err != nil {
			t.Error(err)
		}
		l.heard <- m
	})
	must(t, s.Subscribe())
	select {
	case ok := <-answer:
		return ok
	case <-time.After(5 * time.Second):
		t.Fatal("no answer")
		return false
	}
}

func (l *listener) hears(t *testing.T) message {
	t.Helper()
	select {
	case m := <-l.heard:
		return m
	case <-time.After(5 * time.Second):
		t.Fatal("heard nothing")
		return message{}
	}
}

func (l *listener) hearsNothing(t *testing.T) {
	t.Helper()
	select {
	case m := <-l.heard:
		t.Fatalf("heard %+v", m)
	case <-time.After(500 * time.Millisecond):
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestThoseInsideHearTheirRoomInOrderAndOthersDoNot(t *testing.T) {
	p := newPlace(t)
	host, guest, stranger := p.member(t, "host"), p.member(t, "guest"), p.member(t, "stranger")
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	channel := fanout.Room(r.ID)
	if stranger.subscribe(t, channel) {
		t.Fatal("a stranger may hear a room")
	}
	if stranger.subscribe(t, "me:"+string(host.id)) || stranger.subscribe(t, "elsewhere") {
		t.Fatal("a stranger may hear somebody else's channel")
	}
	if !host.subscribe(t, channel) {
		t.Fatal("the host may not hear their room")
	}
	_, _, err = p.rooms.Join(t.Context(), guest.id, r.ID)
	must(t, err)
	if !guest.subscribe(t, channel) {
		t.Fatal("who joined may not hear the room")
	}
	_, err = p.rooms.Sit(t.Context(), guest.id, r.ID, 0)
	must(t, err)
	_, err = p.rooms.Remove(t.Context(), host.id, r.ID, guest.id)
	must(t, err)
	_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
	must(t, err)

	last := r.Seq
	for _, cause := range []string{"joined", "sat", "removed", "unmuted"} {
		m := host.hears(t)
		for m.Seq <= r.Seq { // the opening, told a moment after it was answered
			m = host.hears(t)
		}
		if m.Type != "member" || m.Cause != cause || m.Seq != last+1 {
			t.Fatalf("want %s as %d, heard %+v", cause, last+1, m)
		}
		last = m.Seq
		if cause != "unmuted" && m.Member.Person.Name != "guest" {
			t.Fatalf("about whom: %+v", m)
		}
	}
	for {
		if m := guest.hears(t); m.Cause == "removed" {
			break
		}
	}
	guest.hearsNothing(t) // not even that the host speaks
	if guest.subscribe(t, "room:"+string(r.ID)+"x") {
		t.Fatal("there is no such room")
	}
}

func TestTheLobbyHearsOfRoomsWithoutAFlood(t *testing.T) {
	p := newPlace(t)
	watcher, host := p.member(t, "watcher"), p.member(t, "host")
	if !watcher.subscribe(t, fanout.Lobby) {
		t.Fatal("a member may not hear the lobby")
	}
	began := time.Now()
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	for range 20 {
		_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
		must(t, err)
		_, err = p.rooms.Mute(t.Context(), host.id, r.ID, true)
		must(t, err)
	}
	must(t, p.rooms.End(t.Context(), host.id, r.ID))
	cards := 0
	for {
		m := watcher.hears(t)
		if m.Type == "ended" {
			if m.RoomID != string(r.ID) {
				t.Fatalf("which: %+v", m)
			}
			break
		}
		cards++
	}
	// One each quarter of a second, however slow this machine is just now.
	took := time.Since(began)
	if cards > 2+int(took/(250*time.Millisecond)) {
		t.Fatalf("%d cards for 42 facts within %s", cards, took)
	}
	watcher.hearsNothing(t)
}

func TestWhoSignsOutIsToldAndHungUp(t *testing.T) {
	p := newPlace(t)
	who := p.member(t, "who")
	must(t, p.accounts.EndAll(t.Context(), who.id))
	if m := who.hears(t); m.Type != "signed_out" || m.channel != "me:"+string(who.id) {
		t.Fatalf("heard %+v", m)
	}
	select {
	case <-who.closed:
	case <-time.After(5 * time.Second):
		t.Fatal("the socket is still open")
	}
}
