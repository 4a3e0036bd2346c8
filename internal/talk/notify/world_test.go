package notify_test

import (
	"context"
	"crypto/x509"
	"database/sql"
	"log/slog"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/message"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/search"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	testkit.Must(t, err)
}

// world is the service on a real database, with a push gateway on this machine. Names and
// calls are fakes.
type world struct {
	*notify.Service
	t    *testing.T
	db   *db.DB
	gate *gateway
	*testkit.Clock

	mu    sync.Mutex
	names map[account.ID]profile.Profile
	calls map[call.ID]map[account.ID]call.Call
	chats *message.Service

	follows *follow.Service
	rooms   *room.Service
	clubs   *club.Service
	events  *schedule.Service
	replays *replay.Service
}

// noon is a time at which nobody sleeps.
var noon = time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC)

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB, change ...func(*notify.Config)) *world {
	t.Helper()
	w := &world{t: t, db: d, gate: newGateway(t), Clock: testkit.NewClock(noon), names: map[account.ID]profile.Profile{}, calls: map[call.ID]map[account.ID]call.Call{}}
	w.chats = message.New(d, nil, w.Now, func() {})
	w.follows = follow.New(d, w.Now, func() {})
	w.rooms = room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: testkit.NewSFU(), Now: w.Now})
	w.clubs = club.New(d, club.Config{Search: search.Names{}, Now: w.Now})
	w.replays = replay.New(d, nil, w.rooms, w.Now)
	w.events = schedule.New(d, schedule.Config{Rooms: w.rooms, Clubs: w.clubs, Now: w.Now})
	c := notify.Config{
		Profiles: w, Calls: fakeCalls{w}, Chats: w.chats, Follows: w.follows, Rooms: w.rooms, Clubs: w.clubs, Events: w.events, Replays: w.replays, Key: []byte("secret"), Subject: "mailto:operator@example.org", Now: w.Now,
		AllowLoopback: true, RootCAs: x509.NewCertPool(),
	}
	c.RootCAs.AddCert(w.gate.Certificate())
	for _, f := range change {
		f(&c)
	}
	var err error
	w.Service, err = notify.New(d, slog.New(slog.DiscardHandler), c)
	must(t, err)
	return w
}

func (w *world) GetMany(_ context.Context, ids ...account.ID) (map[account.ID]profile.Profile, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[account.ID]profile.Profile{}
	for _, who := range ids {
		if p, ok := w.names[who]; ok {
			out[who] = p
		}
	}
	return out, nil
}

// fakeCalls has what each side sees of a call.
type fakeCalls struct{ w *world }

func (f fakeCalls) Get(_ context.Context, who account.ID, c call.ID) (call.Call, error) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	v, ok := f.w.calls[c][who]
	if !ok {
		return v, fault.New(fault.NotFound, "call.not_found", "")
	}
	return v, nil
}

// person is a new member who speaks English.
func (w *world) person(name string) account.ID {
	w.t.Helper()
	who := account.ID(id.New())
	_, err := w.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
	must(w.t, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[who] = profile.Profile{Person: profile.Person{ID: who, Name: name}, Language: "en"}
	return who
}

func (w *world) session(who account.ID) account.SessionID {
	w.t.Helper()
	s := id.New()
	_, err := w.db.Exec(`INSERT INTO sessions (id, account_id, token_hash, device, created_at, last_seen_at, expires_at) VALUES ($1, $2, $1, 'd', 0, 0, 0)`, s, string(who))
	must(w.t, err)
	return account.SessionID(s)
}

// device is a session of who whose browser takes pushes at the gateway.
func (w *world) device(who account.ID) (*device, account.SessionID) {
	w.t.Helper()
	s, d := w.session(who), w.gate.subscribe()
	must(w.t, w.Subscribe(ctx, who, s, d.Subscription))
	return d, s
}

// hear gives the listener facts, as the relay does.
func (w *world) hear(facts ...outbox.Fact) {
	w.t.Helper()
	for _, r := range w.records(facts...) {
		must(w.t, w.Listener().Take(ctx, r))
	}
}

// records are facts with an id each.
func (w *world) records(facts ...outbox.Fact) (all []outbox.Record) {
	w.t.Helper()
	for _, f := range facts {
		all = append(all, record(w.t, f, w.Now()))
	}
	return all
}

// send sends what is due, and returns what came since the last time.
func (w *world) send() []received {
	w.t.Helper()
	before := len(w.gate.pushes())
	must(w.t, w.SendDue(ctx))
	return w.gate.pushes()[before:]
}

// one is the only push that is due.
func (w *world) one() received {
	w.t.Helper()
	all := w.send()
	if len(all) != 1 {
		w.t.Fatalf("want one push, got %+v", all)
	}
	return all[0]
}

func (w *world) none(why string) {
	w.t.Helper()
	if all := w.send(); len(all) > 0 {
		w.t.Fatalf("%s: %+v", why, all)
	}
}

func (w *world) list(who account.ID) []notify.Notification {
	w.t.Helper()
	all, _, err := w.List(ctx, who, page.Request{})
	must(w.t, err)
	return all
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(query, args...).Scan(&n))
	return n
}

// set changes the settings of who.
func (w *world) set(who account.ID, change func(*notify.Settings)) {
	w.t.Helper()
	st, err := w.Settings(ctx, who)
	must(w.t, err)
	change(&st)
	must(w.t, w.SetSettings(ctx, who, st))
}

func (w *world) matched(a, b account.ID) discovery.Matched {
	return discovery.Matched{A: min(a, b), B: max(a, b), At: w.Now(), Seq: 1}
}

// sees sets what who sees of a call, and returns the fact that it changed for them.
func (w *world) sees(who account.ID, c call.Call) call.Changed {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls[c.ID] == nil {
		w.calls[c.ID] = map[account.ID]call.Call{}
	}
	w.calls[c.ID][who] = c
	return call.Changed{Call: c.ID, CallKind: c.Kind, Recipients: []account.ID{who}}
}

// ring is how a call of by looks to the one who is rung.
func (w *world) ring(by account.ID) call.Call {
	return call.Call{ID: call.ID(id.New()), Kind: call.Direct, State: call.Proposed, Other: call.Side{Account: by}, DeadlineAt: w.Now().Add(call.RingTime)}
}

func (w *world) block(by, on account.ID) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(by), string(on))
		return err
	}))
}
