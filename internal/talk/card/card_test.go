package card_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/page"
	"heyy/internal/lab/testkit"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/talk/card"
)

var ctx = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	testkit.Must(t, err)
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	testkit.WantCode(t, err, code)
}

// fixture is the service on a real database, with friends and blocks; rooms are a fake.
type fixture struct {
	*card.Service
	db        *db.DB
	safety    *safety.Service
	discovery *discovery.Service
	follows   *follow.Service
	clock     *testkit.Clock

	mu    sync.Mutex
	rooms map[account.ID]string
}

// together: people with the same title are in one room.
func (x *fixture) together(_ context.Context, _ db.Querier, a, b account.ID) (string, bool, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	title := x.rooms[a]
	return title, title != "" && title == x.rooms[b], nil
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := &fixture{db: d, clock: testkit.NewClock(time.UnixMilli(1_800_000_000_000)), rooms: map[account.ID]string{}}
		x.follows = follow.New(d, x.clock.Now, func() {})
		x.Service = card.New(d, card.Config{Together: x.together, AreFriends: x.follows.AreFriends, Now: x.clock.Now})
		x.safety = safety.New(d, func(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
			if err := x.discovery.Separate(ctx, tx, a, b); err != nil {
				return err
			}
			return x.Separate(ctx, tx, a, b)
		}, x.clock.Now, func() {})
		x.discovery = discovery.New(d, x.safety, slog.New(slog.DiscardHandler), discovery.Config{OnMatchEnd: x.Separate, Now: x.clock.Now})
		f(t, x)
	})
}

// member is a new member, in the room of that title.
func (x *fixture) member(t testing.TB, room string) account.ID {
	t.Helper()
	who := account.ID(id.New())
	x.exec(t, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
	x.move(who, room)
	return who
}

func (x *fixture) move(who account.ID, room string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rooms[who] = room
}

func (x *fixture) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
}

// rows counts the rows, placeholders included.
func (x *fixture) rows(t testing.TB) (n int) {
	t.Helper()
	must(t, x.db.QueryRow(`SELECT COUNT(*) FROM contact_cards`).Scan(&n))
	return n
}

// changes returns and deletes what was appended to the outbox.
func (x *fixture) changes(t testing.TB) (all []card.Changed) {
	t.Helper()
	all, err := db.Select(ctx, x.db, func(r interface{ Scan(...any) error }) (f card.Changed, err error) {
		var data string
		if err := r.Scan(&data); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(data), &f)
	}, `SELECT data FROM outbox WHERE kind = $1 ORDER BY id`, card.KindChanged)
	must(t, err)
	x.exec(t, `DELETE FROM outbox`)
	for i := range all {
		all[i].At = time.Time{}
	}
	return all
}

func (x *fixture) told(t testing.TB, want ...card.Changed) {
	t.Helper()
	if got := x.changes(t); !slices.Equal(got, want) {
		t.Errorf("facts: %+v, want %+v", got, want)
	}
}

func (x *fixture) state(t testing.TB, by, other account.ID, want card.State) card.Standing {
	t.Helper()
	got, err := x.Get(ctx, by, other)
	must(t, err)
	if got.State != want {
		t.Errorf("%s, want %s", got.State, want)
	}
	return got
}

func (x *fixture) list(t testing.TB, by account.ID) (all []account.ID) {
	t.Helper()
	part := page.Request{Limit: 2}
	for {
		some, next, err := x.List(ctx, by, part)
		must(t, err)
		for _, c := range some {
			all = append(all, c.Of)
		}
		if next == (page.Cursor{}) {
			return all
		}
		part.Before = next
	}
}

// offers returns from whom by has an open offer, and to whom.
func (x *fixture) offers(t testing.TB, by account.ID) (received, given []account.ID) {
	t.Helper()
	in, out, err := x.Offers(ctx, by)
	must(t, err)
	for _, c := range in {
		received = append(received, c.Of)
	}
	for _, c := range out {
		given = append(given, c.Of)
	}
	return received, given
}

func TestAnOfferAnsweredGivesBothTheOthersCard(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, cleo := x.member(t, "Go"), x.member(t, "Go"), x.member(t, "Go")
		if s := x.state(t, ada, bob, card.None); !s.CanOffer {
			t.Error("they are in one room, and nothing can be offered")
		}
		for range 3 {
			must(t, x.Offer(ctx, ada, bob))
		}
		if s := x.state(t, ada, bob, card.Offered); s.Place != "Go" || !s.Until.Equal(x.clock.Now().Add(card.OfferTTL)) {
			t.Errorf("the offer is %+v", s)
		}
		x.state(t, bob, ada, card.Received)
		x.state(t, cleo, ada, card.None)
		if len(x.list(t, ada)) > 0 || len(x.list(t, bob)) > 0 {
			t.Error("an offer is no exchange")
		}
		if in, _ := x.offers(t, bob); !slices.Equal(in, []account.ID{ada}) {
			t.Errorf("bob received %v", in)
		}
		if _, out := x.offers(t, ada); !slices.Equal(out, []account.ID{bob}) {
			t.Errorf("ada gave %v", out)
		}
		x.told(t, card.Changed{By: ada, Other: bob, Change: card.ChangeOffered, Place: "Go"})

		x.move(ada, "") // the answer may come later
		x.clock.Advance(time.Hour)
		for range 3 {
			must(t, x.Offer(ctx, bob, ada))
			must(t, x.Offer(ctx, ada, bob))
		}
		for _, p := range [][2]account.ID{{ada, bob}, {bob, ada}} {
			if s := x.state(t, p[0], p[1], card.Exchanged); s.Place != "Go" || !s.At.Equal(x.clock.Now()) || s.CanOffer {
				t.Errorf("the exchange is %+v", s)
			}
			if c, err := x.Has(ctx, p[0], p[1]); err != nil || c.Of != p[1] || c.Place != "Go" {
				t.Errorf("has %+v, %v", c, err)
			}
			if got := x.list(t, p[0]); !slices.Equal(got, []account.ID{p[1]}) {
				t.Errorf("the list is %v", got)
			}
			if in, out := x.offers(t, p[0]); len(in)+len(out) > 0 {
				t.Errorf("offers are left: %v, %v", in, out)
			}
		}
		x.told(t, card.Changed{By: bob, Other: ada, Change: card.ChangeExchanged, Place: "Go"})

		for range 2 {
			must(t, x.Remove(ctx, ada, bob))
		}
		x.state(t, bob, ada, card.None)
		_, err := x.Has(ctx, bob, ada)
		wantCode(t, err, "card.unknown")
		x.told(t, card.Changed{By: ada, Other: bob, Change: card.ChangeRemoved, Place: "Go"})
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestAnOfferNeedsOneRoomOrFriendship(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.member(t, "Go"), x.member(t, "Rust")
		wantCode(t, x.Offer(ctx, ada, bob), "card.not_met")
		if s := x.state(t, ada, bob, card.None); s.CanOffer {
			t.Error("they have not met")
		}
		must(t, x.follows.Follow(ctx, ada, bob))
		wantCode(t, x.Offer(ctx, ada, bob), "card.not_met")
		must(t, x.follows.Follow(ctx, bob, ada))
		must(t, x.Offer(ctx, ada, bob))
		if s := x.state(t, bob, ada, card.Received); s.Place != "" {
			t.Errorf("the offer is %+v", s)
		}
		cleo := x.member(t, "")
		x.exec(t, `INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at, seq) VALUES ($1, $2, 'like', 'like', 1, 1)`, string(min(ada, cleo)), string(max(ada, cleo)))
		must(t, x.Offer(ctx, cleo, ada))
		must(t, x.Offer(ctx, ada, cleo))
		must(t, x.discovery.End(ctx, cleo, ada))
		if got := x.list(t, ada); len(got) > 0 {
			t.Errorf("the match has ended, and ada has the card of %v", got)
		}
		x.move(ada, "Go")
		x.move(cleo, "Go")
		wantCode(t, x.Offer(ctx, ada, cleo), "person.unknown")
	})
}

func TestNobodyDealsWithThemselvesWithNobodyOrWithWhoIsExcluded(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, cleo := x.member(t, "Go"), x.member(t, "Go"), x.member(t, "Go")
		must(t, x.safety.Block(ctx, bob, ada))
		must(t, x.safety.Report(ctx, cleo, ada, safety.Complaint{Reason: "spam", Place: "profile"}))
		x.changes(t)
		read := func(ctx context.Context, by, other account.ID) error {
			_, err := x.Get(ctx, by, other)
			return err
		}
		for name, do := range map[string]func(context.Context, account.ID, account.ID) error{
			"offer": x.Offer, "withdraw": x.Withdraw, "ignore": x.Ignore, "remove": x.Remove, "get": read,
		} {
			wantCode(t, do(ctx, ada, ada), "card.self")
			unknown := fault.As(do(ctx, ada, account.ID(id.New())))
			for _, p := range [][2]account.ID{{ada, bob}, {bob, ada}, {ada, cleo}, {cleo, ada}, {ada, ""}, {ada, "no id"}} {
				f := fault.As(do(ctx, p[0], p[1]))
				if f == nil || unknown == nil || *f != *unknown || f.Code != "person.unknown" {
					t.Errorf("%s %q: %+v, want %+v", name, p[1], f, unknown)
				}
			}
		}
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows", n)
		}
		x.told(t)
	})
}

func TestAnOfferIsTakenBackAndExpires(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.member(t, "Go"), x.member(t, "Go")
		must(t, x.Offer(ctx, ada, bob))
		must(t, x.Withdraw(ctx, bob, ada)) // not bob's to take back
		x.state(t, bob, ada, card.Received)
		for range 2 {
			must(t, x.Withdraw(ctx, ada, bob))
		}
		x.state(t, bob, ada, card.None)
		x.changes(t)
		// What bob taps now is an offer of his own.
		must(t, x.Offer(ctx, bob, ada))
		x.state(t, ada, bob, card.Received)
		x.told(t, card.Changed{By: bob, Other: ada, Change: card.ChangeOffered, Place: "Go"})

		x.clock.Advance(card.OfferTTL - time.Second)
		must(t, x.Sweep(ctx, x.clock.Now()))
		x.state(t, ada, bob, card.Received)
		x.clock.Advance(time.Second)
		x.state(t, ada, bob, card.None)
		if in, _ := x.offers(t, ada); len(in) > 0 {
			t.Errorf("offers that have expired: %v", in)
		}
		must(t, x.Sweep(ctx, x.clock.Now()))
		x.told(t, card.Changed{By: bob, Other: ada, Change: card.ChangeExpired, Place: "Go"})
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}

		// An answer that is too late is an offer, before the sweep, too.
		must(t, x.Offer(ctx, bob, ada))
		x.clock.Advance(card.OfferTTL)
		must(t, x.Offer(ctx, ada, bob))
		x.state(t, ada, bob, card.Offered)
		x.state(t, bob, ada, card.Received)
	})
}

// Whoever ignores an offer sees it no more, also if it is taken back and made again; the other
// sees of that nothing at all.
func TestAnOfferThatIsIgnoredLooksOpenToItsAuthor(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.member(t, "Go"), x.member(t, "Go")
		must(t, x.Offer(ctx, ada, bob))
		open := x.state(t, ada, bob, card.Offered)
		x.changes(t)
		x.clock.Advance(time.Minute)
		for range 2 {
			must(t, x.Ignore(ctx, bob, ada))
		}
		x.told(t, card.Changed{By: bob, Other: ada, Change: card.ChangeIgnored, Hidden: true, Place: "Go"})
		if got := x.state(t, ada, bob, card.Offered); got != open {
			t.Errorf("ada sees %+v, and saw %+v", got, open)
		}
		if _, out := x.offers(t, ada); !slices.Equal(out, []account.ID{bob}) {
			t.Errorf("ada gave %v", out)
		}
		must(t, x.Withdraw(ctx, ada, bob))
		x.state(t, ada, bob, card.None)
		must(t, x.Offer(ctx, ada, bob))
		x.state(t, ada, bob, card.Offered)
		for _, c := range x.changes(t) {
			if !c.Hidden {
				t.Errorf("bob is told: %+v", c)
			}
		}
		x.state(t, bob, ada, card.None)
		if in, _ := x.offers(t, bob); len(in) > 0 {
			t.Errorf("bob sees %v", in)
		}
		// Bob may think better of it.
		must(t, x.Offer(ctx, bob, ada))
		x.state(t, ada, bob, card.Exchanged)
	})
}

// Ada offers her card to Bob, who ignores it, and to Cleo, who does not, and takes it back and
// offers it again: nothing that Ada can ask or hear tells the two apart, until the offers expire.
func TestNoTimeAndNoOrderTellAnAuthorWhoIgnoresThem(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, cleo, dan := x.member(t, "Go"), x.member(t, "Go"), x.member(t, "Go"), x.member(t, "Go")
		alike := func(step string, want card.State) {
			t.Helper()
			if of, to := x.state(t, ada, bob, want), x.state(t, ada, cleo, want); of != to {
				t.Errorf("%s: ada sees %+v of bob, %+v of cleo", step, of, to)
			}
			_, given, err := x.Offers(ctx, ada)
			must(t, err)
			at := map[account.ID]int{}
			for i, c := range given {
				at[c.Of] = i + 1
			}
			if of, to := at[bob], at[cleo]; (of == 0) != (to == 0) || of != 0 && (max(of, to)-min(of, to) != 1 || !given[of-1].At.Equal(given[to-1].At) || !given[of-1].Until.Equal(given[to-1].Until) || given[of-1].Place != given[to-1].Place) {
				t.Errorf("%s: ada gave %+v", step, given)
			}
			heard := map[account.ID][]card.Changed{} // by ada, of both
			for _, c := range x.changes(t) {
				other := c.Other
				if c.By == ada && other != dan {
					c.Other, c.Hidden = "", false
					heard[other] = append(heard[other], c)
				}
			}
			if !slices.Equal(heard[bob], heard[cleo]) {
				t.Errorf("%s: ada hears %+v of bob, %+v of cleo", step, heard[bob], heard[cleo])
			}
		}
		both := func(step string, do func(context.Context, account.ID, account.ID) error, want card.State) {
			t.Helper()
			for _, other := range []account.ID{bob, cleo} {
				must(t, do(ctx, ada, other))
			}
			alike(step, want)
		}
		both("offered", x.Offer, card.Offered)
		must(t, x.Ignore(ctx, bob, ada))
		alike("ignored", card.Offered)
		x.clock.Advance(time.Hour)
		must(t, x.Offer(ctx, ada, dan))
		both("taken back", x.Withdraw, card.None)
		x.clock.Advance(time.Hour)
		for _, who := range []account.ID{ada, bob, cleo, dan} {
			x.move(who, "Rust")
		}
		both("made again", x.Offer, card.Offered)
		if s := x.state(t, ada, bob, card.Offered); s.Place != "Rust" || !s.At.Equal(x.clock.Now()) || !s.Until.Equal(x.clock.Now().Add(card.OfferTTL)) {
			t.Errorf("made again, the offer is %+v", s)
		}
		x.state(t, bob, ada, card.None)
		x.state(t, cleo, ada, card.Received)
		for range 2 {
			both("taken back and made again", func(ctx context.Context, by, other account.ID) error {
				must(t, x.Withdraw(ctx, by, other))
				return x.Offer(ctx, by, other)
			}, card.Offered)
		}

		x.clock.Advance(card.OfferTTL - 2*time.Hour) // from the first offer
		must(t, x.Sweep(ctx, x.clock.Now()))
		alike("a day after the first", card.Offered)
		x.clock.Advance(2 * time.Hour)
		alike("expired", card.None)
		must(t, x.Sweep(ctx, x.clock.Now()))
		alike("swept", card.None)
		both("made anew", x.Offer, card.Offered)
		x.state(t, bob, ada, card.Received) // bob ignored that of another day
	})
}

func TestABlockAndAReportEndOffersAndExchanges(t *testing.T) {
	for name, end := range map[string]func(x *fixture, a, b account.ID) error{
		"block": func(x *fixture, a, b account.ID) error { return x.safety.Block(ctx, b, a) },
		"report": func(x *fixture, a, b account.ID) error {
			return x.safety.Report(ctx, a, b, safety.Complaint{Reason: "hate", Place: "profile"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, x *fixture) {
				ada, bob, cleo := x.member(t, "Go"), x.member(t, "Go"), x.member(t, "Go")
				for _, other := range []account.ID{bob, cleo} {
					must(t, x.Offer(ctx, ada, other))
				}
				must(t, x.Offer(ctx, bob, ada))
				must(t, end(x, ada, bob))
				must(t, end(x, cleo, ada))
				if n := x.rows(t); n != 0 {
					t.Errorf("%d rows are left", n)
				}
				for _, who := range []account.ID{ada, bob, cleo} {
					in, out := x.offers(t, who)
					if got := x.list(t, who); len(got)+len(in)+len(out) > 0 {
						t.Errorf("left: %v, %v, %v", got, in, out)
					}
				}
				must(t, x.safety.Unblock(ctx, bob, ada))
				if name == "block" { // what it ended does not come back
					x.state(t, ada, bob, card.None)
				}
			})
		})
	}
}

func TestABlockWhileTwoExchangeLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 20 {
			ada, bob := x.member(t, "Go"), x.member(t, "Go")
			start := make(chan struct{})
			var all sync.WaitGroup
			run := func(f func() error) {
				all.Go(func() {
					<-start
					if err := f(); err != nil && !fault.Is(err, "person.unknown") {
						t.Error(err)
					}
				})
			}
			for range 3 {
				run(func() error { return x.Offer(ctx, ada, bob) })
				run(func() error { return x.Offer(ctx, bob, ada) })
			}
			run(func() error { return x.safety.Block(ctx, bob, ada) })
			close(start)
			all.Wait()
		}
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestTwoWhoTapAtOnceExchangeOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 20 {
			ada, bob := x.member(t, "Go"), x.member(t, "Go")
			start := make(chan struct{})
			var all sync.WaitGroup
			for range 3 {
				for _, p := range [][2]account.ID{{ada, bob}, {bob, ada}} {
					all.Go(func() {
						<-start
						if err := x.Offer(ctx, p[0], p[1]); err != nil {
							t.Error(err)
						}
					})
				}
			}
			close(start)
			all.Wait()
			x.state(t, ada, bob, card.Exchanged)
			x.state(t, bob, ada, card.Exchanged)
			got := x.changes(t)
			if len(got) != 2 || got[0].Change != card.ChangeOffered || got[1].Change != card.ChangeExchanged || got[0].By == got[1].By {
				t.Errorf("facts: %+v", got)
			}
		}
	})
}

func TestAPersonHasAtMostSoManyOpenOffers(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t, "Go")
		var others []account.ID
		for range card.MaxOffers + 4 {
			others = append(others, x.member(t, "Go"))
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for _, other := range others {
			all.Go(func() {
				if err := x.Offer(ctx, ada, other); err != nil {
					wantCode(t, err, "card.too_many")
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if refused != 4 {
			t.Errorf("%d were refused, not 4", refused)
		}
		_, given := x.offers(t, ada)
		must(t, x.Offer(ctx, ada, given[0])) // again
		must(t, x.Offer(ctx, given[0], ada))
		must(t, x.Offer(ctx, ada, x.member(t, "Go")))
		x.clock.Advance(card.OfferTTL)
		must(t, x.Offer(ctx, ada, x.member(t, "Go"))) // those that have expired do not count
	})
}

func TestTheLastExchangeIsFirst(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t, "Go")
		var want []account.ID
		for range 5 {
			other := x.member(t, "Go")
			x.clock.Advance(time.Second)
			must(t, x.Offer(ctx, other, ada))
			must(t, x.Offer(ctx, ada, other))
			want = append([]account.ID{other}, want...)
		}
		if got := x.list(t, ada); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		x.exec(t, `DELETE FROM accounts WHERE id = $1`, string(want[1]))
		if got := x.list(t, ada); !slices.Equal(got, slices.Delete(want, 1, 2)) {
			t.Errorf("an account was deleted: %v", got)
		}
	})
}

// Whatever three people do in whatever order: of two, both have the other's card, or neither has;
// and never is there a card without a tap of both.
func TestAnExchangeIsNeverOneSided(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
		people := []account.ID{x.member(t, "Go"), x.member(t, "Go"), x.member(t, "Go")}
		tapped := map[[2]account.ID]bool{} // since the last that ended it
		for step := range 600 {
			by, other := people[chance.IntN(3)], people[chance.IntN(3)]
			if by == other {
				continue
			}
			var err error
			switch chance.IntN(7) {
			case 0, 1:
				if err = x.Offer(ctx, by, other); err == nil {
					tapped[[2]account.ID{by, other}] = true
				}
			case 2:
				err = x.Withdraw(ctx, by, other)
				if s := x.state(t, by, other, x.get(t, by, other)); s.State != card.Exchanged {
					delete(tapped, [2]account.ID{by, other})
				}
			case 3:
				err = x.Ignore(ctx, by, other)
			case 4:
				err = x.Remove(ctx, by, other)
			case 5:
				x.clock.Advance(time.Duration(chance.IntN(14)) * time.Hour)
				err = x.Sweep(ctx, x.clock.Now())
			case 6:
				must(t, x.safety.Block(ctx, by, other))
				must(t, x.safety.Unblock(ctx, by, other))
			}
			must(t, err)
			for _, a := range people {
				for _, b := range people {
					if a >= b {
						continue
					}
					has, had := x.get(t, a, b) == card.Exchanged, x.get(t, b, a) == card.Exchanged
					if has != had || has != slices.Contains(x.list(t, a), b) || had != slices.Contains(x.list(t, b), a) {
						t.Fatalf("step %d: an exchange is one-sided", step)
					}
					if has && (!tapped[[2]account.ID{a, b}] || !tapped[[2]account.ID{b, a}]) {
						t.Fatalf("step %d: an exchange without a tap of both", step)
					}
				}
			}
		}
	})
}

func (x *fixture) get(t testing.TB, by, other account.ID) card.State {
	t.Helper()
	s, err := x.Get(ctx, by, other)
	must(t, err)
	return s.State
}
