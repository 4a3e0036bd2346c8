package matchmaking

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/meet/discovery"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

// People reads the profiles of people who may meet; *discovery.Service implements
// it.
type People interface {
	// People reads profiles by account; accounts without one are missing.
	People(ctx context.Context, ids ...account.ID) (map[account.ID]*discovery.Person, error)
	// ReadPair reads a and b with q; free means that no block, report, match or pass
	// excludes them from each other.
	ReadPair(ctx context.Context, q db.Querier, a, b account.ID, now time.Time) (x, y *discovery.Person, free bool, err error)
}

// Calls creates and declines calls; package call implements it.
type Calls interface {
	// Propose writes the proposal in tx and returns its id. Faults: call.busy if one
	// of the two is in a call, call.apart if they are excluded.
	Propose(ctx context.Context, tx *sql.Tx, p Proposal) (call string, err error)
	// Decline refuses a proposal for by. A proposal that is over is no error.
	Decline(ctx context.Context, by account.ID, call string) error
}

// Config has the dependencies of a Service. All may be nil.
type Config struct {
	Now  func() time.Time // nil: time.Now
	Wake func()           // called after commits with facts
}

// Service is the queue. New creates it, Run lets this node take part in leading
// it.
type Service struct {
	db     *db.DB
	people People
	calls  Calls
	node   string
	log    *slog.Logger
	now    func() time.Time
	wake   func()

	wakeup       chan struct{}
	mu           sync.Mutex
	changed      []account.ID // accounts whose tickets changed on this node, for the leader
	callsChanged bool         // a call began or ended, see Notify
	stats        queueStats   // cached for Status
}

// New returns a Service; node names this process among those that share the
// database.
func New(d *db.DB, people People, calls Calls, node string, log *slog.Logger, c Config) *Service {
	s := &Service{db: d, people: people, calls: calls, node: node, log: log, now: c.Now, wake: c.Wake, wakeup: make(chan struct{}, 1)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.wake == nil {
		s.wake = func() {}
	}
	return s
}

// Enter puts by into the queue. A person who waits already keeps their place and
// gets the new filter, whatever device sends it. Faults: match.incomplete,
// match.paused, match.call_privacy, match.in_call, match.on_stage, match.intents,
// match.languages.
func (s *Service) Enter(ctx context.Context, by account.ID, w SearchFilter) (t Ticket, err error) {
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
	if _, ok := me.Narrow(w.Intents, nil); !ok {
		return Ticket{}, fault.At("body.intents", "match.intents", "You can only choose from what your profile says you're here for.")
	}
	if _, ok := me.Narrow(nil, w.Languages); !ok {
		return Ticket{}, fault.At("body.languages", "match.languages", "You can only choose from the languages in your profile.")
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		t, err = s.enter(ctx, tx, by, me.Resident, w, now)
		return err
	})
	if err != nil {
		return Ticket{}, err
	}
	s.stats.invalidate()
	s.wake()
	s.markChanged(by)
	return t, nil
}

func (s *Service) enter(ctx context.Context, tx *sql.Tx, by account.ID, resident bool, w SearchFilter, now time.Time) (t Ticket, err error) {
	intents, languages := jsonList(w.Intents), jsonList(w.Languages)
	at, until := db.Millis(now), db.Millis(now.Add(TicketTime))
	fresh := id.New()
	// A living ticket keeps its id and place; an expired one is replaced.
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
	var privacy CallPrivacy
	var calls, stages int
	err = tx.QueryRowContext(ctx, `SELECT reach, (SELECT count(*) FROM call_sides WHERE account_id = $1 AND open AND call_id <> $2),
		(SELECT count(*) FROM room_members WHERE account_id = $1 AND join_id IS NOT NULL AND seat IS NOT NULL)
		FROM profiles WHERE account_id = $1`, string(by), t.Call).Scan(&privacy, &calls, &stages)
	switch {
	case err != nil:
		return Ticket{}, err
	case privacy == Nobody:
		return Ticket{}, errPrivacy
	case calls > 0:
		return Ticket{}, errInCall
	case stages > 0:
		return Ticket{}, errOnStage
	case t.ID != fresh:
		return t, nil
	}
	return t, outbox.Append(ctx, tx, now, Changed{by, true, Entered, now})
}

// Heartbeat keeps the ticket of by alive, also while a proposal is open, and
// returns the status. Clients send it about every 15 seconds. Fault:
// match.not_waiting.
func (s *Service) Heartbeat(ctx context.Context, by account.ID) (_ QueueStatus, err error) {
	defer fault.Wrap(&err, "heartbeat")
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
		return QueueStatus{}, err
	}
	return s.Status(ctx, by)
}

// Cancel removes by from the queue, on all devices, and declines their open
// proposal. It does nothing for a person who does not wait.
func (s *Service) Cancel(ctx context.Context, by account.ID) (err error) {
	defer fault.Wrap(&err, "leave the queue")
	var call string
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		call, err = s.dropTicket(ctx, tx, by, Cancelled)
		return err
	})
	if err != nil {
		return err
	}
	s.stats.invalidate()
	s.wake()
	s.markChanged(by)
	if call != "" {
		return s.calls.Decline(ctx, by, call)
	}
	return nil
}

// dropTicket deletes by's ticket, if there is one, and returns its open proposal.
// A call that both have accepted goes on without the ticket.
func (s *Service) dropTicket(ctx context.Context, tx *sql.Tx, by account.ID, why ChangeReason) (call string, err error) {
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
	return call, outbox.Append(ctx, tx, now, Changed{by, false, why, now})
}

// SetCallPrivacy sets who may be proposed to by, or ring them. Nobody also
// removes by from the queue and declines open proposals and rings. Faults:
// match.call_privacy_unknown, match.incomplete.
func (s *Service) SetCallPrivacy(ctx context.Context, by account.ID, r CallPrivacy) (err error) {
	defer fault.Wrap(&err, "set call privacy")
	if r != Everyone && r != Verified && r != Nobody {
		return fault.At("body.call_privacy", "match.call_privacy_unknown", "Choose everyone, verified or nobody.")
	}
	var proposals []string
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		proposals = nil
		now := s.now()
		at := db.Millis(now)
		there, err := profile.SetReach(ctx, tx, by, string(r), now)
		if err != nil {
			return err
		}
		if !there {
			return errIncomplete
		}
		if r == Nobody {
			// A ring locks this profile until it is written (CanRing): it is either found
			// here, or sees this setting.
			if proposals, err = db.Select(ctx, tx, scanKey, `SELECT c.id FROM call_sides s JOIN calls c ON c.id = s.call_id
				WHERE s.account_id = $1 AND s.open AND c.state = 'proposed' AND COALESCE(c.caller_id, '') <> $1`, string(by)); err != nil {
				return err
			}
			_, err = s.dropTicket(ctx, tx, by, CallsDisabled)
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE tickets SET changed_at = $1 WHERE account_id = $2`, at, string(by))
		return err
	})
	if err != nil {
		return err
	}
	s.stats.invalidate()
	s.wake()
	s.markChanged(by)
	for _, call := range proposals {
		err = errors.Join(err, s.calls.Decline(ctx, by, call))
	}
	return err
}

// CanRing reports whether other's call privacy lets by ring them. It locks
// other's profile until tx ends, so that no ring begins after the setting has
// changed.
func CanRing(ctx context.Context, tx *sql.Tx, by, other account.ID) (bool, error) {
	r, err := profile.LockReach(ctx, tx, other)
	if err != nil || CallPrivacy(r) != Verified {
		return CallPrivacy(r) == Everyone, err
	}
	var n int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM profiles WHERE account_id = $1 AND verified_at IS NOT NULL`, string(by)).Scan(&n)
	return n > 0, err
}

// Separate is called in the transaction tx of a block or report, before calls are
// ended. It locks both tickets: a proposal of the two is either written by then,
// or will see the exclusion and not be made.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, a, b account.ID) error {
	for _, who := range []account.ID{min(a, b), max(a, b)} {
		if _, err := tx.ExecContext(ctx, `UPDATE tickets SET changed_at = $1 WHERE account_id = $2`, db.Millis(s.now()), string(who)); err != nil {
			return err
		}
	}
	return nil
}

// Notify tells the leader, if it is on this node, that a call began or ended. It
// never blocks.
func (s *Service) Notify() {
	s.mu.Lock()
	s.callsChanged = true
	s.mu.Unlock()
	s.notify()
}

func (s *Service) notify() {
	select {
	case s.wakeup <- struct{}{}:
	default:
	}
}

// markChanged tells the leader, if it is on this node, that who's ticket has
// changed.
func (s *Service) markChanged(who account.ID) {
	s.mu.Lock()
	if len(s.changed) < changedMax { // beyond that, polling finds them
		s.changed = append(s.changed, who)
	}
	s.mu.Unlock()
	s.notify()
}

const changedMax = 10_000

// takeChanged returns and clears what has changed on this node.
func (s *Service) takeChanged() (all []account.ID, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, over = s.changed, s.callsChanged
	s.changed, s.callsChanged = nil, false
	return all, over
}

func scanKey(row interface{ Scan(...any) error }) (key string, err error) {
	err = row.Scan(&key)
	return key, err
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
	t.Filter, err = parseFilter(intents, languages)
	return t, err
}

func parseFilter(intents, languages string) (w SearchFilter, err error) {
	if err := json.Unmarshal([]byte(intents), &w.Intents); err != nil {
		return w, err
	}
	return w, json.Unmarshal([]byte(languages), &w.Languages)
}

func jsonList(keys []string) string {
	if len(keys) == 0 {
		return "[]"
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return "[]" // strings always have a JSON form
	}
	return string(text)
}
