package moment

import (
	"context"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

const (
	maxStrangers = 30   // entries of Strangers
	scanned      = 1000 // moments for everyone among which Strangers chooses, the newest
)

// Parts of hears, for viewer $1 and moment m.
const (
	matched = `(EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = $1 AND x.b_id = m.account_id AND x.matched_at IS NOT NULL AND x.ended_at IS NULL)
		OR EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = m.account_id AND x.b_id = $1 AND x.matched_at IS NOT NULL AND x.ended_at IS NULL))`
	ended = `(EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = $1 AND x.b_id = m.account_id AND x.ended_at IS NOT NULL)
		OR EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = m.account_id AND x.b_id = $1 AND x.ended_at IS NOT NULL))`
	follows = `EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $1 AND f.followee_id = m.account_id AND f.at > 0)`
	paused  = `EXISTS (SELECT 1 FROM profiles p WHERE p.account_id = m.account_id AND p.paused)`
)

// hears is the condition that viewer $1 may hear moment m at time $2.
const hears = `(m.account_id = $1 OR NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $1 AND x.b_id = m.account_id) AND (
	m.audience = 'matches' AND ` + matched + ` OR m.audience = 'followers' AND ` + follows + `
	OR m.audience = 'everyone' AND (` + matched + ` OR ` + follows + ` OR NOT ` + ended + ` AND NOT ` + paused + `)))
	AND m.expires_at > $2 AND m.audio_key IS NOT NULL`

// momentColumns are those of moment m for viewer $1.
const momentColumns = `m.id, m.account_id, m.audience, m.text, m.ms, m.at, m.expires_at, m.audio_key,
	EXISTS (SELECT 1 FROM moments_heard h WHERE h.moment_id = m.id AND h.account_id = $1),
	CASE WHEN m.account_id = $1 THEN (SELECT COUNT(*) FROM moments_heard h WHERE h.moment_id = m.id AND NOT h.hidden) ELSE 0 END`

func scanMoment(row interface{ Scan(...any) error }) (m Moment, err error) {
	var at, expires int64
	err = row.Scan(&m.ID, &m.Author, &m.Audience, &m.Text, &m.Ms, &at, &expires, &m.Key, &m.Heard, &m.HeardBy)
	m.At, m.ExpiresAt = time.UnixMilli(at), time.UnixMilli(expires)
	m.HeardBy = told(m.HeardBy)
	return m, err
}

// told returns the largest step that n listeners have reached.
func told(n int) int {
	i, reached := slices.BinarySearch(steps, n)
	switch {
	case reached:
		return n
	case i == 0:
		return 0
	}
	return steps[i-1]
}

// Get returns a moment that by may hear. Fault: moment.none.
func (s *Service) Get(ctx context.Context, by account.ID, of ID) (m Moment, err error) {
	defer fault.Wrap(&err, "moment %s", of)
	m, err = scanMoment(s.db.QueryRowContext(ctx, `SELECT `+momentColumns+` FROM moments m WHERE `+hears+` AND m.id = $3`,
		string(by), db.Millis(s.now()), string(of)))
	if db.IsNone(err) {
		err = ErrNone
	}
	return m, err
}

// Mine returns by's own live moments, the oldest first.
func (s *Service) Mine(ctx context.Context, by account.ID) (_ []Moment, err error) {
	defer fault.Wrap(&err, "moments of %s", by)
	return s.of(ctx, by, []account.ID{by})
}

// of returns what viewer may hear of some authors: of each the oldest first.
func (s *Service) of(ctx context.Context, viewer account.ID, authors []account.ID) ([]Moment, error) {
	if len(authors) == 0 {
		return nil, nil
	}
	args := []any{string(viewer), db.Millis(s.now())}
	for _, a := range authors {
		args = append(args, string(a))
	}
	return db.Select(ctx, s.db, scanMoment, `SELECT `+momentColumns+` FROM moments m WHERE `+hears+` AND m.account_id IN (`+db.Placeholders(3, len(authors))+`)
		ORDER BY m.at, m.id`, args...)
}

// Entry is somebody with live moments.
type Entry struct {
	Author  account.ID
	Moments []Moment // at least one, the oldest first
}

// Known returns a page of those who have something to hear for viewer, among their matches and
// those they follow: whoever posted last first, and within the page those with something
// unheard before the others.
func (s *Service) Known(ctx context.Context, viewer account.ID, part page.Request) (_ []Entry, next page.Cursor, err error) {
	defer fault.Wrap(&err, "moments for %s", viewer)
	at, id, limit := part.Args()
	type row struct {
		author account.ID
		at     int64
	}
	authors, err := db.Select(ctx, s.db, func(r interface{ Scan(...any) error }) (a row, err error) {
		err = r.Scan(&a.author, &a.at)
		return a, err
	}, `SELECT account_id, newest FROM (SELECT m.account_id, MAX(m.at) AS newest FROM (`+knownSQL+`) k JOIN moments m ON m.account_id = k.id
		WHERE `+hears+` GROUP BY m.account_id) x WHERE newest < $3 OR newest = $3 AND account_id > $4 ORDER BY newest DESC, account_id LIMIT $5`,
		string(viewer), db.Millis(s.now()), at, id, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	authors, next = page.Cut(part, authors, func(a row) page.Cursor { return page.Cursor{At: a.at, ID: string(a.author)} })
	ids := make([]account.ID, len(authors))
	for i, a := range authors {
		ids[i] = a.author
	}
	all, err := s.entries(ctx, viewer, ids)
	return all, next, err
}

// knownSQL selects the matches of $1 and those whom $1 follows.
const knownSQL = `SELECT b_id AS id FROM pairs WHERE a_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
	UNION SELECT a_id FROM pairs WHERE b_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
	UNION SELECT followee_id FROM follows WHERE follower_id = $1 AND at > 0`

// Strangers returns those whose moments are for everyone and who fit viewer, at most
// maxStrangers, with what Known has left out. Nobody has more than one entry, so posting often
// crowds nobody out.
func (s *Service) Strangers(ctx context.Context, viewer account.ID) (_ []Entry, err error) {
	defer fault.Wrap(&err, "moments of strangers for %s", viewer)
	newest, err := db.Select(ctx, s.db, scanID[account.ID], `SELECT account_id FROM moments WHERE audience = 'everyone' AND audio_key IS NOT NULL AND at > $1
		ORDER BY at DESC LIMIT $2`, db.Millis(s.now().Add(-TTL)), scanned)
	if err != nil {
		return nil, err
	}
	known, err := db.Select(ctx, s.db, scanID[account.ID], knownSQL, string(viewer))
	if err != nil {
		return nil, err
	}
	skip := map[account.ID]bool{viewer: true}
	for _, id := range known {
		skip[id] = true
	}
	among := newest[:0]
	for _, id := range newest {
		if !skip[id] {
			skip[id] = true
			among = append(among, id)
		}
	}
	fit, err := s.strangers.Fitting(ctx, viewer, among, maxStrangers)
	if err != nil {
		return nil, err
	}
	return s.entries(ctx, viewer, fit)
}

// entries returns the entries of authors in their order, but those with something unheard
// first, and without those of whom viewer may hear nothing any more.
func (s *Service) entries(ctx context.Context, viewer account.ID, authors []account.ID) ([]Entry, error) {
	moments, err := s.of(ctx, viewer, authors)
	if err != nil {
		return nil, err
	}
	by := map[account.ID][]Moment{}
	for _, m := range moments {
		by[m.Author] = append(by[m.Author], m)
	}
	all := make([]Entry, 0, len(authors))
	for _, a := range authors {
		if len(by[a]) > 0 {
			all = append(all, Entry{Author: a, Moments: by[a]})
		}
	}
	slices.SortStableFunc(all, func(a, b Entry) int {
		switch x, y := a.isNew(), b.isNew(); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return all, nil
}

func (e Entry) isNew() bool {
	return slices.ContainsFunc(e.Moments, func(m Moment) bool { return !m.Heard })
}
