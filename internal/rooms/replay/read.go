package replay

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// columns of replay r, as the viewer of $1 sees it.
const columns = `r.id, r.host_id, (SELECT c.id FROM clubs c WHERE c.id = r.club_id AND c.closed_at IS NULL), (SELECT CASE WHEN c.entry = 'invite' THEN '' ELSE c.name END FROM clubs c WHERE c.id = r.club_id AND c.closed_at IS NULL),
	r.title, r.category, r.language, r.access, r.state, r.began_at, r.ended_at, r.published_at, r.expires_at, r.keep_days,
	(SELECT MAX(p.from_ms + p.ms) - MIN(p.from_ms) FROM replay_parts p WHERE p.replay_id = r.id),
	EXISTS (SELECT 1 FROM replay_parts p WHERE p.replay_id = r.id AND p.account_id = $1),
	(SELECT m.at_ms FROM replay_marks m WHERE m.replay_id = r.id AND m.account_id = $1)`

func scan(row interface{ Scan(...any) error }) (r Replay, err error) {
	var club, clubName sql.NullString
	var ended, published, expires, length, mark sql.NullInt64
	var began int64
	err = row.Scan(&r.ID, &r.Host, &club, &clubName, &r.Title, &r.Category, &r.Language, &r.Access, &r.State, &began, &ended, &published, &expires, &r.KeepDays, &length, &r.Keeps, &mark)
	if clubName.String != "" {
		r.Club, r.ClubName = room.ClubID(club.String), clubName.String
	}
	r.BeganAt = time.UnixMilli(began)
	if ended.Valid {
		r.EndedAt = time.UnixMilli(ended.Int64)
	}
	if published.Valid {
		r.PublishedAt = time.UnixMilli(published.Int64)
	}
	if expires.Valid {
		r.ExpiresAt = time.UnixMilli(expires.Int64)
	}
	r.Length, r.Mark = time.Duration(length.Int64)*time.Millisecond, time.Duration(mark.Int64)*time.Millisecond
	return r, err
}

// isMine returns the SQL condition that viewer hosts replay r, or that their voice is in it: that
// they have agreed is not enough.
func isMine(viewer string) string {
	return `(r.host_id = ` + viewer + ` OR EXISTS (SELECT 1 FROM replay_parts p WHERE p.replay_id = r.id AND p.account_id = ` + viewer + `))`
}

// isNear returns the SQL condition that viewer is not apart from whom row of refers to (account_id).
func isNear(viewer, of string) string {
	return `NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = ` + viewer + ` AND x.b_id = ` + of + `.account_id)`
}

// exists returns the SQL condition that replay r exists for viewer. For those whose voice is in it
// it does whoever else is, so that they can take theirs back; see Separate for the host.
func exists(viewer string) string {
	admitted := `EXISTS (SELECT 1 FROM replay_admissions e WHERE e.replay_id = r.id AND e.account_id = ` + viewer + `)`
	return `(` + isMine(viewer) + ` OR r.state = 'published' AND NOT ` + room.HostHides(viewer) + `
		AND NOT EXISTS (SELECT 1 FROM replay_parts p JOIN apart x ON x.b_id = p.account_id WHERE p.replay_id = r.id AND x.a_id = ` + viewer + `)
		AND NOT EXISTS (SELECT 1 FROM replay_removals e WHERE e.replay_id = r.id AND e.account_id = ` + viewer + `)
		AND NOT EXISTS (SELECT 1 FROM club_bans b WHERE b.club_id = r.club_id AND b.account_id = ` + viewer + `)
		AND (NOT r.women_only OR ` + room.IsWoman(viewer) + `) AND (NOT r.verified_only OR ` + room.IsVerified(viewer) + `)
		AND (r.access IN ('open', 'link') OR ` + admitted + ` OR r.access = 'followers' AND ` + room.FollowsHost(viewer) + ` OR r.access = 'club' AND ` + room.BelongsToClub(viewer) + `))`
}

// read reads a replay without its speakers. Fault: ErrNotFound.
func read(ctx context.Context, q db.Querier, viewer account.ID, r room.ID) (Replay, error) {
	out, err := scan(q.QueryRowContext(ctx, `SELECT `+columns+` FROM replays r WHERE r.id = $2 AND `+exists("$1"), viewer, r))
	if db.IsNone(err) {
		return Replay{}, ErrNotFound
	}
	return out, err
}

// Get returns a replay with its parts and lines in order, without those of people apart from
// viewer. Fault: ErrNotFound.
func (s *Service) Get(ctx context.Context, viewer account.ID, r room.ID) (_ Replay, parts []Part, lines []Line, err error) {
	defer fault.Wrap(&err, "read the replay %s", r)
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return Replay{}, nil, nil, err
	}
	defer func() { _ = tx.Rollback() }()
	out, err := read(ctx, tx, viewer, r)
	if err != nil {
		return Replay{}, nil, nil, err
	}
	if out.State == Recording {
		return Replay{}, nil, nil, ErrNotFound
	}
	if err := readSpeakers(ctx, tx, viewer, &out); err != nil {
		return Replay{}, nil, nil, err
	}
	if parts, err = readParts(ctx, tx, viewer, r); err != nil {
		return Replay{}, nil, nil, err
	}
	lines, err = db.Select(ctx, tx, scanLine, `SELECT `+lineColumns+` FROM replay_lines l WHERE l.replay_id = $1
		AND `+isNear("$2", "l")+` ORDER BY l.at_ms, l.id`, r, viewer)
	return out, parts, lines, err
}

func readParts(ctx context.Context, q db.Querier, viewer account.ID, r room.ID) ([]Part, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (p Part, err error) {
		var start, length int64
		err = row.Scan(&p.ID, &p.Account, &start, &length)
		p.Start, p.Length = time.Duration(start)*time.Millisecond, time.Duration(length)*time.Millisecond
		return p, err
	}, `SELECT id, account_id, from_ms, ms FROM replay_parts p WHERE replay_id = $1 AND `+isNear("$2", "p")+` ORDER BY from_ms, id`, r, viewer)
}

const lineColumns = `l.id, l.account_id, l.kind, l.at_ms, l.text`

func scanLine(row interface{ Scan(...any) error }) (l Line, err error) {
	var at int64
	err = row.Scan(&l.ID, &l.Account, &l.Kind, &at, &l.Text)
	l.At = time.Duration(at) * time.Millisecond
	return l, err
}

func readSpeakers(ctx context.Context, q db.Querier, viewer account.ID, r *Replay) (err error) {
	r.Speakers, err = db.Select(ctx, q, scanAccount, `SELECT account_id FROM replay_parts p WHERE replay_id = $1 AND `+isNear("$2", "p")+` GROUP BY account_id ORDER BY SUM(loud_ms) DESC, account_id`, r.ID, viewer)
	return err
}

func scanAccount(row interface{ Scan(...any) error }) (a account.ID, err error) {
	err = row.Scan(&a)
	return a, err
}

// Filter says which replays to list; empty fields take all.
type Filter struct {
	Mine bool // that the viewer hosted or spoke in, drafts too
	Club room.ClubID
}

// List returns a page of the replays of which lists tell viewer, the newest first.
func (s *Service) List(ctx context.Context, viewer account.ID, f Filter, r page.Request) (_ []Replay, next page.Cursor, err error) {
	defer fault.Wrap(&err, "list replays")
	at, after, limit := r.Args()
	told := `r.state = 'published' AND (r.access <> 'link' OR ` + isMine("$1") + `) AND ` + exists("$1")
	if f.Mine {
		told = `r.state <> 'recording' AND ` + isMine("$1")
	}
	all, err := db.Select(ctx, s.db, scan, `SELECT `+columns+` FROM replays r WHERE `+told+`
		AND (r.ended_at < $2 OR r.ended_at = $2 AND r.id > $3) AND ($4 = '' OR r.club_id = $4)
		ORDER BY r.ended_at DESC, r.id LIMIT $5`, viewer, at, after, f.Club, limit)
	if err != nil {
		return nil, next, err
	}
	for i := range all {
		if err := readSpeakers(ctx, s.db, viewer, &all[i]); err != nil {
			return nil, next, err
		}
	}
	all, next = page.Cut(r, all, func(o Replay) page.Cursor { return page.Of(o.EndedAt, string(o.ID)) })
	return all, next, nil
}

// PartKey returns the key of the blob of a part. Fault: ErrNotFound.
func (s *Service) PartKey(ctx context.Context, viewer account.ID, r room.ID, part string) (key string, err error) {
	defer fault.Wrap(&err, "read a part of %s", r)
	err = s.db.QueryRowContext(ctx, `SELECT p.blob_key FROM replay_parts p JOIN replays r ON r.id = p.replay_id
		WHERE p.id = $1 AND r.id = $2 AND r.state <> 'recording' AND `+isNear("$3", "p")+` AND `+exists("$3"), part, r, viewer).Scan(&key)
	if db.IsNone(err) {
		err = ErrNotFound
	}
	return key, err
}
