package discovery

import (
	"context"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/region"
)

// Card is somebody to be shown, and why.
type Card struct {
	Person  account.ID
	Age     int         // years
	Cell    region.Cell // where they are shown to be; 0: nowhere
	Where   region.Where
	Reasons []Reason
}

// Deck are the next people for somebody.
type Deck struct {
	Cards     []Card
	LikesLeft int  // now; each comes back 24 hours after it was given
	Loaded    bool // false: Heyy has just started and knows nobody yet; ask again
}

const (
	cardsMost = 50
	checked   = 30 // read anew at a time
)

// Cards are the next people for viewer, most of them at the most (50): the best
// first, members before residents. Each fits viewer and is fitted by them by the
// rows of this moment. Faults: discover.incomplete, discover.paused.
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
	for len(found) > 0 && len(d.Cards) < min(most, cardsMost) {
		some := found[:min(len(found), checked)]
		found = found[len(some):]
		ids := make([]account.ID, len(some))
		for i, c := range some {
			ids[i] = c.key.id()
		}
		them, err := s.standing(ctx, viewer, ids)
		if err != nil {
			return Deck{}, err
		}
		self := them[viewer]
		if self == nil || !self.whole {
			return Deck{}, incomplete()
		}
		for _, id := range ids {
			o := them[id]
			if o == nil {
				s.index.forget(id)
				continue
			}
			if o.apart || o.decided {
				m.hide(id)
				continue
			}
			if len(d.Cards) == min(most, cardsMost) || !o.Shown(now) || !Fits(&self.Person, &o.Person, DayOf(now)) {
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

// candidates are those who fit me by what is in memory, the best first.
func (s *Service) candidates(me *Person, m *session, now time.Time) []candidate {
	k, _ := keyOf(me.ID)
	today := DayOf(now)
	m.mu.Lock()
	defer m.mu.Unlock()
	s.index.mu.RLock()
	defer s.index.mu.RUnlock()
	return s.index.candidates(&look{
		me: me, mine: k, today: today, fans: m.fans, out: m.out, taste: &m.taste, seed: seedOf(k, today),
		mean: max(s.index.mean(), audience*grown(s.epoch, now)), aweek: minutes(now.Add(-newFor)),
	})
}

// viewer is the row of somebody who looks, and how many likes they have left.
func (s *Service) viewer(ctx context.Context, id account.ID) (me *Person, likes int, err error) {
	var used int
	rows, err := s.sql.viewer.query(ctx, s.db, db.Millis(s.now().Add(-quotaTime)), string(id))
	if _, err = s.each(rows, err, []any{&used}, func(p *Person) { me = p }); err != nil {
		return nil, 0, err
	}
	switch {
	case me == nil:
		return nil, 0, incomplete()
	case me.whole:
		return me, max(0, likesMost-used), nil
	case me.paused:
		return nil, 0, onPause()
	default:
		return nil, 0, incomplete()
	}
}

// stance is a person as another stands to them.
type stance struct {
	Person
	apart   bool // blocked or reported, by either
	decided bool // liked, matched or once matched, or passed by either within 30 days
}

// standing reads ids, 30 at the most, and by themself in one statement: their
// rows, and what is between by and each of them.
func (s *Service) standing(ctx context.Context, by account.ID, ids []account.ID) (map[account.ID]*stance, error) {
	args := make([]any, 0, checked+2)
	args = append(args, string(by), db.Millis(s.now().Add(-silence)))
	for _, id := range ids {
		args = append(args, string(id))
	}
	of := &s.sql.two
	if len(ids) != 1 {
		for of = &s.sql.many; len(args) < checked+2; {
			args = append(args, string(by)) // one text for every deck
		}
	}
	found := make(map[account.ID]*stance, len(ids)+1)
	var apart, decided bool
	rows, err := of.query(ctx, s.db, args...)
	_, err = s.each(rows, err, []any{&apart, &decided}, func(p *Person) { found[p.ID] = &stance{*p, apart, decided} })
	return found, err
}

// standingOf is the text of standing for n people beside the one who looks.
func standingOf(n int) string {
	return `SELECT ` + personColumns + `,
		EXISTS (SELECT 1 FROM blocks x WHERE x.by_id = $1 AND x.on_id = p.account_id) OR EXISTS (SELECT 1 FROM blocks x WHERE x.by_id = p.account_id AND x.on_id = $1)
		OR EXISTS (SELECT 1 FROM reports x WHERE x.by_id = $1 AND x.on_id = p.account_id) OR EXISTS (SELECT 1 FROM reports x WHERE x.by_id = p.account_id AND x.on_id = $1),
		EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = $1 AND x.b_id = p.account_id
			AND (x.matched_at IS NOT NULL OR x.a_choice = 'like' OR x.a_choice = 'pass' AND x.a_at > $2 OR x.b_choice = 'pass' AND x.b_at > $2))
		OR EXISTS (SELECT 1 FROM pairs x WHERE x.a_id = p.account_id AND x.b_id = $1
			AND (x.matched_at IS NOT NULL OR x.b_choice = 'like' OR x.b_choice = 'pass' AND x.b_at > $2 OR x.a_choice = 'pass' AND x.a_at > $2))` +
		personTables + `WHERE p.account_id IN ($1,` + db.Marks(3, n) + `)`
}

// May reports whether a and b may be brought together now, as the rows say:
// both are shown, they fit, nobody keeps them apart, and neither has decided on
// the other. It is for those who pair people by other means than cards.
func (s *Service) May(ctx context.Context, a, b account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "may %s and %s", a, b)
	both, err := s.standing(ctx, a, []account.ID{b})
	if err != nil {
		return false, err
	}
	x, y, now := both[a], both[b], s.now()
	return x != nil && y != nil && x.Shown(now) && y.Shown(now) && Fits(&x.Person, &y.Person, DayOf(now)) && !y.apart && !y.decided, nil
}

// People are the rows behind ids for Fits; who has no profile is missing.
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
	rows, err := s.db.QueryContext(ctx, `SELECT `+personColumns+personTables+`WHERE p.account_id IN (`+db.Marks(1, len(args))+`)`, args...)
	_, err = s.each(rows, err, nil, func(p *Person) { found[p.ID] = p })
	return found, err
}
