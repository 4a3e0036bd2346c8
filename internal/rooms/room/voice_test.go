package room_test

import (
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

func TestAMemberHasOneVoiceInARoomAndAnotherInTheNext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		voice := l.member(t, r.ID, who).Voice
		if of := l.member(t, r.ID, host).Voice; voice == 0 || of == 0 || of == voice {
			t.Fatalf("the host has voice %d, the other %d", of, voice)
		}
		_, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		must(t, l.Leave(ctx, who, r.ID))
		l.joins(t, r.ID, who)
		l.joins(t, r.ID, who) // another device
		if now := l.member(t, r.ID, who).Voice; now != voice {
			t.Errorf("voice %d has become %d in the same room", voice, now)
		}
		if _, there := l.canPublish(r.ID, who); !there {
			t.Error("not connected with the voice")
		}
		next := l.opened(t, l.person(t))
		l.joins(t, next.ID, who)
		if l.member(t, next.ID, who).Voice == voice {
			t.Error("the same voice in two rooms")
		}
	})
}

func TestChangesTellTheVoiceThatTheMemberHas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		who := l.joined(t, r.ID)
		sat, err := l.Sit(ctx, who, r.ID, 0)
		must(t, err)
		want := l.member(t, r.ID, who).Voice
		if sat.Member.Voice != want {
			t.Errorf("the answer has voice %d, not %d", sat.Member.Voice, want)
		}
		facts, err := outbox.Since(ctx, d, sat.Scope(), r.Seq, sat.Seq)
		must(t, err)
		for _, f := range facts {
			c, err := outbox.Read[room.Changed](f)
			must(t, err)
			if c.Member.Account == who && c.Member.Voice != want {
				t.Errorf("%s has voice %d, not %d", c.Cause, c.Member.Voice, want)
			}
		}
	})
}

// Whoever knows an account is not let in with it, nor is a voice without its join.
func TestTheGateKnowsVoicesOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		join := l.joins(t, r.ID, host)
		other := l.joined(t, r.ID)
		for _, identity := range []string{string(host), "", "0", "1", "0" + l.media.identity(r.ID, host), l.media.identity(r.ID, other), strings.Repeat("9", 30), "service:tap:x"} {
			_, err := l.Admit(ctx, string(r.ID), identity, join)
			refused(t, err, "audio.not_admitted")
			must(t, l.ParticipantLeft(ctx, string(r.ID), identity, join)) // of nobody
		}
		l.wait(time.Hour)
		must(t, l.Sweep(ctx))
		if !l.member(t, r.ID, host).Present {
			t.Error("a report about somebody else made the host leave")
		}
		// A participant whom no row knows does not stay.
		l.media.Connect(string(r.ID), string(host), join, true)
		must(t, l.TrackPublished(ctx, string(r.ID), string(host)))
		if _, _, there := l.media.Connected(string(r.ID), string(host)); there {
			t.Error("an account is connected as such")
		}
	})
}

// The upgrade: members of open rooms have no voice yet, and the audio of all is lost.
func TestMembersFromBeforeThereWereVoicesGetOneOrLeave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		stays, goes := l.joined(t, r.ID), l.joined(t, r.ID)
		l.joins(t, r.ID, host)
		_, err := d.Exec(`UPDATE room_members SET voice = 0`)
		must(t, err)
		l.media.Restart()
		if join, err := l.CurrentJoin(ctx, stays, r.ID); err != nil || join.ID == "" {
			t.Errorf("a member without a voice: %+v, %v", join, err)
		}
		must(t, l.Reconcile(ctx))
		for _, who := range []account.ID{host, stays} {
			l.joins(t, r.ID, who)
			if l.member(t, r.ID, who).Voice == 0 {
				t.Error("a new join has no voice")
			}
		}
		l.wait(11 * time.Second)
		must(t, l.Sweep(ctx))
		if !l.member(t, r.ID, stays).Present || !l.member(t, r.ID, host).Present || l.member(t, r.ID, goes).Present {
			t.Error("not exactly those who joined anew have stayed")
		}
	})
}
