package discovery

import (
	"context"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/people/account"
	"heyy/internal/people/region"
)

// Card is a person to be shown, with reasons.
type Card struct {
	Person  account.ID
	Age     int         // years
	Cell    region.Cell // the region shown; 0: none
	Where   region.Where
	Reasons []Reason
}

// Deck is the next cards of a viewer.
type Deck struct {
	Cards     []Card
	LikesLeft int  // now; each returns 24 hours after it was used
	Loaded    bool // false: the index is still loading; ask again
}

const (
	maxCards     = 50
	recheckBatch = 30 // people read again from the rows per statement
)

// Cards returns at most most (50) cards for viewer, best first, members before residents.
// By the rows of this moment each fits viewer and viewer fits them. Faults:
// discover.incomplete, discover.paused.
func (s *Service) Cards(ctx context.Context, viewer account.ID, most int) (_ Deck, err error) {
	defer fault.Wrap(&err, "cards for %s", viewer)
	me, left, err := s.viewer(ctx, viewer)
	if err != nil {
		return Deck{}, err
	}
	d := Deck{Cards: []Card{}, LikesLeft: left}
	if d.Loaded = s.ready(ctx); !d.Loaded {
		return d, ctx.Err()
	}
	m, err := s.session(ctx, viewer)
	if err != nil {
		return Deck{}, err
	}
	now := s.now()
	found := s.candidates(me, m, now)
	for len(found) > 0 && len(d.Cards) < min(most, maxCards) {
		some := found[:min(len(found), recheckBatch)]
		found = found[len(some):]
		ids := make([]account.ID, len(some))
		for i, c := range some {
			ids[i] = c.key.id()
		}
		them, err := s.relations(ctx, viewer, ids)
		if err != nil {
			return Deck{}, err
		}
		self := them[viewer]
		if self == nil || !self.complete {
			return Deck{}, incomplete()
		}
		for _, id := range ids {
			o := them[id]
			if o == nil {
				s.index.forget(id)
				continue
			}
			if o.excluded || o.decided {
				m.hide(id, false)
				continue
			}
			if len(d.Cards) == min(most, maxCards) || o.inCall || !o.Shown(now) || !Fits(&self.Person, &o.Person, DayOf(now)) {
				continue
			}
			d.Cards = append(d.Cards, s.card(&self.Person, &o.Person, m, now))
		}
	}
	return d, nil
}

func (s *Service) card(me, them *Person, m *session, now time.Time) Card {
	w := region.Near(me.Cell, them.Cell)
	m.mu.Lock()
	t := m.taste
	m.mu.Unlock()
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	return Card{them.ID, them.Age(DayOf(now)), them.Cell, w, s.index.reasons(me, them, &t, w, now)}
}

// candidates returns those who fit me by the index, best first.
func (s *Service) candidates(me *Person, m *session, now time.Time) []candidate {
	k, _ := keyOf(me.ID)
	today := DayOf(now)
	m.mu.Lock()
	defer m.mu.Unlock()
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	return s.index.candidates(&scan{
		me: me, mine: k, today: today, likedBy: m.likedBy, hidden: m.hidden, taste: &m.taste, seed: s.seedOf(k, today),
		meanExposure: max(s.index.meanExposure(), minExposure*growth(s.epoch, now)), weekAgo: unixMinutes(now.Add(-newFor)),
	})
}

// viewer reads the viewer's row, and the number of likes left.
func (s *Service) viewer(ctx context.Context, id account.ID) (me *Person, likes int, err error) {
	var used int
	rows, err := s.db.QueryContext(ctx, `SELECT `+personColumns+`,
		(SELECT count(*) FROM choices h WHERE h.by_id = p.account_id AND h.liked AND h.at > $1)`+personTables+`WHERE p.account_id = $2`,
		db.Millis(s.now().Add(-quotaWindow)), string(id))
	if _, err = s.scanPersons(rows, err, []any{&used}, func(p *Person) { me = p }); err != nil {
		return nil, 0, err
	}
	switch {
	case me == nil:
		return nil, 0, incomplete()
	case me.complete:
		return me, max(0, maxLikes-used), nil
	case me.paused:
		return nil, 0, paused()
	default:
		return nil, 0, incomplete()
	}
}

// relation is a person together with what is between them and a viewer.
type relation struct {
	Person
	excluded bool // a block or report, by either
	decided  bool // liked, matched (also ended), or passed within passCooldown; a pass of the other counts once it hides them
	inCall   bool // in an accepted call with each other
}

// relations reads ids (at most recheckBatch) and by in one statement: their rows, and what
// is between by and each of them.
func (s *Service) relations(ctx context.Context, by account.ID, ids []account.ID) (map[account.ID]*relation, error) {
	now := s.now()
	args := make([]any, 0, recheckBatch+3)
	args = append(args, string(by), db.Millis(now.Add(-passCooldown)), db.Millis(now))
	for _, id := range ids {
		args = append(args, string(id))
	}
	of := onePairSQL
	if len(ids) != 1 {
		for of = batchSQL; len(args) < recheckBatch+3; {
			args = append(args, string(by)) // padded, so that there is one prepared statement
		}
	}
	found := make(map[account.ID]*relation, len(ids)+1)
	var apart, decided, talks bool
	rows, err := s.db.QueryContext(ctx, of, args...)
	_, err = s.scanPersons(rows, err, []any{&apart, &decided, &talks}, func(p *Person) { found[p.ID] = &relation{*p, apart, decided, talks} })
	return found, err
}

var onePairSQL, batchSQL = relationsSQL(1), relationsSQL(recheckBatch)

// relationsSQL is the statement of relations for n people beside the viewer.
func relationsSQL(n int) string {
	return `SELECT ` + personColumns + `,
		EXISTS (SELECT 1 FROM apart x WHERE x.a_id = $1 AND x.b_id = p.account_id),
		EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = $1 AND x.b_id = p.account_id
			AND (x.matched_at IS NOT NULL OR x.a_choice = 'like' OR x.a_choice = 'pass' AND x.a_at > $2 OR x.b_choice = 'pass' AND x.b_at > $2 AND x.b_hides_at <= $3))
		OR EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = p.account_id AND x.b_id = $1
			AND (x.matched_at IS NOT NULL OR x.b_choice = 'like' OR x.b_choice = 'pass' AND x.b_at > $2 OR x.a_choice = 'pass' AND x.a_at > $2 AND x.a_hides_at <= $3)),
		EXISTS (SELECT 1 FROM call_sides x JOIN calls c ON c.id = x.call_id
			WHERE x.account_id = $1 AND x.open AND x.other_id = p.account_id AND c.state <> 'proposed')` +
		personTables + `WHERE p.account_id IN ($1,` + db.Placeholders(4, n) + `)`
}

// People reads the rows behind ids, for Fits; missing profiles are not in the map.
func (s *Service) People(ctx context.Context, ids ...account.ID) (_ map[account.ID]*Person, err error) {
	defer fault.Wrap(&err, "people to fit")
	found := make(map[account.ID]*Person, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = string(id)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+personColumns+personTables+`WHERE p.account_id IN (`+db.Placeholders(1, len(args))+`)`, args...)
	_, err = s.scanPersons(rows, err, nil, func(p *Person) { found[p.ID] = p })
	return found, err
}
