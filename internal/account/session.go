package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"time"

	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/text"
)

const (
	sessionLife  = 30 * 24 * time.Hour // after it was last seen
	sessionTouch = 10 * time.Minute    // how exactly "last seen" is kept
)

// SessionID names one session. It is no secret; the token is.
type SessionID string

// Session is one device on which somebody is signed in.
type Session struct {
	ID         SessionID
	Account    ID
	Complete   bool // the account is: see Account.Complete
	Device     string
	CreatedAt  time.Time
	LastSeenAt time.Time // to within 10 minutes
	ExpiresAt  time.Time
}

// open writes a session and returns its token.
func (s *Service) open(ctx context.Context, tx *sql.Tx, who ID, device string, now time.Time) (token string, err error) {
	if device, err = text.Line("device", device, 60); err != nil {
		device = unknownDevice
	}
	token = id.Secret()
	opened, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO sessions (id, account_id, token_hash, device, created_at, last_seen_at, expires_at)
		SELECT $1, id, $2, $3, $4, $4, $5 FROM accounts WHERE id = $6 AND refused_at IS NULL`,
		id.New(), tokenHash(token), device, db.Millis(now), db.Millis(now.Add(sessionLife)), string(who)))
	if err != nil {
		return "", err
	}
	if !opened {
		return "", unknown()
	}
	return token, seen(ctx, tx, who, now)
}

// seen keeps when somebody last used Heyy.
func seen(ctx context.Context, tx *sql.Tx, who ID, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET seen_at = $1 WHERE id = $2 AND seen_at < $1`, db.Millis(now), string(who))
	return err
}

// tokenHash is what is kept of a token. It has 256 random bits, so a plain hash
// is as good as a slow one.
func tokenHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

const sessionColumns = `SELECT s.id, s.account_id, a.born IS NOT NULL, s.device, s.created_at, s.last_seen_at, s.expires_at
	FROM sessions s JOIN accounts a ON a.id = s.account_id `

func scanSession(row interface{ Scan(...any) error }) (x Session, err error) {
	var created, seen, expires int64
	err = row.Scan(&x.ID, &x.Account, &x.Complete, &x.Device, &created, &seen, &expires)
	x.CreatedAt, x.LastSeenAt, x.ExpiresAt = time.UnixMilli(created), time.UnixMilli(seen), time.UnixMilli(expires)
	return x, err
}

// Who is the session a token stands for, or session.ended. Each use keeps the
// session alive for another 30 days. There is no cache in front: a session that
// was ended is ended for the next request, on every server.
func (s *Service) Who(ctx context.Context, token string) (_ Session, err error) {
	defer fault.Wrap(&err, "session")
	ended := fault.New(fault.Unauthorized, "session.ended", "Please sign in.")
	if len(token) != 43 { // not made by id.Secret
		return Session{}, ended
	}
	now := s.now()
	x, err := scanSession(s.db.QueryRowContext(ctx, sessionColumns+`WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.refused_at IS NULL`,
		tokenHash(token), db.Millis(now)))
	if db.IsNone(err) {
		return Session{}, ended
	}
	if err != nil {
		return Session{}, err
	}
	if now.Sub(x.LastSeenAt) >= sessionTouch {
		s.touch(ctx, &x, now)
	}
	return x, nil
}

// touch moves the end of a session. If that fails the person is still who they
// are, and the next request tries again. The command of the request, if there
// is one, is not for this transaction to claim.
func (s *Service) touch(ctx context.Context, x *Session, now time.Time) {
	until := now.Add(sessionLife)
	err := s.db.Tx(db.WithCommand(ctx, nil), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET last_seen_at = $1, expires_at = $2 WHERE id = $3 AND last_seen_at < $1`,
			db.Millis(now), db.Millis(until), string(x.ID))
		if err != nil {
			return err
		}
		return seen(ctx, tx, x.Account, now)
	})
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("account: session not prolonged", "session", x.ID, "err", err)
		}
		return
	}
	x.LastSeenAt, x.ExpiresAt = now, until
}

// Sessions are the living sessions of by, the one seen last first.
func (s *Service) Sessions(ctx context.Context, by ID) (_ []Session, err error) {
	defer fault.Wrap(&err, "sessions of %s", by)
	return db.Select(ctx, s.db, scanSession, sessionColumns+`WHERE s.account_id = $1 AND s.expires_at > $2 ORDER BY s.last_seen_at DESC, s.id`,
		string(by), db.Millis(s.now()))
}

// End ends one session of by.
func (s *Service) End(ctx context.Context, by ID, session SessionID) (err error) {
	defer fault.Wrap(&err, "end session %s of %s", session, by)
	n, err := s.end(ctx, `account_id = $1 AND id = $2`, string(by), string(session))
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "session.unknown", "This device is signed out already.")
	}
	return err
}

// EndAll ends every session of an account.
func (s *Service) EndAll(ctx context.Context, who ID) (err error) {
	defer fault.Wrap(&err, "end all sessions of %s", who)
	_, err = s.end(ctx, `account_id = $1`, string(who))
	return err
}

func (s *Service) end(ctx context.Context, where string, args ...any) (n int, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		n, err = endIn(ctx, tx, s.now(), where, args...)
		return err
	})
	if err == nil && n > 0 {
		s.wake()
	}
	return n, err
}

// endIn deletes sessions and says so in the outbox.
func endIn(ctx context.Context, tx *sql.Tx, now time.Time, where string, args ...any) (int, error) {
	out, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (f event.Fact, err error) {
		var o SignedOut
		err = row.Scan(&o.Account, &o.Session)
		return o, err
	}, `DELETE FROM sessions WHERE `+where+` RETURNING account_id, id`, args...)
	if err != nil {
		return 0, err
	}
	return len(out), event.Append(ctx, tx, now, out...)
}
