package discovery

import (
	"bytes"
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
)

// taste is a running picture of the voices that somebody likes, and of those
// they leave: two weighted centres, after Rocchio (1971).
type taste struct {
	liked, left       float64    // weights
	likedSum, leftSum [4]float64 // of the parts of timbre, 0..1
}

const (
	likeTeaches  = 1.0
	heardTeaches = 0.5  // to the end; half of it and less: nothing
	passTeaches  = 0.25 // the other way
	quickPass    = 3 * time.Second
	sure         = 4.0 // the weight at which half of a picture is believed
	voiceWidth   = 0.18
	pleasing     = 0.7
)

func (t *taste) learn(v timbre, weight float64) {
	sum, of := &t.likedSum, &t.liked
	if weight < 0 {
		sum, of, weight = &t.leftSum, &t.left, -weight
	}
	*of += weight
	for i, x := range v {
		sum[i] += weight * float64(x) / 255
	}
}

func (t *taste) add(o taste) {
	t.liked += o.liked
	t.left += o.left
	for i := range o.likedSum {
		t.likedSum[i] += o.likedSum[i]
		t.leftSum[i] += o.leftSum[i]
	}
}

// of is how much a voice pleases: 0 to 1, 0.5 where nothing is known.
func (t *taste) of(v timbre) float64 {
	if t.liked == 0 && t.left == 0 || v == (timbre{}) {
		return 0.5
	}
	return 0.5 + (near(v, &t.likedSum, t.liked)-near(v, &t.leftSum, t.left))/2
}

// likes reports whether enough is known, and the voice pleases.
func (t *taste) likes(v timbre) bool { return t.liked >= sure && t.of(v) >= pleasing }

// near is how near a voice is to a centre of some weight, 0 to 1.
func near(v timbre, sum *[4]float64, weight float64) float64 {
	if weight == 0 {
		return 0
	}
	square := 0.0
	for i, x := range v {
		d := float64(x)/255 - sum[i]/weight
		square += d * d / 4
	}
	return math.Exp(-square/(2*voiceWidth*voiceWidth)) * weight / (weight + sure)
}

// Heard says how much of on's intro by has listened to: a share from 0 to 1.
// It only ever moves the order of by's own cards.
func (s *Service) Heard(ctx context.Context, by, on account.ID, share float64) (err error) {
	defer fault.Wrap(&err, "heard %s", on)
	if math.IsNaN(share) || share < 0 || share > 1 {
		return fault.At("body.share", "heard.share", "A share goes from 0 to 1.")
	}
	if share <= 0.5 {
		return nil
	}
	m, err := s.session(ctx, by)
	if err == nil {
		s.teach(m, by, on, heardTeaches*(share-0.5)*2)
	}
	return err
}

// teach lets by learn from the voice of on, in memory now and in a row soon.
func (s *Service) teach(m *session, by, on account.ID, weight float64) {
	k, ok := keyOf(on)
	if !ok {
		return
	}
	s.index.mu.RLock()
	row, ok := s.index.rows[k]
	var v timbre
	if ok {
		v = s.index.more[row].voice
	}
	s.index.mu.RUnlock()
	if v == (timbre{}) {
		return
	}
	var lesson taste
	lesson.learn(v, weight)
	m.mu.Lock()
	m.taste.add(lesson)
	m.mu.Unlock()
	s.unsaved.mu.Lock()
	defer s.unsaved.mu.Unlock()
	if s.unsaved.tastes == nil {
		s.unsaved.tastes = map[account.ID]taste{}
	}
	lesson.add(s.unsaved.tastes[by])
	s.unsaved.tastes[by] = lesson
}

// tasteOf is what the row and what is not yet saved say.
func (s *Service) tasteOf(ctx context.Context, who account.ID) (t taste, err error) {
	s.unsaved.mu.Lock()
	fresh := s.unsaved.tastes[who]
	s.unsaved.mu.Unlock()
	l, o := &t.likedSum, &t.leftSum
	err = s.db.QueryRowContext(ctx, `SELECT liked, liked_1, liked_2, liked_3, liked_4, left_out, left_1, left_2, left_3, left_4 FROM tastes WHERE account_id = $1`,
		string(who)).Scan(&t.liked, &l[0], &l[1], &l[2], &l[3], &t.left, &o[0], &o[1], &o[2], &o[3])
	if err != nil && !db.IsNone(err) {
		return t, err
	}
	t.add(fresh)
	return t, nil
}

// unsaved is what is written every few seconds; a crash loses it, and nobody
// misses it.
type unsaved struct {
	mu     sync.Mutex
	tastes map[account.ID]taste
	shown  map[key]float64 // audiences, as if at exposureEpoch
}

const halfLife = 7 * 24 * time.Hour

// grown is by how much an exposure now counts more than one at the epoch.
func grown(epoch, now time.Time) float64 {
	return math.Exp2(float64(now.Sub(epoch)) / float64(halfLife))
}

// exposureEpoch is that of the rows. A DOUBLE PRECISION lasts for 19 years.
func exposureEpoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// expose counts one more who has looked at somebody, and chose.
func (s *Service) expose(k key) {
	now := s.now()
	mine, stored := grown(s.epoch, now), grown(exposureEpoch(), now)
	s.index.mu.RLock()
	if row, ok := s.index.rows[k]; ok {
		s.index.more[row].shown.add(mine)
		s.index.sumAdd(mine)
	}
	s.index.mu.RUnlock()
	s.unsaved.mu.Lock()
	defer s.unsaved.mu.Unlock()
	if s.unsaved.shown == nil {
		s.unsaved.shown = map[key]float64{}
	}
	s.unsaved.shown[k] += stored
}

const flushRows = 200 // of one transaction: others want to write, too

// Flush writes what is not saved yet. Run does so every few seconds, and at its
// end.
func (s *Service) Flush(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "flush discovery")
	s.unsaved.mu.Lock()
	tastes, shown := s.unsaved.tastes, s.unsaved.shown
	s.unsaved.tastes, s.unsaved.shown = nil, nil
	s.unsaved.mu.Unlock()
	var all [][]any
	who := slices.SortedFunc(maps.Keys(shown), func(a, b key) int { return bytes.Compare(a[:], b[:]) })
	for _, k := range who { // neighbours in the index share pages, and so the writing of them
		all = append(all, []any{string(k.id()), shown[k]})
	}
	if err := s.insert(ctx, exposureText, all); err != nil {
		return err
	}
	all = all[:0]
	for who, t := range tastes {
		l, o := t.likedSum, t.leftSum
		all = append(all, []any{string(who), t.liked, l[0], l[1], l[2], l[3], t.left, o[0], o[1], o[2], o[3]})
	}
	return s.insert(ctx, tasteText, all)
}

// insert runs one statement for each of rows. Whoever was deleted meanwhile has
// no account to hold theirs, so the statement selects from accounts.
func (s *Service) insert(ctx context.Context, text string, rows [][]any) error {
	for some := range slices.Chunk(rows, flushRows) {
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			made, err := tx.PrepareContext(ctx, text)
			if err != nil {
				return err
			}
			defer func() { _ = made.Close() }()
			for _, row := range some {
				if _, err := made.ExecContext(ctx, row...); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

const (
	exposureText = `INSERT INTO exposures (account_id, audience) SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1)
		ON CONFLICT (account_id) DO UPDATE SET audience = exposures.audience + excluded.audience`
	tasteText = `INSERT INTO tastes (account_id, liked, liked_1, liked_2, liked_3, liked_4, left_out, left_1, left_2, left_3, left_4)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1)
		ON CONFLICT (account_id) DO UPDATE SET liked = tastes.liked + excluded.liked, liked_1 = tastes.liked_1 + excluded.liked_1,
		liked_2 = tastes.liked_2 + excluded.liked_2, liked_3 = tastes.liked_3 + excluded.liked_3, liked_4 = tastes.liked_4 + excluded.liked_4,
		left_out = tastes.left_out + excluded.left_out, left_1 = tastes.left_1 + excluded.left_1, left_2 = tastes.left_2 + excluded.left_2,
		left_3 = tastes.left_3 + excluded.left_3, left_4 = tastes.left_4 + excluded.left_4`
)
