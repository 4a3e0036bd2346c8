package room_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// undo takes back the newest entry of the log with an action.
func (l *fixture) undo(t *testing.T, by account.ID, r room.ID, action room.LogAction) error {
	t.Helper()
	log, err := l.Log(ctx, by, r)
	must(t, err)
	i := slices.IndexFunc(log, func(e room.LogEntry) bool { return e.Action == action })
	if i < 0 {
		t.Fatalf("the log has no %s: %+v", action, log)
	}
	return l.Undo(ctx, by, r, log[i].ID)
}

func TestHostsSetTheChatAndTakeItBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		guest := l.joined(t, r.ID)
		is := func(when string, want room.ChatRules) {
			t.Helper()
			got, err := l.Get(ctx, guest, r.ID)
			must(t, err)
			if got.Chat != want {
				t.Errorf("%s: %+v, not %+v", when, got.Chat, want)
			}
		}
		is("at first", room.ChatRules{Chat: room.ChatOn})
		refused(t, l.SetChat(ctx, guest, r.ID, room.ChatRules{Chat: room.ChatOff}), "room.host_only")
		for _, wrong := range []room.ChatRules{{}, {Chat: "maybe"}, {Chat: room.ChatOn, Slow: 5}, {Chat: room.ChatOn, Slow: -10}} {
			refused(t, l.SetChat(ctx, host, r.ID, wrong), "room.chat_rules")
		}
		must(t, l.SetChat(ctx, host, r.ID, room.ChatRules{Chat: room.ChatOn, Slow: 30}))
		before, kinds := l.facts(t, r.ID)
		must(t, l.SetChat(ctx, host, r.ID, room.ChatRules{Chat: room.ChatOn, Slow: 30}))
		if after, _ := l.facts(t, r.ID); len(after) != len(before) || kinds[len(kinds)-1] != room.KindEdited {
			t.Errorf("the same again: %d facts after %d, the last %s", len(after), len(before), kinds[len(kinds)-1])
		}
		must(t, l.SetChat(ctx, host, r.ID, room.ChatRules{Chat: room.ChatOff, Slow: 60}))
		is("set", room.ChatRules{Chat: room.ChatOff, Slow: 60})
		must(t, l.undo(t, host, r.ID, room.LogChat))
		is("the chat is undone, the pause is not", room.ChatRules{Chat: room.ChatOn, Slow: 60})
		must(t, l.undo(t, host, r.ID, room.LogSlow))
		is("undone", room.ChatRules{Chat: room.ChatOn, Slow: 30})
	})
}

func TestAPersonIsMutedInTheChat(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		co, who := l.joined(t, r.ID), l.joined(t, r.ID)
		_, err := l.MakeCoHost(ctx, host, r.ID, co)
		must(t, err)
		_, err = l.MuteChat(ctx, who, r.ID, co)
		refused(t, err, "room.host_only")
		_, err = l.MuteChat(ctx, co, r.ID, host)
		refused(t, err, "room.host_only")
		c, err := l.MuteChat(ctx, co, r.ID, who)
		must(t, err)
		if c.Cause != room.ChatMuted || !c.Member.ChatMuted {
			t.Errorf("%+v", c)
		}
		_, err = l.MayReact(ctx, who, r.ID)
		refused(t, err, "room.chat_muted")
		must(t, l.Leave(ctx, who, r.ID))
		l.joins(t, r.ID, who)
		if !l.member(t, r.ID, who).ChatMuted {
			t.Error("leaving and coming back ends it")
		}
		must(t, l.undo(t, co, r.ID, room.LogChatMuted))
		if l.member(t, r.ID, who).ChatMuted {
			t.Error("not undone")
		}
		if n, err := l.MayReact(ctx, who, r.ID); err != nil || n != 3 {
			t.Errorf("%d people, %v", n, err)
		}
	})
}

func TestHostsEditTheRoom(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := open(t, d)
		host := l.person(t)
		r := l.opened(t, host)
		l.joins(t, r.ID, host)
		guest := l.joined(t, r.ID)
		text := func(s string) *string { return &s }
		refused(t, l.Edit(ctx, guest, r.ID, room.Edit{Title: text("Mine")}), "room.host_only")
		refused(t, l.Edit(ctx, host, r.ID, room.Edit{Category: text("nothing")}), "room.category_unknown")
		must(t, l.Edit(ctx, host, r.ID, room.Edit{Title: text("Night talk"), Category: text("music"), Link: text("https://example.org/a?b=c#d")}))
		is := func(when, title, category, link string) {
			t.Helper()
			got, err := l.Get(ctx, guest, r.ID)
			must(t, err)
			if got.Title != title || got.Category != category || got.Link != link {
				t.Errorf("%s: %q %q %q", when, got.Title, got.Category, got.Link)
			}
		}
		is("edited", "Night talk", "music", "https://example.org/a?b=c#d")
		must(t, l.undo(t, host, r.ID, room.LogTitle))
		is("the title undone", "Late talk", "music", "https://example.org/a?b=c#d")
		must(t, l.undo(t, host, r.ID, room.LogCategory))
		must(t, l.Edit(ctx, host, r.ID, room.Edit{Link: text("")}))
		is("no link", "Late talk", "talk", "")
		must(t, l.undo(t, host, r.ID, room.LogLink))
		is("the link is back", "Late talk", "talk", "https://example.org/a?b=c#d")
		l.wait(room.UndoTime + time.Second)
		refused(t, l.undo(t, host, r.ID, room.LogLink), "room.not_undone")
	})
}

func TestAPinnedLinkSaysWhereItLeads(t *testing.T) {
	d := dbtest.SQLite(t)
	l := open(t, d)
	host := l.person(t)
	r := l.opened(t, host)
	try := func(link string) error { return l.Edit(ctx, host, r.ID, room.Edit{Link: &link}) }
	for _, good := range []string{"https://example.org", "https://example.org:8443/x%20y?q=%E4%BD%A0", "https://xn--bcher-kva.example/a", "https://example.org/" + strings.Repeat("a", room.MaxLink-20)} {
		must(t, try(good))
	}
	for _, bad := range []string{
		"http://example.org", "example.org", "javascript:alert(1)", "https:example.org", "https://", "https://localhost/x", "https://192.168.1.1/x", "https://[::1]/",
		"https://bank.example@evil.example/", "https://user:x@evil.example", "https://bücher.example", "https://example.org/a b", "https://example.org/\n", "https://exa\u202emple.org",
		"https://.org", "https://a..org", "https://example.org/\"onclick", "https://exam_ple.org", "data:text/html,https://a.b", "https://example.org/" + strings.Repeat("a", room.MaxLink-19),
	} {
		if err := try(bad); !fault.Is(err, "room.link_invalid") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
