package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/mail"
)

// ID identifies an account. It is a UUID without a time, because others see it.
type ID string

// Account is a member, or a resident of the demo.
type Account struct {
	ID        ID
	Resident  bool
	Email     string // empty for residents
	BirthDate string // YYYY-MM-DD; empty until CompleteSignUp
	TooYoung  bool   // gave a birth date under 18; can never sign in again
	CreatedAt time.Time
}

// Complete reports whether sign-up is complete: birth date and name are known. An
// incomplete account can only complete it or sign out.
func (a Account) Complete() bool { return a.BirthDate != "" }

// Mailer sends mail without blocking the caller.
type Mailer interface {
	Post(m mail.Mail)
}

// Profiles creates the first profile of an account, in the transaction that completes
// sign-up. Its faults name body.name and body.language.
type Profiles interface {
	Create(ctx context.Context, tx *sql.Tx, id ID, name, language string) error
}

// Config holds settings and test seams.
type Config struct {
	Key       []byte           // HMAC key of this installation, 32 bytes or more
	Origin    string           // the origin that browsers open, such as "https://heyy.example"
	Now       func() time.Time // nil: time.Now
	Wake      func()           // called after a commit with facts; may be nil
	LocalOnly bool             // only this machine can connect: no limits per address

	MailBudget *mail.Budget // nil: 3,600 an hour
}

// Service manages accounts. Create it with New.
type Service struct {
	db         *db.DB
	mail       Mailer
	profiles   Profiles
	log        *slog.Logger
	key        []byte
	now        func() time.Time
	wake       func()
	passkeys   *webauthn.WebAuthn // nil if the origin is an IP address: WebAuthn needs a domain
	mailBudget *mail.Budget
	askLimit   *addressLimit
	guessLimit *addressLimit
}

// New validates c and returns a Service.
func New(d *db.DB, m Mailer, p Profiles, log *slog.Logger, c Config) (*Service, error) {
	if len(c.Key) < 32 {
		return nil, errors.New("accounts: the key needs 32 bytes or more")
	}
	origin, err := url.Parse(c.Origin)
	if err != nil || origin.Hostname() == "" || origin.Scheme != "https" && origin.Scheme != "http" {
		return nil, fmt.Errorf("accounts: %q is no http address", c.Origin)
	}
	s := &Service{
		db: d, mail: m, profiles: p, log: log,
		key: c.Key, now: c.Now, wake: c.Wake,
		mailBudget: c.MailBudget,
		askLimit:   newAddressLimit(20, 6*time.Second),
		guessLimit: newAddressLimit(30, 3*time.Second),
	}
	if s.mailBudget == nil {
		s.mailBudget = mail.NewBudget(3600)
	}
	s.askLimit.off, s.guessLimit.off = c.LocalOnly, c.LocalOnly
	if _, err := netip.ParseAddr(origin.Hostname()); err != nil {
		if s.passkeys, err = relyingParty(origin); err != nil {
			return nil, fmt.Errorf("accounts: passkeys for %s: %w", c.Origin, err)
		}
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wake == nil {
		s.wake = func() {}
	}
	return s, nil
}

// Get returns the account with this id.
func (s *Service) Get(ctx context.Context, id ID) (_ Account, err error) {
	defer fault.Wrap(&err, "account %s", id)
	return getAccount(ctx, s.db, `WHERE id = $1`, string(id))
}

const columns = `SELECT id, kind, email, born, refused_at, created_at FROM accounts `

func getAccount(ctx context.Context, q db.Querier, where string, args ...any) (Account, error) {
	var a Account
	var kind string
	var email, born sql.NullString
	var refused sql.NullInt64
	var created int64
	err := q.QueryRowContext(ctx, columns+where, args...).Scan(&a.ID, &kind, &email, &born, &refused, &created)
	if db.IsNone(err) {
		return Account{}, unknown()
	}
	a.Resident, a.Email, a.BirthDate, a.TooYoung = kind == "resident", email.String, born.String, refused.Valid
	a.CreatedAt = time.UnixMilli(created)
	return a, err
}

// Lock locks an account's row until tx ends, for packages whose rows belong to a person and
// must not change meanwhile. To lock two, take the smaller id first (no deadlock).
// Fault: person.unknown.
func Lock(ctx context.Context, tx *sql.Tx, who ID) error {
	there, err := db.Changed(tx.ExecContext(ctx, `UPDATE accounts SET kind = kind WHERE id = $1`, string(who)))
	if err == nil && !there {
		err = fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
	}
	return err
}

func unknown() error {
	return fault.New(fault.NotFound, "account.unknown", "This account doesn't exist.")
}
