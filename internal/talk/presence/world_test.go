package presence_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/presence"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

// world is the service as the program wires it, with a clock of its own. Facts are taken and
// ticks happen when a test says so.
type world struct {
	*presence.Service
	*testkit.Clock
	t         *testing.T
	db        *db.DB
	rooms     *room.Service
	follows   *follow.Service
	discovery *discovery.Service
	safety    *safety.Service

	read  string // id of the last fact that was taken
	names map[account.ID]string
	told  []string // events, such as "ada: bob online"
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newWorld(t, d, "one")) })
}

func newWorld(t *testing.T, d *db.DB, node string) *world {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	w := &world{t: t, db: d, Clock: testkit.NewClock(time.UnixMilli(1_800_000_000_000)), names: map[account.ID]string{}}
	w.rooms = room.New(d, quiet, room.Config{SFU: testkit.NewSFU(), Now: w.Now})
	w.follows = follow.New(d, w.Now, func() {})
	w.safety = safety.New(d, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
		return errors.Join(w.rooms.Separate(ctx, tx, a, b), w.discovery.Separate(ctx, tx, a, b), w.follows.Separate(ctx, tx, a, b))
	}, w.Now, func() {})
	w.discovery = discovery.New(d, w.safety, quiet, discovery.Config{OnMatchEnd: w.follows.Separate, Now: w.Now})
	w.Service = presence.New(d, quiet, presence.Config{
		Node: node, Friends: w.follows, Rooms: w.rooms, Now: w.Now,
		Tell: func(to account.ID, p presence.Presence) error {
			w.told = append(w.told, w.names[to]+": "+w.say(p))
			return nil
		},
	})
	must(t, w.Begin(ctx))
	return w
}

func (w *world) say(p presence.Presence) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", w.names[p.Account], p.State, p.Room.Title))
}

// person is a new member.
func (w *world) person(name string) account.ID {
	w.t.Helper()
	who := account.ID(id.New())
	w.exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
	w.names[who] = name
	return who
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	must(w.t, w.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
}

// match makes two people friends.
func (w *world) match(a, b account.ID) {
	w.t.Helper()
	w.exec(`INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at, seq) VALUES ($1, $2, 'like', 'like', $3, 1)`,
		string(min(a, b)), string(max(a, b)), db.Millis(w.Now()))
}

// friends is two friends, ada and bob, of whom the first is connected.
func (w *world) friends() (ada, bob account.ID) {
	w.t.Helper()
	ada, bob = w.person("ada"), w.person("bob")
	w.match(ada, bob)
	w.Connected(ada)
	w.tick()
	return ada, bob
}

// tick takes all facts and does what Run does; the pause of everybody is over before.
func (w *world) tick() {
	w.t.Helper()
	w.Advance(presence.Pause)
	w.step()
}

// step is tick without time.
func (w *world) step() {
	w.t.Helper()
	all, err := db.Select(ctx, w.db, func(row interface{ Scan(...any) error }) (r outbox.Record, err error) {
		var data string
		err = row.Scan(&r.ID, &r.Kind, &data)
		r.Data = []byte(data)
		return r, err
	}, `SELECT id, kind, data FROM outbox WHERE id > $1 ORDER BY id`, w.read)
	must(w.t, err)
	for _, r := range all {
		must(w.t, w.Listener().Take(ctx, r))
		w.read = r.ID
	}
	must(w.t, w.Keep(ctx))
	must(w.t, w.Publish(ctx))
}

// hears checks the events since the last time.
func (w *world) hears(why string, want ...string) {
	w.t.Helper()
	got := w.told
	w.told = nil
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: told %q, want %q", why, got, want)
	}
}

// sees checks what viewer reads.
func (w *world) sees(viewer account.ID, want ...string) {
	w.t.Helper()
	all, err := w.Of(ctx, viewer)
	must(w.t, err)
	got := []string{}
	for _, p := range all {
		got = append(got, w.say(p))
	}
	slices.Sort(got)
	if !slices.Equal(got, append([]string{}, want...)) {
		w.t.Errorf("%s sees %q, want %q", w.names[viewer], got, want)
	}
}

func (w *world) set(who account.ID, s presence.Settings) {
	w.t.Helper()
	must(w.t, w.Set(ctx, who, s))
}

func (w *world) rows() (n int) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(`SELECT COUNT(*) FROM online`).Scan(&n))
	return n
}

// opens is a room of host.
func (w *world) opens(host account.ID, title string) room.ID {
	w.t.Helper()
	r, err := w.rooms.Open(ctx, host, room.Plan{Title: title, Category: "talk", Language: "en"})
	must(w.t, err)
	return r.ID
}

func (w *world) joins(who account.ID, r room.ID) {
	w.t.Helper()
	_, _, err := w.rooms.Join(ctx, who, r)
	must(w.t, err)
}
