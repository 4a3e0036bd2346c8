package card

import (
	"context"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

// State is what is between a person and another one.
type State string

// The states.
const (
	None      State = "none"
	Offered   State = "offered"  // the person offers their card
	Received  State = "received" // the other does
	Exchanged State = "exchanged"
)

// Standing is what is between a person and another one, and whether the person can change it.
type Standing struct {
	State    State
	Place    string    // title of the room where it was offered; ""
	At       time.Time // of the offer, or of the exchange
	Until    time.Time // when the offer expires
	CanOffer bool      // now
}

// Card is one that a person has of somebody, or an offer.
type Card struct {
	Of    account.ID
	Place string // title of the room where it was offered; ""
	At    time.Time
	Until time.Time // of an offer
}

// Get returns what is between by and other. Faults: card.self, person.unknown.
func (s *Service) Get(ctx context.Context, by, other account.ID) (out Standing, err error) {
	defer fault.Wrap(&err, "cards of %s and %s", by, other)
	if by == other {
		return out, fault.New(fault.Invalid, "card.self", "You can't exchange cards with yourself.")
	}
	ok, err := near(ctx, s.db, by, other)
	if err != nil {
		return out, err
	}
	if ok {
		err = s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM accounts WHERE id = $1)`, string(other)).Scan(&ok)
	}
	if err != nil {
		return out, err
	}
	if !ok {
		return out, errUnknown
	}
	p, err := scan(s.db.QueryRowContext(ctx, `SELECT `+pairColumns+` FROM contact_cards WHERE a_id = $1 AND b_id = $2`, string(min(by, other)), string(max(by, other))))
	if db.IsNone(err) {
		p, err = pair{phase: none}, nil
	}
	if err != nil {
		return out, err
	}
	out = p.as(by).now(s.cfg.Now()).standing()
	if out.State == None {
		_, out.CanOffer, err = s.met(ctx, s.db, by, other)
	}
	return out, err
}

// standing is the pair as its first person sees it: what the other ignored looks open to them, and they
// see nothing of what they ignore themselves.
func (p pair) standing() Standing {
	out := Standing{Place: p.place, At: p.at, Until: p.until}
	switch {
	case p.phase == exchanged:
		out.State = Exchanged
	case p.mine && (p.phase == offered || p.phase == ignored):
		out.State = Offered
	case !p.mine && p.phase == offered:
		out.State = Received
	default:
		return Standing{State: None}
	}
	return out
}

// theirs selects the rows of $1 that a condition holds for; mine is whether $1 made the offer.
func theirs(condition string) string {
	const columns = `SELECT c.other, c.place, c.at, c.until FROM (
		SELECT b_id AS other, state, by_a AS mine, place, at, until FROM contact_cards WHERE a_id = $1
		UNION ALL SELECT a_id, state, NOT by_a, place, at, until FROM contact_cards WHERE b_id = $1
	) c WHERE NOT EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $1 AND x.b_id = c.other) AND `
	return columns + condition
}

func scanCard(row interface{ Scan(...any) error }) (c Card, err error) {
	var at int64
	var until *int64
	err = row.Scan(&c.Of, &c.Place, &at, &until)
	c.At = time.UnixMilli(at)
	if until != nil {
		c.Until = time.UnixMilli(*until)
	}
	return c, err
}

// List returns a page of the cards that by has, the last exchange first.
func (s *Service) List(ctx context.Context, by account.ID, r page.Request) (_ []Card, next page.Cursor, err error) {
	defer fault.Wrap(&err, "cards of %s", by)
	at, before, limit := r.Args()
	all, err := db.Select(ctx, s.db, scanCard, theirs(`c.state = 'exchanged' AND (c.at < $2 OR c.at = $2 AND c.other > $3) ORDER BY c.at DESC, c.other LIMIT $4`),
		string(by), at, before, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	all, next = page.Cut(r, all, func(c Card) page.Cursor { return page.Of(c.At, string(c.Of)) })
	return all, next, nil
}

// Has returns the card of other that by has. Fault: card.unknown.
func (s *Service) Has(ctx context.Context, by, other account.ID) (_ Card, err error) {
	defer fault.Wrap(&err, "card of %s", other)
	c, err := scanCard(s.db.QueryRowContext(ctx, theirs(`c.state = 'exchanged' AND c.other = $2`), string(by), string(other)))
	if db.IsNone(err) {
		err = fault.New(fault.NotFound, "card.unknown", "You don't have this card any more.")
	}
	return c, err
}

// Offers returns the open offers to by and of by, the last first, MaxOffers of each at most.
func (s *Service) Offers(ctx context.Context, by account.ID) (received, given []Card, err error) {
	defer fault.Wrap(&err, "offers of cards of %s", by)
	now := db.Millis(s.cfg.Now())
	received, err = db.Select(ctx, s.db, scanCard, theirs(`NOT c.mine AND c.state = 'offered' AND c.until > $2 ORDER BY c.at DESC, c.other LIMIT $3`), string(by), now, MaxOffers)
	if err != nil {
		return nil, nil, err
	}
	given, err = db.Select(ctx, s.db, scanCard, theirs(`c.mine AND c.state IN ('offered', 'ignored') AND c.until > $2 ORDER BY c.at DESC, c.other LIMIT $3`), string(by), now, MaxOffers)
	return received, given, err
}
