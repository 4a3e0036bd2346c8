package discovery

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fault"
)

// Choice is what somebody says to a card.
type Choice string

// The choices.
const (
	Like Choice = "like"
	Pass Choice = "pass"
)

// Outcome is what a choice came to.
type Outcome struct {
	Matched   bool // the other had liked, too
	LikesLeft int
}

// The quotas, the same for all, in any 24 hours.
const (
	likesMost   = 50
	choicesMost = 500
	quotaTime   = 24 * time.Hour
	undoTime    = 10 * time.Minute
)

// Match is somebody whom one likes and is liked by.
type Match struct {
	Other account.ID
	At    time.Time
}

// ordered are two people as a pair's row has them, and whether by is a.
func ordered(by, on account.ID) (a, b account.ID, first bool) {
	if by < on {
		return by, on, true
	}
	return on, by, false
}

// Choose says by's choice on somebody. A like of somebody who likes by makes a
// match; whatever else it does is known to by alone. The same choice again
// changes nothing; until the match the last choice counts. Faults:
// person.unknown also for somebody whom by may not meet, likes.spent,
// choices.spent, choice.matched, discover.incomplete, discover.paused.
func (s *Service) Choose(ctx context.Context, by, on account.ID, c Choice) (o Outcome, err error) {
	defer fault.Wrap(&err, "choose %s", on)
	if c != Like && c != Pass {
		return o, fault.At("body.choice", "choice.unknown", "Say like or pass.")
	}
	if by == on {
		return o, unknown()
	}
	both, err := s.standing(ctx, by, []account.ID{on})
	if err != nil {
		return o, err
	}
	me, them, now := both[by], both[on], s.now()
	switch {
	case me == nil || !me.whole && !me.paused:
		return o, incomplete()
	case me.paused:
		return o, onPause()
	case them == nil || them.apart || !them.Shown(now) || !Fits(&me.Person, &them.Person, DayOf(now)):
		return o, unknown()
	}
	w, err := s.sql.toChoose(ctx, s.db)
	if err != nil {
		return o, err
	}
	again := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		o, again, err = w.choose(ctx, tx, by, on, c, now)
		return err
	})
	if err != nil || again {
		return o, err
	}
	if o.Matched {
		s.wake()
	}
	s.chosen(ctx, by, on, c, now)
	return o, nil
}

func (w *chooseTexts) choose(ctx context.Context, tx *sql.Tx, by, on account.ID, c Choice, now time.Time) (o Outcome, again bool, err error) {
	at := db.Millis(now)
	var n int64 // the row of a chooser lets one choice of theirs in after another
	if err := tx.StmtContext(ctx, w.lock).QueryRowContext(ctx, string(by)).Scan(&n); err != nil {
		return o, false, err
	}
	a, b, first := ordered(by, on)
	side := w.b
	if first {
		side = w.a
	}
	var was Choice
	var wasAt int64
	var matched, over bool
	err = tx.StmtContext(ctx, side.read).QueryRowContext(ctx, string(a), string(b)).Scan(&was, &wasAt, &matched, &over)
	if err != nil && !db.IsNone(err) {
		return o, false, err
	}
	var likes, all int
	if err := tx.StmtContext(ctx, w.quota).QueryRowContext(ctx, string(by), db.Millis(now.Add(-quotaTime))).Scan(&all, &likes); err != nil {
		return o, false, err
	}
	o.LikesLeft = max(0, likesMost-likes)
	switch {
	case over:
		return o, false, unknown()
	case matched && c == Pass:
		return o, false, alreadyMatched()
	case matched, was == c && (c == Like || wasAt > db.Millis(now.Add(-silence))):
		o.Matched = matched
		return o, true, nil
	case all >= choicesMost:
		return o, false, fault.New(fault.TooMany, "choices.spent", "That was a lot for one day. Come back tomorrow, or drop into a room.")
	case c == Like && likes >= likesMost:
		return o, false, fault.New(fault.TooMany, "likes.spent", "You have given all likes of today. They come back one by one, a day after each.")
	}
	var matchedAt sql.NullInt64
	var seq int64
	err = tx.StmtContext(ctx, side.write).QueryRowContext(ctx, string(a), string(b), string(c), at).Scan(&matchedAt, &seq)
	if db.IsNone(err) { // the other's like made the match just now
		if c == Pass {
			return o, false, alreadyMatched()
		}
		o.Matched = true
		return o, true, nil
	}
	if err != nil {
		return o, false, err
	}
	if _, err := tx.StmtContext(ctx, w.log).ExecContext(ctx, string(by), n, string(on), c == Like, at, string(was), wasAt); err != nil {
		return o, false, err
	}
	if c == Like {
		o.LikesLeft--
	}
	if o.Matched = matchedAt.Valid; o.Matched {
		return o, false, event.Append(ctx, tx, now, Matched{A: a, B: b, At: now, Seq: seq})
	}
	return o, false, nil
}

func alreadyMatched() error {
	return fault.New(fault.Conflict, "choice.matched", "You are a match already. You can end it in the conversation.")
}

// chosen keeps in memory what a choice teaches.
func (s *Service) chosen(ctx context.Context, by, on account.ID, c Choice, now time.Time) {
	if k, ok := keyOf(on); ok {
		s.expose(k)
	}
	m, err := s.session(ctx, by)
	if err != nil {
		return // it is read again when it is needed
	}
	m.hide(on)
	m.mu.Lock()
	quick := now.Sub(m.last) <= quickPass
	m.last = now
	m.mu.Unlock()
	switch {
	case c == Like:
		s.teach(m, by, on, likeTeaches)
	case quick:
		s.teach(m, by, on, -passTeaches)
	}
	if other, ok := s.sessions.Peek(on); ok {
		other.heed(by, c)
	}
}

// Undo takes by's last choice back, once, within ten minutes, and says whom it
// was on. Faults: undo.none, undo.matched.
func (s *Service) Undo(ctx context.Context, by account.ID) (on account.ID, err error) {
	defer fault.Wrap(&err, "undo of %s", by)
	now := s.now()
	none := fault.New(fault.Conflict, "undo.none", "There is nothing to take back. The last choice can be undone once, within ten minutes.")
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if there, err := db.Changed(tx.ExecContext(ctx, `UPDATE choosers SET n = n + 1 WHERE account_id = $1`, string(by))); err != nil || !there {
			return cmpErr(err, none)
		}
		var n, at, wasAt int64
		var was Choice
		var undone bool
		err := tx.QueryRowContext(ctx, `SELECT n, on_id, at, was, was_at, undone FROM choices WHERE by_id = $1 ORDER BY n DESC LIMIT 1`, string(by)).
			Scan(&n, &on, &at, &was, &wasAt, &undone)
		if db.IsNone(err) || err == nil && (undone || at <= db.Millis(now.Add(-undoTime))) {
			return none
		}
		if err != nil {
			return err
		}
		a, b, first := ordered(by, on)
		mine, mineAt := "a_choice", "a_at"
		if !first {
			mine, mineAt = "b_choice", "b_at"
		}
		if was == Like { // it would have to match by itself; they are asked again instead
			was, wasAt = "", 0
		}
		back, err := db.Changed(tx.ExecContext(ctx, `UPDATE pairs SET `+mine+` = $1, `+mineAt+` = $2 WHERE a_id = $3 AND b_id = $4 AND `+mineAt+` = $5 AND matched_at IS NULL`,
			string(was), wasAt, string(a), string(b), at))
		if err != nil {
			return err
		}
		if !back {
			if matched, err := s.matched(ctx, tx, a, b); err != nil || !matched {
				return cmpErr(err, none)
			}
			return fault.New(fault.Conflict, "undo.matched", "It was a match, and that is told. You can end it in the conversation.")
		}
		_, err = tx.ExecContext(ctx, `UPDATE choices SET undone = TRUE, liked = FALSE WHERE by_id = $1 AND n = $2`, string(by), n)
		return err
	})
	if err != nil {
		return "", err
	}
	if m, ok := s.sessions.Peek(by); ok {
		m.unhide(on)
	}
	s.sessions.Remove(on) // what they may see is read anew
	return on, nil
}

// cmpErr is err, or other where there is none.
func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Matched reports whether a and b are a match that has not ended.
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

// Matches are by's matches that have not ended, the last first.
func (s *Service) Matches(ctx context.Context, by account.ID) (_ []Match, err error) {
	defer fault.Wrap(&err, "matches of %s", by)
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (m Match, err error) {
		var at int64
		err = row.Scan(&m.Other, &at)
		m.At = time.UnixMilli(at)
		return m, err
	}, `SELECT b_id, matched_at FROM pairs WHERE a_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL
		UNION ALL SELECT a_id, matched_at FROM pairs WHERE b_id = $1 AND matched_at IS NOT NULL AND ended_at IS NULL ORDER BY 2 DESC, 1`, string(by))
}

// End ends the match of by and other, for both and for ever, or says
// match.unknown.
func (s *Service) End(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "end match with %s", other)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		ended, err := s.end(ctx, tx, by, other)
		if err == nil && !ended {
			return fault.New(fault.NotFound, "match.unknown", "There is no such match.")
		}
		return err
	})
	if err == nil {
		s.wake()
	}
	return err
}

// Part takes away what two people chose of each other, in the transaction tx
// in which they are kept apart: a match ends, a like is forgotten. The caller
// wakes the relay after the commit.
func (s *Service) Part(ctx context.Context, tx *sql.Tx, x, y account.ID) error {
	a, b, _ := ordered(x, y)
	// The row is made where there is none: who chooses at this moment waits for
	// it, and finds no like of the other's.
	if _, err := tx.ExecContext(ctx, `INSERT INTO pairs (a_id, b_id) VALUES ($1, $2)
		ON CONFLICT (a_id, b_id) DO UPDATE SET
			a_choice = CASE WHEN pairs.matched_at IS NULL AND pairs.a_choice = 'like' THEN '' ELSE pairs.a_choice END,
			b_choice = CASE WHEN pairs.matched_at IS NULL AND pairs.b_choice = 'like' THEN '' ELSE pairs.b_choice END`, string(a), string(b)); err != nil {
		return err
	}
	_, err := s.end(ctx, tx, a, b)
	return err
}

func (s *Service) end(ctx context.Context, tx *sql.Tx, x, y account.ID) (ended bool, err error) {
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
	if err := s.forget(ctx, tx, a, b); err != nil {
		return false, err
	}
	return true, event.Append(ctx, tx, now, Ended{A: a, B: b, At: now, Seq: seq})
}

// Sweep drops choices that count for no quota any more and passes that keep
// nobody away any more. Run it every hour or so, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep choices")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM choices WHERE at <= $1`, db.Millis(now.Add(-quotaTime))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM pairs WHERE matched_at IS NULL AND a_choice <> 'like' AND b_choice <> 'like' AND a_at <= $1 AND b_at <= $1`,
			db.Millis(now.Add(-silence)))
		return err
	})
}
