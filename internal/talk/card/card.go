package card

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

const (
	// OfferTTL is how long an offer stays open.
	OfferTTL = 24 * time.Hour
	// MaxOffers are the open offers of one person, and those that Offers lists of either direction.
	MaxOffers = 50
)

// Config is the configuration of a Service.
type Config struct {
	// Together returns the title of a room in which both are; ok is false if there is none.
	// See room.Together.
	Together func(ctx context.Context, q db.Querier, a, b account.ID) (title string, ok bool, err error)
	// AreFriends is that of package follow.
	AreFriends func(ctx context.Context, q db.Querier, a, b account.ID) (bool, error)

	Now  func() time.Time // nil: time.Now
	Wake func()           // called after commits with facts; nil: nobody
}

// Service manages contact cards. Create it with New.
type Service struct {
	db  *db.DB
	cfg Config
}

// New returns a Service.
func New(d *db.DB, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Service{db: d, cfg: c}
}

var errUnknown = fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")

// Offer offers by's card to other, or answers an open offer of other's: then both have the
// other's card. It is idempotent. Faults: card.self, person.unknown (also of somebody excluded or
// of an ended match), card.not_met, card.too_many.
func (s *Service) Offer(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "offer a card to %s", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p *pair, now time.Time) error {
		open := p.phase == offered || p.phase == ignored
		switch {
		case p.phase == exchanged, open && p.mine:
			return nil
		case open:
			p.phase, p.at = exchanged, now
			return p.tell(ctx, tx, ChangeExchanged, false, now)
		}
		place, met, err := s.met(ctx, tx, by, other)
		if err != nil {
			return err
		}
		if !met {
			return fault.New(fault.Forbidden, "card.not_met", "You can offer your card to people in the same room, and to friends.")
		}
		var given int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM contact_cards WHERE (a_id = $1 AND by_a OR b_id = $1 AND NOT by_a)
			AND state IN ('offered', 'ignored') AND until > $2`, string(by), db.Millis(now)).Scan(&given); err != nil {
			return err
		}
		if given >= MaxOffers {
			return fault.New(fault.TooMany, "card.too_many", "You've offered your card to a lot of people. Wait until they answer.")
		}
		hidden := p.phase == withdrawn && p.mine // the other has chosen not to see it
		p.phase, p.mine, p.place, p.at, p.until = offered, true, place, now, now.Add(OfferTTL)
		if hidden { // and by is told of no difference, so that it has the times of a new one
			p.phase = ignored
		}
		return p.tell(ctx, tx, ChangeOffered, hidden, now)
	})
}

// met reports whether by may offer a card to other, and in which room they are.
func (s *Service) met(ctx context.Context, q db.Querier, by, other account.ID) (place string, ok bool, err error) {
	if place, ok, err = s.cfg.Together(ctx, q, by, other); err != nil || ok {
		return place, ok, err
	}
	ok, err = s.cfg.AreFriends(ctx, q, by, other)
	return "", ok, err
}

// Withdraw takes an offer of by's back. It is idempotent. Faults: card.self, person.unknown.
func (s *Service) Withdraw(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "take the card for %s back", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p *pair, now time.Time) error {
		switch {
		case p.phase == offered && p.mine:
			p.phase = none
			return p.tell(ctx, tx, ChangeWithdrawn, false, now)
		case p.phase == ignored && p.mine:
			p.phase = withdrawn
			return p.tell(ctx, tx, ChangeWithdrawn, true, now)
		}
		return nil
	})
}

// Ignore hides an offer of other's from by. The other is not told. It is idempotent. Faults:
// card.self, person.unknown.
func (s *Service) Ignore(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "ignore the card of %s", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p *pair, now time.Time) error {
		if p.phase != offered || p.mine {
			return nil
		}
		p.phase = ignored
		return p.tell(ctx, tx, ChangeIgnored, true, now)
	})
}

// Remove ends an exchange: neither of the two has the other's card any more. It is idempotent.
// Faults: card.self, person.unknown.
func (s *Service) Remove(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "remove the card of %s", other)
	return s.change(ctx, by, other, func(tx *sql.Tx, p *pair, now time.Time) error {
		if p.phase != exchanged {
			return nil
		}
		p.phase = none
		return p.tell(ctx, tx, ChangeRemoved, false, now)
	})
}

// change locks the pair of two people who may know of each other, and saves what f makes of it.
// The row of by's account is locked, too, so that the offers of one person are counted exactly.
func (s *Service) change(ctx context.Context, by, other account.ID, f func(*sql.Tx, *pair, time.Time) error) error {
	if by == other {
		return fault.New(fault.Invalid, "card.self", "You can't exchange cards with yourself.")
	}
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		now := s.cfg.Now()
		p, there, err := lock(ctx, tx, by, other, now)
		if err != nil {
			return err
		}
		// After the lock: a block that was first has committed.
		if there {
			if there, err = near(ctx, tx, by, other); err != nil {
				return err
			}
		}
		if !there {
			return errUnknown
		}
		if err := f(tx, &p, now); err != nil {
			return err
		}
		return p.save(ctx, tx)
	})
	if err == nil {
		s.cfg.Wake()
	}
	return err
}

// near reports whether two people may know of each other: neither is excluded, and no match of
// theirs has ended.
func near(ctx context.Context, q db.Querier, by, other account.ID) (ok bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id = $2)
		AND NOT EXISTS (SELECT 1 FROM pairs WHERE a_id = $3 AND b_id = $4 AND ended_at IS NOT NULL)`,
		string(by), string(other), string(min(by, other)), string(max(by, other))).Scan(&ok)
	return ok, err
}

// Separate deletes what two people have of each other, in the transaction tx of a block, a
// report or the end of their match. Call it after the others that lock rows of the two. The
// caller wakes the relay after the commit.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, x, y account.ID) (err error) {
	defer fault.Wrap(&err, "end the cards of %s and %s", x, y)
	now := s.cfg.Now()
	p, there, err := lock(ctx, tx, x, y, now)
	if err != nil || !there {
		return err
	}
	had := p.phase
	p.phase = none
	if err := p.save(ctx, tx); err != nil || had == none || had == withdrawn {
		return err
	}
	return p.tell(ctx, tx, ChangeRemoved, false, now)
}

// Sweep deletes offers that have expired.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep offers of cards")
	due, err := db.Select(ctx, s.db, scan, `SELECT `+pairColumns+` FROM contact_cards WHERE until <= $1 ORDER BY until LIMIT 500`, db.Millis(now))
	if err != nil {
		return err
	}
	for _, p := range due {
		if !p.mine { // a_id did not make it
			p = p.as(p.other)
		}
		err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM contact_cards WHERE a_id = $1 AND b_id = $2 AND until <= $3`,
				string(min(p.by, p.other)), string(max(p.by, p.other)), db.Millis(now)))
			if err != nil || !gone || p.phase == withdrawn {
				return err
			}
			return p.tell(ctx, tx, ChangeExpired, p.phase == ignored, now)
		})
		if err != nil {
			return err
		}
	}
	if len(due) > 0 {
		s.cfg.Wake()
	}
	return nil
}
