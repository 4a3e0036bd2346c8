package discovery

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

// Choice is the answer to a card.
type Choice string

// Values of Choice.
const (
	Like Choice = "like"
	Pass Choice = "pass"
)

// Outcome is the result of a choice.
type Outcome struct {
	Matched   bool // the other likes them too, and they may meet
	LikesLeft int
}

// Quotas within quotaWindow, the same for everybody.
const (
	maxLikes    = 50
	maxChoices  = 500
	quotaWindow = 24 * time.Hour
	undoWindow  = 10 * time.Minute
)

// Match is a mutual like.
type Match struct {
	Other account.ID
	At    time.Time
}

// ordered returns two ids in the order of their row in pairs, and whether by is a.
func ordered(by, on account.ID) (a, b account.ID, first bool) {
	if by < on {
		return by, on, true
	}
	return on, by, false
}

// Choose stores by's choice on a person whose card was served to by; the caller checks
// that. A mutual like makes a match. Nothing else about the other may leak: they may since
// have blocked, passed, paused, changed preferences or been deleted, and the answer, the
// quota and the executed statements are the same. Repeating a choice changes nothing; until
// the match the last choice counts. Faults: likes.spent, choices.spent, choice.matched,
// discover.incomplete, discover.paused.
func (s *Service) Choose(ctx context.Context, by, on account.ID, c Choice) (o Outcome, err error) {
	defer fault.Wrap(&err, "choose %s", on)
	if c != Like && c != Pass || by == on {
		return o, fault.At("body.choice", "choice.unknown", "Choose like or pass, and a person other than yourself.")
	}
	both, err := s.relations(ctx, by, []account.ID{on})
	if err != nil {
		return o, err
	}
	me, them, now := both[by], both[on], s.now()
	switch {
	case me == nil || !me.complete && !me.paused:
		return o, incomplete()
	case me.paused:
		return o, paused()
	}
	p := choiceWrite{by: by, on: on, choice: c, at: now, hides: now.Add(s.delay())}
	p.canMatch = them != nil && !them.excluded && them.Shown(now) && Fits(&me.Person, &them.Person, DayOf(now))
	again := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		o, again, err = s.choose(ctx, tx, p)
		return err
	})
	if err != nil || again {
		return o, err
	}
	if o.Matched {
		s.wake()
	}
	s.afterChoice(ctx, by, on, c, now)
	return o, nil
}

// choiceWrite is a choice to be written.
type choiceWrite struct {
	by, on   account.ID
	choice   Choice
	at       time.Time
	hides    time.Time // from when a pass hides by from on
	canMatch bool      // the two may meet now, so a like can match
}

// choose writes p; again reports that nothing was to be written. It uses few statements,
// since all writers of SQLite wait for each other.
func (s *Service) choose(ctx context.Context, tx *sql.Tx, p choiceWrite) (o Outcome, again bool, err error) {
	n, today, err := countChoices(ctx, tx, p.by, p.on, p.at)
	if err != nil {
		return o, false, err
	}
	a, b, first := ordered(p.by, p.on)
	side := sideB
	if first {
		side = sideA
	}
	var was Choice
	var wasAt int64
	var matched, over bool
	read := func() error {
		err := tx.QueryRowContext(ctx, side.read, string(a), string(b)).Scan(&was, &wasAt, &matched, &over)
		if db.IsNone(err) {
			return nil
		}
		return err
	}
	if err := read(); err != nil {
		return o, false, err
	}
	p.canMatch = p.canMatch && !over
	o.LikesLeft = max(0, maxLikes-today.likes)
	switch {
	case matched && !over && p.choice == Pass:
		return o, false, alreadyMatched()
	case matched && !over:
		o.Matched = true
		return o, true, nil
	case today.last == p.choice && !p.canMatch, was == p.choice && !over && (p.choice == Like || wasAt > db.Millis(p.at.Add(-passCooldown))):
		return o, true, nil
	case today.all >= maxChoices:
		return o, false, choicesSpent()
	case p.choice == Like && today.likes >= maxLikes:
		return o, false, fault.New(fault.TooMany, "likes.spent", "You've used today's likes. Each one comes back after a day.")
	}
	var matchedAt sql.NullInt64
	var seq int64
	err = tx.QueryRowContext(ctx, side.write, string(a), string(b), string(p.choice), db.Millis(p.at), db.Millis(p.hides), p.canMatch).Scan(&matchedAt, &seq)
	if err != nil && !db.IsNone(err) {
		return o, false, err
	}
	if db.IsNone(err) && p.canMatch { // the other's like just made the match, or they were deleted
		if err := read(); err != nil {
			return o, false, err
		}
		if matched && !over {
			if p.choice == Pass {
				return o, false, alreadyMatched()
			}
			o.Matched = true
			return o, true, nil
		}
	}
	if err := logChoice(ctx, tx, p, n, was, wasAt); err != nil {
		return o, false, err
	}
	if p.choice == Like {
		o.LikesLeft--
	}
	if o.Matched = matchedAt.Valid; o.Matched {
		return o, false, s.matchMade(ctx, tx, Matched{A: a, B: b, At: p.at, Seq: seq})
	}
	return o, false, nil
}

// choicesToday are the choices of one person within quotaWindow.
type choicesToday struct {
	all, likes int
	last       Choice // on one other person, also on a deleted account or an ended match; empty: none
}

// countChoices locks and increments by's counter, which serialises the choices of one
// person, and counts those within quotaWindow. n is the number of the next choice.
func countChoices(ctx context.Context, tx *sql.Tx, by, on account.ID, now time.Time) (n int64, today choicesToday, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO choosers (account_id, n) VALUES ($1, 1)
		ON CONFLICT (account_id) DO UPDATE SET n = choosers.n + 1 RETURNING n`, string(by)).Scan(&n)
	if err != nil {
		return 0, today, err
	}
	// Numbers ascend, so the highest is the last choice; its parity after doubling says which.
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN liked THEN 1 END),
		COALESCE(max(CASE WHEN on_id = $1 AND NOT undone THEN 2 * n + CASE WHEN liked THEN 1 ELSE 0 END END), 0)
		FROM choices WHERE by_id = $2 AND at > $3`, string(on), string(by), db.Millis(now.Add(-quotaWindow))).Scan(&today.all, &today.likes, &last)
	switch {
	case last == 0:
	case last%2 == 1:
		today.last = Like
	default:
		today.last = Pass
	}
	return n, today, err
}

// logChoice stores p as the choice number n, with what by had chosen before.
func logChoice(ctx context.Context, tx *sql.Tx, p choiceWrite, n int64, was Choice, wasAt int64) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO choices (by_id, n, on_id, liked, at, was, was_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		string(p.by), n, string(p.on), p.choice == Like, db.Millis(p.at), string(was), wasAt)
	return err
}

// side holds the statements of one side of a pair.
type side struct{ read, write string }

var (
	sideA = side{sideReadSQL("a"), sideWriteSQL("a", "b")}
	sideB = side{sideReadSQL("b"), sideWriteSQL("b", "a")}
)

// sideReadSQL reads the choice of one side of a pair, and the match.
func sideReadSQL(mine string) string {
	return `SELECT ` + mine + `_choice, ` + mine + `_at, matched_at IS NOT NULL, ended_at IS NOT NULL FROM pairs WHERE a_id = $1 AND b_id = $2`
}

// sideWriteSQL writes the choice of one side. It makes the match if both like and may meet
// ($6); the row of an existing match is left alone. A like is written in the same way
// whether or not the two may meet and whatever the other chose: otherwise the return of the
// card would reveal a like. MatchMutual makes the match later. A choice on a deleted
// account is not written: the statement then returns no row.
func sideWriteSQL(mine, theirs string) string {
	return `INSERT INTO pairs (a_id, b_id, ` + mine + `_choice, ` + mine + `_at, ` + mine + `_hides_at)
		SELECT $1, $2, $3, $4, $5 WHERE EXISTS (SELECT 1 FROM accounts WHERE id = $1) AND EXISTS (SELECT 1 FROM accounts WHERE id = $2)
		ON CONFLICT (a_id, b_id) DO UPDATE SET ` + mine + `_choice = excluded.` + mine + `_choice, ` + mine + `_at = excluded.` + mine + `_at, ` + mine + `_hides_at = excluded.` + mine + `_hides_at,
			matched_at = CASE WHEN $6 AND excluded.` + mine + `_choice = 'like' AND pairs.` + theirs + `_choice = 'like' THEN excluded.` + mine + `_at END,
			seq = pairs.seq + CASE WHEN $6 AND excluded.` + mine + `_choice = 'like' AND pairs.` + theirs + `_choice = 'like' THEN 1 ELSE 0 END
		WHERE pairs.matched_at IS NULL RETURNING matched_at, seq`
}

// CountMiss counts a choice without a valid card ticket against the daily quota. Fault:
// choices.spent.
func (s *Service) CountMiss(ctx context.Context, by account.ID) (err error) {
	defer fault.Wrap(&err, "miss of %s", by)
	p := choiceWrite{by: by, choice: Pass, at: s.now()}
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		n, today, err := countChoices(ctx, tx, by, "", p.at)
		if err != nil {
			return err
		}
		if today.all >= maxChoices {
			return choicesSpent()
		}
		return logChoice(ctx, tx, p, n, "", 0)
	})
}

func choicesSpent() error {
	return fault.New(fault.TooMany, "choices.spent", "That was a lot for one day. Come back tomorrow, or join a room.")
}

// hideDelay is a random time, so that an observer cannot infer a pass from when somebody
// disappears.
func hideDelay() time.Duration { return 6*time.Hour + rand.N(42*time.Hour) }

func alreadyMatched() error {
	return fault.New(fault.Conflict, "choice.matched", "You two have already matched. You can end the match in the conversation.")
}

// afterChoice updates exposure, session and taste.
func (s *Service) afterChoice(ctx context.Context, by, on account.ID, c Choice, now time.Time) {
	if k, ok := keyOf(on); ok {
		s.addExposure(k)
	}
	m, err := s.session(ctx, by)
	if err != nil {
		return // the session is read again on next use
	}
	m.hide(on, true)
	m.mu.Lock()
	quick := now.Sub(m.lastChoice) <= quickPass
	m.lastChoice = now
	m.mu.Unlock()
	switch {
	case c == Like:
		s.learnVoice(m, by, on, likeWeight)
	case quick:
		s.learnVoice(m, by, on, -passWeight)
	}
}

// Undo takes back by's last choice, once, within undoWindow, and returns whom it was on. A
// like stays counted: otherwise undo would multiply the quota. Faults: undo.none,
// undo.matched.
func (s *Service) Undo(ctx context.Context, by account.ID) (on account.ID, err error) {
	defer fault.Wrap(&err, "undo of %s", by)
	now := s.now()
	none := fault.New(fault.Conflict, "undo.none", "There's nothing left to undo. You can undo your last choice once, within ten minutes.")
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if there, err := db.Changed(tx.ExecContext(ctx, `UPDATE choosers SET n = n + 1 WHERE account_id = $1`, string(by))); err != nil || !there {
			return firstError(err, none)
		}
		var n, at, wasAt int64
		var was Choice
		var undone bool
		err := tx.QueryRowContext(ctx, `SELECT n, on_id, at, was, was_at, undone FROM choices WHERE by_id = $1 AND on_id <> '' ORDER BY n DESC LIMIT 1`, string(by)).
			Scan(&n, &on, &at, &was, &wasAt, &undone)
		if db.IsNone(err) || err == nil && (undone || at <= db.Millis(now.Add(-undoWindow))) {
			return none
		}
		if err != nil {
			return err
		}
		a, b, first := ordered(by, on)
		mine, mineAt, hides := "a_choice", "a_at", "a_hides_at"
		if !first {
			mine, mineAt, hides = "b_choice", "b_at", "b_hides_at"
		}
		if was == Like { // restoring a like could create a match silently; they are asked again instead
			was, wasAt = "", 0
		}
		back, err := db.Changed(tx.ExecContext(ctx, `UPDATE pairs SET `+mine+` = $1, `+mineAt+` = $2, `+hides+` = 0 WHERE a_id = $3 AND b_id = $4 AND `+mineAt+` = $5 AND matched_at IS NULL`,
			string(was), wasAt, string(a), string(b), at))
		if err != nil {
			return err
		}
		if !back {
			matched, err := s.matched(ctx, tx, a, b)
			if err != nil {
				return err
			}
			if matched {
				return fault.New(fault.Conflict, "undo.matched", "It was a match, and you've both been told. You can end it in the conversation.")
			} // else the choice was not written to the pair, which by must not learn
		}
		_, err = tx.ExecContext(ctx, `UPDATE choices SET undone = TRUE WHERE by_id = $1 AND n = $2`, string(by), n)
		return err
	})
	if err != nil {
		return "", err
	}
	if m, ok := s.sessions.Peek(by); ok {
		m.unhide(on)
	}
	return on, nil
}

// firstError returns err, or other if err is nil.
func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Matched reports whether a and b have a match that has not ended.
func (s *Service) Matched(ctx context.Context, a, b account.ID) (_ bool, err error) {
	defer fault.Wrap(&err, "matched %s and %s", a, b)
	return s.matched(ctx, s.db, a, b)
}

func (s *Service) matched(ctx context.Context, q db.Querier, a, b account.ID) (bool, error) {
	a, b, _ = ordered(a, b)
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM pairs WHERE a_id = $1 AND b_id = $2 AND matched_at IS NOT NULL AND ended_at IS NULL`, string(a), string(b)).Scan(&n)
	return n > 0, err
}

// Matches lists a page of by's current matches, latest first.
func (s *Service) Matches(ctx context.Context, by account.ID, part page.Request) (_ []Match, next page.Cursor, err error) {
	defer fault.Wrap(&err, "matches of %s", by)
	at, id, limit := part.Args()
	found, err := db.Select(ctx, s.db, scanMatch, `SELECT other, at FROM (`+currentMatches+`) m
		WHERE at < $2 OR at = $2 AND other > $3 ORDER BY at DESC, other LIMIT $4`, string(by), at, id, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	found, next = page.Cut(part, found, func(m Match) page.Cursor { return page.Of(m.At, string(m.Other)) })
	return found, next, nil
}

// Match returns by's current match with other. Fault: match.none.
func (s *Service) Match(ctx context.Context, by, other account.ID) (m Match, err error) {
	defer fault.Wrap(&err, "match with %s", other)
	m, err = scanMatch(s.db.QueryRowContext(ctx, `SELECT other, at FROM (`+currentMatches+`) m WHERE other = $2`, string(by), string(other)))
	if db.IsNone(err) {
		err = fault.New(fault.NotFound, "match.none", "You two haven't matched.")
	}
	return m, err
}

// currentMatches are the matches of $1.
const currentMatches = `SELECT b_id AS other, matched_at AS at FROM pairs WHERE a_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
	UNION ALL SELECT a_id, matched_at FROM pairs WHERE b_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL`

func scanMatch(row interface{ Scan(...any) error }) (m Match, err error) {
	var at int64
	err = row.Scan(&m.Other, &at)
	m.At = time.UnixMilli(at)
	return m, err
}

// matchMade does what belongs to the transaction that makes a match.
func (s *Service) matchMade(ctx context.Context, tx *sql.Tx, m Matched) error {
	if err := s.onMatch(ctx, tx, m.A, m.B, m.At); err != nil {
		return err
	}
	return outbox.Append(ctx, tx, m.At, m)
}

// End ends a match for both and permanently. Fault: match.unknown.
func (s *Service) End(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "end match with %s", other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		ended, err := s.endMatch(ctx, tx, by, other)
		if err == nil && !ended {
			return fault.New(fault.NotFound, "match.unknown", "This match has ended.")
		}
		return err
	})
	if err == nil {
		s.wake()
	}
	return err
}

// Separate deletes what two people chose of each other, in the transaction tx of a block: a
// match ends, likes are removed. The caller wakes the relay after the commit.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, x, y account.ID) error {
	a, b, _ := ordered(x, y)
	// Insert the row if it is missing: a concurrent choice waits for it, and finds
	// no like of the other's.
	if _, err := tx.ExecContext(ctx, `INSERT INTO pairs (a_id, b_id) VALUES ($1, $2)
		ON CONFLICT (a_id, b_id) DO UPDATE SET
			a_choice = CASE WHEN pairs.matched_at IS NULL AND pairs.a_choice = 'like' THEN '' ELSE pairs.a_choice END,
			b_choice = CASE WHEN pairs.matched_at IS NULL AND pairs.b_choice = 'like' THEN '' ELSE pairs.b_choice END`, string(a), string(b)); err != nil {
		return err
	}
	_, err := s.endMatch(ctx, tx, a, b)
	return err
}

func (s *Service) endMatch(ctx context.Context, tx *sql.Tx, x, y account.ID) (ended bool, err error) {
	a, b, _ := ordered(x, y)
	now := s.now()
	var seq int64
	err = tx.QueryRowContext(ctx, `UPDATE pairs SET ended_at = $1, seq = seq + 1 WHERE a_id = $2 AND b_id = $3 AND matched_at IS NOT NULL AND ended_at IS NULL RETURNING seq`,
		db.Millis(now), string(a), string(b)).Scan(&seq)
	if db.IsNone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := s.onMatchEnd(ctx, tx, a, b); err != nil {
		return false, err
	}
	return true, outbox.Append(ctx, tx, now, Ended{A: a, B: b, At: now, Seq: seq})
}

// Sweep deletes choices that no quota counts any more, and expired passes. Run it about
// every hour, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep choices")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM choices WHERE at <= $1`, db.Millis(now.Add(-quotaWindow))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM pairs WHERE matched_at IS NULL AND a_choice <> 'like' AND b_choice <> 'like' AND a_at <= $1 AND b_at <= $1`,
			db.Millis(now.Add(-passCooldown)))
		return err
	})
}
