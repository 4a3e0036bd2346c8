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

	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/mail"
)

// ID names one account.
type ID string

// Account is somebody: a member, or a resident of the demo.
type Account struct {
	ID        ID
	Resident  bool
	Email     string // empty for residents
	Born      string // YYYY-MM-DD; empty until Begin
	Refused   bool   // told a birth date under 18
	CreatedAt time.Time
}

// Complete reports whether the person has said when they were born and how
// they are called. Before that an account can only begin, or sign out.
func (a Account) Complete() bool { return a.Born != "" }

// Mailer sends letters and never lets the caller wait.
type Mailer interface {
	Post(m mail.Mail)
}

// Profiles writes the first profile of an account, in the transaction that
// makes the account complete. Its faults name body.name and body.language.
type Profiles interface {
	Create(ctx context.Context, tx *sql.Tx, id ID, name, language string) error
}

// Config is what an operator decides, and what differs in tests.
type Config struct {
	Key    []byte           // secret of this installation, 32 bytes or more
	Origin string           // where browsers find us: "https://heyy.example"
	Now    func() time.Time // nil: time.Now
	Wake   func()           // called after a commit with facts; may be nil
}

// Service keeps accounts. Make it with New.
type Service struct {
	db       *db.DB
	mail     Mailer
	profiles Profiles
	log      *slog.Logger
	key      []byte
	now      func() time.Time
	wake     func()
	passkeys *webauthn.WebAuthn // nil where browsers reach us by a bare IP address: those have none
	asks     *limit
	guesses  *limit
}

// New checks c and makes a service.
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
		asks:    newLimit(20, 6*time.Second),
		guesses: newLimit(30, 3*time.Second),
	}
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

// Of is the account with this id.
func (s *Service) Of(ctx context.Context, id ID) (_ Account, err error) {
	defer fault.Wrap(&err, "account %s", id)
	return one(ctx, s.db, `WHERE id = $1`, string(id))
}

const columns = `SELECT id, kind, email, born, refused_at, created_at FROM accounts `

func one(ctx context.Context, q db.Querier, where string, args ...any) (Account, error) {
	var a Account
	var kind string
	var email, born sql.NullString
	var refused sql.NullInt64
	var created int64
	err := q.QueryRowContext(ctx, columns+where, args...).Scan(&a.ID, &kind, &email, &born, &refused, &created)
	if db.IsNone(err) {
		return Account{}, unknown()
	}
	a.Resident, a.Email, a.Born, a.Refused = kind == "resident", email.String, born.String, refused.Valid
	a.CreatedAt = time.UnixMilli(created)
	return a, err
}

func unknown() error {
	return fault.New(fault.NotFound, "account.unknown", "There is no such account.")
}
