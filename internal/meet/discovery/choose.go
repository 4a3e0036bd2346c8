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
	w, err := s.sql.forChoice(ctx, s.db)
	if err != nil {
		return o, err
	}
	p := choiceWrite{by: by, on: on, choice: c, at: now, hides: now.Add(s.delay())}
	p.canMatch = them != nil && !them.excluded && them.Shown(now) && Fits(&me.Person, &them.Person, DayOf(now))
	again := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		o, again, err = w.choose(ctx, tx, p)
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

func (w *choiceStatements) choose(ctx context.Context, tx *sql.Tx, p choiceWrite) (o Outcome, again bool, err error) {
	at, since := db.Millis(p.at), db.Millis(p.at.Add(-quotaWindow))
	var n int64 // the counter's row serialises the choices of one person
	if err := tx.StmtContext(ctx, w.lock).QueryRowContext(ctx, string(p.by)).Scan(&n); err != nil {
		return o, false, err
	}
	a, b, first := ordered(p.by, p.on)
	side := w.b
	if first {
		side = w.a
	}
	var was Choice
	var wasAt int64
	var matched, over bool
	read := func() error {
		err := tx.StmtContext(ctx, side.read).QueryRowContext(ctx, string(a), string(b)).Scan(&was, &wasAt, &matched, &over)
		if db.IsNone(err) {
			return nil
		}
		return err
	}
	if err := read(); err != nil {
		return o, false, err
	}
	var likes, all int
	if err := tx.StmtContext(ctx, w.quota).QueryRowContext(ctx, string(p.by), since).Scan(&all, &likes); err != nil {
		return o, false, err
	}
	p.canMatch = p.canMatch && !over
	// The latest choice, also on a deleted account or an ended match.
	var liked bool
	err = tx.StmtContext(ctx, w.recent).QueryRowContext(ctx, string(p.by), string(p.on), since).Scan(&liked)
	if err != nil && !db.IsNone(err) {
		return o, false, err
	}
	same := err == nil && liked == (p.choice == Like)
	o.LikesLeft = max(0, maxLikes-likes)
	switch {
	case matched && !over && p.choice == Pass:
		return o, false, alreadyMatched()
	case matched && !over:
		o.Matched = true
		return o, true, nil
	case same && !p.canMatch, was == p.choice && !over && (p.choice == Like || wasAt > db.Millis(p.at.Add(-passCooldown))):
		return o, true, nil
	case all >= maxChoices:
		return o, false, choicesSpent()
	case p.choice == Like && likes >= maxLikes:
		return o, false, fault.New(fault.TooMany, "likes.spent", "You've used today's likes. Each one comes back after a day.")
	}
	var matchedAt sql.NullInt64
	var seq int64
	err = tx.StmtContext(ctx, side.write).QueryRowContext(ctx, string(a), string(b), string(p.choice), at, db.Millis(p.hides), p.canMatch).Scan(&matchedAt, &seq)
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
	if _, err := tx.StmtContext(ctx, w.log).ExecContext(ctx, string(p.by), n, string(p.on), p.choice == Like, at, string(was), wasAt); err != nil {
		return o, false, err
	}
	if p.choice == Like {
		o.LikesLeft--
	}
	if o.Matched = matchedAt.Valid; o.Matched {
		return o, false, outbox.Append(ctx, tx, p.at, Matched{A: a, B: b, At: p.at, Seq: seq})
	}
	return o, false, nil
}

// CountMiss counts a choice without a valid card ticket against the daily quota. Fault:
// choices.spent.
func (s *Service) CountMiss(ctx context.Context, by account.ID) (err error) {
	defer fault.Wrap(&err, "miss of %s", by)
	w, err := s.sql.forChoice(ctx, s.db)
	if err != nil {
		return err
	}
	now := s.now()
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		var n int64
		if err := tx.StmtContext(ctx, w.lock).QueryRowContext(ctx, string(by)).Scan(&n); err != nil {
			return err
		}
		var likes, all int
		if err := tx.StmtContext(ctx, w.quota).QueryRowContext(ctx, string(by), db.Millis(now.Add(-quotaWindow))).Scan(&all, &likes); err != nil {
			return err
		}
		if all >= maxChoices {
			return choicesSpent()
		}
		_, err := tx.StmtContext(ctx, w.log).ExecContext(ctx, string(by), n, "", false, db.Millis(now), "", 0)
		return err
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
