package moment_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
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
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
	"heyy/internal/talk/moment"
)

var (
	ctx      = context.Background()
	must     = testkit.Must
	wantCode = testkit.WantCode
)

// fixture is a moment service on a real database, with a clock of its own. Everybody fits
// everybody, unless misfits says otherwise.
type fixture struct {
	*moment.Service
	db      *db.DB
	blobs   *blob.Store
	refs    *blobref.Store
	clock   *testkit.Clock
	misfits map[account.ID]bool
}

func (x *fixture) Fitting(_ context.Context, _ account.ID, among []account.ID, most int) (fit []account.ID, _ error) {
	for _, who := range among {
		if !x.misfits[who] && len(fit) < most {
			fit = append(fit, who)
		}
	}
	return fit, nil
}

func each(t *testing.T, f func(t *testing.T, x *fixture)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := &fixture{db: d, clock: testkit.NewClock(time.UnixMilli(1_800_000_000_000)), misfits: map[account.ID]bool{}}
		var err error
		x.blobs, err = blob.Open(t.TempDir())
		must(t, err)
		t.Cleanup(func() { _ = x.blobs.Close() })
		x.refs = blobref.New(d, x.blobs, x.clock.Now)
		x.Service = moment.New(d, x.refs, x, x.clock.Now, func() {})
		f(t, x)
	})
}

func (x *fixture) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	must(t, x.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	}))
}

func (x *fixture) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	must(t, x.db.QueryRowContext(ctx, query, args...).Scan(&n))
	return n
}

func (x *fixture) member(t testing.TB) account.ID {
	t.Helper()
	who := account.ID(id.New())
	x.exec(t, `INSERT INTO accounts (id, kind, created_at) VALUES ($1, 'member', 0)`, string(who))
	x.exec(t, `INSERT INTO profiles (account_id, name, language, interests, updated_at) VALUES ($1, 'Somebody', 'en', '[]', 0)`, string(who))
	return who
}

func (x *fixture) match(t testing.TB, a, b account.ID) {
	t.Helper()
	x.exec(t, `INSERT INTO pairs (a_id, b_id, a_choice, b_choice, matched_at, seq) VALUES ($1, $2, 'like', 'like', $3, 1)`,
		string(min(a, b)), string(max(a, b)), x.clock.Now().UnixMilli())
}

func (x *fixture) unmatch(t testing.TB, a, b account.ID) {
	t.Helper()
	x.exec(t, `UPDATE pairs SET ended_at = 1 WHERE a_id = $1 AND b_id = $2`, string(min(a, b)), string(max(a, b)))
}

func (x *fixture) follow(t testing.TB, by, on account.ID) {
	t.Helper()
	x.exec(t, `INSERT INTO follows (follower_id, followee_id, at) VALUES ($1, $2, 1)`, string(by), string(on))
}

func (x *fixture) block(t testing.TB, by, on account.ID) {
	t.Helper()
	x.exec(t, `INSERT INTO blocks (by_id, on_id, at) VALUES ($1, $2, 0)`, string(by), string(on))
}

func (x *fixture) pause(t testing.TB, who account.ID) {
	t.Helper()
	x.exec(t, `UPDATE profiles SET paused = TRUE WHERE account_id = $1`, string(who))
}

// tone is a recording of one second and more.
var tone = sync.OnceValue(func() audio.Clip {
	data, err := os.ReadFile("../../lab/bot/tones/440.opus")
	if err != nil {
		panic(err)
	}
	c, err := audio.NewClip(data, moment.Limits)
	if err != nil {
		panic(err)
	}
	return c
})

func draft(to moment.Audience) moment.Draft {
	return moment.Draft{ID: moment.DraftID(id.New()), Audience: to}
}

func (x *fixture) post(t testing.TB, by account.ID, to moment.Audience) moment.Moment {
	t.Helper()
	x.clock.Advance(time.Second)
	m, err := x.Post(ctx, by, draft(to), tone())
	must(t, err)
	return m
}

// stored reports whether a blob is there.
func (x *fixture) stored(t testing.TB, key string) bool {
	t.Helper()
	r, err := x.blobs.Open(ctx, key)
	if errors.Is(err, blob.ErrNone) {
		return false
	}
	must(t, err)
	must(t, r.Close())
	return true
}

// sweep runs both sweeps until dropped blobs are past their grace.
func (x *fixture) sweep(t testing.TB) {
	t.Helper()
	must(t, x.Sweep(ctx, x.clock.Now()))
	x.clock.Advance(time.Hour)
	must(t, x.refs.Sweep(ctx, x.clock.Now()))
}

func authors(all []moment.Entry) (who []account.ID) {
	for _, e := range all {
		who = append(who, e.Author)
	}
	return who
}

func (x *fixture) known(t testing.TB, viewer account.ID) []moment.Entry {
	t.Helper()
	all, _, err := x.Known(ctx, viewer, page.Request{})
	must(t, err)
	return all
}

func (x *fixture) newcomers(t testing.TB, viewer account.ID) []moment.Entry {
	t.Helper()
	all, err := x.Service.Strangers(ctx, viewer)
	must(t, err)
	return all
}

// viewers are everybody who may stand in a relation to an author, and what they may hear.
var viewers = []struct {
	name                         string
	relate                       func(t *testing.T, x *fixture, author, viewer account.ID)
	matches, followers, everyone bool
	paused                       bool // everyone, when the author is paused
	known                        bool // is listed among those one knows
}{
	{"a stranger", func(*testing.T, *fixture, account.ID, account.ID) {}, false, false, true, false, false},
	{"a match", func(t *testing.T, x *fixture, a, v account.ID) { x.match(t, a, v) }, true, false, true, true, true},
	{"a follower", func(t *testing.T, x *fixture, a, v account.ID) { x.follow(t, v, a) }, false, true, true, true, true},
	{"whom the author follows", func(t *testing.T, x *fixture, a, v account.ID) { x.follow(t, a, v) }, false, false, true, false, false},
	{"a match who follows", func(t *testing.T, x *fixture, a, v account.ID) { x.match(t, a, v); x.follow(t, v, a) }, true, true, true, true, true},
	{"a follower who is blocked", func(t *testing.T, x *fixture, a, v account.ID) { x.follow(t, v, a); x.block(t, a, v) }, false, false, false, false, false},
	{"an ended match", func(t *testing.T, x *fixture, a, v account.ID) { x.match(t, a, v); x.unmatch(t, a, v) }, false, false, false, false, false},
	{"a match who blocks", func(t *testing.T, x *fixture, a, v account.ID) { x.match(t, a, v); x.block(t, v, a) }, false, false, false, false, false},
	{"a match who is blocked", func(t *testing.T, x *fixture, a, v account.ID) { x.match(t, a, v); x.block(t, a, v) }, false, false, false, false, false},
	{"a stranger who is blocked", func(t *testing.T, x *fixture, a, v account.ID) { x.block(t, a, v) }, false, false, false, false, false},
}

func TestWhoMayHearWhat(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for _, v := range viewers {
			author, viewer := x.member(t), x.member(t)
			posted := map[moment.Audience]moment.Moment{}
			for _, to := range []moment.Audience{moment.Matches, moment.Followers, moment.Everyone} {
				posted[to] = x.post(t, author, to)
			}
			v.relate(t, x, author, viewer)
			may := map[moment.Audience]bool{moment.Matches: v.matches, moment.Followers: v.followers, moment.Everyone: v.everyone}
			check := func(when string) {
				t.Helper()
				var listed []moment.ID
				for _, e := range append(x.known(t, viewer), x.newcomers(t, viewer)...) {
					for _, m := range e.Moments {
						if e.Author == author {
							listed = append(listed, m.ID)
						}
					}
				}
				for to, m := range posted {
					_, err := x.Get(ctx, viewer, m.ID)
					heard := x.MarkHeard(ctx, viewer, m.ID)
					if may[to] {
						if err != nil || heard != nil || !slices.Contains(listed, m.ID) {
							t.Errorf("%s, %s: does not hear what is for %s: %v, %v, listed: %v", v.name, when, to, err, heard, slices.Contains(listed, m.ID))
						}
						continue
					}
					if !fault.Is(err, "moment.none") || !fault.Is(heard, "moment.none") || slices.Contains(listed, m.ID) {
						t.Errorf("%s, %s: hears what is for %s: %v, %v, listed: %v", v.name, when, to, err, heard, slices.Contains(listed, m.ID))
					}
					if _, err := x.Get(ctx, author, m.ID); err != nil {
						t.Errorf("%s: the author does not hear their own: %v", v.name, err)
					}
				}
			}
			check("as it is")
			if got := slices.Contains(authors(x.known(t, viewer)), author); got != v.known {
				t.Errorf("%s: known is %v", v.name, got)
			}
			x.pause(t, author)
			may[moment.Everyone] = v.paused
			check("paused")
		}
	})
}

func TestAMomentIsOverAfterADayBeforeAnySweep(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, eve := x.member(t), x.member(t), x.member(t)
		x.match(t, ada, bob)
		m := x.post(t, ada, moment.Everyone)
		must(t, x.MarkHeard(ctx, bob, m.ID))
		x.clock.Advance(moment.TTL - time.Millisecond)
		if len(x.known(t, bob)) != 1 || len(x.newcomers(t, eve)) != 1 {
			t.Error("it is over too early")
		}
		x.clock.Advance(time.Millisecond)
		for _, who := range []account.ID{ada, bob, eve} {
			_, err := x.Get(ctx, who, m.ID)
			wantCode(t, err, "moment.none")
			if mine, err := x.Mine(ctx, who); err != nil || len(mine)+len(x.known(t, who))+len(x.newcomers(t, who)) != 0 {
				t.Errorf("it is listed: %v", err)
			}
		}
		if !x.stored(t, m.Key) {
			t.Error("nothing was left for the sweep")
		}
		x.sweep(t)
		if x.stored(t, m.Key) || x.count(t, `SELECT COUNT(*) FROM moments`)+x.count(t, `SELECT COUNT(*) FROM moments_heard`)+
			x.count(t, `SELECT COUNT(*) FROM moment_blobs`)+x.count(t, `SELECT COUNT(*) FROM loose_blobs`) != 0 {
			t.Error("something is left")
		}
	})
}

func TestNothingIsLeftOfAMomentThatIsRemovedOrOfADeletedAccount(t *testing.T) {
	for how, end := range map[string]func(t *testing.T, x *fixture, ada account.ID, d moment.Draft, m moment.Moment){
		"removed": func(t *testing.T, x *fixture, ada account.ID, d moment.Draft, m moment.Moment) {
			must(t, x.Remove(ctx, ada, m.ID))
			must(t, x.Remove(ctx, ada, m.ID))
			// A retry that was on its way does not bring it back.
			_, _, err := x.Posted(ctx, ada, d.ID)
			wantCode(t, err, "moment.none")
			_, err = x.Post(ctx, ada, d, tone())
			wantCode(t, err, "moment.none")
		},
		"an account": func(t *testing.T, x *fixture, ada account.ID, _ moment.Draft, _ moment.Moment) {
			x.exec(t, `DELETE FROM accounts WHERE id = $1`, string(ada))
		},
	} {
		t.Run(how, func(t *testing.T) {
			each(t, func(t *testing.T, x *fixture) {
				ada, bob := x.member(t), x.member(t)
				d := draft(moment.Everyone)
				m, err := x.Post(ctx, ada, d, tone())
				must(t, err)
				stays := x.post(t, bob, moment.Everyone)
				end(t, x, ada, d, m)
				_, err = x.Get(ctx, bob, m.ID)
				wantCode(t, err, "moment.none")
				wantCode(t, x.MarkHeard(ctx, bob, m.ID), "moment.none")
				if len(x.newcomers(t, bob)) != 0 {
					t.Error("it is listed")
				}
				x.sweep(t)
				if x.stored(t, m.Key) || !x.stored(t, stays.Key) || x.count(t, `SELECT COUNT(*) FROM moment_blobs`) != 1 || x.count(t, `SELECT COUNT(*) FROM loose_blobs`) != 0 {
					t.Error("something is left, or too little")
				}
			})
		})
	}
}

func TestAMomentIsPostedOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob := x.member(t), x.member(t)
		d := draft(moment.Matches)
		d.Text = " The number 3 "
		if _, posted, err := x.Posted(ctx, ada, d.ID); posted || err != nil {
			t.Fatalf("posted before: %v, %v", posted, err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := x.Post(ctx, ada, d, tone()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		m, posted, err := x.Posted(ctx, ada, d.ID)
		must(t, err)
		if !posted || m.Text != "The number 3" || m.Ms != int(tone().Duration.Milliseconds()) || m.Audience != moment.Matches || !m.ExpiresAt.Equal(m.At.Add(moment.TTL)) {
			t.Errorf("%+v", m)
		}
		if n, facts := x.count(t, `SELECT COUNT(*) FROM moments`), x.count(t, `SELECT COUNT(*) FROM outbox WHERE kind = $1`, moment.KindChanged); n != 1 || facts != 1 {
			t.Errorf("%d moments, %d facts", n, facts)
		}
		x.sweep(t)
		if !x.stored(t, m.Key) || x.count(t, `SELECT COUNT(*) FROM loose_blobs`) != 0 {
			t.Error("the wrong blobs were swept")
		}
		if _, posted, err := x.Posted(ctx, bob, d.ID); err != nil || posted {
			t.Errorf("of Ada's moment Bob is told %v, %v", posted, err)
		}
		wantCode(t, x.Remove(ctx, bob, m.ID), "moment.none")
		if _, err := x.Get(ctx, ada, m.ID); err != nil {
			t.Error("somebody else removed it")
		}
	})
}

// What a client calls its draft is its own affair: the answer does not tell whether somebody else
// has a moment of that name, and each leads to its own.
func TestTheIDOfADraftMeetsThatOfNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, eve := x.member(t), x.member(t), x.member(t)
		d := draft(moment.Everyone)
		hers, err := x.Post(ctx, ada, d, tone())
		must(t, err)
		his, err := x.Post(ctx, bob, d, tone())
		must(t, err)
		// Even with the id that everybody sees.
		seen, err := x.Post(ctx, bob, moment.Draft{ID: moment.DraftID(hers.ID), Audience: moment.Everyone}, tone())
		must(t, err)
		if !id.Valid(string(hers.ID)) || his.ID == hers.ID || seen.ID == hers.ID || his.Author != bob || his.Key == hers.Key {
			t.Errorf("hers %+v, his %+v and %+v", hers, his, seen)
		}
		must(t, x.MarkHeard(ctx, eve, his.ID))
		for of, author := range map[moment.ID]account.ID{hers.ID: ada, his.ID: bob} {
			if got, err := x.Get(ctx, eve, of); err != nil || got.Author != author || got.Heard != (author == bob) {
				t.Errorf("%+v, %v", got, err)
			}
		}
		wantCode(t, x.Remove(ctx, bob, hers.ID), "moment.none")
		must(t, x.Remove(ctx, bob, his.ID))
		if again, err := x.Post(ctx, ada, d, tone()); err != nil || again.ID != hers.ID {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

func TestSoManyMomentsAreUpAtOnceHoweverTheyArePosted(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		var all sync.WaitGroup
		var mu sync.Mutex
		var refused int
		for range 2 * moment.MaxLive {
			all.Go(func() {
				_, err := x.Post(ctx, ada, draft(moment.Everyone), tone())
				if fault.Is(err, "moment.too_many") {
					mu.Lock()
					refused++
					mu.Unlock()
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		mine, err := x.Mine(ctx, ada)
		must(t, err)
		if len(mine) != moment.MaxLive || refused != moment.MaxLive {
			t.Errorf("%d are up, %d were refused", len(mine), refused)
		}
		wantCode(t, x.MayPost(ctx, ada, draft(moment.Everyone)), "moment.too_many")
		for range moment.MaxDay - moment.MaxLive {
			must(t, x.Remove(ctx, ada, mine[0].ID))
			mine = append(mine[1:], x.post(t, ada, moment.Everyone))
		}
		must(t, x.Remove(ctx, ada, mine[0].ID))
		wantCode(t, x.MayPost(ctx, ada, draft(moment.Everyone)), "moment.day")
		_, err = x.Post(ctx, ada, draft(moment.Everyone), tone())
		wantCode(t, err, "moment.day")
		x.clock.Advance(moment.TTL)
		must(t, x.MayPost(ctx, ada, draft(moment.Everyone)))
	})
}

func TestADraftIsCheckedBeforeItIsDecoded(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		for code, d := range map[string]moment.Draft{
			"moment.audience":    {ID: "1", Audience: "friends"},
			"moment.text_long":   {ID: "2", Audience: moment.Everyone, Text: strings.Repeat("a", moment.MaxText+1)},
			"message.characters": {ID: "3", Audience: moment.Everyone, Text: "a\x00b"},
		} {
			wantCode(t, x.MayPost(ctx, ada, d), code)
			_, err := x.Post(ctx, ada, d, tone())
			wantCode(t, err, code)
		}
	})
}

func TestWhatOneHasHeardIsOnesOwnAndComesLast(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		viewer := x.member(t)
		var who []account.ID
		var last moment.Moment
		for range 3 {
			author := x.member(t)
			x.match(t, viewer, author)
			x.post(t, author, moment.Matches)
			last = x.post(t, author, moment.Everyone)
			who = append([]account.ID{author}, who...)
		}
		if got := authors(x.known(t, viewer)); !slices.Equal(got, who) {
			t.Errorf("the last first: %v, want %v", got, who)
		}
		must(t, x.MarkHeard(ctx, viewer, last.ID))
		must(t, x.MarkHeard(ctx, viewer, last.ID))
		if got := x.known(t, viewer); got[0].Author != who[0] || got[0].Moments[0].Heard || !got[0].Moments[1].Heard {
			t.Errorf("one of two is unheard: %+v", got[0])
		}
		must(t, x.MarkHeard(ctx, viewer, x.known(t, viewer)[0].Moments[0].ID))
		if got := authors(x.known(t, viewer)); got[2] != who[0] || got[0] != who[1] {
			t.Errorf("what was heard comes last: %v", got)
		}
		// One's own is no listening.
		mine := x.post(t, viewer, moment.Everyone)
		must(t, x.MarkHeard(ctx, viewer, mine.ID))
		if n := x.count(t, `SELECT COUNT(*) FROM moments_heard`); n != 2 {
			t.Errorf("%d marks", n)
		}
	})
}

func TestAnAuthorIsToldANumberThatNamesNobody(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		m := x.post(t, ada, moment.Everyone)
		heardBy := func() int {
			mine, err := x.Mine(ctx, ada)
			must(t, err)
			return mine[0].HeardBy
		}
		hide := func(who account.ID, shown bool) {
			x.exec(t, `INSERT INTO read_marks (account_id, shown) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET shown = excluded.shown`, string(who), shown)
		}
		hiding := x.member(t)
		hide(hiding, false)
		must(t, x.MarkHeard(ctx, hiding, m.ID))
		want := map[int]int{1: 0, 2: 0, 3: 3, 4: 3, 5: 5, 6: 5, 9: 5, 10: 10, 11: 10, 24: 10, 25: 25}
		var listeners []account.ID
		told := 0
		for n := 1; n <= 26; n++ {
			listeners = append(listeners, x.member(t))
			must(t, x.MarkHeard(ctx, listeners[n-1], m.ID))
			if step, ok := want[n]; ok {
				told = step
			}
			if got := heardBy(); got != told {
				t.Errorf("after %d: %d, want %d", n, got, told)
			}
		}
		if got, err := x.Get(ctx, listeners[0], m.ID); err != nil || got.HeardBy != 0 || !got.Heard {
			t.Errorf("a listener sees %+v, %v", got, err)
		}
		// Whoever chooses otherwise later changes no number, and so is not named by it.
		for _, who := range listeners[:20] {
			hide(who, false)
		}
		hide(hiding, true)
		if got := heardBy(); got != 25 {
			t.Errorf("somebody hides it later, and %d are told", got)
		}
		must(t, x.MarkHeard(ctx, listeners[0], m.ID))
		if got := heardBy(); got != 25 {
			t.Errorf("somebody listens again, and %d are told", got)
		}
	})
}

func TestAListHasPages(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		viewer := x.member(t)
		want := map[account.ID]bool{}
		for range 7 {
			author := x.member(t)
			x.match(t, viewer, author)
			x.post(t, author, moment.Matches)
			want[author] = true
		}
		part := page.Request{Limit: 3}
		for pages := 1; ; pages++ {
			all, next, err := x.Known(ctx, viewer, part)
			must(t, err)
			for _, e := range all {
				if !want[e.Author] {
					t.Errorf("%s twice, or nobody", e.Author)
				}
				delete(want, e.Author)
			}
			if next == (page.Cursor{}) {
				if pages != 3 {
					t.Errorf("%d pages", pages)
				}
				break
			}
			part.Before = next
		}
		if len(want) != 0 {
			t.Errorf("%d are missing", len(want))
		}
	})
}

func TestStrangersAreThoseWhoFitOnceEach(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		viewer, match, misfit, often, last := x.member(t), x.member(t), x.member(t), x.member(t), x.member(t)
		x.match(t, viewer, match)
		x.misfits[misfit] = true
		for _, who := range []account.ID{viewer, match, misfit, often, often, often, last} {
			x.post(t, who, moment.Everyone)
		}
		x.post(t, often, moment.Matches)
		got := x.newcomers(t, viewer)
		if !slices.Equal(authors(got), []account.ID{last, often}) || len(got[1].Moments) != 3 {
			t.Errorf("%+v", got)
		}
	})
}

// A thousand people listen, post and remove at once: nothing fails, and every mark is there once.
func TestAThousandAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada := x.member(t)
		m := x.post(t, ada, moment.Everyone)
		people := make([]account.ID, 20)
		for i := range people {
			people[i] = x.member(t)
		}
		var all sync.WaitGroup
		for i := range 1000 {
			all.Go(func() {
				if err := x.MarkHeard(ctx, people[i%len(people)], m.ID); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := x.count(t, `SELECT COUNT(*) FROM moments_heard`); n != len(people) {
			t.Errorf("%d marks", n)
		}
	})
}

func TestAPostIsToldToABoundedNumber(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ada, bob, old := x.member(t), x.member(t), x.member(t)
		x.match(t, ada, old)
		x.unmatch(t, ada, old)
		x.match(t, ada, bob)
		told, err := x.Told(ctx, ada)
		must(t, err)
		if !slices.Equal(told, []account.ID{ada, bob}) {
			t.Errorf("%v", told)
		}
	})
}
