package account

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"net/netip"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/mail"
)

const (
	codeDigits   = 6
	CodeTTL      = 10 * time.Minute
	maxTries     = 5                // per code
	maxLiveCodes = 2                // most recent codes of a browser that are valid
	codeInterval = 20 * time.Second // between two codes for one browser and address
	codesPerHour = 5                // codes for one browser and address

	// Codes per hour for one mailbox, for browsers that never signed in to it: in
	// total, and per network. Times maxTries, this bounds the guesses of strangers
	// at a person's code: 60 an hour (a chance of 1 in 16,000), 20 per network.
	strangerCodesPerHour = 12
	networkCodesPerHour  = 4

	codeRetention = time.Hour // rows are kept for the limits
)

// CodeRequest asks for a sign-in code.
type CodeRequest struct {
	Email    string
	Language string // of the mail
	Browser  Browser
	From     netip.Addr
}

// SendCode mails a sign-in code, valid only in the requesting browser. It returns nil
// whether or not the address is known, and also if a limit is reached and nothing is sent.
// Errors are only email.wrong for an impossible address and rate.limited for a flooding
// network.
//
// Codes, tries and limits are per browser, so nobody can use up another's. Browsers that
// never signed in to the address share a further limit.
func (s *Service) SendCode(ctx context.Context, a CodeRequest) (err error) {
	defer fault.Wrap(&err, "sign-in code")
	now := s.now()
	if err := s.askLimit.allow(a.From, now); err != nil {
		return err
	}
	email, err := Email("body.email", a.Email)
	if err != nil {
		return err
	}
	known := s.isKnown(a.Browser, email)
	if !s.mailBudget.Allows(a.From, known, now) {
		return rateLimited()
	}
	code := id.Digits(codeDigits)
	var send bool
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		send, err = s.insertCode(ctx, tx, email, a, known, code, now)
		return err
	})
	if err != nil {
		return err
	}
	if send {
		s.mailBudget.Spend(a.From, now)
		s.mail.Post(mail.SignIn(email, a.Language, code, int(CodeTTL.Minutes())))
	}
	return nil
}

// insertCode stores a code unless a limit is reached.
func (s *Service) insertCode(ctx context.Context, tx *sql.Tx, email string, a CodeRequest, known bool, code string, now time.Time) (bool, error) {
	mailbox, browser, network := Mailbox(email), a.Browser.key(), s.Network(a.From)
	// Row lock: concurrent requests for this mailbox count after this one.
	if _, err := tx.ExecContext(ctx, `INSERT INTO sign_in_mailboxes (mailbox, asked_at) VALUES ($1, $2)
		ON CONFLICT (mailbox) DO UPDATE SET asked_at = excluded.asked_at`, mailbox, db.Millis(now)); err != nil {
		return false, err
	}
	// A used code was the mailbox owner's. It counts only for other addresses of
	// the mailbox (plus addressing); otherwise one mailbox could create any number
	// of accounts.
	var own, last, strangers, near int64
	if err := tx.QueryRowContext(ctx, `SELECT
			COALESCE(SUM(CASE WHEN mine THEN 1 ELSE 0 END), 0),
			COALESCE(MAX(CASE WHEN mine THEN asked_at ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN known THEN 0 ELSE 1 END), 0),
			COALESCE(SUM(CASE WHEN NOT known AND network = $1 AND network <> '' THEN 1 ELSE 0 END), 0)
		FROM (SELECT asked_at, known, network, email = $2 AND browser = $3 AS mine FROM sign_in_codes
			WHERE mailbox = $4 AND asked_at > $5 AND (used_at IS NULL OR email <> $2)) AS asked`,
		network, email, browser, mailbox, db.Millis(now.Add(-time.Hour))).Scan(&own, &last, &strangers, &near); err != nil {
		return false, err
	}
	if own >= codesPerHour || last > db.Millis(now.Add(-codeInterval)) || !known && (strangers >= strangerCodesPerHour || near >= networkCodesPerHour) {
		return false, nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO sign_in_codes (id, email, mailbox, browser, known, network, code_hash, tries, asked_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)`,
		id.New(), email, mailbox, browser, known, network, s.codeHash(email, code), db.Millis(now), db.Millis(now.Add(CodeTTL)))
	return err == nil, err
}

// codeHash is an HMAC of address and code. A plain hash of six digits could be reversed by
// whoever has the table.
func (s *Service) codeHash(email, code string) string {
	return hex.EncodeToString(s.hash("sign-in code", email, code))
}

// Network returns a keyed hash of a network address, for rows that limit accounts or tries
// per network. It is "" if only this machine can connect.
func (s *Service) Network(ip netip.Addr) string {
	if s.askLimit.off {
		return ""
	}
	return hex.EncodeToString(s.hash("network", mail.Network(ip).String())[:8])
}

// CodeProof holds what somebody signs in with.
type CodeProof struct {
	Email   string
	Code    string
	Browser Browser
	Device  string    // name of the session, see Device
	Former  SessionID // the browser's previous session, which ends; may be empty
	From    netip.Addr
}

// SignIn exchanges a code for a session, and creates the account if the address is new.
// Every wrong proof is sign_in.code_wrong, whatever the reason. A person refused for their
// age gets account.too_young, after they have proved the address. The token is returned
// once and stored only as a hash.
func (s *Service) SignIn(ctx context.Context, p CodeProof) (_ Account, token string, err error) {
	defer fault.Wrap(&err, "sign in")
	now := s.now()
	if err := s.guessLimit.allow(p.From, now); err != nil {
		return Account{}, "", err
	}
	email, err := Email("body.email", p.Email)
	if err != nil {
		return Account{}, "", err
	}
	hash := s.codeHash(email, stripCode(p.Code))

	// A refusal is returned after the commit: the try must count, and the code of
	// somebody refused must be used up.
	var a Account
	var unknown bool // the browser
	var refusal error
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		a, refusal = Account{}, nil
		right, err := tryCode(ctx, tx, email, p.Browser.key(), hash, now)
		if err != nil {
			return err
		}
		if !right {
			refusal = fault.New(fault.Unauthorized, "sign_in.code_wrong", "This code is wrong or has expired. Try again, or ask for a new one.")
			return nil
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, email, created_at) VALUES ($1, 'member', $2, $3) ON CONFLICT (email) DO NOTHING`,
			id.Opaque(), email, db.Millis(now)); err != nil {
			return err
		}
		if a, err = getAccount(ctx, tx, `WHERE email = $1`, email); err != nil {
			return err
		}
		if a.TooYoung {
			refusal = tooYoung()
			return nil
		}
		if err := endReplaced(ctx, tx, now, p.Former); err != nil {
			return err
		}
		unknown = a.Complete() && !s.isKnown(p.Browser, email)
		token, err = s.openSession(ctx, tx, a.ID, p.Device, unknown, now)
		return err
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return Account{}, "", err
	}
	if p.Former != "" || unknown {
		s.wake()
	}
	return a, token, nil
}

// tryCode counts a try against the live codes of a browser and, if one is right, marks them
// used. The UPDATE is the row lock: concurrent tries in this browser wait.
func tryCode(ctx context.Context, tx *sql.Tx, email, browser, hash string, now time.Time) (right bool, err error) {
	codes, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (kept string, err error) {
		return kept, row.Scan(&kept)
	}, `UPDATE sign_in_codes SET tries = tries + 1 WHERE email = $1 AND browser = $2 AND expires_at > $3 AND tries < $4 AND used_at IS NULL
		AND id IN (SELECT id FROM sign_in_codes WHERE email = $1 AND browser = $2 ORDER BY asked_at DESC, id DESC LIMIT $5)
		RETURNING code_hash`, email, browser, db.Millis(now), maxTries, maxLiveCodes)
	if err != nil {
		return false, err
	}
	for _, kept := range codes {
		right = hmac.Equal([]byte(kept), []byte(hash)) || right
	}
	if !right {
		return false, nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE sign_in_codes SET used_at = $1 WHERE email = $2 AND browser = $3 AND used_at IS NULL`,
		db.Millis(now), email, browser)
	return true, err
}

func tooYoung() error {
	return fault.New(fault.Forbidden, "account.too_young", "Heyy is for people aged 18 and over.")
}
