package club

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
)

// Search folds names and queries as messages are; see package search, which is of a later
// layer.
type Search interface {
	// Words returns the words under which a name is found.
	Words(name string) []string
	// Query returns ranges of words, from inclusive to exclusive, of which a name has one
	// each, and whether a name that has them matches.
	Query(text string) (ranges [][2]string, matches func(name string) bool, err error)
}

// Service runs the commands and reads of clubs. Create it with New.
type Service struct {
	db     *db.DB
	search Search
	now    func() time.Time
	wake   func()
}

// Config holds the dependencies of a Service.
type Config struct {
	Search Search
	Now    func() time.Time // nil: time.Now
	Wake   func()           // called after each commit that appended facts; nil: nothing
}

// New returns a service.
func New(d *db.DB, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Service{db: d, search: c.Search, now: c.Now, wake: c.Wake}
}

// state holds a club and the acting person for one transaction.
type state struct {
	Club
	by account.ID
	me person
}

// target returns the club as the object of an action.
func (st *state) target() target {
	return target{entry: st.Entry, membersInvite: st.MembersInvite, closed: st.closed}
}

// can asks whether the acting person may do something in the club.
func (st *state) can(do action) error { return can(st.me, do, st.target()) }

// canTo asks whether the acting person may do something to another one.
func (st *state) canTo(ctx context.Context, q db.Querier, do action, who account.ID) (target, error) {
	on := st.target()
	var err error
	if on.person, err = readPerson(ctx, q, st.Club, who); err != nil {
		return on, err
	}
	if err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id = $2)`, st.by, who).Scan(&on.apart); err != nil {
		return on, err
	}
	on.self = who == st.by
	return on, can(st.me, do, on)
}

// command locks a club, and runs f in one transaction. The rows of accounts, if any, are locked
// before, so that their clubs are counted exactly.
func (s *Service) command(ctx context.Context, by account.ID, c ID, f func(*sql.Tx, *state) error, counted ...account.ID) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, who := range counted {
			if err := account.Lock(ctx, tx, who); err != nil {
				return err
			}
		}
		there, err := db.Changed(tx.ExecContext(ctx, `UPDATE clubs SET rules_version = rules_version WHERE id = $1`, c))
		if err != nil {
			return err
		}
		if !there {
			return errNotFound
		}
		st, err := load(ctx, tx, c, by)
		if err != nil {
			return err
		}
		return f(tx, st)
	})
}

// tell appends facts. The caller wakes the relay after the commit.
func (s *Service) tell(ctx context.Context, tx *sql.Tx, facts ...outbox.Fact) error {
	return outbox.Append(ctx, tx, s.now(), facts...)
}

func load(ctx context.Context, q db.Querier, c ID, by account.ID) (*state, error) {
	st := &state{by: by}
	var err error
	st.Club, err = scanClub(q.QueryRowContext(ctx, `SELECT `+columns+` FROM clubs c WHERE c.id = $1`, c))
	if db.IsNone(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	st.me, err = readPerson(ctx, q, st.Club, by)
	return st, err
}

// readPerson returns what the rows state about somebody and a club.
func readPerson(ctx context.Context, q db.Querier, c Club, who account.ID) (p person, err error) {
	var role sql.NullString
	var accepted sql.NullInt64
	err = q.QueryRowContext(ctx, `SELECT
		(SELECT role FROM club_members WHERE club_id = $1 AND account_id = $2),
		(SELECT rules_accepted FROM club_members WHERE club_id = $1 AND account_id = $2),
		EXISTS (SELECT 1 FROM club_bans WHERE club_id = $1 AND account_id = $2),
		EXISTS (SELECT 1 FROM club_requests WHERE club_id = $1 AND account_id = $2 AND declined_at IS NULL),
		EXISTS (SELECT 1 FROM apart x JOIN club_members f ON f.account_id = x.b_id WHERE x.a_id = $2 AND f.club_id = $1 AND f.role = 'founder')`, c.ID, who).
		Scan(&role, &accepted, &p.banned, &p.asked, &p.isolated)
	p.role = Role(role.String)
	p.accepted = c.Rules == "" || accepted.Int64 == c.RulesVersion
	return p, err
}

// Found makes a club, with by as its founder. Faults: club.founded_many, club.too_many, of
// texts, topics and languages.
func (s *Service) Found(ctx context.Context, by account.ID, p Plan) (_ Club, err error) {
	defer fault.Wrap(&err, "found a club")
	if p, err = p.checked(); err != nil {
		return Club{}, err
	}
	c, now := ID(id.Opaque()), db.Millis(s.now())
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		var founded, joined int
		if err := tx.QueryRowContext(ctx, countClubs, by).Scan(&founded, &joined); err != nil {
			return err
		}
		switch {
		case founded >= MaxFounded:
			return errFounded
		case joined >= MaxJoined:
			return errTooMany
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO clubs (id, name, about, rules, category, language, entry, members_invite, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, c, p.Name, p.About, p.Rules, p.Category, p.Language, p.Entry, p.MembersInvite, now); err != nil {
			return err
		}
		if err := s.index(ctx, tx, c, p.Name); err != nil {
			return err
		}
		return write(ctx, tx, c, by, Founder, 1, now)
	}); err != nil {
		return Club{}, err
	}
	return s.Get(ctx, by, c, "")
}

// countClubs counts the clubs that somebody is the founder of, and those that they belong to.
const countClubs = `SELECT COALESCE(SUM(CASE WHEN role = 'founder' THEN 1 ELSE 0 END), 0), COUNT(*) FROM club_members WHERE account_id = $1`

// write makes somebody a member in a role, from now on.
func write(ctx context.Context, tx *sql.Tx, c ID, who account.ID, role Role, rules, now int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO club_members (club_id, account_id, role, rules_accepted, joined_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (club_id, account_id) DO UPDATE SET role = excluded.role, rules_accepted = excluded.rules_accepted, joined_at = excluded.joined_at`,
		c, who, role, rules, now)
	return err
}

// index stores the words of a name.
func (s *Service) index(ctx context.Context, tx *sql.Tx, c ID, name string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM club_words WHERE club_id = $1`, c); err != nil {
		return err
	}
	for _, word := range s.search.Words(name) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO club_words (word, club_id) VALUES ($1, $2)`, []byte(word), c); err != nil {
			return err
		}
	}
	return nil
}

// Edit changes what a club is. Changed rules have a new version, which by has accepted.
func (s *Service) Edit(ctx context.Context, by account.ID, c ID, change func(*Plan)) (_ Club, err error) {
	defer fault.Wrap(&err, "edit the club %s", c)
	if err := s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionEdit); err != nil {
			return err
		}
		p := Plan{Name: st.Name, About: st.About, Rules: st.Rules, Category: st.Category, Language: st.Language, Entry: st.Entry, MembersInvite: st.MembersInvite}
		change(&p)
		p, err := p.checked()
		if err != nil {
			return err
		}
		version := st.RulesVersion
		if p.Rules != st.Rules {
			version++
			if _, err := tx.ExecContext(ctx, `UPDATE club_members SET rules_accepted = $1 WHERE club_id = $2 AND account_id = $3`, version, c, by); err != nil {
				return err
			}
		}
		if p.Name != st.Name {
			if err := s.index(ctx, tx, c, p.Name); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE clubs SET name = $1, about = $2, rules = $3, rules_version = $4, category = $5, language = $6, entry = $7, members_invite = $8 WHERE id = $9`,
			p.Name, p.About, p.Rules, version, p.Category, p.Language, p.Entry, p.MembersInvite, c)
		return err
	}); err != nil {
		return Club{}, err
	}
	return s.Get(ctx, by, c, "")
}

// Close ends a club. It is idempotent.
func (s *Service) Close(ctx context.Context, by account.ID, c ID) (err error) {
	defer fault.Wrap(&err, "close the club %s", c)
	err = s.command(ctx, by, c, func(tx *sql.Tx, st *state) error {
		if err := st.can(actionClose); err != nil {
			return err
		}
		return closeClub(ctx, tx, c, s.now())
	})
	if fault.Is(err, errClosed.Code) {
		return nil
	}
	return err
}

func closeClub(ctx context.Context, tx *sql.Tx, c ID, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE clubs SET closed_at = $1 WHERE id = $2`, db.Millis(now), c)
	return err
}
