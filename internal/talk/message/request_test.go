package message_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// acquainted says of two people that they need no request.
func acquainted(context.Context, *sql.Tx) (bool, error) { return true, nil }

// takes lets somebody take requests.
func (x *fixture) takes(t testing.TB, who account.ID) account.ID {
	t.Helper()
	must(t, x.SetSettings(ctx, who, message.Settings{Requests: true}))
	return who
}

// asks has Ada ask Bob for a chat, by a message.
func (x *fixture) asks(t testing.TB, text string) (ada, bob account.ID) {
	t.Helper()
	ada, bob = x.member(t), x.takes(t, x.member(t))
	if _, err := x.Begin(ctx, ada, bob, nil); err != nil {
		t.Fatal(err)
	}
	x.say(t, ada, bob, text)
	return ada, bob
}

// way returns how by comes to a chat with other, whom they don't know.
func (x *fixture) way(by, other account.ID) (message.Way, error) {
	ways, err := x.Ways(ctx, by, func(account.ID) bool { return false }, other, by)
	return ways[other] + ways[by], err
}

func (x *fixture) block(t testing.TB, by, on account.ID) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(by), string(on)); err != nil {
			return err
		}
		return x.Separate(ctx, tx, by, on)
	}))
}

func (x *fixture) unblock(t testing.TB, by, on account.ID) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM blocks WHERE by_id = $1 AND on_id = $2`, string(by), string(on))
		return err
	}))
}

func (x *fixture) others(t testing.TB, list func() ([]message.Chat, page.Cursor, error)) (all []account.ID) {
	t.Helper()
	chats, _, err := list()
	must(t, err)
	for _, c := range chats {
		all = append(all, c.Other)
	}
	return all
}

func (x *fixture) chatsOf(t testing.TB, who account.ID) []account.ID {
	t.Helper()
	return x.others(t, func() ([]message.Chat, page.Cursor, error) { return x.Chats(ctx, who, page.Request{}) })
}

func (x *fixture) requestsTo(t testing.TB, who account.ID) []account.ID {
	t.Helper()
	return x.others(t, func() ([]message.Chat, page.Cursor, error) { return x.Requests(ctx, who, page.Request{}) })
}

func TestARequestIsOneMessageUntilItIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.asks(t, "You played the cello at the end, didn't you?")
		_, err := x.Send(ctx, ada, bob, draft("And another thing"))
		wantCode(t, err, "chat.asked")
		wantCode(t, x.MaySpeak(ctx, ada, bob, draft("")), "chat.asked")

		if got := x.requestsTo(t, bob); len(got) != 1 || got[0] != ada {
			t.Errorf("requests to Bob are of %v, want Ada", got)
		}
		if got := x.chatsOf(t, bob); len(got) != 0 {
			t.Errorf("Bob has chats with %v, want none", got)
		}
		if got := x.chat(t, ada, bob).Asked; got != message.AskedMine {
			t.Errorf("for Ada it is asked by %q, want mine", got)
		}
		if n, err := x.Unread(ctx, bob); err != nil || n != 0 {
			t.Errorf("Bob has %d unread, %v; a request counts nowhere", n, err)
		}
		if got := x.texts(t, bob, ada); len(got) != 1 {
			t.Errorf("Bob reads %q, want the request", got)
		}

		x.say(t, bob, ada, "I did. Badly.")
		x.say(t, ada, bob, "I liked it.")
		if a, b := x.chatsOf(t, ada), x.chatsOf(t, bob); len(a) != 1 || len(b) != 1 || len(x.requestsTo(t, bob)) != 0 {
			t.Errorf("after the answer Ada has chats with %v and Bob with %v", a, b)
		}
	})
}

// What Bob does with a request shows nowhere until he answers it.
func TestARequestShowsNothingOfWhoReadsIt(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.asks(t, "Which town is the harbour in?")
		before := x.chat(t, ada, bob)
		first, err := x.History(ctx, bob, ada, page.Request{})
		must(t, err)
		m := first.Messages[0].ID
		wantCode(t, x.MarkRead(ctx, bob, ada, 1), "chat.none")
		wantCode(t, x.Exists(ctx, bob, ada), "chat.none") // typing
		_, err = x.React(ctx, bob, ada, m, "❤️")
		wantCode(t, err, "chat.none")
		wantCode(t, x.MarkHeard(ctx, bob, ada, m), "chat.none")
		if got := x.chat(t, ada, bob); got.TheirReadN != -1 || got.Seq != before.Seq {
			t.Errorf("Ada sees %+v, want nothing read or changed", got)
		}
	})
}

func TestADeclinedRequestLooksAsBefore(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.asks(t, "Which town is the harbour in?")
		before := x.chat(t, ada, bob)
		must(t, x.End(ctx, bob, ada))
		if got := x.chat(t, ada, bob); got.Asked != message.AskedMine || got.Seq != before.Seq || !got.At.Equal(before.At) {
			t.Errorf("Ada sees %+v, want %+v", got, before)
		}
		if len(x.chatsOf(t, ada)) != 1 || len(x.requestsTo(t, bob)) != 0 {
			t.Error("a declined request is gone for Ada, or there for Bob")
		}
		_, err := x.Chat(ctx, bob, ada)
		wantCode(t, err, "chat.none")
		_, err = x.History(ctx, bob, ada, page.Request{})
		wantCode(t, err, "chat.none")
		_, err = x.Send(ctx, bob, ada, draft("I changed my mind about this."))
		wantCode(t, err, "chat.none")
		_, err = x.Accept(ctx, bob, ada)
		wantCode(t, err, "chat.none")
		wantCode(t, x.End(ctx, bob, ada), "chat.none")

		// It ends as any other does, and then there is no second one.
		x.clock.Advance(message.RequestTime)
		must(t, x.SweepRequests(ctx, x.clock.Now()))
		if got := x.chatsOf(t, ada); len(got) != 0 {
			t.Errorf("after two weeks Ada has chats with %v", got)
		}
		_, err = x.Begin(ctx, ada, bob, nil)
		wantCode(t, err, "chat.no_requests")
		if way, err := x.way(ada, bob); err != nil || way != "" {
			t.Errorf("the way there is %q, %v", way, err)
		}
		// Bob may: he refused, not she.
		x.takes(t, ada)
		_, err = x.Begin(ctx, bob, ada, nil)
		must(t, err)
	})
}

func TestARequestIsAcceptedByAMatchOrByAsking(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.asks(t, "Which town is the harbour in?")
		c, err := x.Accept(ctx, bob, ada)
		must(t, err)
		if c.Asked != message.AskedNobody || len(x.chatsOf(t, bob)) != 1 {
			t.Errorf("accepted is %+v", c)
		}
		for _, how := range []string{"pending", "declined"} {
			cleo, dan := x.asks(t, "Which town is the harbour in?")
			if how == "declined" {
				must(t, x.End(ctx, dan, cleo))
			}
			must(t, x.db.Tx(ctx, func(tx *sql.Tx) error { return x.Open(ctx, tx, cleo, dan, x.clock.Now()) }))
			if a, b := x.chatsOf(t, cleo), x.chatsOf(t, dan); len(a) != 1 || len(b) != 1 {
				t.Errorf("%s and matched: chats %v and %v", how, a, b)
			}
			x.say(t, cleo, dan, "Both of us, then.")
		}
	})
}

// Who cannot be asked answers alike, whatever the reason.
func TestWhoCanBeAsked(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		blocked, blocks := x.takes(t, x.member(t)), x.takes(t, x.member(t))
		x.block(t, ada, blocked)
		x.block(t, blocks, ada)
		for name, other := range map[string]account.ID{
			"closed": x.member(t), "blocked": blocked, "blocks": blocks, "unknown": "01920000-0000-7000-8000-000000000000", "herself": ada,
		} {
			_, err := x.Begin(ctx, ada, other, nil)
			if !fault.Is(err, "chat.no_requests") {
				t.Errorf("%s: %v, want chat.no_requests", name, err)
			}
			if way, err := x.way(ada, other); err != nil || way != "" {
				t.Errorf("%s: the way there is %q, %v", name, way, err)
			}
		}
		if got := x.chatsOf(t, ada); len(got) != 0 {
			t.Errorf("what was refused left chats with %v", got)
		}
		// Acquainted people need no request, but a block holds.
		friend := x.member(t)
		c, err := x.Begin(ctx, ada, friend, acquainted)
		must(t, err)
		if c.Asked != message.AskedNobody {
			t.Errorf("a chat of acquainted people is asked by %q", c.Asked)
		}
		x.say(t, friend, ada, "Good talk yesterday.")
		_, err = x.Begin(ctx, ada, blocked, acquainted)
		wantCode(t, err, "chat.no_requests")
	})
}

func TestBeginIsOnceAndBounded(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		for range message.MaxRequests {
			_, err := x.Begin(ctx, ada, x.takes(t, x.member(t)), nil)
			must(t, err)
		}
		last := x.takes(t, x.member(t))
		_, err := x.Begin(ctx, ada, last, nil)
		wantCode(t, err, "chat.requests_many")
		must(t, x.End(ctx, ada, x.chatsOf(t, ada)[0]))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, err := x.Begin(ctx, ada, last, nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := len(x.chatsOf(t, ada)); got != message.MaxRequests {
			t.Errorf("Ada has %d chats, want %d", got, message.MaxRequests)
		}
		// Without a message nobody is asked.
		if got := x.requestsTo(t, last); len(got) != 0 {
			t.Errorf("requests without a message are of %v", got)
		}
		_, err = x.Send(ctx, last, ada, draft("Did you want to write?"))
		wantCode(t, err, "chat.none")
	})
}

// A block that comes at the same time as a request leaves no chat.
func TestABlockAndARequestAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 20 {
			ada, bob := x.member(t), x.takes(t, x.member(t))
			var wg sync.WaitGroup
			wg.Go(func() {
				if _, err := x.Begin(ctx, ada, bob, nil); err != nil && !fault.Is(err, "chat.no_requests") && !fault.Is(err, "chat.none") {
					t.Error(err)
				}
			})
			wg.Go(func() { x.block(t, bob, ada) })
			wg.Wait()
			if _, err := x.Chat(ctx, ada, bob); !errors.Is(err, message.ErrNone) {
				t.Fatalf("a chat is left: %v", err)
			}
		}
	})
}

func TestABlockTellsOnlyOfChatsThatWere(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.block(t, x.member(t), x.member(t))
		if got := x.told(t, message.KindChat); got != 0 {
			t.Errorf("a block without a chat told %d times of one", got)
		}
		ada, bob := x.couple(t)
		x.block(t, ada, bob)
		if got := x.told(t, message.KindChat); got != 1 {
			t.Errorf("a block with a chat told %d times of it, want once", got)
		}
	})
}

func (x *fixture) told(t testing.TB, kind string) (n int) {
	t.Helper()
	must(t, x.db.QueryRowContext(ctx, `SELECT count(*) FROM outbox WHERE kind = $1`, kind).Scan(&n))
	return n
}

func TestTheLimitOfOpenChats(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		wantCode(t, x.SetSettings(ctx, ada, message.Settings{Limit: 4}), "chat.limit_unknown")
		must(t, x.SetSettings(ctx, ada, message.Settings{Limit: 3}))
		var others []account.ID
		for range 3 {
			must(t, x.CheckLimit(ctx, ada))
			_, err := x.Begin(ctx, ada, x.member(t), acquainted)
			must(t, err)
			others = x.chatsOf(t, ada)
		}
		wantCode(t, x.CheckLimit(ctx, ada), "chat.limit")
		_, err := x.Begin(ctx, ada, x.member(t), acquainted)
		wantCode(t, err, "chat.limit")
		if got := x.chatsOf(t, ada); len(got) != 3 {
			t.Errorf("a refused one left %d chats", len(got))
		}
		// A request to her is none; an ended one and one that is quiet are none any more.
		bob := x.member(t)
		must(t, x.SetSettings(ctx, ada, message.Settings{Limit: 3, Requests: true}))
		_, err = x.Begin(ctx, bob, ada, nil)
		must(t, err)
		x.say(t, bob, ada, "You mentioned a choir. Which one?")
		must(t, x.End(ctx, ada, others[0]))
		must(t, x.CheckLimit(ctx, ada))
		_, err = x.Accept(ctx, ada, bob)
		must(t, err)
		wantCode(t, x.CheckLimit(ctx, ada), "chat.limit")
		x.clock.Advance(15 * 24 * time.Hour)
		must(t, x.CheckLimit(ctx, ada))
	})
}

// Whether a request was declined shows neither by taking it back nor by its end.
func TestAskingAgainTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for _, declined := range []bool{true, false} {
			ada, bob := x.asks(t, "Which town is the harbour in?")
			if declined {
				must(t, x.End(ctx, bob, ada))
			}
			must(t, x.End(ctx, ada, bob)) // taken back
			_, err := x.Begin(ctx, ada, bob, nil)
			if !fault.Is(err, "chat.no_requests") {
				t.Errorf("declined %v, taken back: %v", declined, err)
			}
			cleo, dan := x.asks(t, "Which town is the harbour in?")
			if declined {
				must(t, x.End(ctx, dan, cleo))
			}
			x.clock.Advance(message.RequestTime)
			must(t, x.SweepRequests(ctx, x.clock.Now()))
			_, err = x.Begin(ctx, cleo, dan, nil)
			if !fault.Is(err, "chat.no_requests") {
				t.Errorf("declined %v, over: %v", declined, err)
			}
		}
	})
}

// A request without a message keeps nobody from anything.
func TestAnUnsentRequestIsNothingYet(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.takes(t, x.member(t)), x.takes(t, x.member(t))
		_, err := x.Begin(ctx, ada, bob, nil)
		must(t, err)
		wantCode(t, x.Exists(ctx, ada, bob), "chat.none") // typing
		c, err := x.Begin(ctx, bob, ada, nil)
		must(t, err)
		if c.Asked != message.AskedMine {
			t.Errorf("Bob's request is asked by %q", c.Asked)
		}
		x.say(t, bob, ada, "You were faster, nearly.")
		if got := x.requestsTo(t, ada); len(got) != 1 {
			t.Errorf("requests to Ada are of %v", got)
		}
		// After an hour it is gone.
		cleo := x.takes(t, x.member(t))
		_, err = x.Begin(ctx, ada, cleo, nil)
		must(t, err)
		x.clock.Advance(2 * time.Hour)
		must(t, x.SweepRequests(ctx, x.clock.Now()))
		_, err = x.Chat(ctx, ada, cleo)
		wantCode(t, err, "chat.none")
		_, err = x.Begin(ctx, ada, cleo, nil)
		must(t, err)
	})
}

// The end of a match is the end of asking, too.
func TestAnEndedMatchCannotAsk(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.couple(t)
		x.takes(t, ada)
		x.takes(t, bob)
		must(t, x.db.Tx(ctx, func(tx *sql.Tx) error { return x.CloseMatch(ctx, tx, ada, bob) }))
		for by, other := range map[account.ID]account.ID{ada: bob, bob: ada} {
			_, err := x.Begin(ctx, by, other, nil)
			wantCode(t, err, "chat.no_requests")
			_, err = x.Begin(ctx, by, other, acquainted)
			wantCode(t, err, "chat.no_requests")
		}
	})
}

// A chat that is begun again is not taken for the one before.
func TestASecondChatHasGreaterNumbers(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.member(t), x.member(t)
		_, err := x.Begin(ctx, ada, bob, acquainted)
		must(t, err)
		for range 3 {
			x.say(t, ada, bob, "Good talk yesterday.")
		}
		before := x.chat(t, ada, bob).Seq
		must(t, x.End(ctx, ada, bob))
		x.clock.Advance(time.Second)
		_, err = x.Begin(ctx, ada, bob, acquainted)
		must(t, err)
		if got := x.chat(t, ada, bob).Seq; got <= before {
			t.Errorf("the seq begins at %d, and that before ended at %d", got, before)
		}
	})
}

// Nobody asks the same person twice, however the first chat ended.
func TestWhoseChatHasEndedAsksNoMore(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for name, end := range map[string]func(ada, bob account.ID){
			"by who asked, after an answer": func(ada, bob account.ID) {
				x.say(t, bob, ada, "No, thank you")
				must(t, x.End(ctx, ada, bob))
			},
			"by who was asked": func(ada, bob account.ID) {
				x.say(t, bob, ada, "No, thank you")
				must(t, x.End(ctx, bob, ada))
			},
			"by a block of who asked, which is taken back": func(ada, bob account.ID) {
				x.block(t, ada, bob)
				x.unblock(t, ada, bob)
			},
			"by a block of who asked, after it was declined": func(ada, bob account.ID) {
				must(t, x.End(ctx, bob, ada))
				x.block(t, ada, bob)
				x.unblock(t, ada, bob)
			},
		} {
			ada, bob := x.asks(t, "Which book?")
			x.takes(t, ada)
			end(ada, bob)
			if way, err := x.way(ada, bob); err != nil || way != "" {
				t.Errorf("%s: the way there is %q, %v", name, way, err)
			}
			if _, err := x.Begin(ctx, ada, bob, nil); !fault.Is(err, "chat.no_requests") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A request is one message: not one after the other in its place, nor a reaction after the other.
func TestARequestStaysAsItWasSent(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.asks(t, "Which book?")
		page, err := x.History(ctx, ada, bob, page.Request{})
		must(t, err)
		sent := page.Messages[0]
		_, err = x.Edit(ctx, ada, bob, sent.ID, "And which song?")
		wantCode(t, err, "chat.asked")
		_, err = x.React(ctx, ada, bob, sent.ID, "👍")
		wantCode(t, err, "chat.asked")
		if page.TheirReadN != -1 {
			t.Errorf("a request tells that the other does not hide what they read: %d", page.TheirReadN)
		}
		_, err = x.Accept(ctx, bob, ada)
		must(t, err)
		_, err = x.Edit(ctx, ada, bob, sent.ID, "hi")
		wantCode(t, err, "message.greeting")
		_, err = x.Edit(ctx, ada, bob, sent.ID, "Which book, and which song?")
		must(t, err)
	})
}

// Two people who are about to write to each other learn nothing of it before one of them does.
func TestBothMayBeginAndNeitherIsTold(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for _, ends := range []string{"one writes", "one takes it back", "one blocks"} {
			ada, bob := x.takes(t, x.member(t)), x.takes(t, x.member(t))
			var both sync.WaitGroup
			for _, two := range [][2]account.ID{{ada, bob}, {bob, ada}} {
				both.Go(func() {
					if c, err := x.Begin(ctx, two[0], two[1], nil); err != nil || c.Asked != message.AskedMine {
						t.Errorf("%+v, %v", c, err)
					}
				})
			}
			both.Wait()
			for _, two := range [][2]account.ID{{ada, bob}, {bob, ada}} {
				if c, err := x.Chat(ctx, two[0], two[1]); err != nil || c.Asked != message.AskedMine {
					t.Errorf("%+v, %v", c, err)
				}
				if got, _, err := x.Requests(ctx, two[0], page.Request{}); err != nil || len(got) != 0 {
					t.Errorf("%v, %v", got, err)
				}
			}
			switch ends {
			case "one writes":
				x.say(t, ada, bob, "Which book?")
				if c, err := x.Chat(ctx, bob, ada); err != nil || c.Asked != message.AskedTheirs {
					t.Errorf("Bob is asked: %+v, %v", c, err)
				}
				_, err := x.Send(ctx, ada, bob, draft("And which song?"))
				wantCode(t, err, "chat.asked")
				x.say(t, bob, ada, "This one")
				if c, err := x.Chat(ctx, ada, bob); err != nil || c.Asked != message.AskedNobody {
					t.Errorf("an answer opens it: %+v, %v", c, err)
				}
			case "one takes it back":
				must(t, x.End(ctx, ada, bob))
				if c, err := x.Chat(ctx, bob, ada); err != nil || c.Asked != message.AskedMine {
					t.Errorf("Bob's stays: %+v, %v", c, err)
				}
				_, err := x.Chat(ctx, ada, bob)
				wantCode(t, err, "chat.none")
				if way, err := x.way(ada, bob); err != nil || way != message.WayRequest {
					t.Errorf("Ada may think again: %q, %v", way, err)
				}
			case "one blocks":
				x.block(t, ada, bob)
				x.unblock(t, ada, bob)
				if way, err := x.way(bob, ada); err != nil || way != message.WayRequest {
					t.Errorf("nobody has written: %q, %v", way, err)
				}
			}
		}
	})
}

// What a declined request was is known to who declined, and there is no way there for them.
func TestThereIsNoWayToWhoWasDeclined(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.asks(t, "Which book?")
		x.takes(t, ada)
		must(t, x.End(ctx, bob, ada))
		if way, err := x.way(bob, ada); err != nil || way != "" {
			t.Errorf("the way there is %q, %v", way, err)
		}
		_, err := x.Begin(ctx, bob, ada, nil)
		wantCode(t, err, "chat.no_requests")
	})
}
