package notify

import (
	"context"
	"crypto/ecdh"
	"database/sql"
	"encoding/base64"
	"strings"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// MaxSubscriptions is the number of browsers of one account that get pushes. The oldest
// gives way.
const MaxSubscriptions = 10

// Subscription is the result of PushManager.subscribe in a browser: where to send, and
// the keys to encrypt with, in base64url.
type Subscription struct {
	Endpoint string
	P256dh   string // an uncompressed point of P-256, 65 bytes
	Auth     string // 16 bytes
}

var errKeys = fault.At("body.p256dh", "push.keys", "This browser's push keys can't be used. Notifications stay inside Heyy.")

// Subscribe stores where the browser of a session takes pushes, in place of what was stored
// for it. Repeating it changes nothing; of another endpoint nothing is known yet, neither that
// it works nor that it fails. Faults: push.endpoint, push.keys, session.ended.
func (s *Service) Subscribe(ctx context.Context, by account.ID, session account.SessionID, sub Subscription) (err error) {
	defer fault.Wrap(&err, "subscribe %s", by)
	host, err := s.checkEndpoint(ctx, sub.Endpoint)
	if err != nil {
		return err
	}
	if sub.P256dh, sub.Auth, err = checkKeys(sub.P256dh, sub.Auth); err != nil {
		return err
	}
	now := db.Millis(s.cfg.Now())
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil { // for the count
			return err
		}
		// A browser has one endpoint, whoever is signed in there now.
		if _, err := tx.ExecContext(ctx, `DELETE FROM push_subscriptions WHERE endpoint = $1 AND session_id <> $2`, sub.Endpoint, string(session)); err != nil {
			return err
		}
		there, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO push_subscriptions (session_id, account_id, endpoint, host, p256dh, auth, created_at, failures)
			SELECT id, account_id, $1, $2, $3, $4, $5, 0 FROM sessions WHERE id = $6 AND account_id = $7
			ON CONFLICT (session_id) DO UPDATE SET endpoint = excluded.endpoint, host = excluded.host, p256dh = excluded.p256dh, auth = excluded.auth,
				created_at = excluded.created_at,
				failures = CASE WHEN push_subscriptions.endpoint = excluded.endpoint THEN push_subscriptions.failures ELSE 0 END,
				failing_since = CASE WHEN push_subscriptions.endpoint = excluded.endpoint THEN push_subscriptions.failing_since END,
				taken_at = CASE WHEN push_subscriptions.endpoint = excluded.endpoint THEN push_subscriptions.taken_at END`,
			sub.Endpoint, host, sub.P256dh, sub.Auth, now, string(session), string(by)))
		if err != nil {
			return err
		}
		if !there {
			return fault.New(fault.Unauthorized, "session.ended", "You're signed out. Sign in again.")
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM push_subscriptions WHERE account_id = $1 AND session_id NOT IN (
			SELECT session_id FROM push_subscriptions WHERE account_id = $1 ORDER BY created_at DESC, session_id LIMIT $2)`, string(by), MaxSubscriptions)
		return err
	})
}

// Unsubscribe removes the subscription of a session; without one it does nothing.
func (s *Service) Unsubscribe(ctx context.Context, session account.SessionID) (err error) {
	defer fault.Wrap(&err, "unsubscribe")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM push_subscriptions WHERE session_id = $1`, string(session))
		return err
	})
}

// Subscribed reports whether a session has a subscription.
func (s *Service) Subscribed(ctx context.Context, session account.SessionID) (_ bool, err error) {
	defer fault.Wrap(&err, "subscription")
	var n int
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM push_subscriptions WHERE session_id = $1`, string(session)).Scan(&n)
	return n > 0, err
}

// checkKeys returns the keys in the form in which they are stored, or push.keys.
func checkKeys(p256dh, auth string) (string, string, error) {
	point, err := decode(p256dh)
	if err != nil {
		return "", "", errKeys
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil {
		return "", "", errKeys
	}
	secret, err := decode(auth)
	if err != nil || len(secret) != 16 {
		return "", "", errKeys
	}
	return base64.RawURLEncoding.EncodeToString(point), base64.RawURLEncoding.EncodeToString(secret), nil
}

// decode reads base64url, with or without padding.
func decode(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "="))
}
