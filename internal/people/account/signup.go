package account

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
)

const (
	MinAge = 18  // years
	maxAge = 120 // years
)

// SignUp is the input that completes a sign-up.
type SignUp struct {
	BirthDate string // YYYY-MM-DD
	Name      string
	Language  string
}

// CompleteSignUp stores birth date and first profile, in one transaction. Under 18 (by the
// date in UTC) it ends every session and returns account.too_young, then and for any date
// given later: that is final. An impossible date is account.birth_date_wrong and decides nothing;
// a complete account is account.begun.
func (s *Service) CompleteSignUp(ctx context.Context, by ID, w SignUp) (_ Account, err error) {
	defer fault.Wrap(&err, "begin %s", by)
	now := s.now()
	w.BirthDate = strings.TrimSpace(Numerals(w.BirthDate))
	years, err := Age(w.BirthDate, now)
	if err != nil {
		return Account{}, err
	}
	var refusal error // returned after the commit
	var a Account
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		a, refusal = Account{}, nil
		sets, value := `born = $1`, any(w.BirthDate)
		if years < MinAge {
			sets, value = `refused_at = $1`, any(db.Millis(now))
		}
		changed, err := db.Changed(tx.ExecContext(ctx, `UPDATE accounts SET `+sets+` WHERE id = $2 AND born IS NULL AND refused_at IS NULL`,
			value, string(by)))
		if err != nil {
			return err
		}
		if a, err = getAccount(ctx, tx, `WHERE id = $1`, string(by)); err != nil {
			return err
		}
		switch {
		case a.TooYoung:
			refusal = tooYoung()
			_, err := endSessions(ctx, tx, now, `account_id = $1`, string(by))
			return err
		case !changed:
			return fault.New(fault.Conflict, "account.begun", "You've already told us this.")
		}
		return s.profiles.Create(ctx, tx, by, w.Name, w.Language)
	})
	if err == nil && refusal != nil {
		s.wake()
		err = refusal
	}
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// Age is the age in whole years on the date of now in UTC. A person born on 29 February has
// their birthday on 1 March of other years.
func Age(born string, now time.Time) (years int, err error) {
	b, err := time.Parse(time.DateOnly, born)
	if err != nil {
		return 0, birthDateWrong()
	}
	y, m, d := now.UTC().Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	years = y - b.Year()
	if time.Date(y, b.Month(), b.Day(), 0, 0, 0, 0, time.UTC).After(today) {
		years--
	}
	if b.After(today) || years > maxAge {
		return 0, birthDateWrong()
	}
	return years, nil
}

func birthDateWrong() error {
	return fault.At("body.birth_date", "account.birth_date_wrong", "This isn't a possible date of birth. Write it like 1999-12-31.")
}
