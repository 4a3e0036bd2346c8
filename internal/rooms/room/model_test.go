package room_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// oracle is a room as its rules are told to people, written down a second time and without
// any of the code under test. Only who is where counts: rows, facts and locks are not its
// business.
type oracle struct {
	stage  bool
	seats  int
	hands  room.Hands
	locked map[int]bool
	people []*somebody
	raised int // hands so far
}

type somebody struct {
	id                                                  account.ID
	role                                                room.Role
	seat, hand                                          int // 0: none
	known, here, muted, silenced, mayQueue, asked, gone bool
}

func (o *oracle) host() *somebody {
	return o.people[slices.IndexFunc(o.people, func(p *somebody) bool { return p.role == room.Host })]
}

func (o *oracle) on(seat int) *somebody {
	for _, p := range o.people {
		if p.seat == seat && seat != 0 {
			return p
		}
	}
	return nil
}

// free returns the first seat for somebody without one, or 0.
func (o *oracle) free() int {
	for n := 1; n <= o.seats; n++ {
		if o.on(n) == nil && !o.locked[n] {
			return n
		}
	}
	return 0
}

func (p *somebody) leads() bool { return p.role == room.Host || p.role == room.CoHost && p.here }

func (o *oracle) join(p *somebody) bool {
	if p.gone {
		return false
	}
	if !p.known {
		p.known, p.role, p.mayQueue = true, room.Listener, !o.stage
	}
	p.here, p.muted = true, true
	return true
}

func (p *somebody) standUp() {
	p.seat, p.muted, p.hand = 0, true, 0
	if p.role == room.Speaker {
		p.role = room.Listener
	}
}

func (p *somebody) goAway() {
	p.standUp()
	p.here, p.asked = false, false
}

func (p *somebody) sitDown(n int) {
	if p.seat == 0 {
		p.muted, p.asked, p.hand = true, false, 0
	}
	if p.seat = n; p.role == room.Listener {
		p.role = room.Speaker
	}
}

func (o *oracle) sit(p *somebody, n int) bool {
	if !p.here {
		return false
	}
	if n == 0 && p.seat != 0 || n != 0 && n == p.seat {
		return true
	}
	if !p.mayQueue || n > o.seats || n != 0 && (o.on(n) != nil || o.locked[n] && !p.leads()) {
		return false
	}
	if n == 0 {
		if n = o.free(); n == 0 {
			return false
		}
	}
	p.sitDown(n)
	return true
}

func (o *oracle) raise(p *somebody) bool {
	if !p.here || p.leads() || p.seat != 0 && !p.silenced || o.hands == room.HandsOff {
		return false
	}
	if p.hand == 0 {
		o.raised++
		p.hand = o.raised
	}
	return true
}

func (o *oracle) accept(p *somebody) bool {
	n := o.free()
	if !p.here || !p.asked || n == 0 {
		return false
	}
	p.mayQueue = true
	p.sitDown(n)
	return true
}

// mayTouch reports whether by may do a host's work on p.
func (o *oracle) mayTouch(by, p *somebody, evenGone bool) bool {
	return by.leads() && by != p && (p.role != room.Host || by.role == room.Host) && p.known && (p.here || evenGone)
}

func (o *oracle) coHost(by, p *somebody, on bool) bool {
	if by.role != room.Host || by == p || !p.known || on && !p.here {
		return false
	}
	switch {
	case on && p.role != room.CoHost:
		p.role, p.mayQueue, p.silenced, p.asked, p.hand = room.CoHost, true, false, false, 0
	case !on && p.role == room.CoHost:
		if p.role = room.Listener; p.seat != 0 {
			p.role = room.Speaker
		}
	}
	return true
}

// TestTheRoomIsAsItsRulesSay lets twelve people do what comes to their minds, also what they
// may not, and compares the room with the oracle after each step.
func TestTheRoomIsAsItsRulesSay(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) { walk(t, open(t, d), rand.New(rand.NewPCG(seed, 12)), seed%2 == 0) })
		})
	}
}

func walk(t *testing.T, l *fixture, dice *rand.Rand, stage bool) {
	host := l.person(t)
	plan := room.Plan{Title: "Late talk", Category: "talk", Language: "en"}
	o := &oracle{stage: stage, seats: room.Seats, hands: room.HandsOpen, locked: map[int]bool{}}
	if stage {
		plan.Shape, o.seats = room.Stage, room.StageSeats
	}
	r, err := l.Open(ctx, host, plan)
	must(t, err)
	o.people = []*somebody{{id: host, role: room.Host, known: true, here: true, muted: true, mayQueue: true, seat: 1}}
	for range 11 {
		o.people = append(o.people, &somebody{id: l.person(t), role: room.Listener})
	}
	change := func(_ room.Changed, err error) error { return err }
	done, refusals := 0, 0
	for step := range 1000 {
		// Few do most of it, or hardly ever would one thing follow another.
		by, p, seat := o.people[dice.IntN(1+dice.IntN(12))], o.people[dice.IntN(1+dice.IntN(12))], dice.IntN(o.seats+2)
		if dice.IntN(3) == 0 {
			by = o.host()
		}
		for _, one := range o.people {
			switch odds := dice.IntN(6); {
			case one.silenced && odds == 0:
				by = one
			case one.silenced && odds == 1, one.hand != 0 && odds == 2:
				p = one
			}
		}
		var want bool
		var what string
		var err error
		switch dice.IntN(22) {
		case 0, 1, 2:
			what, want = "join", o.join(by)
			_, _, err = l.Join(ctx, by.id, r.ID)
		case 3:
			what, want = "leave", true
			if by.here {
				by.goAway()
			}
			err = l.Leave(ctx, by.id, r.ID)
		case 4, 5:
			what, want = fmt.Sprint("sit ", seat), o.sit(by, seat)
			err = change(l.Service.Sit(ctx, by.id, r.ID, seat))
		case 6:
			if what, want = "stand", by.here; want && by.seat != 0 {
				by.standUp()
			}
			err = change(l.Stand(ctx, by.id, r.ID))
		case 7:
			if what, want = "mute", by.here; want {
				by.muted = true
			}
			err = change(l.Mute(ctx, by.id, r.ID, true))
		case 8, 9:
			if what, want = "unmute", by.here && by.seat != 0 && (!by.silenced || by.role == room.Host); want {
				by.muted = false
			}
			err = change(l.Mute(ctx, by.id, r.ID, false))
		case 10:
			what, want = "raise", o.raise(by)
			err = change(l.RaiseHand(ctx, by.id, r.ID, ""))
		case 11:
			if what, want = "lower", p.here && (by == p || by.leads() && (p.role != room.Host || by.role == room.Host)); want {
				p.hand = 0
			}
			err = change(l.LowerHand(ctx, by.id, r.ID, p.id))
		case 12, 13:
			if what, want = "invite", o.mayTouch(by, p, false) && p.seat == 0; want {
				p.asked = true
			}
			err = change(l.Invite(ctx, by.id, r.ID, p.id))
		case 14:
			what, want = "accept", o.accept(by)
			err = change(l.AnswerInvite(ctx, by.id, r.ID, true))
		case 15:
			if what, want = "decline", by.here && by.asked; want {
				by.asked, by.hand = false, 0
			}
			err = change(l.AnswerInvite(ctx, by.id, r.ID, false))
		case 16:
			if what, want = "mute another", o.mayTouch(by, p, false) && p.seat != 0; want {
				p.muted, p.silenced = true, true
			}
			err = change(l.MuteMember(ctx, by.id, r.ID, p.id))
		case 17:
			if what, want = "allow to unmute", o.mayTouch(by, p, false); want && p.silenced {
				if p.silenced = false; p.seat != 0 {
					p.hand = 0
				}
			}
			err = change(l.AllowToUnmute(ctx, by.id, r.ID, p.id))
		case 18:
			if what, want = "move to the audience", o.mayTouch(by, p, false); want && (p.seat != 0 || p.mayQueue || p.asked) {
				p.standUp()
				p.mayQueue, p.asked = false, false
			}
			err = change(l.MoveToAudience(ctx, by.id, r.ID, p.id))
		case 19:
			on := dice.IntN(3) > 0
			what, want = fmt.Sprint("co-host ", on), o.coHost(by, p, on)
			if on {
				err = change(l.MakeCoHost(ctx, by.id, r.ID, p.id))
			} else {
				err = change(l.UnmakeCoHost(ctx, by.id, r.ID, p.id))
			}
		case 20:
			if dice.IntN(4) > 0 {
				on := dice.IntN(2) > 0
				if what, want = fmt.Sprint("lock ", seat, on), by.leads() && seat >= 1 && seat <= o.seats && o.on(seat) == nil; want {
					o.locked[seat] = on
				}
				err = l.LockSeat(ctx, by.id, r.ID, seat, on)
				break
			}
			hands := []room.Hands{room.HandsOpen, room.HandsOff}[dice.IntN(2)]
			if what, want = fmt.Sprint("hands ", hands), by.leads(); want {
				o.hands = hands
			}
			err = l.SetHands(ctx, by.id, r.ID, hands)
		case 21:
			if dice.IntN(3) == 0 {
				if what, want = "remove", o.mayTouch(by, p, true); want {
					p.goAway()
					p.gone, p.role = true, room.Listener
				}
				err = change(l.Remove(ctx, by.id, r.ID, p.id))
				break
			}
			if what, want = "hand over", by.role == room.Host && by != p && p.here; want {
				by.role, p.role, p.mayQueue, p.silenced, p.asked, p.hand = room.CoHost, room.Host, true, false, false, 0
			}
			err = change(l.HandOver(ctx, by.id, r.ID, p.id))
		}
		if (err == nil) != want {
			t.Fatalf("step %d: %s by %+v to %+v: %v, want %v", step, what, *by, *p, err, want)
		}
		if want {
			done++
		} else {
			refusals++
		}
		o.compare(t, l, r.ID, fmt.Sprintf("step %d, %s by %s to %s", step, what, by.id, p.id))
	}
	t.Logf("%d done, %d refused", done, refusals)
	if done < 100 || refusals < 50 {
		t.Errorf("the walk has seen too little: %d done, %d refused", done, refusals)
	}
}

// compare fails the test where the rows are not what the oracle says.
func (o *oracle) compare(t *testing.T, l *fixture, r room.ID, what string) {
	t.Helper()
	rows, err := l.db.Query(`SELECT account_id, role, COALESCE(seat, 0), muted, muted_by_host, can_speak, invited, join_id IS NOT NULL, removed_at IS NOT NULL
		FROM room_members WHERE room_id = $1`, r)
	must(t, err)
	defer func() { _ = rows.Close() }()
	got := map[account.ID]somebody{}
	for rows.Next() {
		p := somebody{known: true}
		must(t, rows.Scan(&p.id, &p.role, &p.seat, &p.muted, &p.silenced, &p.mayQueue, &p.asked, &p.here, &p.gone))
		got[p.id] = p
	}
	must(t, rows.Err())
	var queue []*somebody
	for _, p := range o.people {
		if p.hand != 0 {
			queue = append(queue, p)
		}
		want := *p
		want.hand = 0
		if !p.known {
			want = somebody{}
		}
		if got[p.id] != want {
			t.Fatalf("%s: is %+v, want %+v", what, got[p.id], want)
		}
	}
	listening, lively := 0, 0
	must(t, l.db.QueryRow(`SELECT listening, lively FROM rooms WHERE id = $1`, r).Scan(&listening, &lively))
	heard, seated := 0, 0
	for _, p := range o.people {
		if p.here && p.seat == 0 {
			heard++
		}
		if p.seat != 0 {
			seated++
		}
	}
	if listening != heard || lively != 1_000_000*seated+heard {
		t.Fatalf("%s: %d listen, lively %d; want %d, and %d seated", what, listening, lively, heard, seated)
	}
	slices.SortFunc(queue, func(a, b *somebody) int { return cmp.Compare(a.hand, b.hand) })
	hands, err := l.ReadHands(ctx, o.host().id, r)
	must(t, err)
	if !slices.EqualFunc(hands, queue, func(h room.Hand, p *somebody) bool { return h.Account == p.id }) {
		t.Fatalf("%s: the queue is %v, want %v", what, hands, queue)
	}
	view, err := l.Get(ctx, o.host().id, r)
	must(t, err)
	for n := 1; n <= o.seats; n++ {
		if slices.Contains(view.Locked(), n) != o.locked[n] {
			t.Fatalf("%s: seat %d locked: %v", what, n, view.Locked())
		}
	}
}
