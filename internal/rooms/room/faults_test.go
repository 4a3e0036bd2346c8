package room_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// standing is what a room must not lose: who is where, in which role, muted or not, and the
// order of the hands.
func (l *fixture) standing(t *testing.T, r room.ID) (all []string) {
	t.Helper()
	all, err := db.Select(ctx, l.db, func(row interface{ Scan(...any) error }) (string, error) {
		var who, role string
		var seat, hand int64
		var here, muted, silenced bool
		err := row.Scan(&who, &role, &seat, &hand, &here, &muted, &silenced)
		return fmt.Sprintf("%s is %s, seat %d, hand %d, here %t, muted %t, by a host %t", who, role, seat, hand, here, muted, silenced), err
	}, `SELECT account_id, role, COALESCE(seat, 0), COALESCE(hand_seq, 0), join_id IS NOT NULL, muted, muted_by_host
		FROM room_members WHERE room_id = $1 ORDER BY account_id`, r)
	must(t, err)
	return all
}

// same compares a room with how it stood, but for some people.
func (l *fixture) same(t *testing.T, r room.ID, before []string, but ...account.ID) {
	t.Helper()
	without := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(one string) bool {
			return slices.ContainsFunc(but, func(who account.ID) bool { return strings.HasPrefix(one, string(who)) })
		})
	}
	if got, want := without(l.standing(t, r)), without(before); !slices.Equal(got, want) {
		t.Errorf("it stood as\n%s\nand stands as\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// stageRoom is a stage with a host, people on other seats, and hands.
type stageRoom struct {
	room            room.ID
	host            account.ID
	speakers, hands []account.ID
	joins           map[account.ID]string
}

func (l *fixture) stageOf(t *testing.T, speakers int) stageRoom {
	t.Helper()
	f := stageRoom{host: l.person(t), joins: map[account.ID]string{}}
	r, err := l.Open(ctx, f.host, room.Plan{Title: "Late talk", Category: "talk", Language: "en", Shape: room.Stage})
	must(t, err)
	f.room = r.ID
	f.joins[f.host] = l.joins(t, r.ID, f.host)
	for i := range speakers {
		who := l.person(t)
		f.speakers, f.joins[who] = append(f.speakers, who), l.joins(t, r.ID, who)
		_, err := l.AllowToSpeak(ctx, f.host, r.ID, who)
		must(t, err)
		_, err = l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		if i%3 > 0 {
			_, err = l.Mute(ctx, who, r.ID, false)
			must(t, err)
		}
		if i%6 == 1 {
			_, err = l.MuteMember(ctx, f.host, r.ID, who)
			must(t, err)
		}
	}
	_, err = l.MakeCoHost(ctx, f.host, r.ID, f.speakers[0])
	must(t, err)
	for range 5 {
		who := l.person(t)
		f.hands, f.joins[who] = append(f.hands, who), l.joins(t, r.ID, who)
	}
	slices.Reverse(f.hands)
	for _, who := range f.hands {
		_, err = l.RaiseHand(ctx, who, r.ID, "")
		must(t, err)
	}
	return f
}

// isHeard compares the media server with the rows: whoever has a seat may publish, and is muted
// as the row says.
func (l *fixture) isHeard(t *testing.T, f stageRoom, who account.ID) {
	t.Helper()
	m := l.member(t, f.room, who)
	canPublish, there := l.media.canPublish(f.room, who)
	if !there || !canPublish || l.media.muted(f.room, who) != m.Muted {
		t.Errorf("seat %d, muted %t; at the media server %t, may publish %t, muted %t", m.Seat, m.Muted, there, canPublish, l.media.muted(f.room, who))
	}
}

func TestAFullStageIsTheSameAfterTheMediaServerHasDied(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		f := l.stageOf(t, room.StageSeats-1)
		lost, leaver := f.speakers[7], f.speakers[8]

		l.media.Fail(errors.New("no media server"))
		_ = l.Reconcile(ctx) // its errors are those of the media server
		must(t, l.Leave(ctx, leaver, f.room))
		late := l.person(t)
		_, join, err := l.Join(ctx, late, f.room)
		must(t, err)
		_, err = l.RaiseHand(ctx, late, f.room, "")
		must(t, err)
		_, err = l.MuteMember(ctx, f.host, f.room, f.speakers[4])
		must(t, err)
		before := l.standing(t, f.room)

		l.media.Restart()
		l.media.Fail(nil)
		must(t, l.Reconcile(ctx))
		l.wait(5 * time.Second)
		l.listeners.Connect(string(f.room), l.media.identity(f.room, late), join)
		must(t, l.ListenerJoined(ctx, string(f.room), l.media.identity(f.room, late), join))
		for _, who := range append(slices.Clone(f.speakers), f.host) {
			if who != lost && who != leaver {
				must(t, l.connects(f.room, who, f.joins[who]))
			}
		}
		l.wait(6 * time.Second)
		must(t, l.Sweep(ctx))
		must(t, l.Reconcile(ctx))
		l.same(t, f.room, before, lost)
		for _, who := range append(slices.Clone(f.speakers), f.host) {
			if who != lost && who != leaver {
				l.isHeard(t, f, who)
			}
		}
		if m := l.member(t, f.room, lost); m.Present || m.Seat != 0 {
			t.Errorf("whoever did not come back keeps the seat: %+v", m)
		}
		if got := l.queue(t, f.room, f.host); !slices.Equal(got, append(slices.Clone(f.hands), late)) {
			t.Errorf("the queue is %v", got)
		}
		for _, who := range []account.ID{lost, leaver} { // in again, and out
			l.joins(t, f.room, who)
			_, err := l.Sit(ctx, who, f.room, 0)
			must(t, err)
			must(t, l.Leave(ctx, who, f.room))
		}
	})
}

// The process dies, and another one starts on its rows. Everybody joins again, as clients do.
func TestAStageIsTheSameInTheNextProcess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		f := l.stageOf(t, 12)
		everybody := append(append(slices.Clone(f.speakers), f.hands...), f.host)
		for _, who := range f.speakers { // whoever joins is muted
			_, err := l.Mute(ctx, who, f.room, true)
			must(t, err)
		}
		before := l.standing(t, f.room)
		l.media.Restart()
		l.listeners = testkit.NewListeners()
		l.Service = l.node(l.now)
		must(t, l.Reconcile(ctx))
		var all sync.WaitGroup
		for _, who := range everybody {
			all.Go(func() {
				if _, _, err := l.Join(ctx, who, f.room); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, who := range everybody {
			f.joins[who] = l.joins(t, f.room, who)
		}
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		must(t, l.Reconcile(ctx))
		l.same(t, f.room, before)
		for _, who := range append(slices.Clone(f.speakers), f.host) {
			l.isHeard(t, f, who)
		}
		if got := l.queue(t, f.room, f.host); !slices.Equal(got, f.hands) {
			t.Errorf("the queue is %v", got)
		}
		for _, who := range everybody {
			must(t, l.Leave(ctx, who, f.room))
		}
	})
}

func TestARoomIsInheritedTwoMinutesAfterTheHostsTabHasDied(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		f := l.stageOf(t, 3)
		l.vanishes(t, f.room, f.host)
		must(t, l.Reconcile(ctx))
		host := func(after time.Duration) account.ID {
			t.Helper()
			l.wait(after)
			must(t, l.Sweep(ctx))
			view, err := l.Get(ctx, f.hands[0], f.room)
			must(t, err)
			return view.Host
		}
		if host(9*time.Second) != f.host || !l.member(t, f.room, f.host).Present {
			t.Error("out before the line could come back")
		}
		if host(2*time.Second) != f.host || l.member(t, f.room, f.host).Present {
			t.Error("still there")
		}
		if got := host(119 * time.Second); got != f.host {
			t.Errorf("inherited too early by %s", got)
		}
		if got := host(2 * time.Second); got != f.speakers[0] {
			t.Errorf("inherited by %s, not by the co-host", got)
		}
		l.joins(t, f.room, f.host)
		if got := l.role(t, f.room, f.host); got != room.CoHost {
			t.Errorf("the host of before comes back as %s", got)
		}
	})
}

func TestHandOversAtOnceLeaveOneHost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		people := []account.ID{host}
		for range 3 {
			people = append(people, l.joined(t, r.ID))
		}
		for round := range 3 {
			var all sync.WaitGroup
			done := make(chan account.ID, len(people)*len(people))
			for _, by := range people {
				for _, to := range people {
					all.Go(func() {
						_, err := l.HandOver(ctx, by, r.ID, to)
						if err == nil {
							done <- to
						} else if fault.As(err) == nil {
							t.Error(err)
						}
					})
				}
			}
			all.Wait()
			close(done)
			if round == 0 && len(done) == 0 {
				t.Error("nobody has handed over")
			}
			var hosts []account.ID
			for _, who := range people {
				if l.role(t, r.ID, who) == room.Host {
					hosts = append(hosts, who)
				}
			}
			view, err := l.Get(ctx, host, r.ID)
			must(t, err)
			if len(hosts) != 1 || hosts[0] != view.Host {
				t.Fatalf("%v host, and the room is that of %s", hosts, view.Host)
			}
		}
	})
}

// Three rooms are joined by one person at once, and handed to them. On PostgreSQL they were in two.
func TestNobodyIsInTwoRoomsOrHostsThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 4 {
			l := open(t, d)
			heir := l.person(t)
			var all sync.WaitGroup
			var rooms []room.ID
			for range 3 {
				host := l.person(t)
				r := l.opened(t, host)
				rooms = append(rooms, r.ID)
				all.Go(func() {
					_, _, err := l.Join(ctx, heir, r.ID)
					if err == nil {
						_, err = l.HandOver(ctx, host, r.ID, heir)
					}
					if err != nil && fault.As(err) == nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			hosts, here := 0, 0
			must(t, d.QueryRow(`SELECT (SELECT COUNT(*) FROM rooms WHERE host_id = $1 AND ended_at IS NULL), (SELECT COUNT(*) FROM room_members WHERE account_id = $1 AND join_id IS NOT NULL)`, heir).Scan(&hosts, &here))
			if hosts > 1 || here > 1 {
				t.Errorf("hosts %d rooms, and is in %d", hosts, here)
			}
			for _, r := range rooms {
				n := 0
				must(t, d.QueryRow(`SELECT COUNT(*) FROM room_members m JOIN rooms r ON r.id = m.room_id WHERE r.id = $1 AND m.role = 'host' AND m.account_id = r.host_id`, r).Scan(&n))
				if n != 1 {
					t.Errorf("%d hosts", n)
				}
			}
		}
	})
}

func TestWhoeverWasRemovedStaysOutOnEveryDevice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		f := l.stageOf(t, 4)
		who := f.speakers[3]
		identity := l.media.identity(f.room, who)
		for range 3 {
			var all sync.WaitGroup
			all.Go(func() {
				if _, err := l.Remove(ctx, f.host, f.room, who); err != nil {
					t.Error(err)
				}
			})
			for range 3 { // the other devices come in, by the old join and by new ones
				all.Go(func() {
					if _, _, err := l.Join(ctx, who, f.room); err != nil && !fault.Is(err, "room.removed") && !fault.Is(err, "room.not_here") {
						t.Error(err)
					}
				})
				all.Go(func() { _, _ = l.Admit(ctx, string(f.room), identity, f.joins[who]) })
			}
			all.Wait()
			_, _, err := l.Join(ctx, who, f.room)
			refused(t, err, "room.removed")
			if _, err := l.Admit(ctx, string(f.room), identity, f.joins[who]); err == nil {
				t.Error("an old token opens the room")
			}
			if _, there := l.canPublish(f.room, who); there {
				t.Error("connected")
			}
			must(t, d.QueryRow(`SELECT 1 FROM room_members WHERE room_id = $1 AND account_id = $2 AND join_id IS NULL AND seat IS NULL AND removed_at IS NOT NULL`, f.room, who).Scan(new(int)))
			log, err := l.Log(ctx, f.host, f.room)
			must(t, err)
			l.wait(10 * time.Second)
			must(t, l.Undo(ctx, f.host, f.room, log[0].ID))
			f.joins[who] = l.joins(t, f.room, who)
		}
	})
}

// jumping is time as two nodes know it whose database has a clock that is set forth and back
// by five minutes, again and again.
type jumping struct {
	*fixture
	set, ran *testkit.Clock
	clocks   []*db.Clock
	nodes    []*room.Service
	ahead    bool
}

func jumpy(t *testing.T, d *db.DB) *jumping {
	t.Helper()
	l := open(t, d)
	j := &jumping{fixture: l, set: testkit.NewClock(l.now()), ran: testkit.NewClock(l.now())}
	for range 2 {
		j.ran.Advance(2 * time.Minute) // the second process is younger
		begun := j.ran.Now()
		clock, err := db.NewClock(ctx, func(context.Context) (time.Time, time.Duration, error) { return j.set.Now(), 0, nil },
			func() time.Duration { return j.ran.Now().Sub(begun) })
		must(t, err)
		j.clocks, j.nodes = append(j.clocks, clock), append(j.nodes, l.node(clock.Now))
		j.set.Advance(2 * time.Minute)
	}
	l.Service = j.nodes[0]
	return j
}

// jump sets the clock.
func (j *jumping) jump(t *testing.T) {
	t.Helper()
	by := 5 * time.Minute
	if j.ahead {
		by = -by
	}
	j.ahead = !j.ahead
	j.set.Advance(by)
	for _, c := range j.clocks {
		must(t, c.Follow(ctx))
	}
}

// pass lets time pass, with a jump each 30 seconds; then one node or the other sweeps.
func (j *jumping) pass(t *testing.T, d time.Duration) {
	t.Helper()
	for n := 0; d > 0; n++ {
		step := min(d, 30*time.Second)
		d -= step
		j.set.Advance(step)
		j.ran.Advance(step)
		j.jump(t)
		must(t, j.nodes[n%2].Sweep(ctx))
	}
}

func TestClocksThatJumpMoveNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		j := jumpy(t, d)
		other := j.nodes[1]
		host := j.person(t)
		r := j.opened(t, host)
		j.joins(t, r.ID, host)
		var people []account.ID
		for i := range 6 {
			who := j.joined(t, r.ID)
			people = append(people, who)
			if i < 3 {
				_, err := j.Sit(ctx, who, r.ID, 0)
				must(t, err)
			}
		}
		_, err := j.MakeCoHost(ctx, host, r.ID, people[0])
		must(t, err)
		for i, who := range []account.ID{people[5], people[3], people[4]} {
			j.jump(t)
			_, err := j.nodes[i%2].RaiseHand(ctx, who, r.ID, "")
			must(t, err)
		}
		if got := j.queue(t, r.ID, host); !slices.Equal(got, []account.ID{people[5], people[3], people[4]}) {
			t.Errorf("the queue is %v", got)
		}
		before := j.standing(t, r.ID)
		j.pass(t, 20*time.Minute)
		j.same(t, r.ID, before)

		// What a host did is undone for ten minutes, on either node.
		undone := func(after time.Duration) error {
			t.Helper()
			who := j.joined(t, r.ID)
			_, err := other.Remove(ctx, host, r.ID, who)
			must(t, err)
			log, err := j.Log(ctx, host, r.ID)
			must(t, err)
			if log[0].About != who {
				t.Fatalf("the last line of the log is about %s", log[0].About)
			}
			j.pass(t, after)
			err = j.Undo(ctx, host, r.ID, log[0].ID)
			if err == nil {
				j.joins(t, r.ID, who)
				must(t, j.Leave(ctx, who, r.ID))
			}
			return err
		}
		must(t, undone(9*time.Minute))
		refused(t, undone(11*time.Minute), "room.not_undone")

		// Whoever loses the line has ten seconds, and whoever joins half a minute: not none.
		_, _, err = other.Join(ctx, j.person(t), r.ID)
		must(t, err)
		j.jump(t)
		must(t, j.Sweep(ctx))
		if view, err := j.Get(ctx, host, r.ID); err != nil || view.Listeners != 4 {
			t.Errorf("%d listen, %v: whoever had just joined is swept", view.Listeners, err)
		}
		j.pass(t, time.Minute)
		j.same(t, r.ID, before, j.strangers(t, r.ID, append(people, host))...)

		// The host's tab dies: two minutes later the co-host has the room.
		j.vanishes(t, r.ID, host)
		must(t, j.Reconcile(ctx))
		j.pass(t, 30*time.Second)
		for after, want := range []account.ID{host, host, host, people[0]} {
			view, err := j.Get(ctx, people[0], r.ID)
			must(t, err)
			if view.Host != want {
				t.Errorf("%d: the host is %s, want %s", after, view.Host, want)
			}
			j.pass(t, 45*time.Second)
		}
	})
}

// A clock that was set back put the hand-over before the ban, and a co-host lifted it for the
// new host, for whom it was not made.
func TestTheLogOfARoomIsInOrderWhateverTheClockSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		co, next, pest := l.joined(t, r.ID), l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		_, err = l.Ban(ctx, co, r.ID, pest)
		must(t, err)
		l.wait(-5 * time.Minute)
		_, err = l.HandOver(ctx, host, r.ID, next)
		must(t, err)
		log, err := l.Log(ctx, co, r.ID)
		must(t, err)
		if log[0].Action != room.LogHandedOver || log[1].Action != room.LogBanned || log[2].Action != room.LogCoHost {
			t.Errorf("the log is %+v", log)
		}
		at := slices.IndexFunc(log, func(e room.LogEntry) bool { return e.Action == room.LogBanned })
		refused(t, l.Undo(ctx, co, r.ID, log[at].ID), "room.not_undone")
	})
}

// strangers are the members of a room who are not among some people.
func (l *fixture) strangers(t *testing.T, r room.ID, people []account.ID) []account.ID {
	t.Helper()
	all, err := db.Select(ctx, l.db, func(row interface{ Scan(...any) error }) (who account.ID, err error) {
		err = row.Scan(&who)
		return who, err
	}, `SELECT account_id FROM room_members WHERE room_id = $1`, r)
	must(t, err)
	return slices.DeleteFunc(all, func(who account.ID) bool { return slices.Contains(people, who) })
}

func TestClocksThatJumpLetNobodyGuessMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		j := jumpy(t, d)
		host, who := j.person(t), j.person(t)
		r, err := j.Open(ctx, host, room.Plan{Title: "Late talk", Category: "talk", Language: "en", Entry: room.Entry{Access: room.AccessPIN}, PIN: "2468"})
		must(t, err)
		j.joins(t, r.ID, host)
		guess := func(node int, pin string) error {
			j.jump(t)
			return j.nodes[node].EnterPIN(ctx, who, r.ID, pin, "network")
		}
		for i := range 4 {
			refused(t, guess(i%2, "0000"), "room.pin_wrong")
		}
		refused(t, guess(0, "0000"), "room.pin_spent")
		j.pass(t, 50*time.Minute)
		for node := range 2 {
			refused(t, guess(node, "2468"), "room.pin_spent")
		}
		j.pass(t, 15*time.Minute)
		must(t, guess(1, "2468"))
		_, _, err = j.Join(ctx, who, r.ID)
		must(t, err)
	})
}
