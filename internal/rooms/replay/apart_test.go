package replay_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"heyy/internal/base/id"
	"heyy/internal/people/account"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
)

// listener is somebody in the room who does not speak.
func (f *fixture) listener() account.ID {
	f.t.Helper()
	who := f.person()
	_, _, err := f.rooms.Join(ctx, who, f.room)
	must(f.t, err)
	return who
}

// said is a message of somebody in the chat of the room.
func (f *fixture) said(who account.ID) string {
	f.t.Helper()
	m := id.New()
	_, err := f.chat.Send(ctx, who, f.room, roomchat.Draft{ID: roomchat.ID(m), Text: "Hear, hear"})
	must(f.t, err)
	return m
}

// removes runs a command of the host's about somebody.
func (f *fixture) removes(do func(context.Context, account.ID, room.ID, account.ID) (room.Changed, error), who account.ID) {
	f.t.Helper()
	_, err := do(ctx, f.host, f.room, who)
	must(f.t, err)
}

func (f *fixture) gone(what string, who account.ID) {
	f.t.Helper()
	_, _, _, err := f.Get(ctx, who, f.room)
	if err == nil {
		f.t.Errorf("%s: it is there", what)
	} else {
		refused(f.t, err, "replay.not_found")
	}
	if all := append(f.listed(who, replay.Filter{}), f.listed(who, replay.Filter{Mine: true})...); len(all) != 0 {
		f.t.Errorf("%s: it is listed", what)
	}
}

func TestToAgreeWithoutAWordOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		must(t, f.Keep(ctx, f.host, f.room, true))
		eve, zoe := f.listener(), f.person()
		must(t, f.Keep(ctx, eve, f.room, true))
		f.tick()
		f.talk(f.voice(f.host), 2*time.Second)
		f.end()
		f.gone("a draft, for somebody who only listened", eve)
		must(t, f.Publish(ctx, f.host, f.room, 30))
		// Nobody learns from a block that somebody was there.
		must(t, f.safety.Block(ctx, zoe, eve))
		if _, _, _, err := f.Get(ctx, zoe, f.room); err != nil {
			t.Errorf("a block of a silent listener hides it: %v", err)
		}
		must(t, f.safety.Block(ctx, f.host, eve))
		f.gone("published, for somebody whom the host blocks", eve)
	})
}

func TestWhoIsKeptOutOfARoomIsKeptOutOfItsReplay(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		must(t, f.Keep(ctx, f.host, f.room, true))
		removed, banned, ada := f.listener(), f.listener(), f.speaker()
		must(t, f.Keep(ctx, ada, f.room, true))
		f.tick()
		f.talk(f.voice(f.host), 2*time.Second)
		f.talk(f.voice(ada), 2*time.Second)
		line := f.said(banned)
		f.removes(f.rooms.Remove, removed)
		f.removes(f.rooms.Ban, banned)
		f.removes(f.rooms.Remove, ada)
		f.end()
		must(t, f.Publish(ctx, f.host, f.room, 30))
		f.gone("removed", removed)
		f.gone("banned", banned)
		if _, parts, _, err := f.Get(ctx, ada, f.room); err != nil || len(parts) != 2 {
			t.Errorf("whoever spoke before they were removed: %d parts, %v", len(parts), err)
		}
		refused(t, f.RemoveLine(ctx, removed, f.room, line), "replay.not_found")
		must(t, f.RemoveLine(ctx, banned, f.room, line)) // their own
		refused(t, f.RemoveLine(ctx, f.host, f.room, line), "replay.line_not_found")
	})
}

func TestNobodyHearsWhomTheyAreApartFrom(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		ada, bob := f.speaker(), f.speaker()
		for _, who := range []account.ID{f.host, ada, bob} {
			must(t, f.Keep(ctx, who, f.room, true))
		}
		f.tick()
		for _, who := range []account.ID{f.host, ada, bob} {
			f.talk(f.voice(who), 2*time.Second)
		}
		f.said(bob)
		f.end()
		must(t, f.Publish(ctx, f.host, f.room, 30))
		_, all, _, err := f.Get(ctx, f.host, f.room)
		must(t, err)

		must(t, f.safety.Block(ctx, ada, bob))
		for who, other := range map[account.ID]account.ID{ada: bob, bob: ada} {
			r, parts, lines, err := f.Get(ctx, who, f.room)
			must(t, err)
			if len(r.Speakers) != 2 || len(parts) != 2 {
				t.Errorf("apart from a speaker: %v, %+v", r.Speakers, parts)
			}
			for _, p := range all {
				_, err := f.PartKey(ctx, who, f.room, p.ID)
				if p.Account == other {
					refused(t, err, "replay.not_found")
				} else {
					must(t, err)
				}
			}
			for _, l := range lines {
				if l.Account == other {
					t.Errorf("a line of theirs: %+v", l)
				}
			}
		}

		// A block with the host takes what the other said out of it.
		must(t, f.safety.Block(ctx, f.host, bob))
		f.gone("apart from the host", bob)
		r, parts, lines, err := f.Get(ctx, f.host, f.room)
		must(t, err)
		if len(r.Speakers) != 2 || len(parts) != 2 || len(lines) != 1 {
			t.Errorf("after the block: %v, %d parts, %+v", r.Speakers, len(parts), lines)
		}
		must(t, f.safety.Block(ctx, ada, f.host))
		_, parts, _, err = f.Get(ctx, f.host, f.room)
		if must(t, err); len(parts) != 1 || parts[0].Account != f.host {
			t.Errorf("whoever blocks the host is heard: %+v", parts)
		}
	})
}

func TestASpeakerWhoseClockJumpsTakesNobodysRoom(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		ada := f.speaker()
		must(t, f.Keep(ctx, ada, f.room, true))
		must(t, f.Keep(ctx, f.host, f.room, true))
		f.tick()
		frame, voice := f.mics.recorder(t, f.room), f.voice(ada)
		const jumps = 500
		for n := range uint32(jumps) { // of 3 s, every 40 ms
			for i := range uint32(2) {
				frame(voice, uint16(2*n+i), n*3*48000+i*960, packets()[n%40])
				f.clock.Advance(20 * time.Millisecond)
			}
		}
		f.talk(f.voice(f.host), 2*time.Second)
		f.end()
		_, parts, _, err := f.Get(ctx, f.host, f.room)
		must(t, err)
		of := map[account.ID]int{}
		for _, p := range parts {
			of[p.Account]++
		}
		if of[ada] > 30+jumps/25+1 || of[f.host] != 1 {
			t.Errorf("%d parts of the one, %d of the other", of[ada], of[f.host])
		}
	})
}

func TestTitlesThatChangeLeaveRoomForChapters(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.open(room.Plan{})
		must(t, f.Keep(ctx, f.host, f.room, true))
		f.tick()
		f.talk(f.voice(f.host), 2*time.Second)
		for n := range 60 {
			_, err := f.db.Exec(`UPDATE rooms SET title = $1, link = $2 WHERE id = $3`, fmt.Sprintf("Title %d", n), fmt.Sprintf("https://example.org/%d", n), f.room)
			must(t, err)
			f.clock.Advance(time.Second)
			f.tick()
		}
		f.end()
		_, _, lines, err := f.Get(ctx, f.host, f.room)
		must(t, err)
		if len(lines) != 100 {
			t.Errorf("%d lines", len(lines))
		}
		for _, l := range lines { // each at its time, but the title with which the room opened
			if want := "Late talk"; (l.At == 0) != (l.Text == want) {
				t.Errorf("%q at %v", l.Text, l.At)
			}
		}
		_, err = f.AddChapter(ctx, f.host, f.room, time.Second, "Mine")
		must(t, err)
	})
}
