package call

import (
	"context"
	"database/sql"
	"encoding/json"
	"hash/fnv"
	"log/slog"
	"reflect"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/media/reconcile"
	"heyy/internal/people/account"
)

// Pairs reads and makes matches, within tx.
type Pairs interface {
	// Matched reports whether a and b are a match that has not ended.
	Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error)
	// Meet makes a and b a match. A fault means that they cannot match, for example
	// because a match of theirs has ended before; any other error fails the command.
	Meet(ctx context.Context, tx *sql.Tx, a, b account.ID) error
}

// CanRing reports whether other's privacy setting lets by ring them, and holds
// that setting until tx ends.
type CanRing func(ctx context.Context, tx *sql.Tx, by, other account.ID) (bool, error)

// Rooms is the rooms that people may be in when a call begins.
type Rooms interface {
	Leave(ctx context.Context, who account.ID) error
	// Together reports whether by and other are in one room now, where by is shown other.
	Together(ctx context.Context, tx *sql.Tx, by, other account.ID) (bool, error)
}

// Welcomes reports whether who wants to be rung by by, who is no match of theirs. A fault
// is about by's own profile.
type Welcomes func(ctx context.Context, tx *sql.Tx, who, by account.ID) (bool, error)

// Config has the dependencies of a Service.
type Config struct {
	SFU      reconcile.SFU
	Pairs    Pairs
	CanRing  CanRing          // nil: everybody may be rung by all their matches
	Welcomes Welcomes         // nil: everybody may be rung by who is in the same room
	Rooms    Rooms            // nil: there are no rooms
	Now      func() time.Time // nil: time.Now
	Wake     func()           // wakes the outbox relay after a commit; may be nil
}

// Service is the calls of one database.
type Service struct {
	cfg   Config
	db    *db.DB
	log   *slog.Logger
	audio *reconcile.Reconciler
}

// New returns a Service.
func New(d *db.DB, log *slog.Logger, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.CanRing == nil {
		c.CanRing = func(context.Context, *sql.Tx, account.ID, account.ID) (bool, error) { return true, nil }
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	s := &Service{cfg: c, db: d, log: log}
	s.audio = reconcile.New(audioRows{s}, c.SFU, reconcile.NoListeners{}, log)
	return s
}

func (s *Service) now() int64 { return db.Millis(s.cfg.Now()) }

// Propose proposes two people to each other, in the transaction of the queue.
// Faults: call.busy if one of them is in a call, call.apart if they are excluded;
// the transaction can continue after both. The caller wakes the relay after the
// commit.
func (s *Service) Propose(ctx context.Context, tx *sql.Tx, p Proposal) (_ ID, err error) {
	defer fault.Wrap(&err, "propose %s and %s", p.A, p.B)
	if p.A == p.B {
		return "", errSelf
	}
	excluded, err := lockPair(ctx, tx, p.A, p.B)
	if err != nil {
		return "", err
	}
	if excluded {
		return "", errExcluded
	}
	now := s.now()
	st, err := newState(Match, p.A, p.B, now, p.Shared)
	if err != nil {
		return "", err
	}
	st.call.deadline = now + AnswerTime.Milliseconds()
	busy, err := s.create(ctx, tx, st)
	if err == nil && busy != "" {
		err = errBusy
	}
	return st.call.id, err
}

// newState returns a new call that is not written yet.
func newState(k Kind, x, y account.ID, now int64, shared []string) (*state, error) {
	c := id.New()
	seed := fnv.New64a()
	_, _ = seed.Write([]byte(c)) // never fails
	cards, err := json.Marshal(Cards(shared, seed.Sum64()))
	if err != nil {
		return nil, err
	}
	a, b := ordered(x, y)
	return &state{
		call: record{id: ID(c), kind: k, state: Proposed, seq: 1, created: now, cards: string(cards), audioOpen: true},
		sides: [2]side{
			{account: a, other: b, seq: 1, joinID: id.New(), awaySince: now},
			{account: b, other: a, seq: 1, joinID: id.New(), awaySince: now},
		},
		now: now,
	}, nil
}

// create writes a new call and its first fact; or it returns the account that is
// in another open call.
func (s *Service) create(ctx context.Context, tx *sql.Tx, st *state) (busy account.ID, err error) {
	if busy, err := insert(ctx, tx, st); err != nil || busy != "" {
		return busy, err
	}
	var recipients []account.ID
	for _, x := range st.sides {
		if x.withdrawn == 0 {
			recipients = append(recipients, x.account)
		}
	}
	return "", outbox.Append(ctx, tx, time.UnixMilli(st.now), st.fact("", recipients...))
}

func (s *state) fact(was State, recipients ...account.ID) Changed {
	c := s.call
	return Changed{
		Call: c.id, CallKind: c.kind, A: s.sides[0].account, B: s.sides[1].account, Seq: c.seq, At: time.UnixMilli(s.now),
		Before: was, State: c.state, EndReason: c.endReason, EndedBy: c.endedBy, Recipients: recipients,
	}
}

// Missed returns the direct calls of the last week that who did not accept, the
// newest first, at most fifty. Calls of people who are no longer a match are left
// out.
func (s *Service) Missed(ctx context.Context, who account.ID) (_ []Missed, err error) {
	defer fault.Wrap(&err, "calls missed by %s", who)
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (m Missed, err error) {
		var at int64
		err = row.Scan(&m.Call, &m.By, &at)
		m.At = time.UnixMilli(at)
		return m, err
	}, `SELECT c.id, c.caller_id, c.created_at FROM call_sides s JOIN calls c ON c.id = s.call_id
		WHERE s.account_id = $1 AND c.kind = 'direct' AND c.caller_id <> $1 AND NOT c.offered AND c.ended_why IN ('expired', 'cancelled', 'busy') AND c.created_at > $2
			AND EXISTS (SELECT 1 FROM pairs p WHERE (p.a_id = $1 AND p.b_id = c.caller_id OR p.a_id = c.caller_id AND p.b_id = $1)
				AND p.matched_at IS NOT NULL AND p.ended_at IS NULL)
		ORDER BY c.created_at DESC, c.id LIMIT $3`, string(who), s.now()-missedTime.Milliseconds(), missedMost)
}

// Accept accepts a proposal or a ring. When both have accepted, both may speak
// and leave their rooms. Fault: call.ended.
func (s *Service) Accept(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "accept %s", c)
	return s.command(ctx, by, c, accept)
}

// Decline refuses a proposal or a ring. The other person sees the same as if
// nobody answered, for as long. It changes nothing once both have accepted or the
// call is over.
func (s *Service) Decline(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "decline %s", c)
	return s.command(ctx, by, c, decline)
}

// Leave hangs up, cancels one's own ring, or declines, depending on the state. It
// changes nothing once the call is over.
func (s *Service) Leave(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "leave %s", c)
	return s.command(ctx, by, c, leave)
}

// Join returns a new join id for the audio. It voids the older ones of by and
// disconnects them. Fault: call.ended.
func (s *Service) Join(ctx context.Context, by account.ID, c ID) (_ Call, joinID string, err error) {
	defer fault.Wrap(&err, "join %s", c)
	var ch *change
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, by, s.now(), join)
		return err
	})
	if err != nil {
		return Call{}, "", err
	}
	s.afterCommit(ctx, ch)
	joinID = ch.st.me().joinID
	s.audio.DisconnectOlder(ctx, c.Room(), identityOf(ch.st.i), joinID)
	return ch.st.view(ch.st.i), joinID, nil
}

// Microphone stores whether by is muted, and whether another call or program uses
// the microphone, so that the other can see why there is silence.
func (s *Service) Microphone(ctx context.Context, by account.ID, c ID, muted, micInterrupted bool) (_ Call, err error) {
	defer fault.Wrap(&err, "microphone in %s", c)
	return s.command(ctx, by, c, microphone(muted, micInterrupted))
}

// AudioReceived reports that by's client receives the other's audio. When both
// have reported it, the call is live. Faults: call.not_accepted, call.ended.
func (s *Service) AudioReceived(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "audio received in %s", c)
	return s.command(ctx, by, c, audioReceived)
}

// Extend asks for three more minutes, which are granted when both ask. Faults:
// call.not_live, call.ended.
func (s *Service) Extend(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "extend %s", c)
	return s.command(ctx, by, c, extend)
}

// Choose stores by's choice after a call of the queue, and private feedback.
// Until both have chosen, by may change it and the other learns nothing, not even
// that by has chosen. Two hearts are a match; anything else, or no choice within
// a day, excludes the two from being proposed to each other for ever. Faults:
// call.not_ended, call.no_choice, call.decided, call.choice_unknown.
func (s *Service) Choose(ctx context.Context, by account.ID, c ID, choice Choice, f Feedback) (_ Call, err error) {
	defer fault.Wrap(&err, "choose after %s", c)
	if choice != Heart && choice != Pass {
		return Call{}, errChoice
	}
	kept := ""
	if f != (Feedback{}) {
		b, err := json.Marshal(f)
		if err != nil {
			return Call{}, err
		}
		kept = string(b)
	}
	return s.command(ctx, by, c, choose(choice, kept))
}

// Get returns a call as who sees it. Fault: call.not_found for everybody else.
func (s *Service) Get(ctx context.Context, who account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "get %s", c)
	st, err := read(ctx, s.db, c, who, s.now())
	if err != nil {
		return Call{}, err
	}
	return st.view(st.i), nil
}

// PendingPartner returns the other person of a call that waits to be accepted.
// Fault: call.ended.
func (s *Service) PendingPartner(ctx context.Context, who account.ID, c ID) (account.ID, error) {
	v, err := s.Get(ctx, who, c)
	if err == nil && v.State != Proposed {
		err = errEnded
	}
	return v.Other.Account, err
}

// NotTalking fails while who is in a call: one voice is in one place. Fault: room.in_call.
func (s *Service) NotTalking(ctx context.Context, who account.ID) error {
	c, ok, err := s.Current(ctx, who)
	if err == nil && ok && (c.State == Connecting || c.State == Live) {
		err = fault.New(fault.Conflict, "room.in_call", "You're in a call. Hang up first, then try again.")
	}
	return err
}

// Current returns the open call of who, or else the last one after which they
// still have to choose; ok is false if there is neither.
func (s *Service) Current(ctx context.Context, who account.ID) (_ Call, ok bool, err error) {
	defer fault.Wrap(&err, "call of %s", who)
	c, err := openOf(ctx, s.db, who)
	if err == nil && c == "" {
		err = s.db.QueryRowContext(ctx, `SELECT c.id FROM call_sides s JOIN calls c ON c.id = s.call_id
			WHERE s.account_id = $1 AND s.choice IS NULL AND c.choose_by > $2 ORDER BY c.ended_at DESC LIMIT 1`, string(who), s.now()).Scan(&c)
		if db.IsNone(err) {
			return Call{}, false, nil
		}
	}
	if err != nil {
		return Call{}, false, err
	}
	v, err := s.Get(ctx, who, c)
	return v, err == nil, err
}

// Separate ends whatever call by and other are in and excludes them from being
// proposed to each other, in the transaction tx of a block or report by by. It
// must run before their match is ended, since two hearts may be making one
// concurrently. After the commit the caller wakes the relay; a listener of the
// fact calls SyncMedia, or else the sweep closes the audio.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "separate %s and %s", by, other)
	// Calls are locked before the encounter, the lock order of all commands. Calls
	// created in between are found by the second query: the lock on the encounter
	// prevents further ones.
	between := func() ([]ID, error) {
		return db.Select(ctx, tx, scanID, `SELECT c.id FROM call_sides s JOIN calls c ON c.id = s.call_id
			WHERE s.account_id = $1 AND s.other_id = $2 AND (s.open OR c.choose_by IS NOT NULL) ORDER BY c.id`, string(by), string(other))
	}
	calls, err := between()
	if err != nil {
		return err
	}
	for _, c := range calls {
		if _, err := lock(ctx, tx, c, by, s.now()); err != nil {
			return err
		}
	}
	if err := excludePair(ctx, tx, by, other); err != nil {
		return err
	}
	if calls, err = between(); err != nil {
		return err
	}
	for _, c := range calls {
		if _, err := s.apply(ctx, tx, c, by, s.now(), separate(by)); err != nil {
			return err
		}
	}
	return nil
}

// change is a call before and after a rule.
type change struct{ was, st *state }

func (s *Service) command(ctx context.Context, by account.ID, c ID, f rule) (Call, error) {
	var ch *change
	if err := s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, by, s.now(), f)
		return err
	}); err != nil {
		return Call{}, err
	}
	s.afterCommit(ctx, ch)
	return ch.st.view(ch.st.i), nil
}

// apply runs one rule on the locked call and stores what it changed.
func (s *Service) apply(ctx context.Context, tx *sql.Tx, c ID, by account.ID, now int64, f rule) (*change, error) {
	st, err := lock(ctx, tx, c, by, now)
	if err != nil {
		return nil, err
	}
	was := *st
	if err := expire(st); err != nil {
		return nil, err
	}
	if err := f(st); err != nil {
		return nil, err
	}
	st.i = was.i
	for i := range st.sides {
		if st.audioOf(i) != was.audioOf(i) {
			st.sides[i].audioVersion++
		}
	}
	if err := s.recordOutcome(ctx, tx, &was, st); err != nil {
		return nil, err
	}
	if err := addFeedback(ctx, tx, &was, st); err != nil {
		return nil, err
	}
	var recipients []account.ID
	for i := range st.sides {
		if x := &st.sides[i]; !x.gone && !reflect.DeepEqual(was.view(i), st.view(i)) {
			x.seq++
			recipients = append(recipients, x.account)
		}
	}
	if len(recipients) > 0 {
		st.call.seq++
		if err := outbox.Append(ctx, tx, time.UnixMilli(now), st.fact(was.call.state, recipients...)); err != nil {
			return nil, err
		}
	}
	return &change{&was, st}, write(ctx, tx, &was, st)
}

// recordOutcome stores the encounter, the match or the exclusion that a change of
// a call of the queue leads to.
func (s *Service) recordOutcome(ctx context.Context, tx *sql.Tx, was, st *state) error {
	a, b := st.sides[0].account, st.sides[1].account
	if st.call.kind != Match || st.sides[0].gone || st.sides[1].gone {
		return nil
	}
	if err := s.recordRefusals(ctx, tx, was, st); err != nil {
		return err
	}
	if was.call.live == 0 && st.call.live != 0 {
		if err := recordEncounter(ctx, tx, a, b, st.now); err != nil {
			return err
		}
	}
	if st.call.outcome == was.call.outcome {
		return nil
	}
	if st.call.outcome == matched {
		excluded, err := lockPair(ctx, tx, a, b)
		if err == nil && !excluded {
			err = s.cfg.Pairs.Meet(ctx, tx, a, b)
		}
		if err != nil && fault.As(err) == nil {
			return err
		}
		if err == nil && !excluded {
			return nil
		}
		st.call.outcome = noMatch
	}
	return excludePair(ctx, tx, a, b)
}

// recordRefusals stores who refused a proposal, by declining or by not answering.
// That person is suspended from proposals, longer with each refusal. The two are
// not proposed to each other for refusedPairTime, so that nobody can use up the
// proposals of somebody else by entering the queue again and again.
func (s *Service) recordRefusals(ctx context.Context, tx *sql.Tx, was, st *state) error {
	if was.call.state != Proposed {
		return nil
	}
	now, passed := st.now, false
	for i, x := range st.sides {
		out := x.withdrawn != 0 && was.sides[i].withdrawn == 0
		silent := st.call.state == Ended && x.accepted == 0 && x.withdrawn == 0 && st.sides[1-i].withdrawn == 0
		passed = passed || out || silent
		if (out || silent) && st.call.endReason != Blocked {
			if err := suspend(ctx, tx, x.account, now); err != nil {
				return err
			}
		}
	}
	if !passed {
		return nil
	}
	a, b := ordered(st.sides[0].account, st.sides[1].account)
	_, err := tx.ExecContext(ctx, `UPDATE meetings SET apart_until = $1 WHERE a_id = $2 AND b_id = $3`, now+refusedPairTime.Milliseconds(), string(a), string(b))
	return err
}

// suspend suspends who from proposals after another refusal.
func suspend(ctx context.Context, tx *sql.Tx, who account.ID, now int64) error {
	var count int64
	if err := tx.QueryRowContext(ctx, `INSERT INTO refusals (account_id, count, at, rest_until) VALUES ($1, 1, $2, $2)
		ON CONFLICT (account_id) DO UPDATE SET count = CASE WHEN refusals.at > $3 THEN refusals.count + 1 ELSE 1 END, at = $2
		RETURNING count`, string(who), now, now-suspendReset.Milliseconds()).Scan(&count); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE refusals SET rest_until = $1 WHERE account_id = $2`, now+suspendAfter(count).Milliseconds(), string(who))
	return err
}

// suspendAfter returns the duration of the suspension after count refusals in a
// row.
func suspendAfter(count int64) time.Duration {
	return min(suspendMax, suspendFirst<<min(count-1, 20))
}
