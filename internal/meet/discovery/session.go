package discovery

import (
	"context"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/people/account"
)

// passCooldown is how long a pass, by either side, keeps two people from each other's
// cards.
const passCooldown = 30 * 24 * time.Hour

// session caches what the deck of a viewer needs: whom to leave out, who likes them, their
// taste in voices. It only saves reads; results are checked against the rows.
type session struct {
	mu         sync.Mutex
	hidden     map[key]struct{} // not to be shown
	decided    map[key]struct{} // the subset this person decided on themselves: only these may affect Counts
	likedBy    map[key]struct{} // who liked this person before today: a like must not move the order before the next daily shuffle
	taste      taste
	lastChoice time.Time // time of the last choice, or of the beginning
}

func (s *Service) session(ctx context.Context, who account.ID) (*session, error) {
	if m, ok := s.sessions.Get(who); ok {
		return m, nil
	}
	now := s.now()
	m := &session{hidden: map[key]struct{}{}, decided: map[key]struct{}{}, likedBy: map[key]struct{}{}, lastChoice: now}
	apart, err := s.exclusions.ExcludedFrom(ctx, who)
	if err != nil {
		return nil, err
	}
	for _, id := range apart {
		m.hide(id, false)
	}
	since, today := db.Millis(now.Add(-passCooldown)), db.Millis(now.UTC().Truncate(24*time.Hour))
	rows, err := s.db.QueryContext(ctx, `SELECT b_id, a_choice, a_at, b_choice, b_at, b_hides_at <= $1, matched_at IS NOT NULL FROM pairs WHERE a_id = $2
		UNION ALL SELECT a_id, b_choice, b_at, a_choice, a_at, a_hides_at <= $1, matched_at IS NOT NULL FROM pairs WHERE b_id = $2`, db.Millis(now), string(who))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var other account.ID
		var mine, theirs Choice
		var mineAt, theirsAt int64
		var hides, matched bool
		if err := rows.Scan(&other, &mine, &mineAt, &theirs, &theirsAt, &hides, &matched); err != nil {
			return nil, err
		}
		k, ok := keyOf(other)
		switch {
		case !ok:
		case matched, mine == Like, mine == Pass && mineAt > since:
			m.hidden[k], m.decided[k] = struct{}{}, struct{}{}
		case theirs == Pass && theirsAt > since && hides:
			m.hidden[k] = struct{}{}
		case theirs == Like && theirsAt < today:
			m.likedBy[k] = struct{}{}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if m.taste, err = s.tasteOf(ctx, who); err != nil {
		return nil, err
	}
	s.sessions.Add(who, m)
	return m, nil
}

// hide leaves somebody out of the deck; mine: this person decided so.
func (m *session) hide(id account.ID, mine bool) {
	k, ok := keyOf(id)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hidden[k] = struct{}{}
	if mine {
		m.decided[k] = struct{}{}
	}
}

func (m *session) unhide(id account.ID) {
	if k, ok := keyOf(id); ok {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.hidden, k)
		delete(m.decided, k)
	}
}
