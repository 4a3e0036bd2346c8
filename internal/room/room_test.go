package room_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/db/dbtest"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/room"
)

// lounge is a room service on a real database, with a clock and an ear.
type lounge struct {
	*room.Service
	db    *db.DB
	media *ear
	clock time.Time
	mu    sync.Mutex
}

func (l *lounge) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clock
}

func (l *lounge) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock = l.clock.Add(d)
}

// ear stands where the media server stands; the real one is heard in e2e. It
// keeps what it was told, as the media server would.
type ear struct {
	mu      sync.Mutex
	present map[string]map[string]bool
	broken  error
}

func (e *ear) connect(r room.ID, who account.ID, maySpeak bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.present[string(r)] == nil {
		e.present[string(r)] = map[string]bool{}
	}
	e.present[string(r)][string(who)] = maySpeak
}

func (e *ear) Grant(_ context.Context, r, person string, maySpeak bool) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, there := e.present[r][person]; there && e.broken == nil {
		e.present[r][person] = maySpeak
	}
	return e.broken
}

func (e *ear) Remove(_ context.Context, r, person string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		delete(e.present[r], person)
	}
	return e.broken
}

func (e *ear) Close(_ context.Context, r string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken == nil {
		delete(e.present, r)
	}
	return e.broken
}

func (e *ear) Present(_ context.Context, r string) (map[string]bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]bool{}
	for k, v := range e.present[r] {
		out[k] = v
	}
	return out, e.broken
}

func (e *ear) hears(r room.ID, who account.ID) (maySpeak, there bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	maySpeak, there = e.present[string(r)][string(who)]
	return maySpeak, there
}

func open(t *testing.T, d *db.DB) *lounge {
	l := &lounge{db: d, media: &ear{present: map[string]map[string]bool{}}, clock: time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC)}
	l.Service = room.New(d, l.media, func() {}, l.now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	return l
}

// person makes an account to act with.
func (l *lounge) person(t *testing.T) account.ID {
	t.Helper()
	who := id.New()
	if _, err := l.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who); err != nil {
		t.Fatal(err)
	}
	return account.ID(who)
}

func (l *lounge) opened(t *testing.T, by account.ID) room.Room {
	t.Helper()
	r, err := l.Open(ctx, by, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	return r
}

// joined brings a fresh person in, connected to audio.
func (l *lounge) joined(t *testing.T, r room.ID) account.ID {
	t.Helper()
	who := l.person(t)
	l.joins(t, r, who)
	return who
}

func (l *lounge) joins(t *testing.T, r room.ID, who account.ID) (admission string) {
	t.Helper()
	_, admission, err := l.Join(ctx, who, r)
	must(t, err)
	maySpeak, err := l.Admit(ctx, string(r), string(who), admission)
	must(t, err)
	l.media.connect(r, who, maySpeak)
	must(t, l.Arrived(ctx, string(r), string(who), admission))
	return admission
}

func (l *lounge) member(t *testing.T, r room.ID, who account.ID) room.Member {
	t.Helper()
	look, err := l.Look(ctx, who, r)
	must(t, err)
	m, _ := look.Member(who)
	return m
}

// told reads the facts of a room from the outbox, in order.
func (l *lounge) told(t *testing.T, r room.ID) (seqs []int64, kinds []string) {
	t.Helper()
	rows, err := l.db.Query(`SELECT seq, kind FROM outbox WHERE scope = $1 ORDER BY seq`, "room:"+string(r))
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var seq int64
		var kind string
		must(t, rows.Scan(&seq, &kind))
		seqs, kinds = append(seqs, seq), append(kinds, kind)
	}
	must(t, rows.Err())
	return seqs, kinds
}

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Fatalf("want %s, got %v", code, err)
	}
}

func TestWhoOpensHostsFromTheFirstSeatMuted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		m, _ := r.Member(host)
		if m.Seat != 1 || !m.Muted || !m.Here || r.Role(m) != room.Host {
			t.Fatalf("host stands as %+v", m)
		}
		seqs, kinds := l.told(t, r.ID)
		if r.Seq != 2 || !slices.Equal(seqs, []int64{1, 2}) || kinds[0] != room.KindChanged {
			t.Fatalf("told %v %v, seq %d", seqs, kinds, r.Seq)
		}
	})
}

func TestEveryoneJoinsMutedInTheAudience(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.joined(t, r.ID)
		if m := l.member(t, r.ID, who); m.Seat != 0 || !m.Muted {
			t.Fatalf("joined as %+v", m)
		}
		if maySpeak, there := l.media.hears(r.ID, who); maySpeak || !there {
			t.Fatal("a listener may publish")
		}
		_, err := l.Mute(ctx, who, r.ID, false)
		refused(t, err, "room.no_seat")
	})
}

func TestASeatIsThePermissionToSpeak(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.joined(t, r.ID)
		got, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		if m, _ := got.Member(who); m.Seat != 2 || !m.Muted {
			t.Fatalf("sits as %+v", m)
		}
		if maySpeak, _ := l.media.hears(r.ID, who); !maySpeak {
			t.Fatal("sits and may not publish")
		}
		got, err = l.Mute(ctx, who, r.ID, false)
		must(t, err)
		if m, _ := got.Member(who); m.Muted {
			t.Fatal("still muted")
		}
		_, err = l.Sit(ctx, who, r.ID, 7) // changes places, keeps talking
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat != 7 || m.Muted {
			t.Fatalf("changed places to %+v", m)
		}
		_, err = l.Stand(ctx, who, r.ID)
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat != 0 || !m.Muted {
			t.Fatalf("stood up as %+v", m)
		}
		if maySpeak, _ := l.media.hears(r.ID, who); maySpeak {
			t.Fatal("stood up and may still publish")
		}
	})
}

func TestARepeatedCommandTellsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.joined(t, r.ID)
		_, err := l.Sit(ctx, who, r.ID, 3)
		must(t, err)
		before, _ := l.told(t, r.ID)
		for range 3 {
			_, err = l.Sit(ctx, who, r.ID, 3)
			must(t, err)
			_, err = l.Mute(ctx, who, r.ID, true)
			must(t, err)
			_, _, err = l.Join(ctx, who, r.ID)
			must(t, err)
		}
		if after, _ := l.told(t, r.ID); len(after) != len(before) {
			t.Fatalf("%d facts became %d", len(before), len(after))
		}
	})
}

func TestTheHostMovesBackAndLetsSitAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who, other := l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.Sit(ctx, who, r.ID, 2)
		must(t, err)

		_, err = l.MoveBack(ctx, other, r.ID, who)
		refused(t, err, "room.host_only")
		_, err = l.MoveBack(ctx, host, r.ID, host)
		refused(t, err, "room.self")
		_, err = l.MoveBack(ctx, host, r.ID, l.person(t))
		refused(t, err, "room.person_gone")

		_, err = l.MoveBack(ctx, host, r.ID, who)
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat != 0 || m.MaySit || !m.Here {
			t.Fatalf("moved back to %+v", m)
		}
		if maySpeak, _ := l.media.hears(r.ID, who); maySpeak {
			t.Fatal("moved back and may still publish")
		}
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.seat_refused")
		_, _, err = l.Join(ctx, who, r.ID) // coming back does not help
		must(t, err)
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.seat_refused")

		_, err = l.LetSit(ctx, host, r.ID, who)
		must(t, err)
		_, err = l.Sit(ctx, who, r.ID, 0)
		must(t, err)
	})
}

func TestWhoWasRemovedFindsNoWayBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.person(t)
		admission := l.joins(t, r.ID, who)
		_, err := l.Remove(ctx, host, r.ID, who)
		must(t, err)
		if _, there := l.media.hears(r.ID, who); there {
			t.Fatal("removed and still connected")
		}
		_, err = l.Admit(ctx, string(r.ID), string(who), admission)
		refused(t, err, "room.not_admitted")
		_, _, err = l.Join(ctx, who, r.ID)
		refused(t, err, "room.removed")
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.not_here")
	})
}

func TestAnOldAdmissionIsWorthless(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.person(t)
		first := l.joins(t, r.ID, who)
		second := l.joins(t, r.ID, who)
		_, err := l.Admit(ctx, string(r.ID), string(who), first)
		refused(t, err, "room.not_admitted")
		_, err = l.Admit(ctx, string(r.ID), string(who), second)
		must(t, err)
		must(t, l.Leave(ctx, who, r.ID))
		_, err = l.Admit(ctx, string(r.ID), string(who), second)
		refused(t, err, "room.not_admitted")
	})
}

func TestOneVoiceIsInOnePlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		a, b := l.opened(t, l.person(t)), l.opened(t, l.person(t))
		who := l.joined(t, a.ID)
		l.joins(t, b.ID, who)
		if m := l.member(t, a.ID, who); m.Here {
			t.Fatal("still in the first room")
		}
		if _, there := l.media.hears(a.ID, who); there {
			t.Fatal("still connected to the first room")
		}
	})
}

func TestTwoNeverGetOneSeat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		people := make([]account.ID, 20)
		for i := range people {
			people[i] = l.joined(t, r.ID)
		}
		var sitting, tooLate int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i, who := range people {
			all.Go(func() {
				_, err := l.Sit(ctx, who, r.ID, i%3*3) // seats 3, 6, or any
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					sitting++
				case fault.Is(err, "room.seat_taken"), fault.Is(err, "room.seats_full"):
					tooLate++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		look, err := l.Look(ctx, "", r.ID)
		must(t, err)
		seats := map[int]account.ID{}
		for _, m := range look.Members {
			if m.Seat == 0 {
				continue
			}
			if o, twice := seats[m.Seat]; twice {
				t.Fatalf("%s and %s both sit in %d", o, m.Account, m.Seat)
			}
			seats[m.Seat] = m.Account
		}
		if len(seats) != sitting+1 || sitting+tooLate != len(people) || sitting < 3 {
			t.Fatalf("%d seats taken, %d told they sit, %d too late", len(seats), sitting, tooLate)
		}
		seqs, _ := l.told(t, r.ID)
		for i, s := range seqs {
			if s != int64(i+1) {
				t.Fatalf("fact %d has number %d: %v", i+1, s, seqs)
			}
		}
	})
}

func TestMovedBackWinsOverEverySimultaneousWish(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		for range 10 {
			var all sync.WaitGroup
			for _, f := range []func() error{
				func() error { _, err := l.Sit(ctx, who, r.ID, 0); return err },
				func() error { _, err := l.Mute(ctx, who, r.ID, false); return err },
				func() error { _, err := l.MoveBack(ctx, host, r.ID, who); return err },
				func() error { _, err := l.Stand(ctx, who, r.ID); return err },
			} {
				all.Go(func() {
					if err := f(); err != nil && fault.As(err) == nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			m := l.member(t, r.ID, who)
			maySpeak, _ := l.media.hears(r.ID, who)
			if maySpeak != (m.Seat != 0) || m.MaySit {
				t.Fatalf("rows say %+v, the media server lets speak: %t", m, maySpeak)
			}
			_, err := l.LetSit(ctx, host, r.ID, who)
			must(t, err)
		}
	})
}

func TestARoomEndsTwoMinutesAfterTheLastPersonLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		must(t, l.Leave(ctx, host, r.ID))
		l.wait(119 * time.Second)
		must(t, l.Sweep(ctx))
		if look, _ := l.Look(ctx, "", r.ID); !look.EndedAt.IsZero() {
			t.Fatal("ended too early")
		}
		who := l.joined(t, r.ID) // somebody comes: the clock starts anew
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		must(t, l.Leave(ctx, who, r.ID))
		l.wait(119 * time.Second)
		must(t, l.Sweep(ctx))
		if look, _ := l.Look(ctx, "", r.ID); !look.EndedAt.IsZero() {
			t.Fatal("ended too early after coming back")
		}
		l.wait(2 * time.Second)
		must(t, l.Sweep(ctx))
		look, err := l.Look(ctx, "", r.ID)
		must(t, err)
		if look.EndedAt.IsZero() || look.EndedWhy != room.Empty {
			t.Fatalf("not ended: %+v", look)
		}
		_, _, err = l.Join(ctx, who, r.ID)
		refused(t, err, "room.ended")
	})
}

func TestWhoLosesTheLineHasTenSecondsToComeBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.person(t)
		admission := l.joins(t, r.ID, who)
		_, err := l.Sit(ctx, who, r.ID, 4)
		must(t, err)
		must(t, l.Departed(ctx, string(r.ID), string(who), admission))
		l.wait(9 * time.Second)
		must(t, l.Sweep(ctx))
		l.joins(t, r.ID, who)
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, who); m.Seat != 4 || !m.Muted {
			t.Fatalf("came back as %+v", m)
		}
		// A late report about the old line means nothing any more.
		must(t, l.Departed(ctx, string(r.ID), string(who), admission))
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, who); !m.Here {
			t.Fatal("an old report threw them out")
		}
	})
}

func TestWhoNeverConnectsCountsAsLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host) // and no audio
		l.wait(31 * time.Second)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, host); m.Here {
			t.Fatal("still there")
		}
	})
}

func TestReconcileMendsWhatACrashLeft(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		sits, left, lost := l.joined(t, r.ID), l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.Sit(ctx, sits, r.ID, 2)
		must(t, err)
		l.media.broken = errors.New("media server away")
		_, err = l.MoveBack(ctx, host, r.ID, sits) // stands in the rows all the same
		must(t, err)
		must(t, l.Leave(ctx, left, r.ID))
		l.media.broken = nil
		must(t, l.media.Remove(ctx, string(r.ID), string(lost)))

		must(t, l.Reconcile(ctx))
		if maySpeak, _ := l.media.hears(r.ID, sits); maySpeak {
			t.Fatal("moved back and still speaking")
		}
		if _, there := l.media.hears(r.ID, left); there {
			t.Fatal("left and still connected")
		}
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, lost); m.Here {
			t.Fatal("lost and still counted")
		}
		if m := l.member(t, r.ID, host); !m.Here {
			t.Fatal("the host is gone")
		}
	})
}

func TestOnlyTheHostEndsARoomAndItStaysEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		refused(t, l.End(ctx, who, r.ID), "room.host_only")
		must(t, l.End(ctx, host, r.ID))
		must(t, l.End(ctx, host, r.ID))
		must(t, l.Leave(ctx, who, r.ID))
		if _, there := l.media.hears(r.ID, who); there {
			t.Fatal("ended and still connected")
		}
		_, err := l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.ended")
		lobby, err := l.Lobby(ctx, "")
		must(t, err)
		if len(lobby) != 0 {
			t.Fatalf("the lobby shows %d ended rooms", len(lobby))
		}
	})
}

func TestTheLobbyShowsTheLiveliestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		quiet, lively := l.opened(t, l.person(t)), l.opened(t, l.person(t))
		empty := l.person(t)
		left := l.opened(t, empty)
		must(t, l.Leave(ctx, empty, left.ID))
		for range 3 {
			_, err := l.Sit(ctx, l.joined(t, lively.ID), lively.ID, 0)
			must(t, err)
		}
		l.joined(t, lively.ID)
		l.joined(t, quiet.ID)
		lobby, err := l.Lobby(ctx, "talk")
		must(t, err)
		if len(lobby) != 2 || lobby[0].ID != lively.ID || len(lobby[0].Members) != 4 || lobby[0].Listeners != 1 || lobby[1].Listeners != 1 {
			t.Fatalf("lobby: %+v", lobby)
		}
		other, err := l.Lobby(ctx, "sport")
		must(t, err)
		if len(other) != 0 {
			t.Fatal("sport shows talk")
		}
		_, err = l.Lobby(ctx, "nonsense")
		refused(t, err, "room.category_unknown")
	})
}

func TestALargeAudienceIsCountedWhole(t *testing.T) {
	d := dbtest.SQLite(t)
	l := open(t, d)
	r := l.opened(t, l.person(t))
	var first account.ID
	for i := range room.Shown + 5 {
		who := l.person(t)
		if i == 0 {
			first = who
		}
		l.wait(time.Second)
		l.joins(t, r.ID, who)
	}
	look, err := l.Look(ctx, first, r.ID)
	must(t, err)
	if look.Listeners != room.Shown+5 || len(look.Members) != 1+room.Shown+1 {
		t.Fatalf("%d counted, %d shown", look.Listeners, len(look.Members))
	}
	if _, there := look.Member(first); !there {
		t.Fatal("the viewer does not find themselves")
	}
}

func TestWrongPlansAreRefusedWithTheFieldsName(t *testing.T) {
	d := dbtest.SQLite(t)
	l := open(t, d)
	who := l.person(t)
	for field, p := range map[string]room.Plan{
		"body.title":    {Title: " \u200b ", Category: "talk", Language: "en"},
		"body.category": {Title: "x", Category: "politics", Language: "en"},
		"body.language": {Title: "x", Category: "talk", Language: "xx"},
	} {
		_, err := l.Open(ctx, who, p)
		if f := fault.As(err); f == nil || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	var n int
	must(t, d.QueryRow(`SELECT COUNT(*) FROM rooms`).Scan(&n))
	if n != 0 {
		t.Fatalf("%d rooms were half made", n)
	}
}

func TestFactsReachTheRelayInOrderAndLeaveTheOutbox(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		for range 5 {
			_, err := l.Mute(ctx, host, r.ID, false)
			must(t, err)
			_, err = l.Mute(ctx, host, r.ID, true)
			must(t, err)
		}
		got := make(chan int64, 64)
		failed := false
		relay := event.NewRelay(d, slog.New(slog.NewTextHandler(io.Discard, nil)), "here", func(_ context.Context, rec event.Record) error {
			if rec.Seq == 4 && !failed {
				failed = true
				return fmt.Errorf("not now")
			}
			got <- rec.Seq
			return nil
		})
		c, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		done := make(chan error, 1)
		go func() { done <- relay.Run(c) }()
		for want := int64(1); want <= 12; want++ {
			select {
			case seq := <-got:
				if seq != want {
					t.Fatalf("want %d, got %d", want, seq)
				}
			case <-c.Done():
				t.Fatal("the relay stopped")
			}
		}
		for left := 1; left > 0; { // told facts leave
			must(t, d.QueryRowContext(c, `SELECT COUNT(*) FROM outbox`).Scan(&left))
		}
		stop()
		must(t, <-done)
	})
}
