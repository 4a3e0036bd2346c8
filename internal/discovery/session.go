package discovery

import (
	"context"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
)

// silence is how long nobody appears again after a pass, of either side.
const silence = 30 * 24 * time.Hour

// session is what is remembered of somebody who looks through people: whom not
// to show, who would choose them, which voices they like. It only saves reading:
// what is shown is held against the rows.
type session struct {
	mu    sync.Mutex
	out   map[key]struct{}
	fans  map[key]struct{} // they like this person, who must never learn it from us
	taste taste
	last  time.Time // of the last choice; at first, when they began to look
}

func (s *Service) session(ctx context.Context, who account.ID) (*session, error) {
	if m, ok := s.sessions.Get(who); ok {
		return m, nil
	}
	m := &session{out: map[key]struct{}{}, fans: map[key]struct{}{}, last: s.now()}
	apart, err := s.apart.ApartFrom(ctx, who)
	if err != nil {
		return nil, err
	}
	for _, id := range apart {
		m.hide(id)
	}
	since := db.Millis(s.now().Add(-silence))
	rows, err := s.db.QueryContext(ctx, `SELECT b_id, a_choice, a_at, b_choice, b_at, matched_at IS NOT NULL FROM pairs WHERE a_id = $1
		UNION ALL SELECT a_id, b_choice, b_at, a_choice, a_at, matched_at IS NOT NULL FROM pairs WHERE b_id = $1`, string(who))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var other account.ID
		var mine, theirs Choice
		var mineAt, theirsAt int64
		var matched bool
		if err := rows.Scan(&other, &mine, &mineAt, &theirs, &theirsAt, &matched); err != nil {
			return nil, err
		}
		k, ok := keyOf(other)
		switch {
		case !ok:
		case matched, mine == Like, mine == Pass && mineAt > since, theirs == Pass && theirsAt > since:
			m.out[k] = struct{}{}
		case theirs == Like:
			m.fans[k] = struct{}{}
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

// hide keeps somebody from being shown, unhide takes it back.
func (m *session) hide(id account.ID) {
	if k, ok := keyOf(id); ok {
		m.mu.Lock()
		m.out[k] = struct{}{}
		m.mu.Unlock()
	}
}

func (m *session) unhide(id account.ID) {
	if k, ok := keyOf(id); ok {
		m.mu.Lock()
		delete(m.out, k)
		m.mu.Unlock()
	}
}

// heed takes note of what somebody chose of this person.
func (m *session) heed(by account.ID, c Choice) {
	k, ok := keyOf(by)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.fans, k)
	if c == Like {
		m.fans[k] = struct{}{}
	} else {
		m.out[k] = struct{}{}
	}
}
