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

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

var must, refused = testkit.Must, testkit.WantCode

// fixture is a room service on a real database, with a clock and a fake media server.
type fixture struct {
	*room.Service
	db        *db.DB
	media     *fakeSFU
	listeners *testkit.Listeners
	clock     *testkit.Clock
	followed  map[account.ID]bool // by everybody
}

func (l *fixture) now() time.Time { return l.clock.Now() }

func (l *fixture) wait(d time.Duration) { l.clock.Advance(d) }

// fakeSFU is the fake media server, by rooms and accounts.
type fakeSFU struct {
	*testkit.SFU
	db *db.DB
}

// identity is the identity of somebody at the media server; "0": they never joined the room.
func (e *fakeSFU) identity(r room.ID, who account.ID) string {
	var m room.Member
	err := e.db.QueryRow(`SELECT voice FROM room_members WHERE room_id = $1 AND account_id = $2`, r, who).Scan(&m.Voice)
	if err != nil && !db.IsNone(err) {
		panic(err)
	}
	return m.Identity()
}

func (e *fakeSFU) connect(r room.ID, who account.ID, joinID string, canPublish bool) {
	e.Connect(string(r), e.identity(r, who), joinID, canPublish)
}

func (e *fakeSFU) muted(r room.ID, who account.ID) bool {
	_, muted, _ := e.Connected(string(r), e.identity(r, who))
	return muted
}

func (e *fakeSFU) canPublish(r room.ID, who account.ID) (canPublish, there bool) {
	canPublish, _, there = e.Connected(string(r), e.identity(r, who))
	return canPublish, there
}

func open(t *testing.T, d *db.DB) *fixture {
	l := &fixture{db: d, media: &fakeSFU{testkit.NewSFU(), d}, listeners: testkit.NewListeners(), clock: testkit.NewClock(time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC))}
	l.Service = l.node(l.now)
	return l
}

// node is a process with a clock on the database and the media server of the fixture.
func (l *fixture) node(now func() time.Time) *room.Service {
	return room.New(l.db, slog.New(slog.DiscardHandler), room.Config{SFU: l.media, Listeners: l.listeners, Now: now, Follows: func(_ context.Context, _ db.Querier, _, other account.ID) (bool, error) {
		return l.followed[other], nil
	}})
}

// person makes an account to act with.
func (l *fixture) person(t *testing.T) account.ID {
	t.Helper()
	who := id.New()
	if _, err := l.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who); err != nil {
		t.Fatal(err)
	}
	return account.ID(who)
}

func (l *fixture) opened(t *testing.T, by account.ID) room.Room {
	t.Helper()
	r, err := l.Open(ctx, by, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	return r
}

// joined brings a fresh person in, connected to audio.
func (l *fixture) joined(t *testing.T, r room.ID) account.ID {
	t.Helper()
	who := l.person(t)
	l.joins(t, r, who)
	return who
}

// Sit takes a seat as clients do: then they connect to the media server, and listen no more.
func (l *fixture) Sit(ctx context.Context, by account.ID, r room.ID, seat int) (room.Changed, error) {
	c, err := l.Service.Sit(ctx, by, r, seat)
	if err != nil {
		return c, err
	}
	join, err := l.CurrentJoin(ctx, by, r)
	if err != nil {
		return c, err
	}
	return c, l.connects(r, by, join.ID)
}

// canPublish reports whether a person may speak, and whether they are connected at all: to the
// media server or to the listening tier.
func (l *fixture) canPublish(r room.ID, who account.ID) (canPublish, there bool) {
	_, listens := l.listeners.Present(string(r))[l.media.identity(r, who)]
	canPublish, there = l.media.canPublish(r, who)
	return canPublish, there || listens
}

// vanishes cuts the connections of a person without a word.
func (l *fixture) vanishes(t *testing.T, r room.ID, who account.ID) {
	t.Helper()
	must(t, l.media.Remove(ctx, string(r), l.media.identity(r, who)))
	l.listeners.CloseOwner(string(r), l.media.identity(r, who), "")
}

// connects connects a seated member to the media server, unless they are.
func (l *fixture) connects(r room.ID, who account.ID, joinID string) error {
	if _, there := l.media.canPublish(r, who); there {
		return nil
	}
	g, err := l.Admit(ctx, string(r), l.media.identity(r, who), joinID)
	if err != nil {
		return err
	}
	l.media.connect(r, who, joinID, g.CanPublish)
	l.listeners.CloseOwner(string(r), l.media.identity(r, who), "")
	return l.ParticipantJoined(ctx, string(r), l.media.identity(r, who), joinID)
}

func (l *fixture) joins(t *testing.T, r room.ID, who account.ID) (joinID string) {
	t.Helper()
	_, joinID, err := l.Join(ctx, who, r)
	must(t, err)
	if l.member(t, r, who).Seat != 0 {
		must(t, l.connects(r, who, joinID))
		return joinID
	}
	l.listeners.Connect(string(r), l.media.identity(r, who), joinID)
	must(t, l.ListenerJoined(ctx, string(r), l.media.identity(r, who), joinID))
	return joinID
}

func (l *fixture) member(t *testing.T, r room.ID, who account.ID) room.Member {
	t.Helper()
	view, err := l.Get(ctx, who, r)
	must(t, err)
	m, _ := view.Member(who)
	return m
}

// facts reads the facts of a room from the outbox, in order.
func (l *fixture) facts(t *testing.T, r room.ID) (seqs []int64, kinds []string) {
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

func TestARoomEndsAsItsHostOpensAnotherAndSaysSo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		first := l.opened(t, host)
		l.joined(t, first.ID)
		must(t, l.Leave(ctx, host, first.ID))
		l.opened(t, host)
		if view, err := l.Get(ctx, "", first.ID); err != nil || view.EndedAt.IsZero() || view.EndReason != room.EndedNextRoom {
			t.Fatalf("%+v, %v", view, err)
		}
	})
}

func TestWhoOpensHostsFromTheFirstSeatMuted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		m, _ := r.Member(host)
		if m.Seat != 1 || !m.Muted || !m.Present || m.Role != room.Host {
			t.Fatalf("host stands as %+v", m)
		}
		seqs, kinds := l.facts(t, r.ID)
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
		if canPublish, there := l.canPublish(r.ID, who); canPublish || !there {
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
		if m := got.Member; got.Cause != room.Sat || m.Seat != 2 || !m.Muted {
			t.Fatalf("sits as %+v", m)
		}
		if canPublish, _ := l.canPublish(r.ID, who); !canPublish || !l.media.muted(r.ID, who) {
			t.Fatal("sits and may not publish, or is not muted")
		}
		got, err = l.Mute(ctx, who, r.ID, false)
		must(t, err)
		if m := got.Member; got.Cause != room.Unmuted || m.Muted || l.media.muted(r.ID, who) {
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
		if canPublish, _ := l.canPublish(r.ID, who); canPublish {
			t.Fatal("stood up and may still publish")
		}
	})
}

func TestARepeatedCommandTellsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.joined(t, r.ID)
		sat, err := l.Sit(ctx, who, r.ID, 3)
		must(t, err)
		before, _ := l.facts(t, r.ID)
		for range 3 {
			again, err := l.Sit(ctx, who, r.ID, 3)
			must(t, err)
			muted, err := l.Mute(ctx, who, r.ID, true)
			must(t, err)
			for _, c := range []room.Changed{again, muted} {
				if c.Cause != "" || c.Seq != sat.Seq || c.Member.Account != who || c.Member.Seat != 3 || !c.Member.Muted {
					t.Errorf("a repeated command is answered with %+v", c)
				}
			}
			_, _, err = l.Join(ctx, who, r.ID)
			must(t, err)
		}
		if after, _ := l.facts(t, r.ID); len(after) != len(before) {
			t.Fatalf("%d facts became %d", len(before), len(after))
		}
	})
}

func TestACommandReturnsItsFact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, exclusions := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		// Somebody whom who must not meet leaves when who sits; the reply is about who.
		stranger := l.joined(t, r.ID)
		must(t, exclusions.Block(ctx, who, stranger))
		for _, c := range []struct {
			cause room.Cause
			do    func() (room.Changed, error)
		}{
			{room.Sat, func() (room.Changed, error) { return l.Sit(ctx, who, r.ID, 4) }},
			{room.Unmuted, func() (room.Changed, error) { return l.Mute(ctx, who, r.ID, false) }},
			{room.Muted, func() (room.Changed, error) { return l.Mute(ctx, who, r.ID, true) }},
			{room.Stood, func() (room.Changed, error) { return l.Stand(ctx, who, r.ID) }},
			{room.MovedToAudience, func() (room.Changed, error) { return l.MoveToAudience(ctx, host, r.ID, who) }},
			{room.AllowedToSpeak, func() (room.Changed, error) { return l.AllowToSpeak(ctx, host, r.ID, who) }},
			{room.Removed, func() (room.Changed, error) { return l.Remove(ctx, host, r.ID, who) }},
		} {
			got, err := c.do()
			must(t, err)
			seqs, _ := l.facts(t, r.ID)
			if got.Cause != c.cause || got.Room != r.ID || got.Member.Account != who || got.At.IsZero() || got.Seq != seqs[len(seqs)-1] {
				t.Errorf("%s is answered with %+v, and the last of the facts is %d", c.cause, got, seqs[len(seqs)-1])
			}
		}
	})
}

func TestTheHostMovesToTheAudienceAndAllowsToSpeakAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who, other := l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.Sit(ctx, who, r.ID, 2)
		must(t, err)

		_, err = l.MoveToAudience(ctx, other, r.ID, who)
		refused(t, err, "room.host_only")
		_, err = l.MoveToAudience(ctx, host, r.ID, host)
		refused(t, err, "room.self")
		_, err = l.MoveToAudience(ctx, host, r.ID, l.person(t))
		refused(t, err, "room.person_gone")

		_, err = l.MoveToAudience(ctx, host, r.ID, who)
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat != 0 || m.CanSpeak || !m.Present {
			t.Fatalf("moved back to %+v", m)
		}
		if canPublish, _ := l.canPublish(r.ID, who); canPublish {
			t.Fatal("moved back and may still publish")
		}
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.seat_refused")
		_, _, err = l.Join(ctx, who, r.ID) // coming back does not help
		must(t, err)
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.seat_refused")

		_, err = l.AllowToSpeak(ctx, host, r.ID, who)
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
		joinID := l.joins(t, r.ID, who)
		_, err := l.Remove(ctx, host, r.ID, who)
		must(t, err)
		if _, there := l.canPublish(r.ID, who); there {
			t.Fatal("removed and still connected")
		}
		_, err = l.Admit(ctx, string(r.ID), l.media.identity(r.ID, who), joinID)
		refused(t, err, "audio.not_admitted")
		_, _, err = l.Join(ctx, who, r.ID)
		refused(t, err, "room.removed")
		_, err = l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.not_here")
	})
}

// Somebody who has left by themselves is removed: nobody inside sees anything change.
func TestRemovingSomebodyWhoHasLeftTellsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		who, other := l.joined(t, r.ID), l.joined(t, r.ID)
		must(t, l.Leave(ctx, who, r.ID))
		before, err := l.Get(ctx, other, r.ID)
		must(t, err)
		change, err := l.Remove(ctx, host, r.ID, who)
		must(t, err)
		if change.Cause != "" || change.Member.Present {
			t.Errorf("the host is answered %+v", change)
		}
		after, err := l.Get(ctx, other, r.ID)
		must(t, err)
		if after.Seq != before.Seq || after.Listeners != before.Listeners {
			t.Errorf("others see %d with %d listeners, and before %d with %d", after.Seq, after.Listeners, before.Seq, before.Listeners)
		}
		_, _, err = l.Join(ctx, who, r.ID)
		refused(t, err, "room.removed")
	})
}

func TestTheReconcilerClosesARoomThatEndedWithoutTheMediaServer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		who := l.joined(t, r.ID)
		l.media.Fail(errors.New("media server away"))
		must(t, l.End(ctx, host, r.ID))
		l.wait(25 * time.Hour)
		must(t, l.DeleteEnded(ctx)) // and would not be known any more
		l.media.Fail(nil)
		must(t, l.Reconcile(ctx))
		for _, a := range []account.ID{host, who} {
			if _, there := l.canPublish(r.ID, a); there {
				t.Error("the room has ended, and somebody is connected")
			}
		}
		must(t, l.DeleteEnded(ctx))
		_, err := l.Get(ctx, host, r.ID)
		refused(t, err, "room.not_found")
	})
}

func TestAnOldAdmissionIsWorthless(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.person(t)
		first := l.joins(t, r.ID, who)
		_, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		second := l.joins(t, r.ID, who)
		_, err = l.Admit(ctx, string(r.ID), l.media.identity(r.ID, who), first)
		refused(t, err, "audio.not_admitted")
		_, err = l.Admit(ctx, string(r.ID), l.media.identity(r.ID, who), second)
		must(t, err)
		must(t, l.Leave(ctx, who, r.ID))
		_, err = l.Admit(ctx, string(r.ID), l.media.identity(r.ID, who), second)
		refused(t, err, "audio.not_admitted")
	})
}

func TestOneVoiceIsInOnePlace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		a, b := l.opened(t, l.person(t)), l.opened(t, l.person(t))
		who := l.joined(t, a.ID)
		l.joins(t, b.ID, who)
		if m := l.member(t, a.ID, who); m.Present {
			t.Fatal("still in the first room")
		}
		if _, there := l.canPublish(a.ID, who); there {
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
		view, err := l.Get(ctx, "", r.ID)
		must(t, err)
		seats := map[int]account.ID{}
		for _, m := range view.Members {
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
		seqs, _ := l.facts(t, r.ID)
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
				func() error { _, err := l.MoveToAudience(ctx, host, r.ID, who); return err },
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
			canPublish, _ := l.canPublish(r.ID, who)
			if canPublish != (m.Seat != 0) || m.CanSpeak {
				t.Fatalf("rows say %+v, the media server lets speak: %t", m, canPublish)
			}
			_, err := l.AllowToSpeak(ctx, host, r.ID, who)
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
		if view, _ := l.Get(ctx, "", r.ID); !view.EndedAt.IsZero() {
			t.Fatal("ended too early")
		}
		who := l.joined(t, r.ID) // somebody comes and inherits it: the clock starts anew
		_, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		must(t, l.Leave(ctx, who, r.ID))
		l.wait(119 * time.Second)
		must(t, l.Sweep(ctx))
		if view, _ := l.Get(ctx, "", r.ID); !view.EndedAt.IsZero() {
			t.Fatal("ended too early after coming back")
		}
		l.wait(2 * time.Second)
		must(t, l.Sweep(ctx))
		view, err := l.Get(ctx, "", r.ID)
		must(t, err)
		if view.EndedAt.IsZero() || view.EndReason != room.EndedEmpty {
			t.Fatalf("not ended: %+v", view)
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
		joinID := l.joins(t, r.ID, who)
		_, err := l.Sit(ctx, who, r.ID, 4)
		must(t, err)
		must(t, l.ParticipantLeft(ctx, string(r.ID), l.media.identity(r.ID, who), joinID))
		l.wait(9 * time.Second)
		must(t, l.Sweep(ctx))
		l.joins(t, r.ID, who)
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, who); m.Seat != 4 || !m.Muted {
			t.Fatalf("came back as %+v", m)
		}
		// A late report about the old line means nothing any more.
		must(t, l.ParticipantLeft(ctx, string(r.ID), l.media.identity(r.ID, who), joinID))
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, who); !m.Present {
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
		if m := l.member(t, r.ID, host); m.Present {
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
		l.media.Fail(errors.New("media server away"))
		_, err = l.MoveToAudience(ctx, host, r.ID, sits) // stands in the rows all the same
		must(t, err)
		must(t, l.Leave(ctx, left, r.ID))
		l.media.Fail(nil)
		l.vanishes(t, r.ID, lost)

		must(t, l.Reconcile(ctx))
		if canPublish, _ := l.canPublish(r.ID, sits); canPublish {
			t.Fatal("moved back and still speaking")
		}
		if _, there := l.canPublish(r.ID, left); there {
			t.Fatal("left and still connected")
		}
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		if m := l.member(t, r.ID, lost); m.Present {
			t.Fatal("lost and still counted")
		}
		if m := l.member(t, r.ID, host); !m.Present {
			t.Fatal("the host is gone")
		}
	})
}

// Muted in the rows is muted at the media server, whatever was lost on the way.
func TestMutedIsMutedAtTheMediaServer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.joined(t, r.ID)
		_, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		for _, muted := range []bool{false, true} {
			_, err = l.Mute(ctx, who, r.ID, muted)
			must(t, err)
			if l.media.muted(r.ID, who) != muted {
				t.Errorf("after the command muted is %t", !muted)
			}
			l.media.Set(string(r.ID), l.media.identity(r.ID, who), true, !muted)
			must(t, l.TrackPublished(ctx, string(r.ID), l.media.identity(r.ID, who)))
			if l.media.muted(r.ID, who) != muted {
				t.Errorf("after a track was published muted is %t", !muted)
			}
			l.media.Set(string(r.ID), l.media.identity(r.ID, who), true, !muted)
			must(t, l.Reconcile(ctx))
			if l.media.muted(r.ID, who) != muted {
				t.Errorf("after a sweep muted is %t", !muted)
			}
			join, err := l.CurrentJoin(ctx, who, r.ID)
			must(t, err)
			if join.Identity != l.media.identity(r.ID, who) || !join.CanPublish {
				t.Errorf("the join: %+v", join)
			}
			if g, err := l.Admit(ctx, string(r.ID), join.Identity, join.ID); err != nil || g.Muted != muted {
				t.Errorf("the gate is told that muted is %t, %v", g.Muted, err)
			}
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
		if _, there := l.canPublish(r.ID, who); there {
			t.Fatal("ended and still connected")
		}
		_, err := l.Sit(ctx, who, r.ID, 0)
		refused(t, err, "room.ended")
		lobby, err := l.Lobby(ctx, "", "", "")
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
		lobby, err := l.Lobby(ctx, "", "talk", "")
		must(t, err)
		if len(lobby) != 2 || lobby[0].ID != lively.ID || len(lobby[0].Members) != 4 || lobby[0].Listeners != 1 || lobby[1].Listeners != 1 {
			t.Fatalf("lobby: %+v", lobby)
		}
		other, err := l.Lobby(ctx, "", "sport", "")
		must(t, err)
		if len(other) != 0 {
			t.Fatal("sport shows talk")
		}
		_, err = l.Lobby(ctx, "", "nonsense", "")
		refused(t, err, "room.category_unknown")
	})
}

func TestAFullLobbyHasYourPeopleYourLanguageAndEachTopic(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		viewer, followed, matched, barred := l.person(t), l.person(t), l.person(t), l.person(t)
		plain := func(host account.ID, category, language string) room.ID {
			r, err := l.Open(ctx, host, room.Plan{Title: "Late talk", Category: category, Language: language})
			must(t, err)
			_, err = d.Exec(`UPDATE rooms SET live_at = 1 WHERE id = $1`, r.ID)
			must(t, err)
			return r.ID
		}
		want := []room.ID{plain(followed, "talk", "zh"), plain(matched, "talk", "zh"), plain(l.person(t), "sport", "it"), plain(l.person(t), "talk", "it")}
		l.follow(t, viewer, followed)
		l.follow(t, viewer, barred)
		a, b := min(viewer, matched), max(viewer, matched)
		_, err := d.Exec(`INSERT INTO pairs (a_id, b_id, matched_at) VALUES ($1, $2, 1)`, a, b)
		must(t, err)
		hidden := plain(barred, "talk", "it")
		_, err = d.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 1)`, barred, viewer)
		must(t, err)
		for range 70 { // livelier than the others
			r := plain(l.person(t), "talk", "zh")
			_, err := d.Exec(`UPDATE rooms SET lively = lively + 1 WHERE id = $1`, r)
			must(t, err)
		}
		lobby, err := l.Lobby(ctx, viewer, "", "it")
		must(t, err)
		ids := make([]room.ID, len(lobby))
		for i, r := range lobby {
			ids[i] = r.ID
		}
		for i, r := range want {
			if !slices.Contains(ids, r) {
				t.Errorf("room %d is missing among %d", i, len(ids))
			}
		}
		if slices.Contains(ids, hidden) {
			t.Error("it lists the room of somebody who has blocked the viewer")
		}
		if len(ids) != 54 {
			t.Errorf("it lists %d rooms", len(ids))
		}
	})
}

func TestALargeAudienceIsCountedWhole(t *testing.T) {
	d := dbtest.SQLite(t)
	l := open(t, d)
	r := l.opened(t, l.person(t))
	var first account.ID
	for i := range room.MaxListed + 5 {
		who := l.person(t)
		if i == 0 {
			first = who
		}
		l.wait(time.Second)
		l.joins(t, r.ID, who)
	}
	view, err := l.Get(ctx, first, r.ID)
	must(t, err)
	if view.Listeners != room.MaxListed+5 || len(view.Members) != 2 { // the host, and who reads
		t.Fatalf("%d counted, %d shown", view.Listeners, len(view.Members))
	}
	if _, there := view.Member(first); !there {
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
	for _, title := range []string{"Ѕtаff", "ʜᴇʏʏ support", "✓ Official"} {
		_, err := l.Open(ctx, who, room.Plan{Title: title, Category: "talk", Language: "en"})
		if f := fault.As(err); f == nil || f.Code != "text.reserved" {
			t.Errorf("%q: %v", title, err)
		}
	}
	var n int
	must(t, d.QueryRow(`SELECT COUNT(*) FROM rooms`).Scan(&n))
	if n != 0 {
		t.Fatalf("%d rooms were half made", n)
	}
}

func TestFactsReachTheListenersInOrder(t *testing.T) {
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
		relay := outbox.NewRelay(d, slog.New(slog.NewTextHandler(io.Discard, nil)), outbox.Config{Node: "here", Listeners: []outbox.Listener{{
			Name: "test", Take: func(_ context.Context, rec outbox.Record) error {
				if rec.Seq == 4 && !failed {
					failed = true
					return fmt.Errorf("not now")
				}
				got <- rec.Seq
				return nil
			},
		}}})
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
		for left := 1; left > 0; { // that they were told is written down
			must(t, d.QueryRowContext(c, `SELECT COUNT(*) FROM outbox WHERE n IS NULL OR n > (SELECT MIN(n) FROM outbox_cursors)`).Scan(&left))
		}
		stop()
		must(t, <-done)
	})
}

func TestTheEndOfASessionEndsItsAdmission(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		r := l.opened(t, l.person(t))
		who := l.person(t)
		first := l.joins(t, r.ID, who)
		second := l.joins(t, r.ID, who) // from another device
		must(t, l.EndJoin(ctx, who, first))
		if m := l.member(t, r.ID, who); !m.Present {
			t.Fatal("the end of one device's session took out another")
		}
		must(t, l.EndJoin(ctx, l.person(t), second)) // of nobody in this room
		must(t, l.EndJoin(ctx, who, second))
		must(t, l.EndJoin(ctx, who, second))
		if m := l.member(t, r.ID, who); m.Present {
			t.Fatal("still in the room")
		}
		if _, there := l.canPublish(r.ID, who); there {
			t.Fatal("still connected")
		}
	})
}
