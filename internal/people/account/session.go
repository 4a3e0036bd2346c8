package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
)

const (
	sessionTTL    = 30 * 24 * time.Hour // after the last use
	touchInterval = 10 * time.Minute    // resolution of last_seen_at; saves writes
)

// SessionID identifies a session. It is not secret; the token is.
type SessionID string

// Session is a sign-in on one device.
type Session struct {
	ID         SessionID
	Account    ID
	Complete   bool // of the account, see Account.Complete
	Device     string
	CreatedAt  time.Time
	LastSeenAt time.Time // to within 10 minutes
	ExpiresAt  time.Time
	JoinID     string // of the latest join to a room or call, see SetJoin; "": none
}

// openSession inserts a session and returns its token. tell: the person is told on their
// other devices, see NewDevice.
func (s *Service) openSession(ctx context.Context, tx *sql.Tx, who ID, device string, tell bool, now time.Time) (token string, err error) {
	if device, err = textrule.Line("device", device, 60); err != nil {
		device = unknownDevice
	}
	token = id.Secret()
	session := id.New()
	opened, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO sessions (id, account_id, token_hash, device, created_at, last_seen_at, expires_at)
		SELECT $1, id, $2, $3, $4, $4, $5 FROM accounts WHERE id = $6 AND refused_at IS NULL`,
		session, tokenHash(token), device, db.Millis(now), db.Millis(now.Add(sessionTTL)), string(who)))
	if err != nil {
		return "", err
	}
	if !opened {
		return "", unknown()
	}
	if tell {
		if err := outbox.Append(ctx, tx, now, NewDevice{Account: who, Session: SessionID(session), Device: device}); err != nil {
			return "", err
		}
	}
	return token, markSeen(ctx, tx, who, now)
}

// markSeen stores when an account last used Heyy.
func markSeen(ctx context.Context, tx *sql.Tx, who ID, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET seen_at = $1 WHERE id = $2 AND seen_at < $1`, db.Millis(now), string(who))
	return err
}

// tokenHash is the stored form of a token: a plain SHA-256, because the token has 256
// random bits.
func tokenHash(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

const sessionColumns = `SELECT s.id, s.account_id, a.born IS NOT NULL, s.device, s.created_at, s.last_seen_at, s.expires_at, COALESCE(s.admission, '')
	FROM sessions s JOIN accounts a ON a.id = s.account_id `

func scanSession(row interface{ Scan(...any) error }) (x Session, err error) {
	var created, seen, expires int64
	err = row.Scan(&x.ID, &x.Account, &x.Complete, &x.Device, &created, &seen, &expires, &x.JoinID)
	x.CreatedAt, x.LastSeenAt, x.ExpiresAt = time.UnixMilli(created), time.UnixMilli(seen), time.UnixMilli(expires)
	return x, err
}

// Authenticate returns the session of a token, or session.ended. Each use prolongs it by 30
// days. There is no cache: a session that ended is refused by the next request, on every
// server.
func (s *Service) Authenticate(ctx context.Context, token string) (_ Session, err error) {
	defer fault.Wrap(&err, "session")
	ended := sessionEnded()
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
	if now.Sub(x.LastSeenAt) >= touchInterval {
		s.touch(ctx, &x, now)
	}
	return x, nil
}

// touch prolongs a session. A failure is only logged; the next request tries again. The
// request's idempotency key does not belong to this transaction.
func (s *Service) touch(ctx context.Context, x *Session, now time.Time) {
	until := now.Add(sessionTTL)
	err := s.db.Tx(db.WithCommand(ctx, nil), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET last_seen_at = $1, expires_at = $2 WHERE id = $3 AND last_seen_at < $1`,
			db.Millis(now), db.Millis(until), string(x.ID))
		if err != nil {
			return err
		}
		return markSeen(ctx, tx, x.Account, now)
	})
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("account: session not prolonged", "session", x.ID, "err", err)
		}
		return
	}
	x.LastSeenAt, x.ExpiresAt = now, until
}

// Sessions lists the live sessions of by, most recently used first.
func (s *Service) Sessions(ctx context.Context, by ID) (_ []Session, err error) {
	defer fault.Wrap(&err, "sessions of %s", by)
	return db.Select(ctx, s.db, scanSession, sessionColumns+`WHERE s.account_id = $1 AND s.expires_at > $2 ORDER BY s.last_seen_at DESC, s.id`,
		string(by), db.Millis(s.now()))
}

// SetJoin stores which join to a room or call a session made, so that ending the session
// ends the join. The latest join counts, because a person is connected in one place. An
// ended session returns session.ended.
func (s *Service) SetJoin(ctx context.Context, session SessionID, joinID string) (err error) {
	defer fault.Wrap(&err, "carry")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		there, err := db.Changed(tx.ExecContext(ctx, `UPDATE sessions SET admission = $1 WHERE id = $2`, joinID, string(session)))
		if err == nil && !there {
			return sessionEnded()
		}
		return err
	})
}

func sessionEnded() error {
	return fault.New(fault.Unauthorized, "session.ended", "You're signed out. Sign in again.")
}

// endReplaced ends the previous session of a browser, which has one at a time; former may
// be empty.
func endReplaced(ctx context.Context, tx *sql.Tx, now time.Time, former SessionID) error {
	if former == "" {
		return nil
	}
	_, err := endSessions(ctx, tx, now, `id = $1`, string(former))
	return err
}

// End ends one session of by.
func (s *Service) End(ctx context.Context, by ID, session SessionID) (err error) {
	defer fault.Wrap(&err, "end session %s of %s", session, by)
	n, err := s.end(ctx, `account_id = $1 AND id = $2`, string(by), string(session))
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "session.unknown", "This device is already signed out.")
	}
	return err
}

// EndAll ends all sessions of an account.
func (s *Service) EndAll(ctx context.Context, who ID) (err error) {
	defer fault.Wrap(&err, "end all sessions of %s", who)
	_, err = s.end(ctx, `account_id = $1`, string(who))
	return err
}

func (s *Service) end(ctx context.Context, where string, args ...any) (n int, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		n, err = endSessions(ctx, tx, s.now(), where, args...)
		return err
	})
	if err == nil && n > 0 {
		s.wake()
	}
	return n, err
}

// endSessions deletes sessions and appends a fact for each.
func endSessions(ctx context.Context, tx *sql.Tx, now time.Time, where string, args ...any) (int, error) {
	out, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (f outbox.Fact, err error) {
		var o SignedOut
		err = row.Scan(&o.Account, &o.Session, &o.JoinID)
		return o, err
	}, `DELETE FROM sessions WHERE `+where+` RETURNING account_id, id, COALESCE(admission, '')`, args...)
	if err != nil {
		return 0, err
	}
	return len(out), outbox.Append(ctx, tx, now, out...)
}
