package room_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
)

// apart is a fixture with blocks.
func apart(t *testing.T, d *db.DB) (*fixture, *safety.Service) {
	l := open(t, d)
	return l, safety.New(d, l.Separate, l.now, func() {})
}

// standing is where somebody is in a room: "out", "listens" or "sits", and
// whether that is what the media server carries out once it is told.
func (l *fixture) state(t *testing.T, r room.ID, who account.ID) string {
	t.Helper()
	must(t, l.SyncMedia(ctx, r, who))
	canPublish, there := l.canPublish(r, who)
	m := l.member(t, r, who)
	switch {
	case !m.Present && !there:
		return "out"
	case m.Present && m.Seat == 0 && there && !canPublish:
		return "listens"
	case m.Present && m.Seat != 0 && there && canPublish:
		return "sits"
	}
	return fmt.Sprintf("rows %+v, media %t %t", m, there, canPublish)
}

func (l *fixture) sees(t *testing.T, who account.ID, r room.ID) bool {
	t.Helper()
	all, err := l.Lobby(ctx, who, "", "")
	must(t, err)
	return slices.ContainsFunc(all, func(o room.Room) bool { return o.ID == r })
}

func TestBlocksAndReportsCloseARoomToBothSides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, how := range []string{"the host blocks", "blocks the host", "the host reports", "reports the host", "a speaker blocks", "blocks a speaker"} {
			t.Run(how, func(t *testing.T) {
				l, s := apart(t, d)
				host := l.person(t)
				r := l.opened(t, host)
				l.joins(t, r.ID, host)
				speaker, other := l.joined(t, r.ID), l.person(t)
				_, err := l.Sit(ctx, speaker, r.ID, 0)
				must(t, err)
				if !l.sees(t, other, r.ID) {
					t.Fatal("a stranger does not see the room")
				}
				switch how {
				case "the host blocks":
					must(t, s.Block(ctx, host, other))
				case "blocks the host":
					must(t, s.Block(ctx, other, host))
				case "the host reports":
					must(t, s.Report(ctx, host, other, safety.Complaint{Reason: "spam", Place: "profile"}))
				case "reports the host":
					must(t, s.Report(ctx, other, host, safety.Complaint{Reason: "spam", Place: "profile"}))
				case "a speaker blocks":
					must(t, s.Block(ctx, speaker, other))
				case "blocks a speaker":
					must(t, s.Block(ctx, other, speaker))
				}
				if l.sees(t, other, r.ID) || !l.sees(t, speaker, r.ID) || !l.sees(t, host, r.ID) {
					t.Fatal("the lobby")
				}
				_, unknown := l.Get(ctx, other, room.ID(l.person(t)))
				_, hidden := l.Get(ctx, other, r.ID)
				own := how == "blocks the host" || how == "blocks a speaker" // see TestOnlyWhoHasBlockedIsToldWhyTheyStayOut
				if !own && fault.As(unknown) != fault.As(hidden) {
					t.Fatalf("reading it: %v, not %v", hidden, unknown)
				}
				_, _, unknown = l.Join(ctx, other, room.ID(l.person(t)))
				_, _, hidden = l.Join(ctx, other, r.ID)
				if !own && (fault.As(unknown) != fault.As(hidden) || !fault.Is(hidden, "room.not_found")) || own && !fault.Is(hidden, "room.blocked_here") {
					t.Fatalf("joining it: %v, not %v", hidden, unknown)
				}
				closed, err := l.ClosedTo(ctx, r.ID)
				must(t, err)
				if !slices.Equal(closed, []account.ID{other}) {
					t.Fatalf("closed to %v", closed)
				}
				// Nobody is kept apart by a speaker who has gone.
				if how == "a speaker blocks" {
					_, err := l.Stand(ctx, speaker, r.ID)
					must(t, err)
					if !l.sees(t, other, r.ID) {
						t.Fatal("still closed")
					}
				}
			})
		}
	})
}

func TestABlockInsideARoomActsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, c := range []struct{ by, on, wantBy, wantOn string }{
			{"hosts", "listens", "sits", "out"},
			{"hosts", "sits", "sits", "out"},
			{"listens", "hosts", "out", "sits"},
			{"sits", "hosts", "out", "sits"},
			{"sits", "listens", "sits", "out"},
			{"listens", "sits", "out", "sits"},
			{"sits", "sits", "sits", "out"},
			{"listens", "listens", "listens", "listens"},
			{"listens", "outside", "listens", "out"},
		} {
			t.Run(c.by+" blocks who "+c.on, func(t *testing.T) {
				l, s := apart(t, d)
				host := l.person(t)
				r := l.opened(t, host)
				l.joins(t, r.ID, host)
				bystander := l.joined(t, r.ID)
				place := func(as string) account.ID {
					switch as {
					case "hosts":
						return host
					case "outside":
						return l.person(t)
					}
					who := l.joined(t, r.ID)
					if as == "sits" {
						_, err := l.Sit(ctx, who, r.ID, 0)
						must(t, err)
						_, err = l.Mute(ctx, who, r.ID, false)
						must(t, err)
					}
					return who
				}
				by, on := place(c.by), place(c.on)
				must(t, s.Block(ctx, by, on))
				must(t, s.Block(ctx, by, on)) // twice is once
				for who, want := range map[account.ID]string{by: c.wantBy, on: c.wantOn, bystander: "listens"} {
					got := "out"
					if _, err := l.Get(ctx, who, r.ID); err == nil {
						got = l.state(t, r.ID, who)
					} else {
						refused(t, err, map[bool]string{true: "room.blocked_here", false: "room.not_found"}[who == by])
						must(t, l.SyncMedia(ctx, r.ID, who))
						if _, there := l.canPublish(r.ID, who); there {
							got = "connected"
						}
					}
					if got != want {
						t.Errorf("%s, not %s", got, want)
					}
				}
				// Nobody sees whom they are kept apart from, nor counts them.
				for _, two := range [][2]account.ID{{by, on}, {on, by}} {
					view, err := l.Get(ctx, two[0], r.ID)
					if err != nil {
						continue
					}
					if m, seen := view.Member(two[1]); seen {
						t.Errorf("sees %+v", m)
					}
					listing := 0
					for _, m := range view.Members {
						if m.Seat == 0 {
							listing++
						}
					}
					if m, _ := view.Member(two[0]); m.Present && view.Listeners != listing {
						t.Errorf("%d counted, %d listed", view.Listeners, listing)
					}
				}
				// The others learn that somebody left, and no more.
				seqs, _ := l.facts(t, r.ID)
				for i, seq := range seqs {
					if seq != int64(i+1) {
						t.Fatalf("numbers: %v", seqs)
					}
				}
			})
		}
	})
}

func TestWhoeverSitsDownTakesListenersOutWhomTheyMustNotMeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, blocker := range []string{"listens on", "sits down"} {
			t.Run("the one who "+blocker+" has blocked", func(t *testing.T) {
				l, s := apart(t, d)
				host := l.person(t)
				r := l.opened(t, host)
				l.joins(t, r.ID, host)
				sitter, listener := l.joined(t, r.ID), l.joined(t, r.ID)
				by, on := listener, sitter
				if blocker == "sits down" {
					by, on = sitter, listener
				}
				must(t, s.Block(ctx, by, on))
				_, err := l.Sit(ctx, sitter, r.ID, 0)
				must(t, err)
				if got := l.state(t, r.ID, sitter); got != "sits" {
					t.Fatal(got)
				}
				must(t, l.SyncMedia(ctx, r.ID, listener))
				if _, there := l.canPublish(r.ID, listener); there {
					t.Fatal("they hear each other")
				}
				_, _, err = l.Join(ctx, listener, r.ID)
				refused(t, err, map[bool]string{true: "room.blocked_here", false: "room.not_found"}[by == listener])
				must(t, s.Unblock(ctx, by, on))
				l.joins(t, r.ID, listener)
			})
		}
	})
}

// Where the lobby counted everybody and the room fewer, the difference told that
// somebody listens who has blocked the one who asks.
func TestARoomCountsTheSameFromInsideFromOutsideAndInTheLobby(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		anna, bob := l.joined(t, r.ID), l.person(t)
		carl := l.joined(t, r.ID)
		must(t, s.Block(ctx, anna, bob))
		for _, inside := range []int{0, 1} { // bob is outside, then inside
			if inside == 1 {
				l.joins(t, r.ID, bob)
			}
			fewer, err := l.HiddenListeners(ctx, r.ID)
			must(t, err)
			card, _, _, err := l.Card(ctx, r.ID)
			must(t, err)
			for who, want := range map[account.ID]int{bob: 1 + inside, carl: 2 + inside, host: 2 + inside, anna: 2} {
				view, err := l.Get(ctx, who, r.ID)
				must(t, err)
				lobby, err := l.Lobby(ctx, who, "", "")
				must(t, err)
				if len(lobby) != 1 || lobby[0].Listeners != want || view.Listeners != want || card.Listeners-fewer[who] != want {
					t.Errorf("the lobby says %+v, the room %d, the card %d, want %d", lobby, view.Listeners, card.Listeners-fewer[who], want)
				}
			}
		}
	})
}

// A stranger who sat down and blocked everybody emptied any room.
func TestNobodyEmptiesARoomByBlocking(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		mallory := l.joined(t, r.ID)
		_, err := l.Sit(ctx, mallory, r.ID, 0)
		must(t, err)
		var others []account.ID
		for i := range 5 {
			who := l.joined(t, r.ID)
			if i%2 == 0 {
				_, err := l.Sit(ctx, who, r.ID, 0)
				must(t, err)
			}
			others = append(others, who)
		}
		for _, who := range others {
			must(t, s.Block(ctx, mallory, who))
		}
		seen, err := l.Get(ctx, host, r.ID)
		must(t, err)
		out := func(who account.ID) bool { m, _ := seen.Member(who); return !m.Present }
		left := 0
		for _, who := range others {
			if out(who) {
				left++
			}
		}
		if left != 2 {
			t.Errorf("%d of 5 are out", left)
		}
		if !out(mallory) {
			t.Error("the one who blocked them all stays")
		}

		// Nor by blocking first and sitting down after that.
		eve := l.joined(t, r.ID)
		for range 3 {
			must(t, s.Block(ctx, eve, l.joined(t, r.ID)))
		}
		_, err = l.Sit(ctx, eve, r.ID, 0)
		refused(t, err, "room.seat_shut")

		// The host may.
		for _, who := range others[2:] {
			must(t, s.Block(ctx, host, who))
			if _, err := l.Get(ctx, who, r.ID); err == nil {
				t.Error("somebody whom the host blocked stays")
			}
		}
	})
}

// A block and a join at the same moment: one of them finds the other, whichever
// comes first.
func TestABlockAndAJoinAtOnceNeverMeet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		for range 20 {
			host, who := l.person(t), l.person(t)
			r := l.opened(t, host)
			l.joins(t, r.ID, host)
			var both sync.WaitGroup
			both.Go(func() {
				if err := s.Block(ctx, host, who); err != nil {
					t.Error(err)
				}
			})
			both.Go(func() {
				if _, _, err := l.Join(ctx, who, r.ID); err != nil && !fault.Is(err, "room.not_found") {
					t.Error(err)
				}
			})
			both.Wait()
			_, err := l.Get(ctx, who, r.ID)
			refused(t, err, "room.not_found")
			var here int
			must(t, d.QueryRow(`SELECT COUNT(*) FROM room_members WHERE room_id = $1 AND account_id = $2 AND join_id IS NOT NULL`, r.ID, who).Scan(&here))
			if here != 0 {
				t.Fatal("is in the room of somebody who blocked them")
			}
		}
	})
}

func TestTheGateAsksWhetherTheTwoAreApart(t *testing.T) {
	d := dbtest.SQLite(t)
	l := open(t, d)
	host, who := l.person(t), l.person(t)
	r := l.opened(t, host)
	l.joins(t, r.ID, host)
	joinID := l.joins(t, r.ID, who)
	// A block of which the room was not told: the rows alone say so.
	_, err := d.Exec(`INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, host, who)
	must(t, err)
	_, err = l.Admit(ctx, string(r.ID), l.media.identity(r.ID, who), joinID)
	refused(t, err, "audio.not_admitted")
	_, err = l.CurrentJoin(ctx, who, r.ID)
	refused(t, err, "room.not_here")
	must(t, l.ParticipantJoined(ctx, string(r.ID), l.media.identity(r.ID, who), joinID))
	if _, there := l.canPublish(r.ID, who); there {
		t.Fatal("still connected")
	}
}

func TestOutsidersAndThoseRemovedDoNotReadWhoListens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		listener, leaver, removed := l.joined(t, r.ID), l.joined(t, r.ID), l.joined(t, r.ID)
		must(t, l.Leave(ctx, leaver, r.ID))
		_, err := l.Remove(ctx, host, r.ID, removed)
		must(t, err)
		for _, outside := range []account.ID{l.person(t), leaver} {
			view, err := l.Get(ctx, outside, r.ID)
			must(t, err)
			if _, seen := view.Member(listener); seen || len(view.Members) != 1 || view.Listeners != 1 {
				t.Fatalf("from outside: %+v", view.Members)
			}
		}
		_, err = l.Get(ctx, removed, r.ID)
		refused(t, err, "room.removed")
		if view, err := l.Get(ctx, host, r.ID); err != nil || len(view.Members) != 2 {
			t.Fatalf("from inside: %+v, %v", view.Members, err)
		}
	})
}

func TestAThousandRoomsOpenedAtOnceAreAFewAndOneIsOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		var all sync.WaitGroup
		slots := make(chan bool, 40)
		for range 1000 {
			all.Go(func() {
				slots <- true
				defer func() { <-slots }()
				_, err := l.Open(ctx, host, room.Plan{Title: "Look at me", Category: "talk", Language: "en"})
				if err != nil && !fault.Is(err, "room.too_many") {
					t.Error(err)
				}
			})
		}
		all.Wait()
		var rooms, open, facts int
		must(t, d.QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN ended_at IS NULL THEN 1 END) FROM rooms WHERE host_id = $1`, host).Scan(&rooms, &open))
		must(t, d.QueryRow(`SELECT COUNT(*) FROM outbox`).Scan(&facts))
		if rooms != 10 || open != 1 || facts > 10*4 {
			t.Fatalf("%d rooms, %d open, %d facts", rooms, open, facts)
		}
		// Nobody ever connected: no lobby shows it, and nothing is asked of the
		// media server once the host counts as away.
		if lobby, err := l.Lobby(ctx, l.person(t), "", ""); err != nil || len(lobby) != 0 {
			t.Fatalf("the lobby shows %d, %v", len(lobby), err)
		}
		l.wait(time.Minute)
		must(t, l.Sweep(ctx))
		must(t, l.Reconcile(ctx)) // closes what could not be closed in the rush
		before := l.media.Asked()
		must(t, l.Reconcile(ctx))
		if l.media.Asked() != before {
			t.Fatalf("asked %d times about empty rooms", l.media.Asked()-before)
		}
		// After an hour there may be more, and after a day the rows are gone.
		l.wait(time.Hour)
		_, err := l.Open(ctx, host, room.Plan{Title: "Again", Category: "talk", Language: "en"})
		must(t, err)
		l.wait(25 * time.Hour)
		must(t, l.Sweep(ctx))
		must(t, l.Sweep(ctx))
		must(t, l.DeleteEnded(ctx))
		must(t, d.QueryRow(`SELECT COUNT(*) FROM rooms`).Scan(&rooms))
		if rooms > 1 { // the last one was empty for two minutes only now
			t.Fatalf("%d rooms are kept", rooms)
		}
	})
}

func TestARoomADayTooManyIsRefused(t *testing.T) {
	d := dbtest.SQLite(t)
	l := open(t, d)
	host := l.person(t)
	opened := 0
	for range 23 {
		for range 3 {
			if _, err := l.Open(ctx, host, room.Plan{Title: "Again", Category: "talk", Language: "en"}); err == nil {
				opened++
			}
		}
		l.wait(time.Hour)
	}
	if opened != 30 {
		t.Fatalf("%d rooms in a day", opened)
	}
}

// Somebody excluded from the host learns nothing of the room by trying: every command is
// refused as in an unknown room, also when the room has ended.
func TestCommandsInAClosedRoomAreThoseInAnUnknownOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host, who := l.person(t), l.person(t)
		r := l.opened(t, host).ID
		other := l.joined(t, r)
		must(t, s.Block(ctx, host, who))
		for _, state := range []string{"open", "ended"} {
			for name, try := range map[string]func(r room.ID) error{
				"join":   func(r room.ID) error { _, _, err := l.Join(ctx, who, r); return err },
				"leave":  func(r room.ID) error { return l.Leave(ctx, who, r) },
				"sit":    func(r room.ID) error { _, err := l.Sit(ctx, who, r, 0); return err },
				"stand":  func(r room.ID) error { _, err := l.Stand(ctx, who, r); return err },
				"mute":   func(r room.ID) error { _, err := l.Mute(ctx, who, r, true); return err },
				"end":    func(r room.ID) error { return l.End(ctx, who, r) },
				"remove": func(r room.ID) error { _, err := l.Remove(ctx, who, r, other); return err },
				"undo":   func(r room.ID) error { return l.Undo(ctx, who, r, id.New()) },
				"log":    func(r room.ID) error { _, err := l.Log(ctx, who, r); return err },
			} {
				refused(t, try(r), "room.not_found")
				if unknown, closed := fault.As(try(room.ID(l.person(t)))), fault.As(try(r)); unknown != closed {
					t.Errorf("%s in an %s room: %v, in an unknown one %v", name, state, closed, unknown)
				}
			}
			must(t, l.End(ctx, host, r))
		}
	})
}
