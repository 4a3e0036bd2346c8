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

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// taste models the voices that somebody likes and leaves, as two weighted centroids
// (Rocchio 1971).
type taste struct {
	liked, left       float64    // weights
	likedSum, leftSum [4]float64 // per component of voiceVector, 0..1
}

const (
	likeWeight    = 1.0
	listenWeight  = 0.5  // for a clip played to the end, down to 0 for half of it
	passWeight    = 0.25 // for a quick pass, negative
	quickPass     = 3 * time.Second
	halfTrust     = 4.0 // weight at which a centroid has half its effect
	voiceWidth    = 0.18
	likeThreshold = 0.7
)

func (t *taste) learn(v voiceVector, weight float64) {
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

// score is how much a voice is liked, 0 to 1; 0.5 without knowledge.
func (t *taste) score(v voiceVector) float64 {
	if t.liked == 0 && t.left == 0 || v == (voiceVector{}) {
		return 0.5
	}
	return 0.5 + (similarity(v, &t.likedSum, t.liked)-similarity(v, &t.leftSum, t.left))/2
}

// likes reports whether the taste is known well enough and the voice is liked.
func (t *taste) likes(v voiceVector) bool { return t.liked >= halfTrust && t.score(v) >= likeThreshold }

// similarity of a voice to a weighted centroid, 0 to 1 (Gaussian).
func similarity(v voiceVector, sum *[4]float64, weight float64) float64 {
	if weight == 0 {
		return 0
	}
	square := 0.0
	for i, x := range v {
		d := float64(x)/255 - sum[i]/weight
		square += d * d / 4
	}
	return math.Exp(-square/(2*voiceWidth*voiceWidth)) * weight / (weight + halfTrust)
}

// RecordListening records the share (0 to 1) of on's intro that by listened to. It only
// affects the order of by's own cards.
func (s *Service) RecordListening(ctx context.Context, by, on account.ID, share float64) (err error) {
	defer fault.Wrap(&err, "heard %s", on)
	if math.IsNaN(share) || share < 0 || share > 1 {
		return fault.At("body.share", "heard.share", "A share is a number from 0 to 1.")
	}
	if share <= 0.5 {
		return nil
	}
	m, err := s.session(ctx, by)
	if err == nil {
		s.learnVoice(m, by, on, listenWeight*(share-0.5)*2)
	}
	return err
}

// learnVoice updates by's taste with the voice of on, in memory now and in the row with the
// next Flush.
func (s *Service) learnVoice(m *session, by, on account.ID, weight float64) {
	k, ok := keyOf(on)
	if !ok {
		return
	}
	s.index.mu.RLock()
	row, ok := s.index.rows[k]
	var v voiceVector
	if ok {
		v = s.index.details[row].voice
	}
	s.index.mu.RUnlock()
	if v == (voiceVector{}) {
		return
	}
	var lesson taste
	lesson.learn(v, weight)
	m.mu.Lock()
	m.taste.add(lesson)
	m.mu.Unlock()
	s.pending.mu.Lock()
	defer s.pending.mu.Unlock()
	if s.pending.tastes == nil {
		s.pending.tastes = map[account.ID]taste{}
	}
	lesson.add(s.pending.tastes[by])
	s.pending.tastes[by] = lesson
}

// tasteOf adds the row and what is not flushed yet.
func (s *Service) tasteOf(ctx context.Context, who account.ID) (t taste, err error) {
	s.pending.mu.Lock()
	fresh := s.pending.tastes[who]
	s.pending.mu.Unlock()
	l, o := &t.likedSum, &t.leftSum
	err = s.db.QueryRowContext(ctx, `SELECT liked, liked_1, liked_2, liked_3, liked_4, left_out, left_1, left_2, left_3, left_4 FROM tastes WHERE account_id = $1`,
		string(who)).Scan(&t.liked, &l[0], &l[1], &l[2], &l[3], &t.left, &o[0], &o[1], &o[2], &o[3])
	if err != nil && !db.IsNone(err) {
		return t, err
	}
	t.add(fresh)
	return t, nil
}

// pending is what Flush writes every few seconds; a crash loses it, which does no harm.
type pending struct {
	mu        sync.Mutex
	tastes    map[account.ID]taste
	exposures map[key]float64 // relative to exposureEpoch
}

const halfLife = 7 * 24 * time.Hour

// growth is the weight of an exposure now, relative to one at the epoch.
func growth(epoch, now time.Time) float64 {
	return math.Exp2(float64(now.Sub(epoch)) / float64(halfLife))
}

// exposureEpoch is the epoch of stored exposures. DOUBLE PRECISION suffices for 19 years.
func exposureEpoch() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// addExposure counts one view of somebody's card that led to a choice.
func (s *Service) addExposure(k key) {
	now := s.now()
	mine, stored := growth(s.epoch, now), growth(exposureEpoch(), now)
	s.index.mu.RLock()
	if row, ok := s.index.rows[k]; ok {
		s.index.details[row].exposure.add(mine)
		s.index.addTotalExposure(mine)
	}
	s.index.mu.RUnlock()
	s.pending.mu.Lock()
	defer s.pending.mu.Unlock()
	if s.pending.exposures == nil {
		s.pending.exposures = map[key]float64{}
	}
	s.pending.exposures[k] += stored
}

const flushRows = 200 // per transaction, so that other writers are not blocked for long

// Flush writes pending exposures and tastes. Run calls it periodically and at its end.
func (s *Service) Flush(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "flush discovery")
	s.pending.mu.Lock()
	tastes, shown := s.pending.tastes, s.pending.exposures
	s.pending.tastes, s.pending.exposures = nil, nil
	s.pending.mu.Unlock()
	var all [][]any
	who := slices.SortedFunc(maps.Keys(shown), func(a, b key) int { return bytes.Compare(a[:], b[:]) })
	for _, k := range who { // sorted: neighbours share database pages
		all = append(all, []any{string(k.id()), shown[k]})
	}
	if err := s.insert(ctx, exposureSQL, all); err != nil {
		return err
	}
	all = all[:0]
	for who, t := range tastes {
		l, o := t.likedSum, t.leftSum
		all = append(all, []any{string(who), t.liked, l[0], l[1], l[2], l[3], t.left, o[0], o[1], o[2], o[3]})
	}
	return s.insert(ctx, tasteSQL, all)
}

// insert runs one statement for each row. The statements select from accounts, because an
// account may have been deleted meanwhile.
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
	exposureSQL = `INSERT INTO exposures (account_id, audience) SELECT $1, $2 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1)
		ON CONFLICT (account_id) DO UPDATE SET audience = exposures.audience + excluded.audience`
	tasteSQL = `INSERT INTO tastes (account_id, liked, liked_1, liked_2, liked_3, liked_4, left_out, left_1, left_2, left_3, left_4)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1)
		ON CONFLICT (account_id) DO UPDATE SET liked = tastes.liked + excluded.liked, liked_1 = tastes.liked_1 + excluded.liked_1,
		liked_2 = tastes.liked_2 + excluded.liked_2, liked_3 = tastes.liked_3 + excluded.liked_3, liked_4 = tastes.liked_4 + excluded.liked_4,
		left_out = tastes.left_out + excluded.left_out, left_1 = tastes.left_1 + excluded.left_1, left_2 = tastes.left_2 + excluded.left_2,
		left_3 = tastes.left_3 + excluded.left_3, left_4 = tastes.left_4 + excluded.left_4`
)
