package room_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
)

// applied puts changes onto a room as clients do.
func applied(r room.Room, c room.Changes) room.Room {
	r.Members = slices.Clone(r.Members)
	listens := func(m room.Member) int {
		if m.Present && m.Seat == 0 {
			return 1
		}
		return 0
	}
	for _, f := range c.Members {
		before := 0
		i := slices.IndexFunc(r.Members, func(m room.Member) bool { return m.Account == f.Member.Account })
		if i >= 0 {
			before = listens(r.Members[i])
			r.Members = slices.Delete(r.Members, i, i+1)
		}
		if f.Member.Present {
			r.Members = append(r.Members, f.Member)
		}
		r.Listeners += listens(f.Member) - before
	}
	if c.End != nil {
		r.EndedAt, r.EndReason = c.End.At, c.End.Reason
	}
	r.Seq = c.Seq
	return r
}

// shown prints a room as a client shows it, whatever the order of its listeners.
func shown(r room.Room) string {
	lines := []string{}
	for _, m := range r.Members {
		lines = append(lines, fmt.Sprintf("%s %s %d %t %t %t", m.Account, m.Role, m.Seat, m.Muted, m.CanSpeak, m.Present))
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s seq %d listeners %d ended %d %s\n%s", r.ID, r.Seq, r.Listeners, r.EndedAt.UnixMilli(), r.EndReason, strings.Join(lines, "\n"))
}

// The model: whatever happens in a room, for each viewer the room they knew and the
// changes since are the room as they would read it, or the changes are refused.
func TestChangesAndAnOldRoomAreTheRoomAsItIsReadNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 1))
		told, tooOld, refusals := 0, 0, 0
		for range 4 {
			l, s := apart(t, d)
			host := l.person(t)
			r := l.opened(t, host).ID
			people := []account.ID{host}
			for range 7 {
				people = append(people, l.person(t))
			}
			known := map[account.ID]room.Room{}
			one := func() account.ID { return people[rnd.IntN(len(people))] }
			guest := func() account.ID { return people[1+rnd.IntN(len(people)-1)] }
			for _, pair := range [][2]account.ID{{people[1], people[2]}, {people[3], people[1]}} {
				must(t, s.Block(ctx, pair[0], pair[1])) // before anybody comes
			}
			for range 60 {
				l.wait(time.Second)
				by, what := one(), rnd.IntN(40)
				var err error
				switch {
				case what < 14:
					_, _, err = l.Join(ctx, by, r)
				case what < 18:
					err = l.Leave(ctx, guest(), r)
				case what < 23:
					_, err = l.Sit(ctx, by, r, 0)
				case what < 26:
					_, err = l.Stand(ctx, by, r)
				case what < 31:
					_, err = l.Mute(ctx, by, r, rnd.IntN(2) == 0)
				case what < 33:
					_, err = l.MoveToAudience(ctx, host, r, guest())
				case what < 35:
					_, err = l.AllowToSpeak(ctx, host, r, guest())
				case what == 35 && rnd.IntN(3) == 0:
					_, err = l.Remove(ctx, host, r, guest())
				case what == 36:
					err = s.Block(ctx, guest(), guest())
				case what == 37: // no live event tells of whom one may see again
					err = s.Unblock(ctx, guest(), guest())
					clear(known)
				}
				if err != nil && fault.KindOf(err) == fault.Internal {
					t.Fatal(err)
				}
				for _, viewer := range people {
					now, failed := l.Get(ctx, viewer, r)
					old, ok := known[viewer]
					if !ok {
						if failed == nil {
							known[viewer] = now
						}
						continue
					}
					c, err := l.Changes(ctx, viewer, r, old.Seq)
					m, _ := now.Member(viewer)
					switch {
					case failed != nil:
						refusals++
						if fault.As(failed) != fault.As(err) {
							t.Fatalf("the room: %v, its changes: %v", failed, err)
						}
						delete(known, viewer)
						continue
					case fault.Is(err, "live.too_old"):
						tooOld++
						known[viewer] = now
						continue
					case err != nil:
						t.Fatal(err)
					case !m.Present:
						t.Fatalf("somebody outside is told %+v", c)
					}
					if got, want := shown(applied(old, c)), shown(now); got != want {
						t.Fatalf("to %s, since %d: %+v\n%s\nis not\n%s", viewer, old.Seq, c, got, want)
					}
					told += len(c.Members)
					if int(c.Seq-old.Seq) != len(c.Members) {
						t.Fatalf("since %d up to %d there are %d changes", old.Seq, c.Seq, len(c.Members))
					}
					if rnd.IntN(4) == 0 { // otherwise the next changes are longer
						known[viewer] = now
					}
				}
			}
			// At last, of whoever was still inside.
			must(t, l.End(ctx, host, r))
			for viewer, old := range known {
				now, failed := l.Get(ctx, viewer, r)
				c, err := l.Changes(ctx, viewer, r, old.Seq)
				if failed != nil || err != nil {
					if fault.As(failed) != fault.As(err) {
						t.Fatalf("the room: %v, its changes: %v", failed, err)
					}
					continue
				}
				if got := applied(old, c); got.Seq != now.Seq || !got.EndedAt.Equal(now.EndedAt) || got.EndReason != now.EndReason || len(c.Members) > 0 {
					t.Fatalf("of the end %+v is told", c)
				}
			}
		}
		t.Logf("told %d, too old %d, refused %d", told, tooOld, refusals)
		if told < 100 || tooOld < 20 {
			t.Errorf("the walk has seen too little: told %d, too old %d, refused %d", told, tooOld, refusals)
		}
	})
}

func (l *fixture) tooOld(t *testing.T, viewer account.ID, r room.ID, since int64) {
	t.Helper()
	c, err := l.Changes(ctx, viewer, r, since)
	if !fault.Is(err, "live.too_old") {
		t.Errorf("since %d: %+v, %v", since, c, err)
	}
}

func (l *fixture) missed(t *testing.T, viewer account.ID, r room.ID, since int64, want ...room.Cause) {
	t.Helper()
	c, err := l.Changes(ctx, viewer, r, since)
	must(t, err)
	var got []room.Cause
	for _, f := range c.Members {
		got = append(got, f.Cause)
	}
	if !slices.Equal(got, want) {
		t.Errorf("since %d: %v, want %v", since, got, want)
	}
}

func TestChangesAreToldToThoseInside(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		one := l.joined(t, r.ID)
		since := l.seq(t, r.ID, host)
		_, err := l.Sit(ctx, one, r.ID, 0)
		must(t, err)
		_, err = l.Mute(ctx, one, r.ID, false)
		must(t, err)
		l.missed(t, host, r.ID, since, room.Sat, room.Unmuted)
		l.missed(t, one, r.ID, since, room.Sat, room.Unmuted)
		l.missed(t, host, r.ID, since+1, room.Unmuted)
		l.missed(t, host, r.ID, since+2)

		// What nobody can know.
		for _, wrong := range []int64{-1, 0, since + 3, 1 << 62, -1 << 63} {
			l.tooOld(t, host, r.ID, wrong)
		}

		// An outsider learns what Get says, and no more; so does who has left.
		stranger, blocked := l.person(t), l.person(t)
		l.tooOld(t, stranger, r.ID, since)
		must(t, s.Block(ctx, one, blocked))
		_, err = l.Changes(ctx, blocked, r.ID, since)
		refused(t, err, "room.not_found")
		_, err = l.Changes(ctx, host, room.ID(stranger), since)
		refused(t, err, "room.not_found")
		must(t, l.Leave(ctx, one, r.ID))
		l.tooOld(t, one, r.ID, since)
		l.missed(t, host, r.ID, since+2, room.Left)
		// Back again: whoever came and went meanwhile was not seen.
		l.joins(t, r.ID, one)
		l.tooOld(t, one, r.ID, since+2)
		l.missed(t, one, r.ID, l.seq(t, r.ID, one))
		_, err = l.Remove(ctx, host, r.ID, one)
		must(t, err)
		_, err = l.Changes(ctx, one, r.ID, since)
		refused(t, err, "room.removed")
	})
}

func (l *fixture) seq(t *testing.T, r room.ID, viewer account.ID) int64 {
	t.Helper()
	view, err := l.Get(ctx, viewer, r)
	must(t, err)
	return view.Seq
}

func TestTheEndIsTheLastChangeAndTheOnlyOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		inside, stranger := l.joined(t, r.ID), l.person(t)
		since := l.seq(t, r.ID, inside)
		l.joined(t, r.ID)
		must(t, l.End(ctx, host, r.ID))
		for _, viewer := range []account.ID{inside, stranger} {
			c, err := l.Changes(ctx, viewer, r.ID, since)
			must(t, err)
			if c.Seq != since+2 || len(c.Members) != 0 || c.End == nil || c.End.Seq != c.Seq || c.End.Reason != room.EndedByHost {
				t.Errorf("of the end %+v is told", c)
			}
			c, err = l.Changes(ctx, viewer, r.ID, since+2)
			must(t, err)
			if c.Seq != since+2 || len(c.Members) != 0 || c.End != nil {
				t.Errorf("after the end %+v is told", c)
			}
		}
		_, err := d.Exec(`DELETE FROM outbox`)
		must(t, err)
		l.tooOld(t, inside, r.ID, since)
	})
}

func TestChangesWithAGapAreTooOld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, missing := range []string{"seq < 4", "seq = 4", "seq = 5", "seq = 6", "seq = 3"} {
			l := open(t, d)
			host := l.person(t)
			r := l.opened(t, host) // joined 1, sat 2
			for range 4 {          // 3 to 6
				l.joined(t, r.ID)
			}
			l.missed(t, host, r.ID, 3, room.Joined, room.Joined, room.Joined)
			_, err := d.Exec(`DELETE FROM outbox WHERE scope = $1 AND `+missing, "room:"+string(r.ID))
			must(t, err)
			l.tooOld(t, host, r.ID, 3)
		}
	})
}

func TestMoreChangesThanAHundredAreTooOld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		for i := range 101 {
			_, err := l.Mute(ctx, host, r.ID, i%2 == 1)
			must(t, err)
		}
		l.tooOld(t, host, r.ID, 2)
		c, err := l.Changes(ctx, host, r.ID, 3)
		must(t, err)
		if len(c.Members) != 100 || c.Members[99].Seq != 103 || c.Seq != 103 {
			t.Errorf("%d changes up to %d", len(c.Members), c.Seq)
		}
	})
}

// Whom a viewer may see has changed, so that what they knew and what is told would speak
// of different people.
func TestAfterABlockInsideChangesAreTooOld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, between := range map[string]func(t *testing.T, l *fixture, s *safety.Service, r room.ID, viewer, other account.ID){
			"the viewer blocks": func(t *testing.T, _ *fixture, s *safety.Service, _ room.ID, a, b account.ID) {
				must(t, s.Block(ctx, a, b))
			},
			"the other blocks": func(t *testing.T, _ *fixture, s *safety.Service, _ room.ID, a, b account.ID) {
				must(t, s.Block(ctx, b, a))
			},
			"the viewer reports": func(t *testing.T, _ *fixture, s *safety.Service, _ room.ID, a, b account.ID) { report(t, s, a, b) },
			"the other leaves, and then blocks": func(t *testing.T, l *fixture, s *safety.Service, r room.ID, a, b account.ID) {
				must(t, l.Leave(ctx, b, r))
				must(t, s.Block(ctx, b, a))
			},
		} {
			t.Run(name, func(t *testing.T) {
				l, s := apart(t, d)
				host := l.person(t)
				r := l.opened(t, host).ID
				viewer, other, bystander := l.joined(t, r), l.joined(t, r), l.joined(t, r)
				since := l.seq(t, r, viewer)
				between(t, l, s, r, viewer, other)
				l.tooOld(t, viewer, r, since)
				_, err := l.Changes(ctx, bystander, r, since)
				must(t, err)
			})
		}
	})
}

func report(t *testing.T, s *safety.Service, by, on account.ID) {
	t.Helper()
	must(t, s.Report(ctx, by, on, safety.Complaint{Reason: "spam", Place: "profile"}))
}

// The attack: whoever is blocked watches whether changes become too old, and knows that they
// were blocked, or that somebody who blocked them listens in this room. They learn what the
// live events tell: that they should read the room again, once.
func TestChangesTellNoMoreOfBlocksThanLiveEvents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host).ID
		viewer, far, near := l.joined(t, r), l.person(t), l.joined(t, r)
		since := l.seq(t, r, viewer)
		must(t, s.Block(ctx, far, viewer))
		l.missed(t, viewer, r, since)

		must(t, s.Block(ctx, near, viewer)) // room_changed
		l.tooOld(t, viewer, r, since)
		l.joined(t, r)
		since = l.seq(t, r, viewer)
		l.missed(t, viewer, r, since) // near listens, and nothing says so
		_, err := l.Mute(ctx, host, r, false)
		must(t, err)
		l.missed(t, viewer, r, since, room.Unmuted)

		since = l.seq(t, r, viewer)
		must(t, s.Unblock(ctx, near, viewer))
		l.missed(t, viewer, r, since)

		// Who came and went while they were excluded is not told afterwards, either.
		again := l.person(t)
		must(t, s.Block(ctx, again, viewer))
		l.joins(t, r, again)
		must(t, l.Leave(ctx, again, r))
		must(t, s.Unblock(ctx, again, viewer))
		l.tooOld(t, viewer, r, since)
		l.missed(t, host, r, since, room.Joined, room.Left)
		since = l.seq(t, r, viewer)
		l.missed(t, viewer, r, since)
		must(t, s.Block(ctx, viewer, near)) // room_changed again
		l.joined(t, r)
		since = l.seq(t, r, viewer)
		must(t, l.Leave(ctx, near, r)) // and again
		l.tooOld(t, viewer, r, since)
		l.missed(t, host, r, since, room.Left)
		l.missed(t, viewer, r, l.seq(t, r, viewer))
	})
}
