package room_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// stage makes a room a stage: nobody speaks unasked.
func (l *fixture) stage(t *testing.T, r room.ID) {
	t.Helper()
	_, err := l.db.Exec(`UPDATE rooms SET shape = 'stage' WHERE id = $1`, r)
	must(t, err)
}

// queue returns whose hands are up, as a host reads it.
func (l *fixture) queue(t *testing.T, r room.ID, host account.ID) (who []account.ID) {
	t.Helper()
	hands, err := l.ReadHands(ctx, host, r)
	must(t, err)
	for _, h := range hands {
		who = append(who, h.Account)
	}
	return who
}

func TestHandsAreOneQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.stage(t, r.ID)
		a, b, c := l.joined(t, r.ID), l.joined(t, r.ID), l.joined(t, r.ID)
		for _, who := range []account.ID{b, a, c} {
			up, err := l.RaiseHand(ctx, who, r.ID, "")
			must(t, err)
			if up.Cause != room.HandRaised || up.Member.Hand != up.Seq {
				t.Fatalf("raised: %+v", up)
			}
		}
		again, err := l.RaiseHand(ctx, b, r.ID, "About the sea")
		must(t, err)
		if again.Cause != "" || again.Member.Hand == 0 {
			t.Errorf("a hand that is up keeps its place: %+v", again)
		}
		if got := l.queue(t, r.ID, host); !slices.Equal(got, []account.ID{b, a, c}) {
			t.Errorf("the queue is %v", got)
		}
		hands, err := l.ReadHands(ctx, host, r.ID)
		must(t, err)
		if hands[0].Note != "About the sea" {
			t.Errorf("the note is %q", hands[0].Note)
		}
		_, err = l.LowerHand(ctx, a, r.ID, b)
		refused(t, err, "room.host_only")
		_, err = l.LowerHand(ctx, host, r.ID, b)
		must(t, err)
		must(t, l.Leave(ctx, a, r.ID))
		l.joins(t, r.ID, a)
		_, err = l.RaiseHand(ctx, b, r.ID, "")
		must(t, err)
		if got := l.queue(t, r.ID, host); !slices.Equal(got, []account.ID{c, b}) {
			t.Errorf("after one was lowered and raised again, and one left: %v", got)
		}
		_, err = l.ReadHands(ctx, c, r.ID)
		refused(t, err, "room.host_only")
	})
}

func TestHandsAtOnceHaveOneOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.stage(t, r.ID)
		const count = 30
		var all sync.WaitGroup
		for range count {
			who := l.joined(t, r.ID)
			all.Go(func() {
				if _, err := l.RaiseHand(ctx, who, r.ID, ""); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		hands, err := l.ReadHands(ctx, host, r.ID)
		must(t, err)
		seqs := map[int64]bool{}
		for _, h := range hands {
			seqs[h.Seq] = true
		}
		if len(hands) != count || len(seqs) != count {
			t.Errorf("%d hands with %d places", len(hands), len(seqs))
		}
	})
}

func TestAHostSaysWhoMayRaiseAHand(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.stage(t, r.ID)
		friend, other := l.joined(t, r.ID), l.joined(t, r.ID)
		l.followed = map[account.ID]bool{friend: true}
		must(t, l.SetHands(ctx, host, r.ID, room.HandsFollowed))
		_, err := l.RaiseHand(ctx, friend, r.ID, "")
		must(t, err)
		_, err = l.RaiseHand(ctx, other, r.ID, "")
		refused(t, err, "room.hands_off")
		must(t, l.SetHands(ctx, host, r.ID, room.HandsOff))
		_, err = l.LowerHand(ctx, friend, r.ID, friend)
		must(t, err)
		_, err = l.RaiseHand(ctx, friend, r.ID, "")
		refused(t, err, "room.hands_off")
		refused(t, l.SetHands(ctx, other, r.ID, room.HandsOpen), "room.host_only")
		_, err = l.RaiseHand(ctx, other, r.ID, strings.Repeat("a", room.MaxHandNote+1))
		if err == nil {
			t.Error("a note of any length")
		}
	})
}

func TestNobodyIsPutOnStageUnasked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.stage(t, r.ID)
		who := l.joined(t, r.ID)
		_, err := l.AnswerInvite(ctx, who, r.ID, true)
		refused(t, err, "room.not_invited")
		_, err = l.Invite(ctx, who, r.ID, who)
		refused(t, err, "room.host_only")
		join, err := l.CurrentJoin(ctx, who, r.ID)
		must(t, err)
		_, err = l.PrepareToSpeak(ctx, who, r.ID, join.ID)
		refused(t, err, "room.seat_refused")
		_, err = l.Invite(ctx, host, r.ID, who)
		must(t, err)
		_, err = l.PrepareToSpeak(ctx, who, r.ID, join.ID) // the connection may stand by when they accept
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat != 0 || m.CanSpeak {
			t.Fatalf("seated by an invitation alone: %+v", m)
		}
		_, err = l.AnswerInvite(ctx, who, r.ID, false)
		must(t, err)
		_, err = l.AnswerInvite(ctx, who, r.ID, true)
		refused(t, err, "room.not_invited")
		_, err = l.Invite(ctx, host, r.ID, who)
		must(t, err)
		_, err = l.AnswerInvite(ctx, who, r.ID, true)
		must(t, err)
		if m := l.member(t, r.ID, who); m.Seat == 0 || !m.Muted {
			t.Fatalf("accepted: %+v", m)
		}
		_, err = l.Invite(ctx, host, r.ID, who)
		refused(t, err, "room.person_on_stage")
	})
}

func TestWhoIsMutedByAHostWaitsForOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		_, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		_, err = l.Mute(ctx, who, r.ID, false)
		must(t, err)
		_, err = l.MuteMember(ctx, host, r.ID, who)
		must(t, err)
		if m := l.member(t, r.ID, who); !m.Muted || !l.media.muted(r.ID, who) {
			t.Fatal("still heard")
		}
		_, err = l.Mute(ctx, who, r.ID, false)
		refused(t, err, "room.muted_by_host")
		_, err = l.RaiseHand(ctx, who, r.ID, "")
		must(t, err)
		_, err = l.AllowToUnmute(ctx, host, r.ID, who)
		must(t, err)
		if m := l.member(t, r.ID, who); !m.Muted || len(l.queue(t, r.ID, host)) != 0 {
			t.Error("a host opens no microphone, and the hand is down")
		}
		_, err = l.Mute(ctx, who, r.ID, false)
		must(t, err)
	})
}

func TestTheHostIsFollowedByTheLongestServing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		sits := func() account.ID {
			t.Helper()
			l.wait(time.Second)
			who := l.joined(t, r.ID)
			_, err := l.Sit(ctx, who, r.ID, 0)
			must(t, err)
			return who
		}
		first, second := sits(), sits()
		l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, second)
		must(t, err)
		must(t, l.Leave(ctx, host, r.ID))
		after := func(d time.Duration) account.ID {
			t.Helper()
			l.wait(d)
			must(t, l.Sweep(ctx))
			view, err := l.Get(ctx, "", r.ID)
			must(t, err)
			if !view.EndedAt.IsZero() {
				return account.ID(view.EndReason)
			}
			return view.Host
		}
		if got := after(119 * time.Second); got != host {
			t.Fatalf("inherited too early by %s", got)
		}
		if got := after(2 * time.Second); got != second {
			t.Fatalf("%s inherited, not the co-host", got)
		}
		l.joins(t, r.ID, host)
		if got := l.role(t, r.ID, host); got != room.CoHost {
			t.Errorf("the host of before is %s", got)
		}
		for _, who := range []account.ID{host, second} {
			must(t, l.Leave(ctx, who, r.ID))
		}
		if got := after(3 * time.Minute); got != first {
			t.Fatalf("%s inherited, not the speaker", got)
		}
		must(t, l.Leave(ctx, first, r.ID))
		if got := after(3 * time.Minute); got != account.ID(room.EndedNoHost) {
			t.Fatalf("a room that nobody can hold: %s", got)
		}
	})
}

func TestAHostHandsTheRoomOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		who, busy := l.joined(t, r.ID), l.person(t)
		l.opened(t, busy)
		_, _, err := l.Join(ctx, busy, r.ID)
		must(t, err)
		_, err = l.HandOver(ctx, host, r.ID, busy)
		refused(t, err, "room.hosts_other")
		_, err = l.HandOver(ctx, who, r.ID, who)
		refused(t, err, "room.host_only")
		_, err = l.HandOver(ctx, host, r.ID, who)
		must(t, err)
		if l.role(t, r.ID, who) != room.Host || l.role(t, r.ID, host) != room.CoHost {
			t.Error("nothing was handed over")
		}
		refused(t, l.End(ctx, host, r.ID), "room.host_only")
		must(t, l.End(ctx, who, r.ID))
	})
}

func TestWhatAHostDidCanBeUndoneForTenMinutes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		co, who := l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		last := func(by account.ID) room.LogEntry {
			t.Helper()
			log, err := l.Log(ctx, by, r.ID)
			must(t, err)
			return log[0]
		}
		l.wait(time.Second)
		_, err = l.Remove(ctx, host, r.ID, who)
		must(t, err)
		e := last(co)
		if e.Action != room.LogRemoved || e.About != who || e.By != host || e.CanUndo {
			t.Errorf("a co-host reads %+v", e)
		}
		refused(t, l.Undo(ctx, co, r.ID, e.ID), "room.host_only")
		_, _, err = l.Join(ctx, who, r.ID)
		refused(t, err, "room.removed")
		must(t, l.Undo(ctx, host, r.ID, e.ID))
		l.joins(t, r.ID, who)
		refused(t, l.Undo(ctx, host, r.ID, e.ID), "room.not_undone")
		l.wait(time.Second)
		must(t, l.LockSeat(ctx, co, r.ID, 5, true))
		_, err = l.Sit(ctx, who, r.ID, 5)
		refused(t, err, "room.seat_locked")
		must(t, l.Undo(ctx, co, r.ID, last(co).ID))
		_, err = l.Sit(ctx, who, r.ID, 5)
		must(t, err)
		refused(t, l.LockSeat(ctx, co, r.ID, 5, true), "room.seat_taken")
		l.wait(time.Second)
		_, err = l.MoveToAudience(ctx, co, r.ID, who)
		must(t, err)
		l.wait(10 * time.Minute)
		refused(t, l.Undo(ctx, host, r.ID, last(host).ID), "room.not_undone")
		_, err = l.Log(ctx, who, r.ID)
		refused(t, err, "room.host_only")
	})
}

func TestACoHostTakesNothingBackThatTheHostHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		co := l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		do := map[string]func(by, who account.ID) error{
			"remove": func(by, who account.ID) error { _, err := l.Remove(ctx, by, r.ID, who); return err },
			"ban":    func(by, who account.ID) error { _, err := l.Ban(ctx, by, r.ID, who); return err },
		}
		last := func() room.LogEntry {
			t.Helper()
			log, err := l.Log(ctx, host, r.ID)
			must(t, err)
			return log[0]
		}
		out := func(who account.ID, banned bool) {
			t.Helper()
			_, _, err := l.Join(ctx, who, r.ID)
			if err == nil {
				t.Error("they are in again")
			}
			bans, _, err := l.Bans(ctx, host, page.Request{})
			must(t, err)
			if slices.Contains(bans, who) != banned {
				t.Errorf("banned: %v", bans)
			}
		}

		for name, first := range do { // the host was first: the co-host changes nothing
			who := l.joined(t, r.ID)
			l.wait(time.Second)
			must(t, first(host, who))
			before := last().ID
			l.wait(time.Second)
			must(t, do["remove"](co, who))
			if last().ID != before {
				t.Errorf("after the host's %s: %+v", name, last())
			}
			must(t, do["ban"](co, who))
			if name == "remove" { // this is more, and can be taken back
				must(t, l.Undo(ctx, co, r.ID, last().ID))
			} else if last().ID != before {
				t.Errorf("after the host's %s: %+v", name, last())
			}
			out(who, name == "ban")
		}

		who := l.joined(t, r.ID) // the host makes it their own
		must(t, do["ban"](co, who))
		own := last()
		l.wait(time.Second)
		must(t, do["ban"](host, who))
		refused(t, l.Undo(ctx, co, r.ID, own.ID), "room.not_undone")
		out(who, true)
		must(t, l.Undo(ctx, host, r.ID, last().ID))
		out(who, true)
		must(t, l.Undo(ctx, co, r.ID, own.ID))
		l.joins(t, r.ID, who)
	})
}

func TestABanIsOfTheHostForWhomItWasMade(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		first, second := l.person(t), l.person(t)
		own := l.opened(t, second) // of the second host, before
		pest := l.joined(t, own.ID)
		_, err := l.Ban(ctx, second, own.ID, pest)
		must(t, err)
		must(t, l.End(ctx, second, own.ID))
		r := l.opened(t, first)
		l.joins(t, r.ID, first)
		other := l.joined(t, r.ID)
		l.joins(t, r.ID, pest)
		co := l.joined(t, r.ID)
		_, err = l.MakeCoHost(ctx, first, r.ID, co)
		must(t, err)
		_, err = l.Remove(ctx, co, r.ID, pest)
		must(t, err)
		_, err = l.Ban(ctx, co, r.ID, other)
		must(t, err)
		log, err := l.Log(ctx, co, r.ID)
		must(t, err)
		l.wait(time.Second)
		l.joins(t, r.ID, second)
		_, err = l.HandOver(ctx, first, r.ID, second)
		must(t, err)

		for _, e := range log {
			switch e.About {
			case pest:
				must(t, l.Undo(ctx, co, r.ID, e.ID))
			case other:
				refused(t, l.Undo(ctx, co, r.ID, e.ID), "room.not_undone")
			}
		}
		for host, want := range map[account.ID]account.ID{first: other, second: pest} {
			bans, _, err := l.Bans(ctx, host, page.Request{})
			must(t, err)
			if len(bans) != 1 || bans[0] != want {
				t.Errorf("banned: %v", bans)
			}
		}
	})
}

func TestWhoIsMovedToTheAudienceIsInvitedNoMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		_, err := l.Invite(ctx, host, r.ID, who)
		must(t, err)
		_, err = l.MoveToAudience(ctx, host, r.ID, who)
		must(t, err)
		_, err = l.AnswerInvite(ctx, who, r.ID, true)
		refused(t, err, "room.not_invited")
	})
}

func TestACoHostDoesNotLearnWhoHidesFromThem(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, s := apart(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		co, hides := l.joined(t, r.ID), l.joined(t, r.ID)
		must(t, s.Block(ctx, hides, co))
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		for name, do := range map[string]func(who account.ID) error{
			"lower":  func(who account.ID) error { _, err := l.LowerHand(ctx, co, r.ID, who); return err },
			"invite": func(who account.ID) error { _, err := l.Invite(ctx, co, r.ID, who); return err },
			"mute":   func(who account.ID) error { _, err := l.MuteMember(ctx, co, r.ID, who); return err },
			"write":  func(who account.ID) error { _, err := l.MuteChat(ctx, co, r.ID, who); return err },
			"remove": func(who account.ID) error { _, err := l.Remove(ctx, co, r.ID, who); return err },
			"ban":    func(who account.ID) error { _, err := l.Ban(ctx, co, r.ID, who); return err },
		} {
			if here, nobody := fault.As(do(hides)), fault.As(do(l.person(t))); here == nil || here != nobody {
				t.Errorf("%s: %v, of nobody %v", name, here, nobody)
			}
		}
		_, err = l.MuteChat(ctx, host, r.ID, hides)
		must(t, err)
		for who, want := range map[account.ID]bool{host: true, co: false} {
			log, err := l.Log(ctx, who, r.ID)
			must(t, err)
			if slices.ContainsFunc(log, func(e room.LogEntry) bool { return e.About == hides }) != want {
				t.Errorf("the log has them: %v", !want)
			}
		}
	})
}

func TestAPinnedLinkIsForThoseInside(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, outside := l.person(t), l.person(t)
		r := l.opened(t, host)
		inside := l.joined(t, r.ID)
		link := "https://example.org/minutes"
		must(t, l.Edit(ctx, host, r.ID, room.Edit{Link: &link}))
		for who, want := range map[account.ID]string{inside: link, outside: ""} {
			seen, err := l.Get(ctx, who, r.ID)
			must(t, err)
			if seen.Link != want {
				t.Errorf("they read %q, want %q", seen.Link, want)
			}
		}
	})
}

func TestACoHostWhoRemovesManyAsksTheHost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		co := l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		var people []account.ID
		for range 11 {
			people = append(people, l.joined(t, r.ID))
		}
		for i, who := range people {
			_, err := l.Remove(ctx, co, r.ID, who)
			if i < 10 {
				must(t, err)
				if i == 3 { // taken back, it has happened all the same
					log, err := l.Log(ctx, co, r.ID)
					must(t, err)
					at := slices.IndexFunc(log, func(e room.LogEntry) bool { return e.About == who })
					must(t, l.Undo(ctx, co, r.ID, log[at].ID))
				}
				continue
			}
			refused(t, err, "room.ask_host")
			if !l.member(t, r.ID, who).Present {
				t.Error("removed all the same")
			}
		}
		log, err := l.Log(ctx, host, r.ID)
		must(t, err)
		asked := slices.ContainsFunc(log, func(e room.LogEntry) bool { return e.Action == room.LogAskedRemoval && e.About == people[10] })
		if !asked {
			t.Errorf("the host is not asked: %+v", log[0])
		}
		_, err = l.Remove(ctx, host, r.ID, people[10])
		must(t, err)
	})
}
