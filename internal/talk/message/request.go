package message

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

const (
	RequestTime = 14 * 24 * time.Hour // after that, a request without an answer is over
	MaxRequests = 10                  // of one person, without an answer
)

// Asked says who waits for whose answer in a chat that began as a request.
type Asked string

const (
	AskedNobody Asked = ""       // the chat is open
	AskedMine   Asked = "mine"   // the viewer asked
	AskedTheirs Asked = "theirs" // the viewer is asked
)

var (
	// ErrNoRequests is the one answer for everybody who cannot be asked, so that it does not
	// tell a block from a closed box.
	ErrNoRequests = fault.New(fault.Forbidden, "chat.no_requests", "This person doesn't take messages from people they haven't matched with.")

	// ErrMatched refuses to end the chat of a match: the match is to be ended.
	ErrMatched = fault.New(fault.Conflict, "chat.matched", "You two have matched. End the match instead.")

	errAsked        = fault.New(fault.Conflict, "chat.asked", "They haven't answered your request yet. You can write more once they do.")
	errManyRequests = fault.New(fault.TooMany, "chat.requests_many", "Ten of your requests are waiting for an answer. Take one back, or wait.")
)

// Begin begins the chat of by with other: at once if they are acquainted, which the caller
// knows, and otherwise as a request, if other takes requests. A chat that exists stays as it is.
// Faults: chat.no_requests, chat.requests_many, chat.limit.
func (s *Service) Begin(ctx context.Context, by, other account.ID, acquainted bool) (_ Chat, err error) {
	defer fault.Wrap(&err, "begin chat with %s", other)
	if by == other {
		return Chat{}, ErrNoRequests
	}
	p, now := pairOf(by, other), s.now()
	begun := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		begun = false // a transaction may run again
		asked := p.side
		if acquainted {
			asked = ""
		}
		// Inserted before it is checked, so that a block under way comes before or after.
		added, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO chats (a_id, b_id, at, matched, asked, asked_at)
			SELECT $1, $2, $3, FALSE, $4, $3 FROM accounts WHERE id = $5 ON CONFLICT (a_id, b_id) DO NOTHING`,
			string(p.a), string(p.b), db.Millis(now), asked, string(other)))
		if err != nil {
			return err
		}
		if !added {
			if err = s.answerable(ctx, tx, p); err != nil {
				err = ErrNoRequests
			}
			return err
		}
		begun = true
		if err := s.checkBegin(ctx, tx, by, other, acquainted); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other, Silent: !acquainted})
	})
	if err != nil {
		return Chat{}, err
	}
	if begun {
		s.wake()
	}
	return s.Chat(ctx, by, other)
}

// checkBegin refuses a chat that was just inserted.
func (s *Service) checkBegin(ctx context.Context, tx *sql.Tx, by, other account.ID, acquainted bool) error {
	var apart, refused, takes bool
	var waiting int
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id = $2),
		EXISTS (SELECT 1 FROM chat_refusals WHERE by_id = $2 AND on_id = $1),
		EXISTS (SELECT 1 FROM chat_settings WHERE account_id = $2 AND requests),
		(SELECT count(*) FROM chats WHERE a_id = $1 AND asked = 'a') + (SELECT count(*) FROM chats WHERE b_id = $1 AND asked = 'b')`,
		string(by), string(other)).Scan(&apart, &refused, &takes, &waiting)
	switch {
	case err != nil:
		return err
	case apart || refused || !takes && !acquainted:
		return ErrNoRequests
	case waiting > MaxRequests:
		return errManyRequests
	}
	return s.checkLimit(ctx, tx, by, 1)
}

// MayBegin reports whether Begin would begin a request with other, as far as that depends on
// other. It tells nothing that Begin does not.
func (s *Service) MayBegin(ctx context.Context, by, other account.ID) (may bool, err error) {
	defer fault.Wrap(&err, "may begin chat with %s", other)
	err = s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM chat_settings WHERE account_id = $1 AND requests)
		AND NOT EXISTS (SELECT 1 FROM chat_refusals WHERE by_id = $1 AND on_id = $2)
		AND NOT EXISTS (SELECT 1 FROM apart WHERE a_id = $1 AND b_id = $2)`, string(other), string(by)).Scan(&may)
	return may && by != other, err
}

// answerable fails with chat.none unless by has this chat, or was asked for it.
func (s *Service) answerable(ctx context.Context, q db.Querier, p pair) error {
	return s.there(ctx, q, p, shownTo(p.side))
}

// there fails with chat.none unless there is the chat c with a condition.
func (s *Service) there(ctx context.Context, q db.Querier, p pair, condition string) error {
	var n int
	err := q.QueryRowContext(ctx, `SELECT count(*) FROM chats c WHERE c.a_id = $1 AND c.b_id = $2 AND `+condition, string(p.a), string(p.b)).Scan(&n)
	if err == nil && n == 0 {
		return ErrNone
	}
	return err
}

// openTo is the condition that one side may act in a chat c: nobody asks them for it.
func openTo(side string) string { return `c.asked IN ('', '` + side + `')` }

// shownTo is the condition that a chat c exists for one side: it is open, or theirs to ask, or
// they are asked by a message and have not declined.
func shownTo(side string) string {
	return `(` + openTo(side) + ` OR c.declined_at IS NULL AND c.last_n > 0)`
}

// Accept opens the chat that other asked for. One that is open stays as it is. Fault: chat.none.
func (s *Service) Accept(ctx context.Context, by, other account.ID) (_ Chat, err error) {
	defer fault.Wrap(&err, "accept chat with %s", other)
	p, accepted := pairOf(by, other), false
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		accepted, err = db.Changed(tx.ExecContext(ctx, `UPDATE chats SET asked = '' WHERE a_id = $1 AND b_id = $2 AND asked = $3 AND declined_at IS NULL AND last_n > 0`,
			string(p.a), string(p.b), p.otherSide()))
		if err != nil || !accepted {
			return err
		}
		return outbox.Append(ctx, tx, s.now(), ChatChanged{By: by, Other: other})
	})
	if err != nil {
		return Chat{}, err
	}
	if accepted {
		s.wake()
	}
	return s.Chat(ctx, by, other)
}

// End deletes the chat of by with other, which is not of a match: an open one and by's own
// request are gone for both. A request to by stays as it is for other, who may not ask again.
// Faults: chat.none, chat.matched.
func (s *Service) End(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "end chat with %s", other)
	p, now := pairOf(by, other), s.now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var asked string
		var matched, shown bool
		err := tx.QueryRowContext(ctx, `UPDATE chats SET seq = seq WHERE a_id = $1 AND b_id = $2 RETURNING matched, asked, asked IN ('', $3) OR declined_at IS NULL AND last_n > 0`,
			string(p.a), string(p.b), p.side).Scan(&matched, &asked, &shown)
		if db.IsNone(err) || err == nil && !shown {
			return ErrNone
		}
		if err == nil && matched {
			err = ErrMatched
		}
		if err != nil {
			return err
		}
		if asked == p.otherSide() {
			_, err = tx.ExecContext(ctx, `UPDATE chats SET declined_at = $1 WHERE a_id = $2 AND b_id = $3`, db.Millis(now), string(p.a), string(p.b))
		} else {
			err = s.Close(ctx, tx, by, other)
		}
		if err != nil {
			return err
		}
		if asked != p.side { // whoever takes their own request back refuses nobody
			if _, err := tx.ExecContext(ctx, `INSERT INTO chat_refusals (by_id, on_id, at) VALUES ($1, $2, $3) ON CONFLICT (by_id, on_id) DO NOTHING`,
				string(by), string(other), db.Millis(now)); err != nil {
				return err
			}
		}
		return outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other, Silent: asked == p.otherSide()})
	})
	if err == nil {
		s.wake()
	}
	return err
}

// Separate deletes the chat of two people, in the transaction of a block.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "separate %s and %s", by, other)
	p, now := pairOf(by, other), s.now()
	// Inserted if it is missing: a Begin under way is waited for, and then deleted, too.
	var added bool
	if err := tx.QueryRowContext(ctx, `INSERT INTO chats (a_id, b_id, at, asked_at) VALUES ($1, $2, $3, -1)
		ON CONFLICT (a_id, b_id) DO UPDATE SET seq = chats.seq RETURNING asked_at = -1`,
		string(p.a), string(p.b), db.Millis(now)).Scan(&added); err != nil {
		return err
	}
	if err := s.Close(ctx, tx, by, other); err != nil || added {
		return err
	}
	return outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other})
}

// Requests returns a page of the chats that others ask by for, the last first.
func (s *Service) Requests(ctx context.Context, by account.ID, part page.Request) (_ []Chat, next page.Cursor, err error) {
	defer fault.Wrap(&err, "requests to %s", by)
	return s.list(ctx, by, part, `c.asked = 'b' AND c.declined_at IS NULL AND c.last_n > 0`, `c.asked = 'a' AND c.declined_at IS NULL AND c.last_n > 0`)
}

// SweepRequests deletes requests that are over: whoever asked cannot tell whether they were
// declined. Run it about every hour, on one server.
func (s *Service) SweepRequests(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep requests")
	type over struct{ by, other account.ID }
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		all, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (o over, err error) {
			err = row.Scan(&o.by, &o.other)
			return o, err
		}, `DELETE FROM chats WHERE asked <> '' AND asked_at <= $1 RETURNING CASE WHEN asked = 'a' THEN a_id ELSE b_id END, CASE WHEN asked = 'a' THEN b_id ELSE a_id END`,
			db.Millis(now.Add(-RequestTime)))
		for _, o := range all {
			if err == nil {
				err = outbox.Append(ctx, tx, now, ChatChanged{By: o.by, Other: o.other})
			}
		}
		return err
	})
	if err == nil {
		s.wake()
	}
	return err
}
