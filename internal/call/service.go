package call

import (
	"context"
	"database/sql"
	"encoding/json"
	"hash/fnv"
	"log/slog"
	"reflect"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/keyed"
)

// Voices carries out at the media server what the rows say.
type Voices interface {
	Grant(ctx context.Context, room, person string, maySpeak bool) error
	Remove(ctx context.Context, room, person string) error
	Close(ctx context.Context, room string) error
	// Present is who is connected, and whether they may speak.
	Present(ctx context.Context, room string) (map[string]bool, error)
}

// Pairs knows who is a match, and makes one. Both read and write within tx.
type Pairs interface {
	// Matched reports whether a and b are a match that has not ended.
	Matched(ctx context.Context, tx *sql.Tx, a, b account.ID) (bool, error)
	// Meet makes a and b a match. A fault, such as of a match that ended before,
	// means that they are none; any other error fails the command.
	Meet(ctx context.Context, tx *sql.Tx, a, b account.ID) error
}

// Elsewhere is where else somebody may be with their voice.
type Elsewhere interface {
	Leave(ctx context.Context, who account.ID) error
}

// Config is what the rest of the house gives.
type Config struct {
	Voices    Voices
	Pairs     Pairs
	Elsewhere Elsewhere        // nil: nowhere
	Now       func() time.Time // nil: time.Now
	Wake      func()           // stirs the relay after a commit; nil: nobody
}

// Service is the calls of one database.
type Service struct {
	cfg Config
	db  *db.DB
	log *slog.Logger
	one keyed.Mutex[ID] // settles one call at a time
}

// New makes the service.
func New(d *db.DB, log *slog.Logger, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	return &Service{cfg: c, db: d, log: log}
}

func (s *Service) now() int64 { return db.Millis(s.cfg.Now()) }

// Propose asks two people whether they want to talk, in the transaction of
// whoever chose them. Faults: call.busy where one of them is in a call,
// call.apart where they never meet again this way; after both the transaction
// can go on. The caller wakes the relay after the commit.
func (s *Service) Propose(ctx context.Context, tx *sql.Tx, p Proposal) (_ ID, err error) {
	defer fault.Wrap(&err, "propose %s and %s", p.A, p.B)
	if p.A == p.B {
		return "", errSelf
	}
	never, err := together(ctx, tx, p.A, p.B)
	if err != nil {
		return "", err
	}
	if never {
		return "", errApart
	}
	now := s.now()
	st, err := fresh(Match, p.A, p.B, now, p.Shared)
	if err != nil {
		return "", err
	}
	st.call.deadline = now + answerTime.Milliseconds()
	busy, err := s.begin(ctx, tx, st)
	if err == nil && busy != "" {
		err = errBusy
	}
	return st.call.id, err
}

// fresh is a call that has just been thought of.
func fresh(k Kind, x, y account.ID, now int64, shared []string) (*state, error) {
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
			{account: a, other: b, seq: 1, admission: id.New(), away: now},
			{account: b, other: a, seq: 1, admission: id.New(), away: now},
		},
		now: now,
	}, nil
}

// begin writes a new call and its first fact, or says who is in another.
func (s *Service) begin(ctx context.Context, tx *sql.Tx, st *state) (busy account.ID, err error) {
	if busy, err := insert(ctx, tx, st); err != nil || busy != "" {
		return busy, err
	}
	return "", event.Append(ctx, tx, time.UnixMilli(st.now), st.fact("", st.sides[0].account, st.sides[1].account))
}

func (s *state) fact(was State, tell ...account.ID) Changed {
	c := s.call
	return Changed{
		Call: c.id, How: c.kind, A: s.sides[0].account, B: s.sides[1].account, Seq: c.seq, At: time.UnixMilli(s.now),
		Was: was, State: c.state, Why: c.why, By: c.by, Tell: tell,
	}
}

// Ring calls somebody whom by matched with. Who is in a call already is busy:
// then the call has ended at once, and they have missed it. Ringing somebody
// who is ringing by is answering; ringing them again is the same call. Faults:
// call.unmatched, call.busy if by is in another call, call.rings after three in
// vain within ten minutes, call.self.
func (s *Service) Ring(ctx context.Context, by, other account.ID) (_ Call, err error) {
	defer fault.Wrap(&err, "%s rings %s", by, other)
	if by == other {
		return Call{}, errSelf
	}
	var c ID
	var mine *change
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		c, mine, err = s.ring(ctx, tx, by, other, s.now())
		return err
	})
	if err != nil {
		return Call{}, err
	}
	s.cfg.Wake()
	if mine != nil {
		s.after(ctx, mine)
	}
	return s.Look(ctx, by, c)
}

// ring also returns what became of the call in which by was, if any.
func (s *Service) ring(ctx context.Context, tx *sql.Tx, by, other account.ID, now int64) (_ ID, mine *change, err error) {
	// First, so that whoever blocks in this moment comes before, or after and
	// ends the call.
	if _, err := together(ctx, tx, by, other); err != nil {
		return "", nil, err
	}
	matched, err := s.cfg.Pairs.Matched(ctx, tx, by, other)
	if err != nil {
		return "", nil, err
	}
	if !matched {
		return "", nil, errUnmatched
	}
	was, err := openOf(ctx, tx, by)
	if err != nil {
		return "", nil, err
	}
	if was != "" {
		if mine, err = s.apply(ctx, tx, was, by, now, answer(other)); err != nil {
			return "", nil, err
		}
		switch {
		case mine.st.call.state == Ended: // it was due
		case mine.st.other().account == other:
			return was, mine, nil
		default:
			return "", nil, errBusy
		}
	}
	var vain int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM call_sides s JOIN calls c ON c.id = s.call_id
		WHERE s.account_id = $1 AND s.other_id = $2 AND c.caller_id = $1 AND c.live_at IS NULL AND c.created_at > $3`,
		string(by), string(other), now-ringsTime.Milliseconds()).Scan(&vain); err != nil {
		return "", nil, err
	}
	if vain >= ringsMost {
		return "", nil, errRings
	}
	st, err := fresh(Direct, by, other, now, nil)
	if err != nil {
		return "", nil, err
	}
	st.call.caller = by
	st.call.deadline = now + ringTime.Milliseconds()
	for i := range st.sides {
		if st.sides[i].account == by {
			st.sides[i].accepted = now
		}
	}
	busy, err := s.begin(ctx, tx, st)
	switch {
	case err != nil:
		return "", nil, err
	case busy == by:
		return "", nil, errBusy
	case busy == other:
		st.call.audioOpen = false
		st.end(Busy, "")
		_, err = s.begin(ctx, tx, st)
	}
	return st.call.id, mine, err
}

// Missed are the direct calls of the last week that who did not take, the last
// first, fifty at most. Calls of those who are no match any more are not among
// them: a match ends when one of the two blocks.
func (s *Service) Missed(ctx context.Context, who account.ID) (_ []Missed, err error) {
	defer fault.Wrap(&err, "calls missed by %s", who)
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (m Missed, err error) {
		var at int64
		err = row.Scan(&m.Call, &m.By, &at)
		m.At = time.UnixMilli(at)
		return m, err
	}, `SELECT c.id, c.caller_id, c.created_at FROM call_sides s JOIN calls c ON c.id = s.call_id
		WHERE s.account_id = $1 AND c.kind = 'direct' AND c.caller_id <> $1 AND c.ended_why IN ('expired', 'cancelled', 'busy') AND c.created_at > $2
			AND EXISTS (SELECT 1 FROM pairs p WHERE (p.a_id = $1 AND p.b_id = c.caller_id OR p.a_id = c.caller_id AND p.b_id = $1)
				AND p.matched_at IS NOT NULL AND p.ended_at IS NULL)
		ORDER BY c.created_at DESC, c.id LIMIT $3`, string(who), s.now()-missedTime.Milliseconds(), missedMost)
}

// Accept says yes. When both have, both may speak, and leave wherever else
// they are. Faults: call.ended.
func (s *Service) Accept(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "accept %s", c)
	return s.command(ctx, by, c, accept)
}

// Decline says no to a proposal, or to a ring. The other is told what they are
// told when nobody answers. A call that both accepted goes on, and one that is
// over stays so.
func (s *Service) Decline(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "decline %s", c)
	return s.command(ctx, by, c, decline)
}

// Leave hangs up, stops ringing or declines, by how far the call is. A call
// that is over stays so.
func (s *Service) Leave(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "leave %s", c)
	return s.command(ctx, by, c, leave)
}

// Join admits by to the audio. Every older admission of theirs is worthless
// from now on, and its connection ends. Faults: call.ended.
func (s *Service) Join(ctx context.Context, by account.ID, c ID) (_ Call, admission string, err error) {
	defer fault.Wrap(&err, "join %s", c)
	var ch *change
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		ch, err = s.apply(ctx, tx, c, by, s.now(), join)
		return err
	})
	if err != nil {
		return Call{}, "", err
	}
	s.after(ctx, ch)
	admission = ch.st.me().admission
	s.hangUp(ctx, c, by, admission)
	return ch.st.view(ch.st.i), admission, nil
}

// Microphone says whether by's microphone is off by their wish, and whether
// another call or program has it, so that the other can see why they hear
// nothing.
func (s *Service) Microphone(ctx context.Context, by account.ID, c ID, muted, taken bool) (_ Call, err error) {
	defer fault.Wrap(&err, "microphone in %s", c)
	return s.command(ctx, by, c, microphone(muted, taken))
}

// Hears says that by hears the other. From the moment in which both do, the
// call is live and its clock runs. Faults: call.not_accepted, call.ended.
func (s *Service) Hears(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "first sound in %s", c)
	return s.command(ctx, by, c, hears)
}

// More asks for three more minutes; when both ask, they have them. Faults:
// call.not_live, call.ended.
func (s *Service) More(ctx context.Context, by account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "more time in %s", c)
	return s.command(ctx, by, c, more)
}

// Choose says what by thinks after a call that came from the queue, and keeps
// their feedback for nobody's eyes. Until both have chosen the last word counts
// and the other learns nothing, not even that by has chosen. Two hearts are a
// match; anything else, and a day of silence, means that they never meet by
// matching again. Faults: call.not_ended, call.no_choice, call.decided,
// call.choice_unknown.
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

// Look is a call as who sees it; call.not_found for anybody but the two.
func (s *Service) Look(ctx context.Context, who account.ID, c ID) (_ Call, err error) {
	defer fault.Wrap(&err, "look at %s", c)
	st, err := read(ctx, s.db, c, who, s.now())
	if err != nil {
		return Call{}, err
	}
	return st.view(st.i), nil
}

// Now is the call in which who is, or the last one after which they still have
// to choose; ok is false for neither.
func (s *Service) Now(ctx context.Context, who account.ID) (_ Call, ok bool, err error) {
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
	v, err := s.Look(ctx, who, c)
	return v, err == nil, err
}

// Part ends whatever call by and other are in, and lets them never meet by
// matching again, in the transaction tx in which by keeps them apart. It comes
// before their match is ended: two hearts may just be making one. After the
// commit the caller wakes the relay; whoever listens to it lets Settle end the
// audio, or the sweep does.
func (s *Service) Part(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "part %s and %s", by, other)
	// Calls are locked before meetings, as commands do it. What came about in
	// between is found when nothing new can.
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
	if err := neverAgain(ctx, tx, by, other); err != nil {
		return err
	}
	if calls, err = between(); err != nil {
		return err
	}
	for _, c := range calls {
		if _, err := s.apply(ctx, tx, c, by, s.now(), part(by)); err != nil {
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
	s.after(ctx, ch)
	return ch.st.view(ch.st.i), nil
}

// apply runs one rule on a locked call and keeps what it changed.
func (s *Service) apply(ctx context.Context, tx *sql.Tx, c ID, by account.ID, now int64, f rule) (*change, error) {
	st, err := lock(ctx, tx, c, by, now)
	if err != nil {
		return nil, err
	}
	was := *st
	if err := lapse(st); err != nil {
		return nil, err
	}
	if err := f(st); err != nil {
		return nil, err
	}
	st.i = was.i
	if err := s.meet(ctx, tx, &was, st); err != nil {
		return nil, err
	}
	if err := regarded(ctx, tx, &was, st); err != nil {
		return nil, err
	}
	var tell []account.ID
	for i := range st.sides {
		if x := &st.sides[i]; !x.gone && !reflect.DeepEqual(was.view(i), st.view(i)) {
			x.seq++
			tell = append(tell, x.account)
		}
	}
	if len(tell) > 0 {
		st.call.seq++
		if err := event.Append(ctx, tx, time.UnixMilli(now), st.fact(was.call.state, tell...)); err != nil {
			return nil, err
		}
	}
	return &change{&was, st}, write(ctx, tx, &was, st)
}

// meet keeps who met, and what came of it.
func (s *Service) meet(ctx context.Context, tx *sql.Tx, was, st *state) error {
	a, b := st.sides[0].account, st.sides[1].account
	if st.call.kind != Match || st.sides[0].gone || st.sides[1].gone {
		return nil
	}
	if was.call.live == 0 && st.call.live != 0 {
		if err := met(ctx, tx, a, b, st.now); err != nil {
			return err
		}
	}
	if st.call.outcome == was.call.outcome {
		return nil
	}
	if st.call.outcome == matched {
		never, err := together(ctx, tx, a, b)
		if err == nil && !never {
			err = s.cfg.Pairs.Meet(ctx, tx, a, b)
		}
		if err != nil && fault.As(err) == nil {
			return err
		}
		if err == nil && !never {
			return nil
		}
		st.call.outcome = apart
	}
	return neverAgain(ctx, tx, a, b)
}
