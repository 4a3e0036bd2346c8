package apitest

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/mail"
	"heyy/internal/base/signedurl"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/contract"
	"heyy/internal/lab/testkit"
	"heyy/internal/live/listen"
	"heyy/internal/live/sfu"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/profile"
	"heyy/internal/people/region"
	"heyy/internal/people/safety"
	"heyy/internal/people/verification"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/card"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
	"heyy/internal/talk/search"
)

// Server is the API as people reach it.
type Server struct {
	*httptest.Server
	DB           *db.DB
	Inbox        *mail.Inbox
	Accounts     *account.Service
	Verification *verification.Service
	Notify       *notify.Service
	Presence     *presence.Service
	Search       *search.Service // indexes when a test says so
	Lobby        *lobby.Service  // the same
	Replays      *replay.Service
	Ahead        time.Duration // by which the clock of signed URLs is

	read map[string]int // letters by address
}

// New starts a server on d, with the configuration changed as wished.
func New(t *testing.T, d *db.DB, change ...func(*account.Config, *httpapi.Config)) *Server {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(context.Background())
	run := func(job func(context.Context) error) {
		done := make(chan struct{})
		go func() { defer close(done); _ = job(ctx) }()
		t.Cleanup(func() { stop(); <-done })
	}
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	accountConf := account.Config{Key: []byte(strings.Repeat("k", 32)), Origin: "http://localhost:8080", LocalOnly: true}
	conf := httpapi.Config{DB: d, Log: log, Key: []byte("k"), Origins: []string{"http://localhost:8080"}}
	for _, c := range change {
		c(&accountConf, &conf)
	}
	h := &Server{DB: d, Search: search.New(d), Inbox: mail.NewInbox(io.Discard), read: map[string]int{}}
	letters := mail.NewQueue(h.Inbox, log)
	run(letters.Run)
	refs := func() *blobref.Store { return blobref.New(d, blobs, nil) }
	profiles := profile.New(d, refs(), nil)
	if h.Accounts, err = account.New(d, letters, profiles, log, accountConf); err != nil {
		t.Fatal(err)
	}
	h.Verification = verification.New(d, refs(), profiles, nil, func() {})
	towns := &region.Towns{}
	var people *discovery.Service
	var photos *photo.Service
	messages := message.New(d, refs(), nil, func() {})
	var calls *call.Service
	var queue *matchmaking.Service
	follows := follow.New(d, nil, func() {})
	cards := card.New(d, card.Config{Together: room.Together, AreFriends: follows.AreFriends})
	var events *schedule.Service
	safe := safety.New(d, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
		return errors.Join(queue.Separate(ctx, tx, a, b), calls.Separate(ctx, tx, a, b), people.Separate(ctx, tx, a, b), follows.Separate(ctx, tx, a, b),
			messages.Separate(ctx, tx, a, b), events.Separate(ctx, tx, a, b), h.Replays.Separate(ctx, tx, a, b), cards.Separate(ctx, tx, a, b))
	}, nil, func() {})
	people = discovery.New(d, safe, log, discovery.Config{
		OnMatch: messages.Open,
		OnMatchEnd: func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
			return errors.Join(photos.CloseReveal(ctx, tx, a, b), follows.Separate(ctx, tx, a, b), messages.CloseMatch(ctx, tx, a, b), cards.Separate(ctx, tx, a, b))
		},
	})
	run(people.Run)
	photos = photo.New(d, refs(), people, nil, func() {})
	tier, err := listen.New(listen.Config{Addrs: []listen.Addr{{IP: netip.MustParseAddr("127.0.0.1")}}, Taps: silence{}})
	if err != nil {
		t.Fatal(err)
	}
	run(tier.Run)
	clubs := club.New(d, club.Config{Search: search.Names{}})
	rooms := room.New(d, log, room.Config{SFU: testkit.NewSFU(), Listeners: tier, Clubs: clubs})
	h.Lobby = lobby.New(d, rooms, profiles, search.Names{})
	events = schedule.New(d, schedule.Config{Rooms: rooms, Clubs: clubs})
	h.Replays = replay.New(d, refs(), rooms, nil)
	h.Presence = presence.New(d, log, presence.Config{Node: "here", Friends: follows, Rooms: rooms, Tell: func(account.ID, presence.Presence) error { return nil }})
	if err := h.Presence.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	run(h.Presence.Run)
	calls = call.New(d, log, call.Config{SFU: testkit.NewSFU(), Pairs: pairs{people}, CanRing: h.Presence.CanRing(matchmaking.CanRing),
		Welcomes: matchmaking.Welcomes(people, follows.AreFriends, time.Now), Rooms: callRooms{rooms}})
	queue = matchmaking.New(d, people, proposals{calls}, "here", log, matchmaking.Config{})
	run(queue.Run)
	h.Notify, err = notify.New(d, log, notify.Config{
		Profiles: profiles, Calls: calls, Chats: messages, Follows: follows, Rooms: rooms, Clubs: clubs, Events: events, Replays: h.Replays, Presence: h.Presence,
		Key: []byte(strings.Repeat("n", 32)), Subject: "https://heyy.example", AllowLoopback: true,
		Mail: h.Inbox, Budget: mail.NewBudget(3600), URL: "http://localhost:8080",
	})
	if err != nil {
		t.Fatal(err)
	}
	api := contract.New(conf, contract.Services{
		Notify:   h.Notify,
		Accounts: h.Accounts, Profiles: profiles, Photos: photos, Safety: safe, Towns: towns, Regions: region.New(d, towns, nil),
		Verification: h.Verification, Discovery: people, Follows: follows, Queue: queue, Calls: calls, Rooms: rooms, Clubs: clubs, Lobby: h.Lobby, Events: events, Replays: h.Replays, Presence: h.Presence,
		RoomChats: roomchat.New(d, roomchat.Config{Rooms: rooms, Matcher: search.Matcher}),
		React:     func(context.Context, room.ID, account.ID, apitypes.RoomReaction, int) error { return nil },
		Caption:   func(context.Context, room.ID, apitypes.CaptionEvent) error { return nil },
		Tickets:   signedurl.New([]byte(strings.Repeat("t", 32)), func() time.Time { return time.Now().Add(h.Ahead) }),
		Cards:     cards,
		Messages:  messages, Moments: moment.New(d, refs(), people, nil, func() {}), Search: h.Search, Typing: func(account.ID, account.ID) error { return nil },
		Blobs: blobs, Inbox: h.Inbox, Tier: tier, Tokens: sfu.NewSFU("http://127.0.0.1:1", "heyy", strings.Repeat("s", 32)),
	})
	h.Server = httptest.NewServer(Site(api))
	t.Cleanup(h.Close)
	return h
}

// silence taps rooms in which nobody talks.
type silence struct{}

func (silence) Tap(ctx context.Context, _ string, _ listen.TapHandler) error {
	<-ctx.Done()
	return nil
}

// Site puts an API where it stands in the server, with nothing beside it.
func Site(api *httpapi.API) http.Handler {
	none := http.NotFoundHandler()
	return httpapi.Site{API: api, Realtime: none, Gate: none, Client: fstest.MapFS{"index.html": {Data: []byte("<!doctype html><html><head><title>Heyy</title></head><body></body></html>")}}}.Handler()
}

// code is a sign-in code in the subject of a letter; others have none.
var code = regexp.MustCompile(`\d{6}`)

// Code waits for the next letter with a code to email, and reads it.
func (h *Server) Code(t *testing.T, email string) string {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var to []mail.Received
		for _, m := range h.Inbox.All() {
			if m.To == email && code.MatchString(m.Subject) {
				to = append(to, m)
			}
		}
		if len(to) > h.read[email] {
			h.read[email] = len(to)
			return code.FindString(to[0].Subject)
		}
	}
	t.Fatal("no letter came")
	return ""
}

// proposals is what matchmaking needs of calls.
type proposals struct{ calls *call.Service }

func (p proposals) Propose(ctx context.Context, tx *sql.Tx, two matchmaking.Proposal) (string, error) {
	id, err := p.calls.Propose(ctx, tx, call.Proposal{A: two.A, B: two.B, Shared: two.Shared})
	return string(id), err
}

func (p proposals) Decline(ctx context.Context, by account.ID, id string) error {
	_, err := p.calls.Decline(ctx, by, call.ID(id))
	return err
}

// pairs is what calls need of Discover.
type pairs struct{ *discovery.Service }

func (p pairs) Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error) {
	return p.MatchedIn(ctx, tx, a, b)
}

// callRooms is what calls need of rooms.
type callRooms struct{ *room.Service }

func (r callRooms) Leave(ctx context.Context, who account.ID) error { return r.LeaveAll(ctx, who) }
