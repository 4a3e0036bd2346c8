package room_test

import (
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

func TestWhoSitsCaptionsWhatTheySay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host, outside := l.person(t), l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		guest := l.joined(t, r.ID)
		say := func(who account.ID, text string, typed bool) error {
			_, err := l.Caption(ctx, who, r.ID, text, typed)
			return err
		}
		refused(t, say(outside, "Hi", true), "room.not_here")
		refused(t, say(guest, "Hi", true), "room.no_seat")
		_, err := l.Sit(ctx, guest, r.ID, 0)
		must(t, err)
		refused(t, say(guest, "Hi", false), "room.caption_muted")
		before, _ := l.facts(t, r.ID)
		if got, err := l.Caption(ctx, guest, r.ID, "  Hi there  ", true); err != nil || got != "Hi there" {
			t.Errorf("typed while muted: %q %v", got, err)
		}
		_, err = l.Mute(ctx, guest, r.ID, false)
		must(t, err)
		must(t, say(guest, strings.Repeat("é", room.MaxCaption), false))
		refused(t, say(guest, strings.Repeat("é", room.MaxCaption+1), false), "room.caption_long")
		for _, text := range []string{"", " ", "a\u202eb"} {
			if err := say(guest, text, true); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", text, err)
			}
		}
		if after, _ := l.facts(t, r.ID); len(after) != len(before)+1 { // of the microphone
			t.Errorf("captions left %d facts", len(after)-len(before)-1)
		}

		_, err = l.MuteChat(ctx, host, r.ID, guest)
		must(t, err)
		refused(t, say(guest, "Hi", true), "room.chat_muted")
		_, err = l.AllowToWrite(ctx, host, r.ID, guest)
		must(t, err)
		_, err = l.MuteMember(ctx, host, r.ID, guest)
		must(t, err)
		refused(t, say(guest, "Hi", true), "room.muted_by_host")
		must(t, l.End(ctx, host, r.ID))
		refused(t, say(guest, "Hi", true), "room.ended")
	})
}
