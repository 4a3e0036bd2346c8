package roomchat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/talk/search"
)

var must, refused = testkit.Must, testkit.WantCode

var ctx = context.Background()

// fixture is the chat of one room on a real database, with its host.
type fixture struct {
	*roomchat.Service
	t      *testing.T
	db     *db.DB
	rooms  *room.Service
	safety *safety.Service
	clock  *testkit.Clock
	host   account.ID
	room   room.ID
}

func open(t *testing.T, d *db.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, db: d, clock: testkit.NewClock(time.Date(2026, 12, 1, 20, 0, 0, 0, time.UTC))}
	f.rooms = room.New(d, slog.New(slog.DiscardHandler), room.Config{SFU: testkit.NewSFU(), Now: f.clock.Now})
	f.safety = safety.New(d, f.rooms.Separate, f.clock.Now, func() {})
	f.Service = roomchat.New(d, roomchat.Config{Rooms: f.rooms, Matcher: search.Matcher, Now: f.clock.Now})
	f.host = f.person()
	r, err := f.rooms.Open(ctx, f.host, room.Plan{Title: "Late talk", Category: "talk", Language: "en"})
	must(t, err)
	f.room = r.ID
	return f
}

func (f *fixture) person() account.ID {
	f.t.Helper()
	who := id.New()
	_, err := f.db.Exec(`INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, who)
	must(f.t, err)
	return account.ID(who)
}

// guest is a person in the room.
func (f *fixture) guest() account.ID {
	f.t.Helper()
	who := f.person()
	_, _, err := f.rooms.Join(ctx, who, f.room)
	must(f.t, err)
	return who
}

func (f *fixture) write(by account.ID, text string, mentions ...account.ID) (roomchat.Message, error) {
	return f.Send(ctx, by, f.room, roomchat.Draft{ID: roomchat.ID(id.New()), Text: text, Mentions: mentions})
}

func (f *fixture) wrote(by account.ID, text string, mentions ...account.ID) roomchat.Message {
	f.t.Helper()
	m, err := f.write(by, text, mentions...)
	must(f.t, err)
	return m
}

// texts are what viewer reads, the newest first; deleted ones as "-author".
func (f *fixture) texts(viewer account.ID) []string {
	f.t.Helper()
	all, _, err := f.Page(ctx, viewer, f.room, page.Request{})
	must(f.t, err)
	return said(all)
}

func said(all []roomchat.Message) []string {
	texts := []string{}
	for _, m := range all {
		if m.Deleted != "" {
			m.Text += "-" + m.Deleted
		}
		texts = append(texts, m.Text)
	}
	return texts
}

func (f *fixture) read(when string, viewer account.ID, want ...string) {
	f.t.Helper()
	if got := f.texts(viewer); !slices.Equal(got, want) {
		f.t.Errorf("%s: %q, not %q", when, got, want)
	}
}

func each(t *testing.T, test func(t *testing.T, f *fixture)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

func TestWhoIsInTheRoomWritesAndReads(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		guest, outside := f.guest(), f.person()
		f.wrote(f.host, "Welcome")
		m := f.wrote(guest, "  Hi all \n\n\n and you ")
		f.read("both", guest, m.Text, "Welcome")
		_, err := f.write(outside, "Hello?")
		refused(t, err, "room.not_here")
		_, _, err = f.Page(ctx, outside, f.room, page.Request{})
		refused(t, err, "room.not_here")
		_, _, err = f.Search(ctx, outside, f.room, "hi", page.Request{})
		refused(t, err, "room.not_here")
		for text, code := range map[string]string{"": "message.empty", " \n": "message.empty", strings.Repeat("é", roomchat.MaxText+1): "room.message_long", "a\u202eb": "message.characters"} {
			if _, err := f.write(guest, text); !fault.Is(err, code) {
				t.Errorf("%q: %v, not %s", text, err, code)
			}
		}
		f.wrote(f.host, strings.Repeat("é", roomchat.MaxText))

		must(t, f.rooms.SetChat(ctx, f.host, f.room, room.ChatRules{Chat: room.ChatOff}))
		for _, who := range []account.ID{f.host, guest} {
			_, err = f.write(who, "Still?")
			refused(t, err, "room.chat_off")
		}
		if n := len(f.texts(guest)); n != 3 {
			t.Errorf("with the chat off %d messages can be read, not 3", n)
		}
		must(t, f.rooms.SetChat(ctx, f.host, f.room, room.ChatRules{Chat: room.ChatOn}))
		_, err = f.rooms.MuteChat(ctx, f.host, f.room, guest)
		must(t, err)
		_, err = f.write(guest, "Still?")
		refused(t, err, "room.chat_muted")
		_, err = f.rooms.Remove(ctx, f.host, f.room, guest)
		must(t, err)
		_, err = f.write(guest, "Still?")
		refused(t, err, "room.removed")
		_, _, err = f.Page(ctx, guest, f.room, page.Request{})
		refused(t, err, "room.removed")

		last := f.guest()
		must(t, f.rooms.End(ctx, f.host, f.room))
		for _, who := range []account.ID{f.host, last, outside} {
			_, _, err = f.Page(ctx, who, f.room, page.Request{})
			refused(t, err, "room.ended")
		}
	})
}

func TestAMessageSentAgainChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		guest := f.guest()
		d := roomchat.Draft{ID: roomchat.ID(id.New()), Text: "Once"}
		first, err := f.Send(ctx, guest, f.room, d)
		must(t, err)
		must(t, f.rooms.SetChat(ctx, f.host, f.room, room.ChatRules{Chat: room.ChatOn, Slow: 60}))
		var all sync.WaitGroup
		errs := make(chan error, 20)
		for range 20 {
			all.Go(func() {
				again, err := f.Send(ctx, guest, f.room, d)
				if err == nil && (again.At != first.At || again.Text != "Once") {
					err = fmt.Errorf("%+v", again)
				}
				errs <- err
			})
		}
		all.Wait()
		for range 20 {
			must(t, <-errs)
		}
		f.read("once", guest, "Once")
		_, err = f.Send(ctx, guest, f.room, roomchat.Draft{ID: d.ID, Text: "Other"})
		refused(t, err, "message.id_used")
		_, err = f.Send(ctx, f.host, f.room, d)
		refused(t, err, "message.id_used")
		must(t, f.Delete(ctx, guest, f.room, d.ID))
		again, err := f.Send(ctx, guest, f.room, d)
		if err != nil || again.Deleted != room.ByAuthor || again.Text != "" {
			t.Errorf("sent late, after it was deleted: %+v %v", again, err)
		}
	})
}

func TestSlowModeLetsOneWriteAfterAPause(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		guest, co := f.guest(), f.guest()
		_, err := f.rooms.MakeCoHost(ctx, f.host, f.room, co)
		must(t, err)
		must(t, f.rooms.SetChat(ctx, f.host, f.room, room.ChatRules{Chat: room.ChatOn, Slow: 30}))
		m := f.wrote(guest, "One")
		f.clock.Advance(18*time.Second + 300*time.Millisecond)
		_, err = f.write(guest, "Two")
		refused(t, err, "room.slow")
		if left := fault.As(err).After; left != 11700*time.Millisecond {
			t.Errorf("to wait: %s", left)
		}
		must(t, f.Delete(ctx, guest, f.room, m.ID))
		_, err = f.write(guest, "Two")
		refused(t, err, "room.slow") // deleting buys nothing
		for range 3 {
			f.wrote(f.host, "Hosts do not wait")
			f.wrote(co, "Nor do co-hosts")
		}
		f.clock.Advance(11700 * time.Millisecond)
		f.wrote(guest, "Two")

		// Of many at once, one.
		f.clock.Advance(30 * time.Second)
		sent := make(chan error, 30)
		var all sync.WaitGroup
		for range cap(sent) {
			all.Go(func() { _, err := f.write(guest, "Me first"); sent <- err })
		}
		all.Wait()
		passed := 0
		for range cap(sent) {
			if err := <-sent; err == nil {
				passed++
			} else {
				refused(t, err, "room.slow")
			}
		}
		if passed != 1 {
			t.Errorf("%d messages passed in one pause", passed)
		}
	})
}

// A chat flood: 10,000 messages at once by one person.
func TestOnlyTheFlooderNoticesAFlood(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		flooder, other := f.guest(), f.guest()
		const flood, at = 10_000, 50
		var all sync.WaitGroup
		refusals := make(chan error, flood)
		begin := make(chan struct{})
		for range at {
			all.Go(func() {
				<-begin
				for range flood / at {
					_, err := f.write(flooder, "spam")
					refusals <- err
				}
			})
		}
		close(begin)
		var mine []string
		for i := range 10 {
			text := fmt.Sprintf("Message %d of somebody else", i)
			mine = append([]string{text}, mine...)
			f.wrote(other, text)
		}
		behind := len(refusals)
		all.Wait()
		if behind == flood {
			t.Error("the other wrote after the whole flood")
		}
		passed := 0
		for range flood {
			switch err := <-refusals; {
			case err == nil:
				passed++
			default:
				refused(t, err, "room.chat_flood")
			}
		}
		if passed != roomchat.PerMinute {
			t.Errorf("%d of the flood passed, not %d", passed, roomchat.PerMinute)
		}
		got := slices.DeleteFunc(f.texts(f.host), func(s string) bool { return s == "spam" })
		if !slices.Equal(got, mine) {
			t.Errorf("of the other is read: %q", got)
		}
		f.clock.Advance(time.Minute + time.Second) // times of messages grow by a millisecond each
		f.wrote(flooder, "Sorry")
	})
}

func TestMessagesAreInOneOrderWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		people := []account.ID{f.host, f.guest(), f.guest(), f.guest(), f.guest(), f.guest()}
		var all sync.WaitGroup
		errs := make(chan error, 60)
		for _, who := range people {
			all.Go(func() {
				for i := range 10 {
					_, err := f.write(who, fmt.Sprint(i))
					errs <- err
				}
			})
		}
		all.Wait()
		for range cap(errs) {
			must(t, <-errs)
		}
		var n, last, times int
		must(t, f.db.QueryRow(`SELECT COUNT(*), MAX(n), COUNT(DISTINCT at) FROM room_messages`).Scan(&n, &last, &times))
		if n != 60 || last != 60 || times != 60 {
			t.Errorf("%d messages, the last is %d, %d times", n, last, times)
		}
		seen := map[roomchat.ID]bool{}
		order := map[account.ID]int{}
		var next page.Cursor
		for pages := 0; ; pages++ {
			some, more, err := f.Page(ctx, f.host, f.room, page.Request{Before: next, Limit: 7})
			must(t, err)
			for _, m := range some {
				seen[m.ID] = true
				order[m.By]++
				if m.Text != fmt.Sprint(10-order[m.By]) {
					t.Errorf("%s of %s is in place %d", m.Text, m.By, order[m.By])
				}
			}
			if next = more; next == (page.Cursor{}) {
				if pages != 8 {
					t.Errorf("%d pages", pages+1)
				}
				break
			}
		}
		if len(seen) != 60 {
			t.Errorf("%d messages are read in pages", len(seen))
		}
	})
}

func TestWhoMustNotMeetAnAuthorReadsNothingOfThem(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		ada, bob, cleo := f.guest(), f.guest(), f.guest()
		first := f.wrote(ada, "Ada is here")
		must(t, f.safety.Block(ctx, bob, ada))
		f.wrote(bob, "Bob, to all", ada, cleo)
		f.wrote(cleo, "Cleo to both", ada, bob)
		f.read("who was blocked", ada, "Cleo to both", "Ada is here")
		f.read("who blocked", bob, "Cleo to both", "Bob, to all")
		f.read("anybody else", cleo, "Cleo to both", "Bob, to all", "Ada is here")
		for viewer, want := range map[account.ID][]string{ada: {}, bob: {"Bob, to all"}, cleo: {"Bob, to all"}} {
			found, _, err := f.Search(ctx, viewer, f.room, "bob", page.Request{})
			must(t, err)
			if !slices.Equal(said(found), want) {
				t.Errorf("found: %q, not %q", said(found), want)
			}
		}
		all, _, err := f.Page(ctx, ada, f.room, page.Request{})
		must(t, err)
		if !all[0].Mentioned || all[1].Mentioned {
			t.Errorf("%+v", all)
		}
		must(t, f.Delete(ctx, ada, f.room, first.ID))
		f.read("deleted", bob, "Cleo to both", "Bob, to all")
		// A mention of somebody apart is none, whoever they are.
		m := f.wrote(bob, "Again", ada, cleo, f.person())
		if m.For(ada).Mentioned || !m.For(cleo).Mentioned {
			t.Error("a mention reaches who is apart, or not who is not")
		}
		// As one that never was.
		_, _ = f.rooms.MakeCoHost(ctx, f.host, f.room, cleo)
		err = f.Delete(ctx, ada, f.room, m.ID)
		unknown := f.Delete(ctx, ada, f.room, roomchat.ID(id.New()))
		refused(t, err, "room.message_gone")
		if err.Error() != unknown.Error() {
			t.Errorf("%v, and of an unknown one %v", err, unknown)
		}
	})
}

func TestADeletedMessageIsGone(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		guest, other, co := f.guest(), f.guest(), f.guest()
		_, err := f.rooms.MakeCoHost(ctx, f.host, f.room, co)
		must(t, err)
		mine, theirs, ofHost, ofCo := f.wrote(guest, "mine secret", other), f.wrote(other, "theirs secret"), f.wrote(f.host, "host secret"), f.wrote(co, "co secret")
		refused(t, f.Delete(ctx, guest, f.room, theirs.ID), "room.host_only")
		refused(t, f.Delete(ctx, co, f.room, ofHost.ID), "room.host_only")
		refused(t, f.Delete(ctx, f.person(), f.room, mine.ID), "room.not_here")
		must(t, f.Delete(ctx, guest, f.room, mine.ID))
		must(t, f.Delete(ctx, co, f.room, theirs.ID))
		must(t, f.Delete(ctx, f.host, f.room, ofCo.ID))
		must(t, f.Delete(ctx, f.host, f.room, mine.ID)) // changes nothing
		f.read("deleted", other, "-host", "host secret", "-co_host", "-author")
		found, _, err := f.Search(ctx, other, f.room, "secret", page.Request{})
		must(t, err)
		if !slices.Equal(said(found), []string{"host secret"}) {
			t.Errorf("found: %q", said(found))
		}
		var left int
		must(t, f.db.QueryRow(`SELECT COUNT(*) FROM room_messages WHERE deleted_at IS NOT NULL AND (text IS NOT NULL OR mentions <> '')`).Scan(&left))
		if left != 0 {
			t.Errorf("%d deleted messages have something left", left)
		}
		var facts string
		rows, err := f.db.Query(`SELECT data FROM outbox`)
		must(t, err)
		for rows.Next() {
			var data string
			must(t, rows.Scan(&data))
			facts += data
		}
		must(t, rows.Err())
		if strings.Contains(facts, "secret") {
			t.Error("a fact carries a text")
		}
	})
}

func TestASearchFindsWordsAsPeopleTypeThem(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		texts := []string{"Perché no? Andiamo al caffè più tardi", "CAFFE freddo", "Tomorrow at the café, naïve me", "我们明天去看电影吧", "电视剧也可以", "Ça va? Œuvre", "İstanbul ve ağaç"}
		for i, text := range texts {
			if i == 4 {
				f.clock.Advance(time.Minute)
			}
			f.wrote(f.host, text)
		}
		for query, want := range map[string][]int{
			"caffe": {0, 1}, "caffè": {0, 1}, "perche": {0}, "PERCHÉ": {0}, "piu": {0}, "cafe": {2}, "caf": {0, 1, 2}, "naive": {2}, "tom": {2}, "morrow": {},
			"明天": {3}, "看电影": {3}, "电": {3, 4}, "电影剧": {}, "oeuvre": {5}, "ca va": {5}, "istanbul": {6}, "agac": {6}, "caffe freddo": {1}, "%": nil, "_": nil,
		} {
			found, _, err := f.Search(ctx, f.host, f.room, query, page.Request{})
			if want == nil {
				refused(t, err, "search.empty")
				continue
			}
			must(t, err)
			var expected []string
			for _, i := range want {
				expected = append([]string{texts[i]}, expected...)
			}
			if !slices.Equal(said(found), append([]string{}, expected...)) {
				t.Errorf("%s: %q", query, said(found))
			}
		}
	})
}

func TestASearchOfALongChatIsBoundedAndGoesOn(t *testing.T) {
	d := dbtest.SQLite(t)
	f := open(t, d)
	const n = 12_000
	tx, err := d.Begin()
	must(t, err)
	for i := range n {
		text := "words"
		if i == 3 || i == n-3 {
			text = "a needle"
		}
		_, err := tx.Exec(`INSERT INTO room_messages (room_id, n, id, account_id, text, at) VALUES ($1, $2, $3, $4, $5, $6)`, f.room, i+1, id.New(), f.host, text, i+1)
		must(t, err)
	}
	must(t, tx.Commit())
	var found []string
	var next page.Cursor
	for requests := 1; ; requests++ {
		some, more, err := f.Search(ctx, f.host, f.room, "needle", page.Request{Before: next})
		must(t, err)
		found = append(found, said(some)...)
		if next = more; next == (page.Cursor{}) {
			if requests != 3 {
				t.Errorf("%d requests", requests)
			}
			break
		}
	}
	if len(found) != 2 {
		t.Errorf("%q", found)
	}
	// Pages of results neither repeat nor skip one.
	seen := map[roomchat.ID]bool{}
	for next = (page.Cursor{}); len(seen) < 200; {
		some, more, err := f.Search(ctx, f.host, f.room, "word", page.Request{Before: next, Limit: 40})
		must(t, err)
		for _, m := range some {
			if seen[m.ID] {
				t.Fatal("found twice")
			}
			seen[m.ID] = true
		}
		next = more
	}
}

func TestNoMessageComesAfterTheChatWasTurnedOff(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		people := []account.ID{f.guest(), f.guest(), f.guest(), f.guest()}
		var all sync.WaitGroup
		begin := make(chan struct{})
		errs := make(chan error, len(people)*10)
		for _, who := range people {
			all.Go(func() {
				<-begin
				for range 10 {
					_, err := f.write(who, "More")
					errs <- err
				}
			})
		}
		close(begin)
		must(t, f.rooms.SetChat(ctx, f.host, f.room, room.ChatRules{Chat: room.ChatOff}))
		var off int64
		must(t, f.db.QueryRow(`SELECT COUNT(*) FROM room_messages`).Scan(&off))
		all.Wait()
		var sent, passed int64
		for range cap(errs) {
			if err := <-errs; err == nil {
				passed++
			} else if !errors.Is(err, context.Canceled) {
				refused(t, err, "room.chat_off")
			}
		}
		must(t, f.db.QueryRow(`SELECT COUNT(*) FROM room_messages`).Scan(&sent))
		if sent != off || passed != sent {
			t.Errorf("%d when it was off, %d later, %d were told so", off, sent, passed)
		}
	})
}

func TestTheMessagesGoWithTheRoom(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.wrote(f.host, "For a while")
		must(t, f.rooms.End(ctx, f.host, f.room))
		_, err := f.db.Exec(`UPDATE rooms SET audio = FALSE`)
		must(t, err)
		f.clock.Advance(23 * time.Hour)
		must(t, f.rooms.DeleteEnded(ctx))
		count := func() (n int) {
			must(t, f.db.QueryRow(`SELECT COUNT(*) FROM room_messages`).Scan(&n))
			return n
		}
		if count() != 1 {
			t.Error("gone before the room's rows")
		}
		f.clock.Advance(2 * time.Hour)
		must(t, f.rooms.DeleteEnded(ctx))
		if count() != 0 {
			t.Error("left behind")
		}
	})
}
