package reconcile_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"heyy/internal/lab/testkit"
	"heyy/internal/media/reconcile"
)

var (
	ctx  = context.Background()
	must = testkit.Must
)

// rows are the rows of one room. Those of rooms and calls are tested in their packages.
type rows struct {
	mu     sync.Mutex
	want   reconcile.Desired
	closed bool
}

const lounge = "lounge"

func (r *rows) Rooms(context.Context) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil
	}
	return []string{lounge}, nil
}

func (r *rows) Desired(_ context.Context, _ string, identities ...string) (reconcile.Desired, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := reconcile.Desired{Open: r.want.Open, Public: r.want.Public, Participants: map[string]reconcile.Participant{}}
	for identity, p := range r.want.Participants {
		if len(identities) == 0 || identity == identities[0] {
			out.Participants[identity] = p
		}
	}
	return out, nil
}

func (r *rows) set(identity string, change func(*reconcile.Participant)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.want.Participants[identity]
	change(&p)
	r.want.Participants[identity] = p
}

func (r *rows) Connected(_ context.Context, _, identity string) error {
	r.set(identity, func(p *reconcile.Participant) { p.Connected = true })
	return nil
}

func (r *rows) Disconnected(_ context.Context, _, identity string) error {
	r.set(identity, func(p *reconcile.Participant) { p.Connected = false })
	return nil
}

func (r *rows) Closed(context.Context, string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

func (r *rows) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.want = reconcile.Desired{}
}

// fixture is a room with Ada, who is connected and may speak.
type fixture struct {
	*reconcile.Reconciler
	rows      *rows
	sfu       *testkit.SFU
	listeners *testkit.Listeners
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	f := fixture{rows: &rows{want: reconcile.Desired{Open: true, Participants: map[string]reconcile.Participant{
		"ada": {Grant: reconcile.Grant{CanPublish: true, Version: 5}, JoinID: "join", Connected: true, OnSFU: true},
	}}}, sfu: testkit.NewSFU(), listeners: testkit.NewListeners()}
	f.Reconciler = f.node()
	f.sfu.Connect(lounge, "ada", "join", false)
	must(t, f.Sync(ctx, lounge, "ada"))
	f.wantsAda(t, true)
	return f
}

// node returns the reconciler of another process on the same rows.
func (f fixture) node() *reconcile.Reconciler {
	return reconcile.New(f.rows, f.sfu, f.listeners, slog.New(slog.DiscardHandler))
}

func (f fixture) wantsAda(t *testing.T, speaks bool) {
	t.Helper()
	canPublish, _, there := f.sfu.Connected(lounge, "ada")
	if !there || canPublish != speaks {
		t.Fatalf("Ada is connected: %t, and may speak: %t", there, canPublish)
	}
}

// A node reads the rows and stands still; meanwhile another takes Ada's seat away. What the
// first one sends then is older than what stands.
func TestAStaleNodeDoesNotOverwriteANewerGrant(t *testing.T) {
	f := newFixture(t)
	stale := f.node()
	overtaken := false
	f.sfu.BeforeGrant = func() {
		if overtaken {
			return
		}
		overtaken = true
		f.rows.set("ada", func(p *reconcile.Participant) { p.CanPublish, p.Version = false, 6 })
		must(t, f.Sync(ctx, lounge, "ada"))
		f.wantsAda(t, false)
		// From here on the rows cannot be read by the stale node: nothing but the version
		// keeps it from granting what it knows.
		if err := f.sfu.Grant(ctx, lounge, "ada", reconcile.Grant{CanPublish: true, Version: 5}); !errors.Is(err, reconcile.ErrStale) {
			t.Errorf("a stale grant: %v", err)
		}
		f.wantsAda(t, false)
	}
	must(t, stale.Sync(ctx, lounge, "ada"))
	f.wantsAda(t, false)
	must(t, stale.Reconcile(ctx))
	f.wantsAda(t, false)
}

// After a backup was restored, the rows are older than what was granted. They decide.
func TestAGrantOfRowsThatAreGoneDoesNotStand(t *testing.T) {
	f := newFixture(t)
	f.rows.set("ada", func(p *reconcile.Participant) { p.CanPublish, p.Version = false, 3 })
	must(t, f.Reconcile(ctx))
	if _, _, there := f.sfu.Connected(lounge, "ada"); there {
		t.Fatal("Ada keeps the grant of rows that are gone")
	}
	g, err := f.Admit(ctx, lounge, "ada", "join")
	must(t, err)
	f.sfu.Connect(lounge, "ada", "join", g.CanPublish)
	must(t, f.Reconcile(ctx))
	f.wantsAda(t, false)
}

func TestAServiceIsLeftAloneUntilTheRoomCloses(t *testing.T) {
	f := newFixture(t)
	tap := reconcile.ServiceIdentity("tap")
	f.sfu.Connect(lounge, tap, "", false)
	f.sfu.Connect(lounge, "mallory", "none", true)
	must(t, f.Reconcile(ctx))
	if _, _, there := f.sfu.Connected(lounge, "mallory"); there {
		t.Error("somebody without a row stays")
	}
	if _, _, there := f.sfu.Connected(lounge, tap); !there {
		t.Error("the tap is disconnected")
	}
	if _, err := f.Admit(ctx, lounge, tap, "join"); err == nil {
		t.Error("the gate admits a service")
	}
	f.rows.end()
	must(t, f.Reconcile(ctx))
	if n := f.sfu.Rooms()[lounge]; n != 0 {
		t.Errorf("%d are in a closed room", n)
	}
}

func TestARoomIsClosedUntilTheMediaServerHasDoneSo(t *testing.T) {
	f := newFixture(t)
	f.rows.end()
	f.sfu.Fail(errors.New("down"))
	for range 2 {
		if err := f.Reconcile(ctx); err == nil {
			t.Fatal("no error")
		}
	}
	f.sfu.Fail(nil)
	must(t, f.Reconcile(ctx))
	if n := f.sfu.Rooms()[lounge]; n != 0 {
		t.Errorf("%d are in a closed room", n)
	}
	asked := f.sfu.Asked()
	must(t, f.Reconcile(ctx))
	if f.sfu.Asked() != asked {
		t.Error("a room that is closed is asked about again")
	}
}

func TestTheGateAdmitsTheCurrentJoinOnly(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ room, identity, joinID string }{
		{lounge, "ada", ""}, {lounge, "ada", "older"}, {lounge, "mallory", "join"}, {lounge, "mallory", ""},
	} {
		_, err := f.Admit(ctx, c.room, c.identity, c.joinID)
		testkit.WantCode(t, err, "audio.not_admitted")
	}
	g, err := f.Admit(ctx, lounge, "ada", "join")
	must(t, err)
	if g != (reconcile.Grant{CanPublish: true, Version: 5}) {
		t.Errorf("Ada is admitted with %+v", g)
	}
	f.rows.set("ada", func(p *reconcile.Participant) { p.OnSFU = false })
	_, err = f.Admit(ctx, lounge, "ada", "join")
	testkit.WantCode(t, err, "audio.not_admitted") // she only listens now, and does that elsewhere
	f.rows.end()
	_, err = f.Admit(ctx, lounge, "ada", "join")
	testkit.WantCode(t, err, "audio.not_admitted")
}

// Bob listens: his sessions at the listening tier are those of his current join, and count as
// his connection.
func TestAListenerHasTheSessionsOfTheCurrentJoinOnly(t *testing.T) {
	f := newFixture(t)
	f.rows.set("bob", func(p *reconcile.Participant) { *p = reconcile.Participant{JoinID: "new"} })
	f.listeners.Connect(lounge, "bob", "old")
	must(t, f.Reconcile(ctx))
	if len(f.listeners.Present(lounge)) != 0 || f.rows.want.Participants["bob"].Connected {
		t.Fatal("the session of an older join stays, or counts as the current one")
	}
	f.listeners.Connect(lounge, "bob", "old")
	f.listeners.Connect(lounge, "bob", "new")
	f.DisconnectOlder(ctx, lounge, "bob", "new")
	must(t, f.Reconcile(ctx))
	if f.listeners.Present(lounge)["bob"] != "new" || !f.rows.want.Participants["bob"].Connected {
		t.Fatal("the session of the current join does not stand, or does not count")
	}
	f.listeners.CloseOwner(lounge, "bob", "")
	must(t, f.Reconcile(ctx))
	if f.rows.want.Participants["bob"].Connected {
		t.Error("a session that is gone counts as a connection")
	}
}

// Whoever is taken out falls silent with the command, before the media server has answered.
func TestWhoIsTakenOutHearsNothingMore(t *testing.T) {
	f := newFixture(t)
	f.rows.set("bob", func(p *reconcile.Participant) { *p = reconcile.Participant{JoinID: "join"} })
	f.listeners.Connect(lounge, "bob", "join")
	f.listeners.Connect(lounge, reconcile.GuestIdentity("cleo"), "")
	f.sfu.Fail(errors.New("down"))
	f.rows.mu.Lock()
	delete(f.rows.want.Participants, "bob")
	f.rows.mu.Unlock()
	if err := f.Sync(ctx, lounge, "bob"); err == nil {
		t.Error("the media server is down, and nobody says so")
	}
	if _, there := f.listeners.Present(lounge)["bob"]; there {
		t.Error("Bob still hears the room")
	}
	f.sfu.Fail(nil)
	f.listeners.Connect(lounge, "mallory", "none")
	must(t, f.Reconcile(ctx))
	if now := f.listeners.Present(lounge); len(now) != 1 || now[reconcile.GuestIdentity("cleo")] != "" {
		t.Errorf("after a round: %v", now)
	}
	f.rows.end()
	must(t, f.Reconcile(ctx))
	if n := len(f.listeners.Rooms()); n != 0 {
		t.Error("a room that has ended is still heard")
	}
}

// Another node has stopped to share the room: this one notices with the next round.
func TestWithoutPermissionNobodyListensWithoutAnAccount(t *testing.T) {
	f := newFixture(t)
	f.listeners.Connect(lounge, reconcile.PublicIdentity, "one")
	f.listeners.Connect(lounge, reconcile.GuestIdentity("cleo"), "")
	f.rows.mu.Lock()
	f.rows.want.Public = true
	f.rows.mu.Unlock()
	must(t, f.Reconcile(ctx))
	if _, there := f.listeners.Present(lounge)[reconcile.PublicIdentity]; !there {
		t.Fatal("nobody may listen to a shared room")
	}
	f.rows.mu.Lock()
	f.rows.want.Public = false
	f.rows.mu.Unlock()
	must(t, f.Reconcile(ctx))
	if now := f.listeners.Present(lounge); len(now) != 1 {
		t.Errorf("after a round: %v", now)
	}
}

// A room that the rows do not know, as after a restored backup, has no listeners.
func TestARoomWithoutRowsIsNotHeard(t *testing.T) {
	f := newFixture(t)
	f.rows.closed, f.rows.want = true, reconcile.Desired{}
	f.listeners.Connect("unknown", "bob", "join")
	must(t, f.Reconcile(ctx))
	if len(f.listeners.Rooms()) != 0 {
		t.Error("it is heard")
	}
}

// Without a seat nobody stays at the media server: they could be heard by a fault of ours.
func TestWhoOnlyListensIsNotAtTheMediaServer(t *testing.T) {
	f := newFixture(t)
	f.listeners.Connect(lounge, "ada", "join")
	f.rows.set("ada", func(p *reconcile.Participant) { p.CanPublish, p.OnSFU, p.Version = false, false, 6 })
	must(t, f.Reconcile(ctx))
	if _, _, there := f.sfu.Connected(lounge, "ada"); there {
		t.Error("Ada is still connected to the media server")
	}
	if !f.rows.want.Participants["ada"].Connected {
		t.Error("Ada listens, and counts as gone")
	}
}

// Removing the connection of an older join has failed. It must not be taken for that of the
// current one.
func TestTheConnectionOfAnOlderJoinIsClosed(t *testing.T) {
	f := newFixture(t)
	f.rows.set("ada", func(p *reconcile.Participant) { p.JoinID, p.Connected, p.Version = "newer", false, 6 })
	f.sfu.Fail(errors.New("down"))
	f.DisconnectOlder(ctx, lounge, "ada", "newer")
	f.sfu.Fail(nil)
	must(t, f.Reconcile(ctx))
	if _, _, there := f.sfu.Connected(lounge, "ada"); there || f.rows.want.Participants["ada"].Connected {
		t.Error("the connection of the older join stays, or counts as the current one")
	}
	f.sfu.Connect(lounge, "ada", "newer", false)
	must(t, f.Reconcile(ctx))
	f.wantsAda(t, true)
}

// Requests about one participant get no answer: nobody else waits for them.
func TestWhoHangsDelaysNobodyElseInTheRoom(t *testing.T) {
	f := newFixture(t)
	f.rows.set("bob", func(p *reconcile.Participant) {
		*p = reconcile.Participant{JoinID: "join", Connected: true, OnSFU: true}
	})
	f.sfu.Connect(lounge, "bob", "join", false)
	hanging, end := make(chan struct{}), make(chan struct{})
	var hung atomic.Bool
	f.sfu.BeforeGrant = func() {
		if hung.CompareAndSwap(false, true) {
			close(hanging)
			<-end
		}
	}
	done := make(chan error, 1)
	go func() { done <- f.Sync(ctx, lounge, "ada") }()
	<-hanging
	f.rows.set("bob", func(p *reconcile.Participant) { p.CanPublish, p.Version = true, 1 })
	must(t, f.Sync(ctx, lounge, "bob"))
	if canPublish, _, _ := f.sfu.Connected(lounge, "bob"); !canPublish {
		t.Error("Bob waits for Ada")
	}
	close(end)
	must(t, <-done)
}

func TestOnlyAVoiceIsAVoice(t *testing.T) {
	for identity, want := range map[string]uint32{
		"1": 1, "4294967295": 4294967295,
		"0": 0, "": 0, "4294967296": 0, "-1": 0, "+1": 0, "01": 0, "1 ": 0, "1_0": 0, "0x1": 0, "service:tap:1": 0, "a1b2": 0, "١": 0,
	} {
		if got, ok := reconcile.ParseVoice(identity); got != want || ok != (want != 0) {
			t.Errorf("%q is %d, %t", identity, got, ok)
		}
	}
}
