package follow

import (
	"context"
	"database/sql"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

// Follows reports whether by follows other.
func (s *Service) Follows(ctx context.Context, q db.Querier, by, other account.ID) (follows bool, err error) {
	defer fault.Wrap(&err, "does %s follow %s", by, other)
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM follows WHERE follower_id = $1 AND followee_id = $2)`, string(by), string(other)).Scan(&follows)
	return follows, err
}

// Mutual reports whether a and b follow each other, and if so keeps it true until tx ends: an
// exclusion waits. So what tx writes for the two is there for Separate to find.
func (s *Service) Mutual(ctx context.Context, tx *sql.Tx, a, b account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "do %s and %s follow each other", a, b)
	x, y := min(a, b), max(a, b)
	for range 2 { // in the order of lock
		if there, err := db.Changed(tx.ExecContext(ctx, `UPDATE follows SET at = at WHERE follower_id = $1 AND followee_id = $2`, string(x), string(y))); err != nil || !there {
			return false, err
		}
		x, y = y, x
	}
	return true, nil
}

// AreFriends reports whether a and b have a match or follow each other.
func (s *Service) AreFriends(ctx context.Context, q db.Querier, a, b account.ID) (friends bool, err error) {
	defer fault.Wrap(&err, "are %s and %s friends", a, b)
	err = q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pairs WHERE a_id = $1 AND b_id = $2 AND matched_at IS NOT NULL AND ended_at IS NULL)
		OR (SELECT count(*) FROM follows WHERE follower_id = $1 AND followee_id = $2 OR follower_id = $2 AND followee_id = $1) = 2`,
		string(min(a, b)), string(max(a, b))).Scan(&friends)
	return friends, err
}

// Bond: a follow, and friendship, of one person with another.
type Bond struct {
	Follows bool
	Friend  bool
}

// Bonds returns what others are to by; of who is nothing to them there is no entry.
func (s *Service) Bonds(ctx context.Context, by account.ID, others ...account.ID) (_ map[account.ID]Bond, err error) {
	defer fault.Wrap(&err, "bonds of %s", by)
	if len(others) == 0 {
		return map[account.ID]Bond{}, nil
	}
	args := []any{string(by)}
	for _, o := range others {
		args = append(args, string(o))
	}
	in := db.Placeholders(2, len(others))
	type tie struct {
		who account.ID
		why int
	}
	const follows, followed, matched = 1, 2, 3
	ties, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (t tie, err error) {
		err = row.Scan(&t.who, &t.why)
		return t, err
	}, `SELECT followee_id, 1 FROM follows WHERE follower_id = $1 AND followee_id IN (`+in+`)
		UNION ALL SELECT follower_id, 2 FROM follows WHERE followee_id = $1 AND follower_id IN (`+in+`)
		UNION ALL SELECT b_id, 3 FROM pairs WHERE a_id = $1 AND b_id IN (`+in+`) AND matched_at IS NOT NULL AND ended_at IS NULL
		UNION ALL SELECT a_id, 3 FROM pairs WHERE b_id = $1 AND a_id IN (`+in+`) AND matched_at IS NOT NULL AND ended_at IS NULL`, args...)
	if err != nil {
		return nil, err
	}
	has := map[tie]bool{}
	for _, t := range ties {
		has[t] = true
	}
	bonds := map[account.ID]Bond{}
	for _, t := range ties {
		b := Bond{Follows: has[tie{t.who, follows}]}
		b.Friend = has[tie{t.who, matched}] || b.Follows && has[tie{t.who, followed}]
		if b != (Bond{}) {
			bonds[t.who] = b
		}
	}
	return bonds, nil
}

// since is a person in a list, and since when.
type since struct {
	who account.ID
	at  int64
}

func scanSince(row interface{ Scan(...any) error }) (s since, err error) {
	err = row.Scan(&s.who, &s.at)
	return s, err
}

func scanID(row interface{ Scan(...any) error }) (who account.ID, err error) {
	err = row.Scan(&who)
	return who, err
}

// list returns a page of a query that takes a person and then the arguments of page.Request.
func (s *Service) list(ctx context.Context, of account.ID, part page.Request, query string) ([]account.ID, page.Cursor, error) {
	at, id, limit := part.Args()
	found, err := db.Select(ctx, s.db, scanSince, query, string(of), at, id, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	found, next := page.Cut(part, found, func(s since) page.Cursor { return page.Cursor{At: s.at, ID: string(s.who)} })
	ids := make([]account.ID, len(found))
	for i, f := range found {
		ids[i] = f.who
	}
	return ids, next, nil
}

// Following lists a page of the people by follows, the last first.
func (s *Service) Following(ctx context.Context, by account.ID, part page.Request) (_ []account.ID, next page.Cursor, err error) {
	defer fault.Wrap(&err, "whom %s follows", by)
	return s.list(ctx, by, part, `SELECT followee_id, at FROM follows WHERE follower_id = $1
		AND (at < $2 OR at = $2 AND followee_id > $3) ORDER BY at DESC, followee_id LIMIT $4`)
}

// AllFollowing lists the people by follows, MaxFollowing at most, in no order.
func (s *Service) AllFollowing(ctx context.Context, by account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "all whom %s follows", by)
	return db.Select(ctx, s.db, scanID, `SELECT followee_id FROM follows WHERE follower_id = $1`, string(by))
}

// Followers lists a page of the people who follow by, the last first.
func (s *Service) Followers(ctx context.Context, by account.ID, part page.Request) (_ []account.ID, next page.Cursor, err error) {
	defer fault.Wrap(&err, "who follows %s", by)
	return s.list(ctx, by, part, `SELECT follower_id, at FROM follows WHERE followee_id = $1
		AND (at < $2 OR at = $2 AND follower_id > $3) ORDER BY at DESC, follower_id LIMIT $4`)
}

// friends are the friends of $1: of each, when the two last became so.
const friends = `SELECT other, MAX(at) AS at FROM (
		SELECT b_id AS other, matched_at AS at FROM pairs WHERE a_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
		UNION ALL SELECT a_id, matched_at FROM pairs WHERE b_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
		UNION ALL SELECT f.followee_id, CASE WHEN f.at > b.at THEN f.at ELSE b.at END
			FROM follows f JOIN follows b ON b.follower_id = f.followee_id AND b.followee_id = f.follower_id WHERE f.follower_id = $1
	) ways GROUP BY other`

// FriendsPage lists a page of by's friends, the last first.
func (s *Service) FriendsPage(ctx context.Context, by account.ID, part page.Request) (_ []account.ID, next page.Cursor, err error) {
	defer fault.Wrap(&err, "friends of %s", by)
	return s.list(ctx, by, part, `SELECT other, at FROM (`+friends+`) f WHERE at < $2 OR at = $2 AND other > $3 ORDER BY at DESC, other LIMIT $4`)
}

// Friends lists by's friends, the last MaxFriends of them, the last first.
func (s *Service) Friends(ctx context.Context, by account.ID) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "all friends of %s", by)
	return db.Select(ctx, s.db, scanID, `SELECT other FROM (`+friends+`) f ORDER BY at DESC, other LIMIT $2`, string(by), MaxFriends)
}

// FollowersOf lists the next people who follow of, in the order of their ids, for a fan-out
// in batches; after is the last of the batch before.
func (s *Service) FollowersOf(ctx context.Context, q db.Querier, of, after account.ID, limit int) (_ []account.ID, err error) {
	defer fault.Wrap(&err, "followers of %s", of)
	return db.Select(ctx, q, scanID, `SELECT follower_id FROM follows WHERE followee_id = $1 AND follower_id > $2 ORDER BY follower_id LIMIT $3`,
		string(of), string(after), limit)
}
