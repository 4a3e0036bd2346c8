package discovery_test

import (
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
)

func TestWhatOthersSaidOfCallsMovesAPlaceALittleAndHidesNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		p := w.join(somebody{}, somebody{}, somebody{}, somebody{}, somebody{})
		me, liked, unsaid, disliked, slandered := p[0], p[1], p[2], p[3], p[4]
		for who, n := range map[account.ID][2]int{liked: {90, 0}, disliked: {0, 30}, slandered: {0, 1}} {
			_, err := d.ExecContext(ctx, `INSERT INTO regards (account_id, kind, unkind, on_topic, off_topic, safe, unsafe) VALUES ($1, $2, 0, 0, 0, 0, $3)`,
				string(who), n[0], n[1])
			must(t, err)
		}
		with := func(who account.ID) float64 {
			a, b, free, err := w.ReadPair(ctx, d, me, who, w.now)
			must(t, err)
			today := discovery.DayOf(w.now)
			if !free || !discovery.Fits(a, b, today) {
				t.Fatal("what was said keeps them apart")
			}
			x, y := discovery.Affinity(a, b, today), discovery.Affinity(b, a, today)
			if x != y {
				t.Errorf("%v from one side, %v from the other", x, y)
			}
			return x
		}
		none := with(unsaid)
		for name, share := range map[string][3]float64{
			"much good": {with(liked) / none, 1.10, 1.15}, "much bad": {with(disliked) / none, .85, .90}, "one bad word": {with(slandered) / none, .98, 1},
		} {
			if share[0] < share[1] || share[0] > share[2] {
				t.Errorf("%s: %.3f of who has nothing said of them", name, share[0])
			}
		}
		w.load()
		if len(w.sees(me)) != 4 {
			t.Error("not everybody is shown")
		}
	})
}
