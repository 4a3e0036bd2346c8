package message_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

// fixture is a message service on a real database, with a clock of its own.
type fixture struct {
	*message.Service
	db    *db.DB
	blobs *blob.Store
	refs  *blobref.Store
	clock *testkit.Clock
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { f(t, newFixture(t, d)) })
}

func newFixture(t testing.TB, d *db.DB) *fixture {
	t.Helper()
	clock := testkit.NewClock(time.UnixMilli(1_800_000_000_000))
	blobs, err := blob.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { _ = blobs.Close() })
	refs := blobref.New(d, blobs, clock.Now)
	return &fixture{message.New(d, refs, clock.Now, func() {}), d, blobs, refs, clock}
}

func (x *fixture) member(t testing.TB) account.ID {
	t.Helper()
	who := account.ID(id.Opaque())
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
		return err
	}))
	return who
}

// couple returns two people with a chat.
func (x *fixture) couple(t testing.TB) (ada, bob account.ID) {
	t.Helper()
	ada, bob = x.member(t), x.member(t)
	x.open(t, ada, bob)
	return ada, bob
}

func (x *fixture) open(t testing.TB, ada, bob account.ID) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error { return x.Open(ctx, tx, ada, bob, x.clock.Now()) }))
}

func (x *fixture) end(t testing.TB, ada, bob account.ID) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error { return x.Close(ctx, tx, bob, ada) }))
}

func (x *fixture) say(t testing.TB, by, to account.ID, text string) message.Message {
	t.Helper()
	x.clock.Advance(time.Second)
	m, err := x.Send(ctx, by, to, draft(text))
	must(t, err)
	return m
}

func draft(text string) message.Draft {
	return message.Draft{ID: message.ID(id.Opaque()), Text: text}
}

// texts returns all texts of a chat as one of the two sees it, the oldest first.
func (x *fixture) texts(t testing.TB, by, other account.ID) (all []string) {
	t.Helper()
	part := page.Request{Limit: 3}
	for {
		p, err := x.History(ctx, by, other, part)
		must(t, err)
		for _, m := range p.Messages {
			all = append(all, m.Text)
		}
		if p.Next == (page.Cursor{}) {
			slices.Reverse(all)
			return all
		}
		part.Before = p.Next
	}
}

func (x *fixture) chat(t testing.TB, by, other account.ID) message.Chat {
	t.Helper()
	c, err := x.Chat(ctx, by, other)
	must(t, err)
	return c
}

func TestBothReadTheSameMessagesInTheSameOrder(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		want := []string{}
		for i := range 8 {
			by, to := ada, bob
			if i%3 == 2 {
				by, to = bob, ada
			}
			want = append(want, fmt.Sprintf("message number %d", i))
			x.say(t, by, to, want[i])
		}
		for _, two := range [][2]account.ID{{ada, bob}, {bob, ada}} {
			if got := x.texts(t, two[0], two[1]); !slices.Equal(got, want) {
				t.Errorf("%s reads %q", two[0], got)
			}
		}
		if c := x.chat(t, bob, ada); c.Unread != 6 || c.Last == nil || c.Last.Text != want[7] {
			t.Errorf("Bob's chat: %+v", c)
		}
	})
}

func TestSendingAgainChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		d := draft("Which song was it?")
		first, err := x.Send(ctx, ada, bob, d)
		must(t, err)
		x.clock.Advance(9 * 24 * time.Hour) // a phone that was off for long
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				again, err := x.Send(ctx, ada, bob, d)
				if err != nil || again.N != first.N || !again.At.Equal(first.At) {
					t.Errorf("again: %+v, %v", again, err)
				}
			})
		}
		all.Wait()
		if got := x.texts(t, bob, ada); len(got) != 1 {
			t.Errorf("Bob reads %q", got)
		}
		if c := x.chat(t, bob, ada); c.Unread != 1 || c.Seq != 1 {
			t.Errorf("Bob's chat: %+v", c)
		}
		_, err = x.Send(ctx, ada, bob, message.Draft{ID: d.ID, Text: "Something else"})
		wantCode(t, err, "message.id_used")
		_, err = x.Send(ctx, bob, ada, d)
		wantCode(t, err, "message.id_used")
		x.say(t, bob, ada, "The one about trains")
		_, err = x.Edit(ctx, ada, bob, d.ID, "late")
		wantCode(t, err, "message.too_late")
	})
}

func TestOneMessageSentByManyAtOnceIsStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		d := draft("Hello from a bad connection")
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if m, err := x.Send(ctx, ada, bob, d); err != nil || m.N != 1 {
					t.Errorf("%+v, %v", m, err)
				}
			})
		}
		all.Wait()
		if got := x.texts(t, bob, ada); len(got) != 1 {
			t.Errorf("Bob reads %q", got)
		}
	})
}

func TestWithoutAMatchThereIsNoChat(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		eve := x.member(t)
		m := x.say(t, ada, bob, "Between us")
		for _, two := range [][2]account.ID{{eve, ada}, {ada, eve}, {ada, ada}, {ada, account.ID(id.Opaque())}} {
			_, err := x.Send(ctx, two[0], two[1], draft("May I come in?"))
			wantCode(t, err, "chat.none")
			_, err = x.History(ctx, two[0], two[1], page.Request{})
			wantCode(t, err, "chat.none")
			_, err = x.Changes(ctx, two[0], two[1], 0)
			wantCode(t, err, "chat.none")
			_, err = x.Edit(ctx, two[0], two[1], m.ID, "Mine now")
			wantCode(t, err, "chat.none")
			_, err = x.Delete(ctx, two[0], two[1], m.ID)
			wantCode(t, err, "chat.none")
			_, err = x.React(ctx, two[0], two[1], m.ID, "🔥")
			wantCode(t, err, "chat.none")
			wantCode(t, x.MarkRead(ctx, two[0], two[1], 1), "chat.none")
			wantCode(t, x.Exists(ctx, two[0], two[1]), "chat.none")
		}
	})
}

func TestTheEndOfAMatchTakesTheMessagesForBoth(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "Something I would not say twice")
		x.end(t, ada, bob)
		_, err := x.Send(ctx, bob, ada, draft("Still there?"))
		wantCode(t, err, "chat.none")
		_, err = x.Get(ctx, ada, bob, m.N)
		wantCode(t, err, "message.not_found")
		var left int
		must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM messages`).Scan(&left))
		if left != 0 {
			t.Errorf("%d messages are left", left)
		}
		if n, err := x.Unread(ctx, bob); err != nil || n != 0 {
			t.Errorf("Bob has %d unread, %v", n, err)
		}
	})
}

// While messages are sent, the match ends: whatever was answered, nothing is left.
func TestNoMessageComesAfterTheEnd(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 5 {
			ada, bob := x.couple(t)
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					if i == 4 {
						x.end(t, ada, bob)
						return
					}
					if _, err := x.Send(ctx, ada, bob, draft("One more thing")); err != nil && !fault.Is(err, "chat.none") && !fault.Is(err, "message.not_found") {
						t.Error(err)
					}
				})
			}
			all.Wait()
			var left int
			must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM messages`).Scan(&left))
			if left != 0 {
				t.Fatalf("%d messages are left", left)
			}
		}
	})
}

func TestEditingIsForTheAuthorAndForAWhile(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "See you on Tusday")
		_, err := x.Edit(ctx, bob, ada, m.ID, "I never said that")
		wantCode(t, err, "message.not_yours")
		got, err := x.Edit(ctx, ada, bob, m.ID, "See you on Tuesday")
		must(t, err)
		if !got.Edited || got.Text != "See you on Tuesday" || got.Seq <= m.Seq || got.N != m.N {
			t.Errorf("edited: %+v", got)
		}
		again, err := x.Edit(ctx, ada, bob, m.ID, "See you on Tuesday")
		must(t, err)
		if again.Seq != got.Seq {
			t.Errorf("the same edit again: %+v", again)
		}
		x.clock.Advance(message.EditTime + time.Second)
		_, err = x.Edit(ctx, ada, bob, m.ID, "See you never")
		wantCode(t, err, "message.too_late")
		_, err = x.Edit(ctx, ada, bob, message.ID(id.Opaque()), "Which one?")
		wantCode(t, err, "message.not_found")
	})
}

func TestADeletedMessageKeepsNothingButItsPlace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "I should not have said this")
		d := draft("What do you mean?")
		d.ReplyTo = m.N
		reply, err := x.Send(ctx, bob, ada, d)
		must(t, err)
		if reply.Reply == nil || reply.Reply.Text != m.Text || reply.Reply.By != ada {
			t.Errorf("the reply quotes %+v", reply.Reply)
		}
		_, err = x.React(ctx, bob, ada, m.ID, "😮")
		must(t, err)
		_, err = x.Delete(ctx, bob, ada, m.ID)
		wantCode(t, err, "message.not_yours")
		gone, err := x.Delete(ctx, ada, bob, m.ID)
		must(t, err)
		if !gone.Deleted || gone.Text != "" || len(gone.Reactions) != 0 {
			t.Errorf("deleted: %+v", gone)
		}
		if c := x.chat(t, bob, ada); c.Unread != 0 {
			t.Errorf("Bob has %d unread", c.Unread)
		}
		reply, err = x.Get(ctx, ada, bob, reply.N)
		must(t, err)
		if reply.Reply == nil || reply.Reply.Text != "" {
			t.Errorf("the reply still quotes %+v", reply.Reply)
		}
		_, err = x.Edit(ctx, ada, bob, m.ID, "What I meant")
		wantCode(t, err, "message.deleted")
		_, err = x.React(ctx, bob, ada, m.ID, "😮")
		wantCode(t, err, "message.deleted")
		var texts int
		must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE text LIKE '%should not have%'`).Scan(&texts))
		var facts int
		must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE data LIKE '%should not have%'`).Scan(&facts))
		if texts+facts != 0 {
			t.Errorf("the text is still in %d messages and %d facts", texts, facts)
		}
	})
}

func TestAReactionIsOneEmojiOfEach(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		m := x.say(t, ada, bob, "I sang it on the tram")
		for _, emoji := range []string{"❤️", "😂", "👩🏽‍🚀", "🇮🇹", "1️⃣"} {
			got, err := x.React(ctx, bob, ada, m.ID, emoji)
			must(t, err)
			if len(got.Reactions) != 1 || got.Reactions[bob] != emoji {
				t.Errorf("%s: %v", emoji, got.Reactions)
			}
		}
		both, err := x.React(ctx, ada, bob, m.ID, "🙈")
		must(t, err)
		if len(both.Reactions) != 2 {
			t.Errorf("both: %v", both.Reactions)
		}
		for _, bad := range []string{"a", "ok", "😂😂", "<b>", "1", "\u202e", strings.Repeat("👩‍", 40), "e\u0301\u0301\u0301\u0301", "你", "1\u0301\u0301\u0301\u20e3", "\u2800", "👍🏽🏽🏽"} {
			_, err := x.React(ctx, bob, ada, m.ID, bad)
			wantCode(t, err, "reaction.unknown")
		}
		none, err := x.React(ctx, bob, ada, m.ID, "")
		must(t, err)
		if len(none.Reactions) != 1 {
			t.Errorf("taken away: %v", none.Reactions)
		}
	})
}

func TestReadMarksOnlyGrowAndMayBeHidden(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		for i := range 4 {
			x.say(t, ada, bob, fmt.Sprintf("line %d of a story", i))
		}
		must(t, x.MarkRead(ctx, bob, ada, 3))
		must(t, x.MarkRead(ctx, bob, ada, 1))
		must(t, x.MarkRead(ctx, bob, ada, 99))
		if c := x.chat(t, bob, ada); c.ReadN != 3 || c.Unread != 1 {
			t.Errorf("Bob: %+v", c)
		}
		if c := x.chat(t, ada, bob); c.TheirReadN != 3 {
			t.Errorf("Ada sees %d", c.TheirReadN)
		}
		seq := x.chat(t, ada, bob).Seq
		must(t, x.ShowReadMarks(ctx, bob, false))
		must(t, x.MarkRead(ctx, bob, ada, 4))
		for _, two := range [][2]account.ID{{ada, bob}, {bob, ada}} {
			if c := x.chat(t, two[0], two[1]); c.TheirReadN != -1 || c.Seq != seq {
				t.Errorf("hidden, and yet %+v", c)
			}
		}
		// Shown again, it is so after a day: nobody looks and hides again.
		must(t, x.ShowReadMarks(ctx, bob, true))
		from := x.clock.Now().Add(message.ShowAgainTime)
		x.clock.Advance(time.Hour)
		must(t, x.ShowReadMarks(ctx, bob, true))
		must(t, x.SweepReadMarks(ctx, x.clock.Now()))
		for _, two := range [][2]account.ID{{ada, bob}, {bob, ada}} {
			if c := x.chat(t, two[0], two[1]); c.TheirReadN != -1 {
				t.Errorf("before the day is over: %+v", c)
			}
		}
		if m, err := x.ReadMarks(ctx, bob); err != nil || !m.Shown || !m.From.Equal(from) {
			t.Errorf("%+v, %v, want from %v", m, err, from)
		}
		x.clock.Advance(message.ShowAgainTime)
		must(t, x.SweepReadMarks(ctx, x.clock.Now()))
		if c := x.chat(t, ada, bob); c.TheirReadN != 4 {
			t.Errorf("shown again: %+v", c)
		}
		if m, err := x.ReadMarks(ctx, bob); err != nil || !m.Shown || !m.From.IsZero() {
			t.Errorf("%+v, %v", m, err)
		}
		must(t, x.ShowReadMarks(ctx, ada, false))
		must(t, x.ShowReadMarks(ctx, ada, true))
		must(t, x.ShowReadMarks(ctx, ada, false)) // another thought
		x.clock.Advance(2 * message.ShowAgainTime)
		must(t, x.SweepReadMarks(ctx, x.clock.Now()))
		if m, err := x.ReadMarks(ctx, ada); err != nil || m.Shown {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// What is unread is counted right whoever deletes and reads what, in any order.
func TestUnreadIsWhatTheRowsSay(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		chance := rand.New(rand.NewPCG(3, 4))
		var sent []message.Message
		for range 200 {
			by, to := ada, bob
			if chance.IntN(2) == 0 {
				by, to = bob, ada
			}
			switch act := chance.IntN(4); {
			case act < 2 || len(sent) == 0:
				sent = append(sent, x.say(t, by, to, fmt.Sprintf("line %d", len(sent))))
			case act == 2:
				must(t, x.MarkRead(ctx, by, to, 1+chance.Int64N(int64(len(sent)))))
			default:
				if m := sent[chance.IntN(len(sent))]; m.By == by {
					_, err := x.Delete(ctx, by, to, m.ID)
					must(t, err)
				}
			}
			for _, two := range [][2]account.ID{{ada, bob}, {bob, ada}} {
				c := x.chat(t, two[0], two[1])
				var want int
				must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE by_id = $1 AND n > $2 AND deleted_at IS NULL`, string(two[1]), c.ReadN).Scan(&want))
				if c.Unread != want {
					t.Fatalf("%d are unread, and it says %d", want, c.Unread)
				}
			}
		}
	})
}

func TestNobodyIsBuriedInMessages(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		for i := range 500 {
			x.say(t, ada, bob, fmt.Sprintf("line %d of very many", i))
		}
		// Reading them makes no room, or it would tell that they were read.
		for _, read := range []int64{0, 500} {
			if read > 0 {
				must(t, x.MarkRead(ctx, bob, ada, read))
			}
			_, err := x.Send(ctx, ada, bob, draft("One more"))
			wantCode(t, err, "message.wait")
			wantCode(t, x.MaySpeak(ctx, ada, bob, draft("")), "message.wait")
		}
		x.say(t, bob, ada, "An answer is always possible")
		must(t, x.MaySpeak(ctx, ada, bob, draft("")))
		x.say(t, ada, bob, "Now there is room again")
	})
}

func TestTheFirstLineIsMoreThanHello(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		for _, bare := range []string{"hi", "Heyyyy!!", "  ciao 😘", "你好！", "👋", "What's up?", "…", "Hola", "привет)))"} {
			_, err := x.Send(ctx, ada, bob, draft(bare))
			wantCode(t, err, "message.greeting")
		}
		if c := x.chat(t, bob, ada); c.Unread != 0 || c.Seq != 0 || c.Last != nil {
			t.Errorf("refused lines left %+v", c)
		}
		x.say(t, ada, bob, "Hi! Which tram was it?")
		x.say(t, bob, ada, "hi") // an answer may be short
	})
}

func TestBadTextsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.say(t, ada, bob, "Something first")
		for text, code := range map[string]string{
			"":                                "message.empty",
			" \n\t ":                          "message.empty",
			"\u200b\u200e":                    "message.empty",
			strings.Repeat("a\n", 200):        "message.too_long",
			strings.Repeat("a", 2001):         "message.too_long",
			strings.Repeat("a", 1<<20):        "message.too_long",
			"z" + strings.Repeat("\u0300", 9): "message.characters",
			"right \u202e left":               "message.characters",
			"bell \u0007":                     "message.characters",
			"broken \xff":                     "message.characters",
		} {
			_, err := x.Send(ctx, ada, bob, draft(text))
			wantCode(t, err, code)
		}
		m := x.say(t, ada, bob, "  two\r\n\r\n\r\n\r\nlines \u2029 and  a tab\t.  ")
		if want := "two\n\nlines\n and  a tab ."; m.Text != want {
			t.Errorf("%q", m.Text)
		}
		long := x.say(t, ada, bob, strings.Repeat("愛", 2000))
		if len([]rune(long.Text)) != 2000 {
			t.Error("2,000 characters of three bytes were cut")
		}
		for _, n := range []int64{-1, 99} {
			d := draft("An answer to nothing")
			d.ReplyTo = n
			_, err := x.Send(ctx, ada, bob, d)
			wantCode(t, err, "message.reply_unknown")
		}
	})
}

// A client that missed events and reads the changes has what a client has that reads all.
func TestChangesAndOldMessagesAreTheMessagesAsTheyAreNow(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		chance := rand.New(rand.NewPCG(1, 2))
		known := map[int64]message.Message{}
		var seq int64
		var sent []message.ID
		for range 300 {
			by, to := ada, bob
			if chance.IntN(2) == 0 {
				by, to = bob, ada
			}
			x.clock.Advance(time.Second)
			switch act := chance.IntN(6); {
			case act < 3 || len(sent) == 0:
				d := draft(fmt.Sprintf("line %d", len(sent)))
				d.ReplyTo = int64(chance.IntN(len(sent) + 1))
				if _, err := x.Send(ctx, by, to, d); err != nil {
					t.Fatal(err)
				}
				sent = append(sent, d.ID)
			default:
				of := sent[chance.IntN(len(sent))]
				var err error
				switch act {
				case 3:
					_, err = x.Edit(ctx, by, to, of, fmt.Sprintf("another %d", chance.IntN(1000)))
				case 4:
					_, err = x.React(ctx, by, to, of, []string{"", "🔥", "😂"}[chance.IntN(3)])
				case 5:
					_, err = x.Delete(ctx, by, to, of)
				}
				if err != nil && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Forbidden {
					t.Fatal(err)
				}
			}
			if chance.IntN(7) > 0 {
				continue
			}
			p, err := x.Changes(ctx, ada, bob, seq)
			must(t, err)
			for _, m := range p.Messages {
				known[m.N] = m
			}
			seq = p.Seq
			all, err := x.History(ctx, ada, bob, page.Request{Limit: 100})
			must(t, err)
			for _, m := range all.Messages {
				have := known[m.N]
				// A quote is as it was when the message itself changed; the quoted one tells the rest.
				have.Reply, m.Reply = nil, nil
				if fmt.Sprint(have) != fmt.Sprint(m) {
					t.Fatalf("by changes %+v, by reading %+v", have, m)
				}
			}
		}
	})
}

func TestChangesAreForThoseWhoMissedFew(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		for i := range 101 {
			x.say(t, ada, bob, fmt.Sprintf("line %d", i))
		}
		_, err := x.Changes(ctx, bob, ada, 0)
		wantCode(t, err, "live.too_old")
		p, err := x.Changes(ctx, bob, ada, 1)
		must(t, err)
		if len(p.Messages) != 100 {
			t.Errorf("%d messages", len(p.Messages))
		}
		for _, since := range []int64{-1, 102, 1 << 60} {
			_, err = x.Changes(ctx, bob, ada, since)
			wantCode(t, err, "live.too_old")
		}
	})
}

func TestTheChatWithTheNewestMessageComesFirst(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		var friends []account.ID
		for range 7 {
			x.clock.Advance(time.Second)
			who := x.member(t)
			must(t, x.db.Tx(ctx, func(tx *sql.Tx) error { return x.Open(ctx, tx, who, ada, x.clock.Now()) }))
			friends = append(friends, who)
		}
		x.say(t, friends[2], ada, "Are you awake?")
		x.say(t, ada, friends[5], "I just heard your intro again")
		want := []account.ID{friends[5], friends[2], friends[6], friends[4], friends[3], friends[1], friends[0]}
		var got []account.ID
		part := page.Request{Limit: 3}
		for {
			some, next, err := x.Chats(ctx, ada, part)
			must(t, err)
			for _, c := range some {
				got = append(got, c.Other)
			}
			if next == (page.Cursor{}) {
				break
			}
			part.Before = next
		}
		if !slices.Equal(got, want) {
			t.Errorf("the chats come as %v", got)
		}
		if n, err := x.Unread(ctx, ada); err != nil || n != 1 {
			t.Errorf("Ada has %d unread, %v", n, err)
		}
	})
}

func TestAnAccountTakesItsChatsWithIt(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.say(t, ada, bob, "I am about to leave")
		must(t, x.ShowReadMarks(ctx, ada, false))
		must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM accounts WHERE id = $1`, string(ada))
			return err
		}))
		wantCode(t, x.Exists(ctx, bob, ada), "chat.none")
		for _, table := range []string{"chats", "messages", "read_marks"} {
			var left int
			must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&left))
			if left != 0 {
				t.Errorf("%d rows are left in %s", left, table)
			}
		}
	})
}
