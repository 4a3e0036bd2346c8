package account

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

// residents is the UUID namespace in which keys of residents become ids (UUIDv5).
var residents = uuid.MustParse("6f0f3a52-55b1-5c36-9d4e-2a8f6a3f1c70")

// ResidentPlan describes a resident of the demo, or a member of a benchmark.
type ResidentPlan struct {
	Key       string // stable: the same key is always the same account
	BirthDate string // YYYY-MM-DD
	Name      string
	Language  string
}

// EnsureResident creates a resident if it does not exist, and returns its id. Residents
// have no mail address and sign in with IssueToken only.
func (s *Service) EnsureResident(ctx context.Context, p ResidentPlan) (_ ID, err error) {
	defer fault.Wrap(&err, "resident %s", p.Key)
	now := s.now()
	years, err := Age(p.BirthDate, now)
	if err != nil {
		return "", err
	}
	if years < MinAge {
		return "", tooYoung()
	}
	who := ID(uuid.NewSHA1(residents, []byte(p.Key)).String())
	return who, s.db.Tx(ctx, func(tx *sql.Tx) error {
		made, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO accounts (id, kind, born, created_at) VALUES ($1, 'resident', $2, $3) ON CONFLICT (id) DO NOTHING`,
			string(who), p.BirthDate, db.Millis(now)))
		if err != nil || !made {
			return err
		}
		return s.profiles.Create(ctx, tx, who, p.Name, p.Language)
	})
}

// IssueToken opens a session without proof. It is for code that controls the process
// anyway: residents, benchmarks, an operator's command.
func (s *Service) IssueToken(ctx context.Context, who ID, device string) (token string, err error) {
	defer fault.Wrap(&err, "token for %s", who)
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		token, err = s.openSession(ctx, tx, who, device, false, s.now())
		return err
	})
	return token, err
}

// Sweep deletes expired codes, ceremonies and sessions, and appends a fact for each
// session. Run it every few minutes, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep accounts")
	t, ended := db.Millis(now), 0
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		old := db.Millis(now.Add(-codeRetention))
		for _, x := range []struct {
			statement string
			before    int64
		}{
			{`DELETE FROM sign_in_codes WHERE asked_at <= $1`, old},
			{`DELETE FROM sign_in_mailboxes WHERE asked_at <= $1`, old},
			{`DELETE FROM ceremonies WHERE expires_at <= $1`, t},
		} {
			if _, err := tx.ExecContext(ctx, x.statement, x.before); err != nil {
				return err
			}
		}
		ended, err = endSessions(ctx, tx, now, `expires_at <= $1`, t)
		return err
	})
	if err == nil && ended > 0 {
		s.wake()
	}
	return err
}
