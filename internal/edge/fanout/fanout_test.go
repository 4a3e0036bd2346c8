package fanout_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/mail"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/fanout"
	"heyy/internal/lab/testkit"
	"heyy/internal/live/realtime"
	"heyy/internal/meet/call"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/presence"
)

var must = testkit.Must

// fixture is a server of live events on a real database, with its relay and fanout.
type fixture struct {
	rooms    *room.Service
	chats    *roomchat.Service
	safety   *safety.Service
	accounts *account.Service
	messages *message.Service
	follows  *follow.Service
	moments  *moment.Service
	here     *presence.Service
	tell     *fanout.Fanout
	db       *db.DB
	url      string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	d := dbtest.SQLite(t)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	var relay *outbox.Relay
	wake := func() { relay.Wake() }
	profiles := profile.New(d, nil, time.Now)
	accounts, err := account.New(d, mail.NewQueue(mail.NewInbox(io.Discard), log), profiles, log, account.Config{
		Key: []byte(strings.Repeat("k", 32)), Origin: "http://localhost", Wake: wake,
	})
	must(t, err)
	rooms := room.New(d, log, room.Config{SFU: testkit.NewSFU(), Wake: wake})
	chats := roomchat.New(d, roomchat.Config{Rooms: rooms, Wake: wake})
	blobs, err := blob.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	messages := message.New(d, blobref.New(d, blobs, nil), nil, wake)
	moments := moment.New(d, blobref.New(d, blobs, nil), nil, nil, wake)
	follows := follow.New(d, nil, wake)
	var tell *fanout.Fanout
	here := presence.New(d, log, presence.Config{
		Node: "here", Friends: follows, Rooms: rooms, Wake: wake,
		Tell: func(to account.ID, p presence.Presence) error { return tell.Presence(to, p) },
	})
	must(t, here.Begin(t.Context()))
	node, err := realtime.New(realtime.Rules{
		Authenticate: func(r *http.Request) (string, error) {
			s, err := accounts.Authenticate(r.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
			return string(s.Account), err
		},
		CanSubscribe: func(ctx context.Context, person, channel string) error {
			return tell.CanSubscribe(ctx, account.ID(person), channel)
		},
		Connected:    func(person string) { here.Connected(account.ID(person)) },
		Disconnected: func(person string) { here.Disconnected(account.ID(person)) },
	}, log)
	must(t, err)
	tell = fanout.New(node, fanout.Domains{Rooms: rooms, RoomChats: chats, Calls: call.New(d, log, call.Config{SFU: testkit.NewSFU()}), Messages: messages, Moments: moments, People: profiles, Follows: follows}, log)
	relay = outbox.NewRelay(d, log, outbox.Config{Node: "here", Listeners: []outbox.Listener{tell.Listener(), here.Listener()}})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 3)
	go func() { done <- relay.Run(ctx) }()
	go func() { done <- tell.Run(ctx) }()
	go func() { done <- here.Run(ctx) }()
	server := httptest.NewServer(node.Handler())
	t.Cleanup(func() {
		stop()
		for range cap(done) {
			must(t, <-done)
		}
		must(t, node.Stop(context.Background()))
		server.Close()
	})
	return &fixture{messages: messages, moments: moments, follows: follows, here: here, tell: tell, db: d, rooms: rooms, chats: chats, safety: safety.New(d, rooms.Separate, time.Now, wake), accounts: accounts, url: "ws" + strings.TrimPrefix(server.URL, "http")}
}

// listener is a member with a socket, and the messages it received.
type listener struct {
	id     account.ID
	token  string
	client *centrifuge.Client
	heard  chan received
	closed chan string
}

type received struct {
	channel  string
	Type     string                                     `json:"type"`
	Seq      int64                                      `json:"seq"`
	Cause    string                                     `json:"cause"`
	RoomID   string                                     `json:"room_id"`
	State    string                                     `json:"state"`
	PersonID string                                     `json:"person_id"`
	Member   struct{ Person struct{ ID, Name string } } `json:"member"`
	ID       string                                     `json:"id"`
	Deleted  string                                     `json:"deleted"`
	Emoji    string                                     `json:"emoji"`
	Counts   []struct {
		Emoji  string
		People int
	} `json:"counts"`
	Message struct {
		Text      string
		Mentioned bool
		Person    struct{ Name string }
	} `json:"message"`
	Card struct {
		ID        string
		Seq       int64
		Listeners int
	} `json:"card"`
}

func (p *fixture) member(t *testing.T, name string) *listener {
	t.Helper()
	who, err := p.accounts.EnsureResident(t.Context(), account.ResidentPlan{Key: name, Name: name, BirthDate: "1990-01-01", Language: "en"})
	must(t, err)
	token, err := p.accounts.IssueToken(t.Context(), who, "test")
	must(t, err)
	l := &listener{id: who, token: token, heard: make(chan received, 100), closed: make(chan string, 10)}
	l.client = centrifuge.NewJsonClient(p.url, centrifuge.Config{Header: http.Header{"Authorization": {"Bearer " + token}}})
	take := func(channel string, data []byte) {
		m := received{channel: channel}
		if err := json.Unmarshal(data, &m); err != nil {
			t.Error(err)
		}
		l.heard <- m
	}
	l.client.OnPublication(func(e centrifuge.ServerPublicationEvent) { take(e.Channel, e.Data) })
	l.client.OnDisconnected(func(e centrifuge.DisconnectedEvent) { l.closed <- e.Reason })
	l.client.OnConnecting(func(e centrifuge.ConnectingEvent) { l.closed <- e.Reason })
	// The server subscribes a socket to the person's own channel just after it connected.
	own := make(chan struct{}, 10)
	l.client.OnSubscribed(func(centrifuge.ServerSubscribedEvent) { own <- struct{}{} })
	must(t, l.client.Connect())
	t.Cleanup(l.client.Close)
	select {
	case <-own:
	case <-time.After(5 * time.Second):
		t.Fatal("no connection")
	}
	<-l.closed // "connect called"
	return l
}

// subscribe reports whether the server accepts a subscription to channel.
func (l *listener) subscribe(t *testing.T, channel string) bool {
	t.Helper()
	s, err := l.client.NewSubscription(channel)
	must(t, err)
	answer := make(chan bool, 10)
	s.OnSubscribed(func(centrifuge.SubscribedEvent) { answer <- true })
	s.OnUnsubscribed(func(centrifuge.UnsubscribedEvent) { answer <- false })
	s.OnError(func(centrifuge.SubscriptionErrorEvent) { answer <- false })
	s.OnPublication(func(e centrifuge.PublicationEvent) {
		m := received{channel: channel}
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

// joins makes a listener a member of a room, connected to its audio.
func (p *fixture) joins(t *testing.T, l *listener, r room.ID) {
	t.Helper()
	in, joinID, err := p.rooms.Join(t.Context(), l.id, r)
	must(t, err)
	me, _ := in.Member(l.id)
	must(t, p.rooms.ParticipantJoined(t.Context(), string(r), me.Identity(), joinID))
}

func (l *listener) receives(t *testing.T) received {
	t.Helper()
	select {
	case m := <-l.heard:
		return m
	case <-time.After(5 * time.Second):
		t.Fatal("heard nothing")
		return received{}
	}
}

func (l *listener) receivesNothing(t *testing.T) {
	t.Helper()
	select {
	case m := <-l.heard:
		t.Fatalf("heard %+v", m)
	case <-time.After(500 * time.Millisecond):
	}
}

func TestMembersInsideReceiveTheirRoomInOrderAndOthersDoNot(t *testing.T) {
	p := newFixture(t)
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
		m := host.receives(t)
		for m.Seq <= r.Seq { // the opening, told a moment after it was answered
			m = host.receives(t)
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
		if m := guest.receives(t); m.Cause == "removed" {
			break
		}
	}
	guest.receivesNothing(t) // also not that the host speaks
	if guest.subscribe(t, "room:"+string(r.ID)+"x") {
		t.Fatal("there is no such room")
	}
}

func TestTheLobbyReceivesRoomsWithoutAFlood(t *testing.T) {
	p := newFixture(t)
	watcher, host := p.member(t, "watcher"), p.member(t, "host")
	if !watcher.subscribe(t, fanout.Lobby) {
		t.Fatal("a member may not hear the lobby")
	}
	began := time.Now()
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	watcher.receivesNothing(t) // nobody is connected to it yet
	p.joins(t, host, r.ID)
	if m := watcher.receives(t); m.Type != "card" || m.Card.ID != string(r.ID) {
		t.Fatalf("heard %+v", m)
	}
	for range 20 {
		_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
		must(t, err)
		_, err = p.rooms.Mute(t.Context(), host.id, r.ID, true)
		must(t, err)
	}
	must(t, p.rooms.End(t.Context(), host.id, r.ID))
	cards := 0
	for {
		m := watcher.receives(t)
		if m.Type == "gone" {
			if m.RoomID != string(r.ID) {
				t.Fatalf("which: %+v", m)
			}
			break
		}
		cards++
	}
	// At most one card each quarter of a second, on a busy machine, too.
	took := time.Since(began)
	if cards > 2+int(took/(250*time.Millisecond)) {
		t.Fatalf("%d cards for 42 facts within %s", cards, took)
	}
	// The relay may deliver the last facts after the rows were read as ended: then the
	// same event is repeated, and no other one follows.
	for {
		select {
		case m := <-watcher.heard:
			if m.Type != "gone" || m.RoomID != string(r.ID) {
				t.Fatalf("after it is gone: %+v", m)
			}
			continue
		case <-time.After(500 * time.Millisecond):
		}
		break
	}
}

func TestASignOutIsPublishedAndDisconnects(t *testing.T) {
	p := newFixture(t)
	who := p.member(t, "who")
	must(t, p.accounts.EndAll(t.Context(), who.id))
	if m := who.receives(t); m.Type != "signed_out" || m.channel != "me:"+string(who.id) {
		t.Fatalf("heard %+v", m)
	}
	select {
	case <-who.closed:
	case <-time.After(5 * time.Second):
		t.Fatal("the socket is still open")
	}
}

// next returns the next message whose kind is not in but.
func (l *listener) next(t *testing.T, but ...string) received {
	t.Helper()
	for {
		if m := l.receives(t); !slices.Contains(but, m.Type) {
			return m
		}
	}
}

func TestTheLobbyPublishesNoRoomToThoseItIsClosedTo(t *testing.T) {
	p := newFixture(t)
	host, guest, stranger := p.member(t, "host"), p.member(t, "guest"), p.member(t, "stranger")
	for _, l := range []*listener{guest, stranger} {
		if !l.subscribe(t, fanout.Lobby) {
			t.Fatal("a member may not hear the lobby")
		}
	}
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	p.joins(t, host, r.ID)
	for _, l := range []*listener{guest, stranger} {
		if m := l.receives(t); m.Type != "card" {
			t.Fatalf("heard %+v", m)
		}
	}

	began := time.Now()
	must(t, p.safety.Block(t.Context(), host.id, guest.id))
	if m := guest.receives(t); m.Type != "gone" || m.RoomID != string(r.ID) {
		t.Fatalf("who was blocked heard %+v", m)
	}
	t.Logf("gone after %s", time.Since(began).Round(time.Millisecond))
	_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
	must(t, err)
	_, err = p.rooms.Stand(t.Context(), host.id, r.ID)
	must(t, err)
	p.joins(t, p.member(t, "another"), r.ID)
	for last := int64(0); ; { // the others receive it as before
		m := stranger.receives(t)
		if m.Type != "card" || m.Card.Seq < last {
			t.Fatalf("heard %+v", m)
		}
		if last = m.Card.Seq; m.Card.Listeners == 2 {
			break
		}
	}
	guest.receivesNothing(t)

	must(t, p.safety.Unblock(t.Context(), host.id, guest.id))
	if m := guest.receives(t); m.Type != "card" || m.Card.ID != string(r.ID) {
		t.Fatalf("heard %+v", m)
	}
	must(t, p.safety.Block(t.Context(), guest.id, host.id))
	if m := guest.receives(t); m.Type != "gone" {
		t.Fatalf("heard %+v", m)
	}
	must(t, p.rooms.End(t.Context(), host.id, r.ID))
	if m := stranger.next(t, "card"); m.Type != "gone" {
		t.Fatalf("heard %+v", m)
	}
	guest.receivesNothing(t) // also not that it has ended
}

func TestABlockInARoomIsPublishedToTheTwo(t *testing.T) {
	p := newFixture(t)
	host, guest, witness := p.member(t, "host"), p.member(t, "guest"), p.member(t, "witness")
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	channel := fanout.Room(r.ID)
	for _, l := range []*listener{host, guest, witness} {
		p.joins(t, l, r.ID)
		if !l.subscribe(t, channel) {
			t.Fatal("who joined may not hear the room")
		}
	}
	must(t, p.safety.Block(t.Context(), host.id, guest.id))
	m := guest.next(t, "member")
	if m.Type != "room_closed" || m.RoomID != string(r.ID) || m.channel != "me:"+string(guest.id) {
		t.Fatalf("who is out heard %+v", m)
	}
	for {
		m := witness.receives(t)
		if m.Cause == "left" {
			if m.Member.Person.ID != string(guest.id) {
				t.Fatalf("who left: %+v", m)
			}
			break
		}
		if m.Cause != "joined" && m.Cause != "sat" {
			t.Fatalf("others heard %+v", m)
		}
	}
	_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
	must(t, err)
	guest.receivesNothing(t)
	if guest.subscribe(t, channel+"x") {
		t.Fatal("hears another room")
	}
}

func TestExcludedListenersReceiveNothingOfEachOther(t *testing.T) {
	p := newFixture(t)
	host, anna, bob := p.member(t, "host"), p.member(t, "anna"), p.member(t, "bob")
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	for _, l := range []*listener{host, anna} {
		p.joins(t, l, r.ID)
		if !l.subscribe(t, fanout.Room(r.ID)) {
			t.Fatal("who joined may not hear the room")
		}
	}
	must(t, p.safety.Block(t.Context(), bob.id, anna.id))
	p.joins(t, bob, r.ID)
	for { // the event has no content
		m := anna.receives(t)
		if m.Member.Person.ID == string(bob.id) {
			t.Fatalf("heard %+v", m)
		}
		if m.Type == "room_changed" && m.RoomID == string(r.ID) {
			break
		}
	}
	for m := host.receives(t); m.Member.Person.ID != string(bob.id); m = host.receives(t) {
	}
	view, err := p.rooms.Get(t.Context(), anna.id, r.ID)
	must(t, err)
	if _, seen := view.Member(bob.id); seen {
		t.Fatal("reads of him")
	}
}

func TestTheLobbyCountsNoExcludedListeners(t *testing.T) {
	p := newFixture(t)
	host, anna, bob, carl := p.member(t, "host"), p.member(t, "anna"), p.member(t, "bob"), p.member(t, "carl")
	must(t, p.safety.Block(t.Context(), anna.id, bob.id))
	for _, l := range []*listener{bob, carl} {
		if !l.subscribe(t, fanout.Lobby) {
			t.Fatal("a member may not hear the lobby")
		}
	}
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	for _, l := range []*listener{host, anna, p.member(t, "dora")} {
		p.joins(t, l, r.ID)
	}
	last := map[*listener]int64{}
	for l, want := range map[*listener]int{bob: 1, carl: 2} {
		m := l.receives(t)
		for ; m.Card.Listeners < want; m = l.receives(t) {
		}
		if m.Card.Listeners != want {
			t.Errorf("heard of %d listeners, want %d", m.Card.Listeners, want)
		}
		last[l] = m.Card.Seq
	}
	must(t, p.rooms.Leave(t.Context(), host.id, r.ID))
	for l, want := range map[*listener]int{bob: 1, carl: 2} {
		m := l.receives(t)
		for ; m.Card.Seq <= last[l]; m = l.receives(t) {
		}
		if m.Card.Listeners != want {
			t.Errorf("heard of %d listeners, want %d", m.Card.Listeners, want)
		}
		l.receivesNothing(t)
	}
}

// A history of a channel would be shared by all its subscribers: also by those who are
// excluded from a member, and by those who were not inside at the time.
func TestNoChannelHasAHistory(t *testing.T) {
	p := newFixture(t)
	host, anna := p.member(t, "host"), p.member(t, "anna")
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	for _, l := range []*listener{host, anna} {
		p.joins(t, l, r.ID)
	}
	if !host.subscribe(t, fanout.Room(r.ID)) {
		t.Fatal("the host may not hear their room")
	}
	subs := map[string]*centrifuge.Subscription{}
	on := make(chan centrifuge.SubscribedEvent, 10)
	for _, channel := range []string{fanout.Room(r.ID), fanout.Lobby} {
		s, err := anna.client.NewSubscription(channel, centrifuge.SubscriptionConfig{Recoverable: true, Positioned: true})
		must(t, err)
		s.OnSubscribed(func(e centrifuge.SubscribedEvent) { on <- e })
		s.OnPublication(func(e centrifuge.PublicationEvent) {
			if e.Offset != 0 {
				t.Errorf("%s is kept as %d: %s", channel, e.Offset, e.Data)
			}
			var m received
			if err := json.Unmarshal(e.Data, &m); err != nil {
				t.Error(err)
			}
			anna.heard <- m
		})
		must(t, s.Subscribe())
		subs[channel] = s
	}
	subscribed := func() {
		t.Helper()
		for range subs {
			select {
			case e := <-on:
				if e.Recoverable || e.Positioned || e.Recovered {
					t.Errorf("subscribed with a way back: %+v", e)
				}
			case <-time.After(5 * time.Second):
				t.Fatal("not subscribed")
			}
		}
	}
	subscribed()
	_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
	must(t, err)
	for anna.receives(t).Cause != "unmuted" {
	}
	_, err = p.rooms.Share(t.Context(), host.id, r.ID, true)
	must(t, err)
	// A card may come before it: changes are collected into cards for a while.
	if m := anna.next(t, "card"); m.Type != "sharing" || m.Seq == 0 {
		t.Errorf("%+v", m)
	}
	for channel, s := range subs {
		if got, err := s.History(t.Context(), centrifuge.WithHistoryLimit(-1)); err == nil {
			t.Errorf("%s has a history: %+v", channel, got)
		}
	}
	must(t, anna.client.Disconnect())
	carl := p.member(t, "carl")
	p.joins(t, carl, r.ID)
	must(t, p.rooms.Leave(t.Context(), carl.id, r.ID))
	for m := host.receives(t); m.Cause != "left" || m.Member.Person.ID != string(carl.id); m = host.receives(t) {
	}
	must(t, anna.client.Connect())
	subscribed()
	must(t, p.rooms.End(t.Context(), host.id, r.ID))
	for {
		m := anna.receives(t)
		if m.Member.Person.ID == string(carl.id) {
			t.Fatalf("heard what was said before: %+v", m)
		}
		if m.Type == "ended" {
			break
		}
	}
}

func TestTheLobbyTellsFollowersOfTheirRoomsAndNobodyElse(t *testing.T) {
	p := newFixture(t)
	host, follower, stranger := p.member(t, "host"), p.member(t, "follower"), p.member(t, "stranger")
	must(t, p.follows.Follow(t.Context(), follower.id, host.id))
	for _, l := range []*listener{follower, stranger} {
		if !l.subscribe(t, fanout.Lobby) {
			t.Fatal("a member may not hear the lobby")
		}
	}
	r, err := p.rooms.Open(t.Context(), host.id, room.Plan{Title: "Late talk", Category: "talk", Language: "en", Entry: room.Entry{Access: room.AccessFollowers}})
	must(t, err)
	p.joins(t, host, r.ID)
	about := []string{"bond", "followers", "presence"}
	if m := follower.next(t, about...); m.Type != "card" || m.Card.ID != string(r.ID) {
		t.Fatalf("a follower heard %+v", m)
	}
	stranger.receivesNothing(t)

	must(t, p.follows.Follow(t.Context(), stranger.id, host.id))
	if m := stranger.next(t, about...); m.Type != "card" {
		t.Fatalf("who follows now heard %+v", m)
	}
	must(t, p.follows.Unfollow(t.Context(), stranger.id, host.id))
	if m := stranger.next(t, append(about, "card")...); m.Type != "gone" {
		t.Fatalf("who follows no more heard %+v", m)
	}

	// At its address alone it is gone for everybody, and stays so.
	link := room.AccessLink
	must(t, p.rooms.SetEntry(t.Context(), host.id, r.ID, room.EntryChange{Access: &link}))
	if m := follower.next(t, append(about, "card")...); m.Type != "gone" {
		t.Fatalf("heard %+v", m)
	}
	_, err = p.rooms.Mute(t.Context(), host.id, r.ID, false)
	must(t, err)
	must(t, p.rooms.End(t.Context(), host.id, r.ID))
	follower.receivesNothing(t)
	stranger.receivesNothing(t)
}
