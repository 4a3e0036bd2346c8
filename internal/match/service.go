package match

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/discovery"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
)

// People are the rows of those who may meet; *discovery.Service has them.
type People interface {
	// People are the rows behind ids; who has no profile is missing.
	People(ctx context.Context, ids ...account.ID) (map[account.ID]*discovery.Person, error)
	// Two are a and b as q sees them, and whether nothing stands between them.
	Two(ctx context.Context, q db.Querier, a, b account.ID, now time.Time) (x, y *discovery.Person, free bool, err error)
}

// Calls makes a call of two who were brought together.
type Calls interface {
	// Propose writes the proposal in tx and gives its id. The fault call.busy
	// says that one of them is in a call.
	Propose(ctx context.Context, tx *sql.Tx, p Proposal) (call string, err error)
	// Decline is by's answer to a proposal. One that is over is no error.
	Decline(ctx context.Context, by account.ID, call string) error
}

// Config is what the rest of the house gives. All may be nil.
type Config struct {
	Now  func() time.Time // nil: time.Now
	Wake func()           // called after commits with facts
}

// Service is the queue. Make it with New and let Run run.
type Service struct {
	db     *db.DB
	people People
	calls  Calls
	node   string
	log    *slog.Logger
	now    func() time.Time
	wake   func()

	stirred chan struct{}
	mu      sync.Mutex
	noted   []account.ID // tickets that changed on this node, for the leader
	over    bool         // a call began or ended
	seen    outlook      // of the lounge
}

// New makes a service; node names this process among those that share the
// database.
func New(d *db.DB, people People, calls Calls, node string, log *slog.Logger, c Config) *Service {
	s := &Service{db: d, people: people, calls: calls, node: node, log: log, now: c.Now, wake: c.Wake, stirred: make(chan struct{}, 1)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wake == nil {
		s.wake = func() {}
	}
	return s
}

// Enter lets by wait for somebody who fits. Who waits already goes on waiting,
// with these wishes, whatever device says so. Faults: match.incomplete,
// match.paused, match.reach, match.in_call, match.on_stage, match.intents,
// match.languages.
func (s *Service) Enter(ctx context.Context, by account.ID, w Tonight) (t Ticket, err error) {
	defer fault.Wrap(&err, "enter the queue")
	now := s.now()
	found, err := s.people.People(ctx, by)
	if err != nil {
		return Ticket{}, err
	}
	me := found[by]
	switch {
	case me == nil:
		return Ticket{}, errIncomplete
	case me.Paused():
		return Ticket{}, errPaused
	case !me.Shown(now):
		return Ticket{}, errIncomplete
	}
	if _, ok := me.Tonight(w.Intents, nil); !ok {
		return Ticket{}, fault.At("body.intents", "match.intents", "Choose among what your profile says you are here for.")
	}
	if _, ok := me.Tonight(nil, w.Languages); !ok {
		return Ticket{}, fault.At("body.languages", "match.languages", "Choose among the languages of your profile.")
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		t, err = s.enter(ctx, tx, by, me.Resident, w, now)
		return err
	})
	if err != nil {
		return Ticket{}, err
	}
	s.wake()
	s.note(by)
	return t, nil
}

func (s *Service) enter(ctx context.Context, tx *sql.Tx, by account.ID, resident bool, w Tonight, now time.Time) (t Ticket, err error) {
	intents, languages := listed(w.Intents), listed(w.Languages)
	at, until := db.Millis(now), db.Millis(now.Add(TicketTime))
	fresh := id.New()
	// One who waits keeps their place; what has run out begins anew.
	t, err = scanTicket(tx.QueryRowContext(ctx, `INSERT INTO tickets (account_id, id, resident, intents, languages, entered_at, deadline_at, skips, silent, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', 0, $6)
		ON CONFLICT (account_id) DO UPDATE SET
			id = CASE WHEN tickets.deadline_at > $6 THEN tickets.id ELSE $2 END,
			entered_at = CASE WHEN tickets.deadline_at > $6 THEN tickets.entered_at ELSE $6 END,
			call_id = CASE WHEN tickets.deadline_at > $6 THEN tickets.call_id END,
			proposed_at = CASE WHEN tickets.deadline_at > $6 THEN tickets.proposed_at END,
			skips = CASE WHEN tickets.deadline_at > $6 THEN tickets.skips ELSE '[]' END,
			silent = 0, intents = $4, languages = $5, deadline_at = $7, changed_at = $6
		RETURNING `+ticketColumns,
		string(by), fresh, resident, intents, languages, at, until))
	if err != nil {
		return Ticket{}, err
	}
	var reach Reach
	var calls, stages int
	err = tx.QueryRowContext(ctx, `SELECT reach, (SELECT count(*) FROM call_sides WHERE account_id = $1 AND open AND call_id <> $2),
		(SELECT count(*) FROM room_members WHERE account_id = $1 AND join_id IS NOT NULL AND seat IS NOT NULL)
		FROM profiles WHERE account_id = $1`, string(by), t.Call).Scan(&reach, &calls, &stages)
	switch {
	case err != nil:
		return Ticket{}, err
	case reach == Nobody:
		return Ticket{}, errNobody
	case calls > 0:
		return Ticket{}, errInCall
	case stages > 0:
		return Ticket{}, errOnStage
	case t.ID != fresh:
		return t, nil
	}
	return t, event.Append(ctx, tx, now, Changed{by, true, Entered, now})
}

// Stay is a sign of life, to be given each 15 seconds or so, also while a
// proposal is out; it answers what Lounge does. Fault: match.not_waiting.
func (s *Service) Stay(ctx context.Context, by account.ID) (_ Lounge, err error) {
	defer fault.Wrap(&err, "stay in the queue")
	now := s.now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		there, err := db.Changed(tx.ExecContext(ctx, `UPDATE tickets SET deadline_at = $1 WHERE account_id = $2 AND deadline_at > $3`,
			db.Millis(now.Add(TicketTime)), string(by), db.Millis(now)))
		if err == nil && !there {
			return errNotWaiting
		}
		return err
	})
	if err != nil {
		return Lounge{}, err
	}
	return s.Lounge(ctx, by)
}

// Cancel lets by wait no longer, on any device; who does not wait is done
// already. A proposal that is out for them is declined.
func (s *Service) Cancel(ctx context.Context, by account.ID) (err error) {
	defer fault.Wrap(&err, "leave the queue")
	var call string
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		call, err = s.drop(ctx, tx, by, Cancelled)
		return err
	})
	if err != nil {
		return err
	}
	s.wake()
	s.note(by)
	if call != "" {
		return s.calls.Decline(ctx, by, call)
	}
	return nil
}

// drop takes by's ticket away, if there is one, and gives the proposal that is
// out for them. A call that both have accepted is a matter of its own.
func (s *Service) drop(ctx context.Context, tx *sql.Tx, by account.ID, why Why) (call string, err error) {
	now := s.now()
	var of sql.NullString
	err = tx.QueryRowContext(ctx, `DELETE FROM tickets WHERE account_id = $1 RETURNING call_id`, string(by)).Scan(&of)
	if db.IsNone(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if of.Valid {
		err = tx.QueryRowContext(ctx, `SELECT id FROM calls WHERE id = $1 AND state = 'proposed'`, of.String).Scan(&call)
		if err != nil && !db.IsNone(err) {
			return "", err
		}
	}
	return call, event.Append(ctx, tx, now, Changed{by, false, why, now})
}

// SetReach says who may be proposed to by; with Nobody they stop to wait. Fault:
// match.reach_unknown.
func (s *Service) SetReach(ctx context.Context, by account.ID, r Reach) (err error) {
	defer fault.Wrap(&err, "set reach")
	if r != Everyone && r != Verified && r != Nobody {
		return fault.At("body.reach", "match.reach_unknown", "Say everyone, verified or nobody.")
	}
	var call string
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		call = ""
		at := db.Millis(s.now())
		there, err := db.Changed(tx.ExecContext(ctx, `UPDATE profiles SET reach = $1, updated_at = $2 WHERE account_id = $3`, string(r), at, string(by)))
		if err != nil {
			return err
		}
		if !there {
			return errIncomplete
		}
		if r == Nobody {
			call, err = s.drop(ctx, tx, by, Closed)
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE tickets SET changed_at = $1 WHERE account_id = $2`, at, string(by))
		return err
	})
	if err != nil {
		return err
	}
	s.wake()
	s.note(by)
	if call != "" {
		return s.calls.Decline(ctx, by, call)
	}
	return nil
}

// Bell says whether by wants to be told when somebody fits for a call.
func (s *Service) Bell(ctx context.Context, by account.ID, on bool) (err error) {
	defer fault.Wrap(&err, "call bell")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if !on {
			_, err := tx.ExecContext(ctx, `DELETE FROM call_bells WHERE account_id = $1`, string(by))
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO call_bells (account_id, set_at) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING`,
			string(by), db.Millis(s.now()))
		return err
	})
}

// Part is called in the transaction tx in which two people are kept apart,
// before what ends their calls: a proposal of the two is either there by then,
// or will not be made.
func (s *Service) Part(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
	for _, who := range []account.ID{min(a, b), max(a, b)} {
		if _, err := tx.ExecContext(ctx, `UPDATE tickets SET changed_at = $1 WHERE account_id = $2`, db.Millis(s.now()), string(who)); err != nil {
			return err
		}
	}
	return nil
}

// Stir makes the leader look at once, if it is on this node: a call has ended
// or begun. It never blocks.
func (s *Service) Stir() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.stir()
}

func (s *Service) stir() {
	select {
	case s.stirred <- struct{}{}:
	default:
	}
}

// note tells the leader, if it is on this node, whose ticket changed.
func (s *Service) note(who account.ID) {
	s.mu.Lock()
	if len(s.noted) < notedMost { // the leader finds more by itself
		s.noted = append(s.noted, who)
	}
	s.mu.Unlock()
	s.stir()
}

const notedMost = 10_000

// takeNoted is whose tickets changed on this node since, and whether a call did.
func (s *Service) takeNoted() (all []account.ID, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, over = s.noted, s.over
	s.noted, s.over = nil, false
	return all, over
}

const ticketColumns = `id, account_id, intents, languages, entered_at, deadline_at, call_id`

func scanTicket(row interface{ Scan(...any) error }) (t Ticket, err error) {
	var intents, languages string
	var entered, deadline int64
	var call sql.NullString
	if err := row.Scan(&t.ID, &t.Account, &intents, &languages, &entered, &deadline, &call); err != nil {
		return t, err
	}
	t.EnteredAt, t.DeadlineAt, t.Call = time.UnixMilli(entered), time.UnixMilli(deadline), call.String
	t.Tonight, err = tonight(intents, languages)
	return t, err
}

func tonight(intents, languages string) (w Tonight, err error) {
	if err := json.Unmarshal([]byte(intents), &w.Intents); err != nil {
		return w, err
	}
	return w, json.Unmarshal([]byte(languages), &w.Languages)
}

func listed(keys []string) string {
	if len(keys) == 0 {
		return "[]"
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return "[]" // strings always have a JSON form
	}
	return string(text)
}
