package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"net/netip"
	"strings"
	"time"

	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/mail"
)

const (
	codeDigits = 6
	codeLife   = 10 * time.Minute
	codeTries  = 5
	codePause  = 20 * time.Second // between two codes for one address
	codeHourly = 5                // codes for one address in an hour
)

// Ask is the wish for a sign-in code.
type Ask struct {
	Email    string
	Language string // of the letter
	From     netip.Addr
}

// Code sends a sign-in code to an address. The answer is nil whether or not the
// address is known, and also when it was asked for too often and nothing is
// sent: only an address that cannot be one (email.wrong) and a network address
// that asks without end (rate.limited) hear no. A new code replaces the old.
func (s *Service) Code(ctx context.Context, a Ask) (err error) {
	defer fault.Wrap(&err, "sign-in code")
	now := s.now()
	if err := s.asks.allow(a.From, now); err != nil {
		return err
	}
	email, err := Email("body.email", a.Email)
	if err != nil {
		return err
	}
	code := id.Digits(codeDigits)
	var send bool
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		send, err = db.Changed(tx.ExecContext(ctx, `INSERT INTO sign_in_codes (email, code_hash, tries, expires_at, created_at, asks, asks_since)
			VALUES ($1, $2, 0, $3, $4, 1, $4)
			ON CONFLICT (email) DO UPDATE SET
				code_hash = excluded.code_hash, tries = 0, expires_at = excluded.expires_at, created_at = excluded.created_at,
				asks = CASE WHEN sign_in_codes.asks_since <= $5 THEN 1 ELSE sign_in_codes.asks + 1 END,
				asks_since = CASE WHEN sign_in_codes.asks_since <= $5 THEN excluded.asks_since ELSE sign_in_codes.asks_since END
			WHERE sign_in_codes.created_at <= $6 AND (sign_in_codes.asks < $7 OR sign_in_codes.asks_since <= $5)`,
			email, s.codeHash(email, code), db.Millis(now.Add(codeLife)), db.Millis(now),
			db.Millis(now.Add(-time.Hour)), db.Millis(now.Add(-codePause)), codeHourly))
		return err
	})
	if err != nil {
		return err
	}
	if send {
		s.mail.Post(mail.SignIn(email, a.Language, code, int(codeLife.Minutes())))
	}
	return nil
}

// codeHash binds a code to its address. Six digits are guessed in no time from
// a plain hash, so whoever has the table must lack the key.
func (s *Service) codeHash(email, code string) string {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte("sign-in code\x00" + email + "\x00" + code))
	return hex.EncodeToString(m.Sum(nil))
}

// Proof is what somebody signs in with.
type Proof struct {
	Email  string
	Code   string
	Device string // what the session is called: see Device
	From   netip.Addr
}

// SignIn exchanges a code for a session, and makes the account if the address
// is new. Every proof that is not right fails as sign_in.code_wrong, whatever
// the reason; a person told a birth date under 18 hears account.too_young, once
// they have shown that the address is theirs. The token is returned this once
// and kept nowhere.
func (s *Service) SignIn(ctx context.Context, p Proof) (_ Account, token string, err error) {
	defer fault.Wrap(&err, "sign in")
	now := s.now()
	if err := s.guesses.allow(p.From, now); err != nil {
		return Account{}, "", err
	}
	email, err := Email("body.email", p.Email)
	if err != nil {
		return Account{}, "", err
	}
	hash := s.codeHash(email, strings.Join(strings.Fields(p.Code), ""))

	// What is decided inside must be committed even if it is a no: the try
	// counts, and the code of somebody refused is used up.
	var a Account
	var no error
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		a, no = Account{}, nil
		right, err := s.try(ctx, tx, email, hash, now)
		if err != nil {
			return err
		}
		if !right {
			no = fault.New(fault.Unauthorized, "sign_in.code_wrong", "This code is wrong or too old. Ask for a new one if it does not work.")
			return nil
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, email, created_at) VALUES ($1, 'member', $2, $3) ON CONFLICT (email) DO NOTHING`,
			id.New(), email, db.Millis(now)); err != nil {
			return err
		}
		if a, err = one(ctx, tx, `WHERE email = $1`, email); err != nil {
			return err
		}
		if a.Refused {
			no = tooYoung()
			return nil
		}
		token, err = s.open(ctx, tx, a.ID, p.Device, now)
		return err
	})
	if err == nil {
		err = no
	}
	if err != nil {
		return Account{}, "", err
	}
	return a, token, nil
}

// try counts one try against the living code of email and, if it is right,
// uses the code up. The first UPDATE is the lock: whoever else tries waits for
// this transaction.
func (s *Service) try(ctx context.Context, tx *sql.Tx, email, hash string, now time.Time) (right bool, err error) {
	counted, err := db.Changed(tx.ExecContext(ctx, `UPDATE sign_in_codes SET tries = tries + 1 WHERE email = $1 AND expires_at > $2 AND tries < $3`,
		email, db.Millis(now), codeTries))
	if err != nil || !counted {
		return false, err
	}
	var kept string
	if err := tx.QueryRowContext(ctx, `SELECT code_hash FROM sign_in_codes WHERE email = $1`, email).Scan(&kept); err != nil {
		return false, err
	}
	if !hmac.Equal([]byte(kept), []byte(hash)) {
		return false, nil
	}
	// Gone with it is the count of what was asked: this is the mailbox's owner.
	_, err = tx.ExecContext(ctx, `DELETE FROM sign_in_codes WHERE email = $1`, email)
	return true, err
}

func tooYoung() error {
	return fault.New(fault.Forbidden, "account.too_young", "Heyy is for people of 18 and over.")
}
