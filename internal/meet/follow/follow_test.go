package follow_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
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
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

// fixture has the services as the program wires them, with a clock of its own.
type fixture struct {
	*follow.Service
	db        *db.DB
	safety    *safety.Service
	discovery *discovery.Service
	clock     *testkit.Clock
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := &fixture{db: d, clock: testkit.NewClock(time.UnixMilli(1_800_000_000_000))}
		x.Service = follow.New(d, x.clock.Now, func() {})
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

func (x *fixture) member(t testing.TB) account.ID {
	t.Helper()
	who := account.ID(id.New())
	x.exec(t, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
	return who
}

func (x *fixture) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
}

func (x *fixture) match(t testing.TB, a, b account.ID) {
	t.Helper()
	x.exec(t, `INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at, seq) VALUES ($1, $2, 'like', 'like', $3, 1)`,
		string(min(a, b)), string(max(a, b)), db.Millis(x.clock.Now()))
}

// rows counts the rows of follows, placeholders included.
func (x *fixture) rows(t testing.TB) (n int) {
	t.Helper()
	must(t, x.db.QueryRow(`SELECT count(*) FROM follows`).Scan(&n))
	return n
}

// facts returns and deletes what was appended to the outbox.
func (x *fixture) facts(t testing.TB) (all []follow.Changed) {
	t.Helper()
	all, err := db.Select(ctx, x.db, func(r interface{ Scan(...any) error }) (f follow.Changed, err error) {
		var data string
		if err := r.Scan(&data); err != nil {
			return f, err
		}
		return f, json.Unmarshal([]byte(data), &f)
	}, `SELECT data FROM outbox WHERE kind = $1 ORDER BY id`, follow.KindChanged)
	must(t, err)
	x.exec(t, `DELETE FROM outbox`)
	for i := range all {
		all[i].At = time.Time{}
	}
	return all
}

func (x *fixture) follows(t testing.TB, by, other account.ID, want bool) {
	t.Helper()
	if is, err := x.Follows(ctx, x.db, by, other); err != nil || is != want {
		t.Errorf("follows: %v, want %v, %v", is, want, err)
	}
}

func (x *fixture) friends(t testing.TB, a, b account.ID, want bool) {
	t.Helper()
	for _, p := range [][2]account.ID{{a, b}, {b, a}} {
		if is, err := x.AreFriends(ctx, x.db, p[0], p[1]); err != nil || is != want {
			t.Errorf("friends: %v, want %v, %v", is, want, err)
		}
		all, err := x.Friends(ctx, p[0])
		if err != nil || slices.Contains(all, p[1]) != want {
			t.Errorf("in the list of friends: %v, want %v, %v", all, want, err)
		}
		bonds, err := x.Bonds(ctx, p[0], p[1])
		must(t, err)
		follows, err := x.Follows(ctx, x.db, p[0], p[1])
		must(t, err)
		if got := bonds[p[1]]; got != (follow.Bond{Follows: follows, Friend: want}) {
			t.Errorf("bond: %+v, want friend %v", got, want)
		}
	}
}

func TestAFollowGoesOneWayAndTwoMakeFriends(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.member(t), x.member(t)
		for range 3 {
			must(t, x.Follow(ctx, ada, bob))
		}
		x.follows(t, ada, bob, true)
		x.follows(t, bob, ada, false)
		x.friends(t, ada, bob, false)
		must(t, x.Follow(ctx, bob, ada))
		x.friends(t, ada, bob, true)
		for range 3 {
			must(t, x.Unfollow(ctx, bob, ada))
		}
		x.friends(t, ada, bob, false)
		x.follows(t, ada, bob, true)
		for range 3 {
			must(t, x.RemoveFollower(ctx, bob, ada))
		}
		x.follows(t, ada, bob, false)
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		want := []follow.Changed{
			{By: ada, Other: bob, Follows: true, Self: true}, {By: bob, Other: ada, Follows: true, Self: true, Mutual: true},
			{By: bob, Other: ada, Self: true, Mutual: true}, {By: ada, Other: bob},
		}
		if got := x.facts(t); !slices.Equal(got, want) {
			t.Errorf("facts: %+v", got)
		}
	})
}

func TestNobodyFollowsThemselvesOrNobodyOrWhoIsExcluded(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, cleo := x.member(t), x.member(t), x.member(t)
		must(t, x.safety.Block(ctx, bob, ada))
		must(t, x.safety.Report(ctx, cleo, ada, safety.Complaint{Reason: "spam", Place: "profile"}))
		must(t, x.safety.Unblock(ctx, cleo, ada))
		for name, do := range map[string]func(context.Context, account.ID, account.ID) error{"follow": x.Follow, "unfollow": x.Unfollow, "remove": x.RemoveFollower} {
			wantCode(t, do(ctx, ada, ada), "follow.self")
			unknown := fault.As(do(ctx, ada, account.ID(id.New())))
			for _, other := range []account.ID{bob, cleo, "", "no id"} {
				f := fault.As(do(ctx, ada, other))
				if f == nil || unknown == nil || *f != *unknown || f.Code != "person.unknown" {
					t.Errorf("%s %q: %+v, want %+v", name, other, f, unknown)
				}
			}
			wantCode(t, do(ctx, bob, ada), "person.unknown")
			wantCode(t, do(ctx, account.ID(id.New()), ada), "person.unknown")
		}
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestABlockAReportAndTheEndOfAMatchEndFollowsOfBothDirections(t *testing.T) {
	for name, end := range map[string]func(x *fixture, a, b account.ID) error{
		"block": func(x *fixture, a, b account.ID) error { return x.safety.Block(ctx, b, a) },
		"report": func(x *fixture, a, b account.ID) error {
			return x.safety.Report(ctx, a, b, safety.Complaint{Reason: "hate", Place: "profile"})
		},
		"match": func(x *fixture, a, b account.ID) error { return x.discovery.End(ctx, b, a) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, x *fixture) {
				ada, bob, cleo := x.member(t), x.member(t), x.member(t)
				x.match(t, ada, bob)
				must(t, x.Follow(ctx, ada, bob))
				must(t, x.Follow(ctx, bob, ada))
				must(t, x.Follow(ctx, cleo, ada))
				must(t, x.Follow(ctx, ada, cleo))
				x.facts(t)
				must(t, end(x, ada, bob))
				x.follows(t, ada, bob, false)
				x.follows(t, bob, ada, false)
				x.friends(t, ada, bob, false)
				x.friends(t, ada, cleo, true)
				if n := x.rows(t); n != 2 {
					t.Errorf("%d rows are left", n)
				}
				got := x.facts(t)
				if len(got) != 2 || got[0].Follows || got[1].Follows || !got[0].Mutual || got[1].Mutual || got[0].By == got[1].By {
					t.Errorf("facts: %+v", got)
				}
			})
		})
	}
}

func TestABlockWhileManyFollowLeavesNoFollow(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 20 {
			ada, bob := x.member(t), x.member(t)
			start := make(chan struct{})
			var all sync.WaitGroup
			run := func(f func() error, codes ...string) {
				all.Go(func() {
					<-start
					if err := f(); err != nil && !slices.ContainsFunc(codes, func(c string) bool { return fault.Is(err, c) }) {
						t.Error(err)
					}
				})
			}
			for range 4 {
				run(func() error { return x.Follow(ctx, ada, bob) }, "person.unknown")
				run(func() error { return x.Follow(ctx, bob, ada) }, "person.unknown")
			}
			run(func() error { return x.Unfollow(ctx, bob, ada) }, "person.unknown")
			run(func() error { return x.safety.Block(ctx, bob, ada) })
			close(start)
			all.Wait()
			x.follows(t, ada, bob, false)
			x.follows(t, bob, ada, false)
		}
		if n := x.rows(t); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// Whatever the order, exactly one of the two facts says that they are friends now.
func TestTwoWhoFollowEachOtherAtOnceAreToldOnceThatTheyAreFriends(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 20 {
			ada, bob := x.member(t), x.member(t)
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() { must(t, x.Follow(ctx, ada, bob)) })
				all.Go(func() { must(t, x.Follow(ctx, bob, ada)) })
			}
			all.Wait()
			x.friends(t, ada, bob, true)
			if got := x.facts(t); len(got) != 2 || got[0].Mutual == got[1].Mutual {
				t.Errorf("facts: %+v", got)
			}
		}
	})
}

// A chat that opens between friends is either not opened, or found by the block.
func TestAMutualFollowStaysUntilTheTransactionEnds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range 10 {
			ada, bob := x.member(t), x.member(t)
			must(t, x.Follow(ctx, ada, bob))
			must(t, x.Follow(ctx, bob, ada))
			var all sync.WaitGroup
			var opened bool
			all.Go(func() {
				must(t, x.db.Tx(ctx, func(tx *sql.Tx) (err error) {
					if opened, err = x.Mutual(ctx, tx, bob, ada); err != nil || !opened {
						return err
					}
					time.Sleep(5 * time.Millisecond)
					opened, err = x.Follows(ctx, tx, ada, bob)
					if !opened {
						t.Error("the follow went while it was held")
					}
					return err
				}))
			})
			all.Go(func() { must(t, x.safety.Block(ctx, ada, bob)) })
			all.Wait()
			must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
				still, err := x.Mutual(ctx, tx, ada, bob)
				if still {
					t.Error("still mutual")
				}
				return err
			}))
		}
	})
}

func TestAPersonFollowsAtMostSoMany(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		x.exec(t, `INSERT INTO accounts (id, kind, created_at) WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 2000)
			SELECT 'm' || n, 'member', 0 FROM r`)
		x.exec(t, `INSERT INTO follows (follower_id, followee_id, at) SELECT $1, id, 1 FROM accounts WHERE id LIKE 'm%' AND id NOT IN ('m1', 'm2', 'm3', 'm4', 'm5')`, string(ada))
		var all sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for range 12 {
			who := x.member(t)
			all.Go(func() {
				if err := x.Follow(ctx, ada, who); err != nil {
					wantCode(t, err, "follow.too_many")
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if refused != 7 {
			t.Errorf("%d of 12 were refused, and there was room for 5", refused)
		}
		must(t, x.Follow(ctx, ada, "m6")) // again
		must(t, x.Unfollow(ctx, ada, "m6"))
		must(t, x.Follow(ctx, ada, "m1"))
		if n := x.rows(t); n != follow.MaxFollowing {
			t.Errorf("%d rows", n)
		}
	})
}

// pages reads a whole list in pages of two.
func pages(t *testing.T, read func(page.Request) ([]account.ID, page.Cursor, error)) (all []account.ID) {
	t.Helper()
	part := page.Request{Limit: 2}
	for {
		some, next, err := read(part)
		must(t, err)
		all = append(all, some...)
		if next == (page.Cursor{}) {
			return all
		}
		part.Before = next
	}
}

func TestListsHaveTheLastFirst(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		others := make([]account.ID, 7)
		for i := range others {
			others[i] = x.member(t)
			x.clock.Advance(time.Second)
			must(t, x.Follow(ctx, ada, others[i]))
		}
		for _, i := range []int{3, 1, 4} {
			x.clock.Advance(time.Second)
			must(t, x.Follow(ctx, others[i], ada))
		}
		x.clock.Advance(time.Second)
		x.match(t, ada, others[6])
		x.match(t, ada, others[1]) // friends twice over, and once in the list
		ended := x.member(t)
		x.match(t, ada, ended)
		must(t, x.discovery.End(ctx, ada, ended))
		newest := slices.Clone(others)
		slices.Reverse(newest)
		of := func(list func(context.Context, account.ID, page.Request) ([]account.ID, page.Cursor, error)) []account.ID {
			return pages(t, func(r page.Request) ([]account.ID, page.Cursor, error) { return list(ctx, ada, r) })
		}
		if got := of(x.Following); !slices.Equal(got, newest) {
			t.Errorf("following: %v", got)
		}
		if got := of(x.Followers); !slices.Equal(got, []account.ID{others[4], others[1], others[3]}) {
			t.Errorf("followers: %v", got)
		}
		both := []account.ID{min(others[6], others[1]), max(others[6], others[1])} // of one millisecond: by id
		if got := of(x.FriendsPage); !slices.Equal(got, append(both, others[4], others[3])) {
			t.Errorf("friends: %v", got)
		}
		all, err := x.Friends(ctx, ada)
		must(t, err)
		if got := of(x.FriendsPage); !slices.Equal(got, all) {
			t.Errorf("all friends: %v", all)
		}
		var batches []account.ID
		for after := account.ID(""); ; {
			some, err := x.FollowersOf(ctx, x.db, ada, after, 2)
			must(t, err)
			if len(some) == 0 {
				break
			}
			batches, after = append(batches, some...), some[len(some)-1]
		}
		want := []account.ID{others[1], others[3], others[4]}
		slices.Sort(want)
		if !slices.Equal(batches, want) {
			t.Errorf("in batches: %v", batches)
		}
	})
}

func TestAThousandFollowOnePersonAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		star := x.member(t)
		x.exec(t, `INSERT INTO accounts (id, kind, created_at) WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000)
			SELECT 'm' || n, 'member', 0 FROM r`)
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				if err := x.Follow(ctx, account.ID(fmt.Sprintf("m%d", i+1)), star); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		n := 0
		for after := account.ID(""); ; {
			some, err := x.FollowersOf(ctx, x.db, star, after, 300)
			must(t, err)
			if len(some) == 0 {
				break
			}
			n, after = n+len(some), some[len(some)-1]
		}
		if n != 1000 || x.rows(t) != 1000 {
			t.Errorf("%d followers, %d rows", n, x.rows(t))
		}
	})
}
