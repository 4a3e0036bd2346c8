package account

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/db"
	"heyy/internal/fault"
)

const (
	adult  = 18  // years
	oldest = 120 // years
)

// Start is what a person says of themselves first.
type Start struct {
	Born     string // YYYY-MM-DD
	Name     string
	Language string
}

// Begin makes the account of by complete: birth date and profile in one
// transaction. Under 18 (as the date is in UTC) it ends every session and
// answers account.too_young, and so it does for any later date told: that is
// final. A date that nobody can have is account.born_wrong and decides nothing;
// an account that has begun is account.begun.
func (s *Service) Begin(ctx context.Context, by ID, w Start) (_ Account, err error) {
	defer fault.Wrap(&err, "begin %s", by)
	now := s.now()
	years, err := Age(w.Born, now)
	if err != nil {
		return Account{}, err
	}
	var no error // to be committed before it is said
	var a Account
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		a, no = Account{}, nil
		sets, value := `born = $1`, any(w.Born)
		if years < adult {
			sets, value = `refused_at = $1`, any(db.Millis(now))
		}
		changed, err := db.Changed(tx.ExecContext(ctx, `UPDATE accounts SET `+sets+` WHERE id = $2 AND born IS NULL AND refused_at IS NULL`,
			value, string(by)))
		if err != nil {
			return err
		}
		if a, err = one(ctx, tx, `WHERE id = $1`, string(by)); err != nil {
			return err
		}
		switch {
		case a.Refused:
			no = tooYoung()
			_, err := endIn(ctx, tx, now, `account_id = $1`, string(by))
			return err
		case !changed:
			return fault.New(fault.Conflict, "account.begun", "You have told us this already.")
		}
		return s.profiles.Create(ctx, tx, by, w.Name, w.Language)
	})
	if err == nil && no != nil {
		s.wake()
		err = no
	}
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// Age is how many years old somebody born on that date is, on the date it is
// now in UTC. Who was born on 29 February has their birthday on 1 March in
// other years.
func Age(born string, now time.Time) (years int, err error) {
	b, err := time.Parse(time.DateOnly, born)
	if err != nil {
		return 0, bornWrong()
	}
	y, m, d := now.UTC().Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	years = y - b.Year()
	if time.Date(y, b.Month(), b.Day(), 0, 0, 0, 0, time.UTC).After(today) {
		years--
	}
	if b.After(today) || years > oldest {
		return 0, bornWrong()
	}
	return years, nil
}

func bornWrong() error {
	return fault.At("body.born", "account.born_wrong", "Nobody was born on that day. Write it as 1999-12-31.")
}
