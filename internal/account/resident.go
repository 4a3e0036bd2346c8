package account

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"heyy/internal/db"
	"heyy/internal/fault"
)

// residents is the namespace in which the keys of residents become ids.
var residents = uuid.MustParse("6f0f3a52-55b1-5c36-9d4e-2a8f6a3f1c70")

// Plan describes a resident of the demo, or a client of a bench.
type Plan struct {
	Key      string // stable: the same key is the same resident, for ever
	Born     string // YYYY-MM-DD
	Name     string
	Language string
}

// Resident makes a resident unless they are there already, and returns their
// id. They have no address and sign in with Token only.
func (s *Service) Resident(ctx context.Context, p Plan) (_ ID, err error) {
	defer fault.Wrap(&err, "resident %s", p.Key)
	now := s.now()
	years, err := Age(p.Born, now)
	if err != nil {
		return "", err
	}
	if years < adult {
		return "", tooYoung()
	}
	who := ID(uuid.NewSHA1(residents, []byte(p.Key)).String())
	return who, s.db.Tx(ctx, func(tx *sql.Tx) error {
		made, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, born, created_at) VALUES ($1, 'resident', $2, $3) ON CONFLICT (id) DO NOTHING`,
			string(who), p.Born, db.Millis(now)))
		if err != nil || !made {
			return err
		}
		return s.profiles.Create(ctx, tx, who, p.Name, p.Language)
	})
}

// Token opens a session for an account without any proof. It is for those who
// hold the process already: residents, benches, an operator's command.
func (s *Service) Token(ctx context.Context, who ID, device string) (token string, err error) {
	defer fault.Wrap(&err, "token for %s", who)
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		token, err = s.open(ctx, tx, who, device, s.now())
		return err
	})
	return token, err
}

// Sweep drops what has run out: codes, ceremonies, and sessions, whose end it
// tells. Run it every few minutes, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep accounts")
	t, ended := db.Millis(now), 0
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sign_in_codes WHERE expires_at <= $1 AND asks_since <= $2`,
			t, db.Millis(now.Add(-time.Hour))); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM ceremonies WHERE expires_at <= $1`, t); err != nil {
			return err
		}
		ended, err = endIn(ctx, tx, now, `expires_at <= $1`, t)
		return err
	})
	if err == nil && ended > 0 {
		s.wake()
	}
	return err
}
