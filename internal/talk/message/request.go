package message

import (
	"context"
	"database/sql"
	"slices"
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
	ErrNoRequests = fault.New(fault.Forbidden, "chat.no_requests", "You can only write to this person if you match.")

	// ErrMatched refuses to end the chat of a match: the match is to be ended.
	ErrMatched = fault.New(fault.Conflict, "chat.matched", "You two have matched. End the match instead.")

	errAsked        = fault.New(fault.Conflict, "chat.asked", "They haven't accepted your request yet. You can write more once they do.")
	errManyRequests = fault.New(fault.TooMany, "chat.requests_many", "Ten of your requests are waiting for an answer. Take one back, or wait.")
)

// Begin begins the chat of by with other: at once if they are acquainted, and otherwise as a
// request, if other takes requests. A chat that exists stays as it is. acquainted locks what makes
// them so until the transaction ends; nil: they are not.
// Faults: chat.no_requests, chat.requests_many, chat.limit.
func (s *Service) Begin(ctx context.Context, by, other account.ID, acquainted func(ctx context.Context, tx *sql.Tx) (bool, error)) (_ Chat, err error) {
	defer fault.Wrap(&err, "begin chat with %s", other)
	if by == other {
		return Chat{}, ErrNoRequests
	}
	p, now := pairOf(by, other), s.now()
	begun := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		begun = false // a transaction may run again
		// What one person begins is counted one after the other.
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		asked, direct := p.side, false
		if acquainted != nil {
			var err error
			if direct, err = acquainted(ctx, tx); err != nil {
				return err
			}
			if direct {
				asked = ""
			}
		}
		// Inserted before it is checked, so that a block under way comes before or after. Of a request
		// of the other's without a message nobody is to know: then both have one, until one of them
		// writes. The seq begins beyond that of a chat that the two had before.
		added, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO chats (a_id, b_id, at, matched, asked, asked_at, seq)
			SELECT $1, $2, CAST($3 AS BIGINT), FALSE, CAST($4 AS TEXT), CASE WHEN CAST($4 AS TEXT) = '' THEN 0 ELSE CAST($3 AS BIGINT) END, CAST($3 AS BIGINT) FROM accounts WHERE id = $5
			ON CONFLICT (a_id, b_id) DO UPDATE SET asked = CASE WHEN excluded.asked = '' THEN '' ELSE chats.asked END,
				asked_both = excluded.asked <> '', asked_at = excluded.asked_at, at = excluded.at
			WHERE chats.asked = $6 AND chats.last_n = 0 AND NOT chats.asked_both`,
			string(p.a), string(p.b), db.Millis(now), asked, string(other), p.otherSide()))
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
		if err := s.checkBegin(ctx, tx, by, other, direct); err != nil {
			return err
		}
		to := []account.ID{by}
		if direct {
			to = append(to, other)
		}
		return outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other, To: to})
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
		(SELECT count(*) FROM chats WHERE a_id = $1 AND (asked = 'a' OR asked_both)) + (SELECT count(*) FROM chats WHERE b_id = $1 AND (asked = 'b' OR asked_both))`,
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

// Way names the step to a chat with somebody.
type Way string

// The ways. Without one there is no chat, and none can be asked for.
const (
	WayThere   Way = "there"   // the chat exists, or the other asks for it
	WayDirect  Way = "direct"  // Begin opens one
	WayRequest Way = "request" // Begin asks for one
)

// Ways returns how by comes to a chat with each of others, as far as that depends on them; of
// those to whom there is no way there is no entry. It tells nothing that Begin does not.
func (s *Service) Ways(ctx context.Context, by account.ID, acquainted func(account.ID) bool, others ...account.ID) (_ map[account.ID]Way, err error) {
	defer fault.Wrap(&err, "ways of %s to chats", by)
	ways := map[account.ID]Way{}
	if len(others) == 0 {
		return ways, nil
	}
	args := []any{string(by)}
	for _, o := range others {
		args = append(args, string(o))
	}
	in := db.Placeholders(2, len(others))
	type fact struct {
		who  account.ID
		what int
	}
	const there, takes, never = 1, 2, 3 // never: a block, or somebody was asked before
	facts, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (f fact, err error) {
		err = row.Scan(&f.who, &f.what)
		return f, err
	}, `SELECT b_id, 1 FROM chats c WHERE a_id = $1 AND b_id IN (`+in+`) AND `+shownTo("a")+`
		UNION ALL SELECT a_id, 1 FROM chats c WHERE b_id = $1 AND a_id IN (`+in+`) AND `+shownTo("b")+`
		UNION ALL SELECT account_id, 2 FROM chat_settings WHERE account_id IN (`+in+`) AND requests
		UNION ALL SELECT by_id, 3 FROM chat_refusals WHERE on_id = $1 AND by_id IN (`+in+`)
		UNION ALL SELECT b_id, 3 FROM chats WHERE a_id = $1 AND b_id IN (`+in+`) AND declined_at IS NOT NULL
		UNION ALL SELECT a_id, 3 FROM chats WHERE b_id = $1 AND a_id IN (`+in+`) AND declined_at IS NOT NULL
		UNION ALL SELECT b_id, 3 FROM apart WHERE a_id = $1 AND b_id IN (`+in+`)`, args...)
	if err != nil {
		return nil, err
	}
	holds := map[fact]bool{}
	for _, f := range facts {
		holds[f] = true
	}
	for _, o := range others {
		switch {
		case holds[fact{o, there}]:
			ways[o] = WayThere
		case o == by || holds[fact{o, never}]:
		case acquainted(o):
			ways[o] = WayDirect
		case holds[fact{o, takes}]:
			ways[o] = WayRequest
		}
	}
	return ways, nil
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

// openTo is the condition that one side may act in a chat c: nobody asks them for it, as far as
// they know.
func openTo(side string) string { return `(c.asked IN ('', '` + side + `') OR c.asked_both)` }

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
		return outbox.Append(ctx, tx, s.now(), ChatChanged{By: by, Other: other, To: []account.ID{by, other}})
	})
	if err != nil {
		return Chat{}, err
	}
	if accepted {
		s.wake()
	}
	return s.Chat(ctx, by, other)
}

// ended is a chat about to be deleted or declined, as it was.
type ended struct {
	pair
	matched  bool
	asked    string
	both     bool // have begun it, and neither has written
	request  bool // began as one
	lastN    int64
	declined bool
}

// shownTo reports whether the chat was there for a side.
func (e ended) shownTo(side string) bool {
	return e.asked == "" || e.asked == side || e.both || e.lastN > 0 && !e.declined
}

// to returns those of the two for whom it was there.
func (e ended) to() (to []account.ID) {
	if e.shownTo("a") {
		to = append(to, e.a)
	}
	if e.shownTo("b") {
		to = append(to, e.b)
	}
	return to
}

const endedColumns = `matched, asked, asked_both, asked_at > 0, last_n, declined_at IS NOT NULL`

func (e *ended) into() []any {
	return []any{&e.matched, &e.asked, &e.both, &e.request, &e.lastN, &e.declined}
}

// final keeps the two from asking each other for another chat: one asks the other once. Of a request
// without a message, nobody is to know that it was.
func (e ended) final(ctx context.Context, tx *sql.Tx, now time.Time) error {
	if e.lastN == 0 && e.asked != "" {
		return nil
	}
	if err := refuse(ctx, tx, e.a, e.b, now); err != nil {
		return err
	}
	return refuse(ctx, tx, e.b, e.a, now)
}

// refuse keeps on from asking by for a chat ever again.
func refuse(ctx context.Context, tx *sql.Tx, by, on account.ID, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO chat_refusals (by_id, on_id, at) VALUES ($1, $2, $3) ON CONFLICT (by_id, on_id) DO NOTHING`,
		string(by), string(on), db.Millis(now))
	return err
}

// End deletes the chat of by with other, which is not of a match: an open one and by's own
// request are gone for both. Other cannot begin another, and after a request neither can by. A
// request to by is declined: it stays as it is for other, who cannot ask again. Faults: chat.none, chat.matched.
func (s *Service) End(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "end chat with %s", other)
	p, now := pairOf(by, other), s.now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		e := ended{pair: p}
		err := tx.QueryRowContext(ctx, `UPDATE chats SET seq = seq WHERE a_id = $1 AND b_id = $2 RETURNING `+endedColumns, string(p.a), string(p.b)).Scan(e.into()...)
		switch {
		case db.IsNone(err) || err == nil && !e.shownTo(p.side):
			return ErrNone
		case err != nil:
			return err
		case e.matched:
			return ErrMatched
		}
		to := e.to()
		switch {
		case e.both: // by's alone
			to = []account.ID{by}
			_, err = tx.ExecContext(ctx, `UPDATE chats SET asked = $1, asked_both = FALSE WHERE a_id = $2 AND b_id = $3`, p.otherSide(), string(p.a), string(p.b))
		case e.asked == p.otherSide():
			to = []account.ID{by}
			if _, err = tx.ExecContext(ctx, `UPDATE chats SET declined_at = $1 WHERE a_id = $2 AND b_id = $3`, db.Millis(now), string(p.a), string(p.b)); err == nil {
				err = refuse(ctx, tx, by, other, now)
			}
		case e.asked == p.side: // taken back: who was asked may ask
			if err = s.Close(ctx, tx, by, other); err == nil && e.lastN > 0 {
				err = refuse(ctx, tx, other, by, now)
			}
		default:
			if err = s.Close(ctx, tx, by, other); err == nil && e.request {
				err = e.final(ctx, tx, now)
			} else if err == nil { // acquainted people: by may begin another
				err = refuse(ctx, tx, by, other, now)
			}
		}
		if err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other, To: to})
	})
	if err == nil {
		s.wake()
	}
	return err
}

// CloseMatch deletes the chat of a match, in the transaction that ends it. The two cannot ask
// each other for another.
func (s *Service) CloseMatch(ctx context.Context, tx *sql.Tx, a, b account.ID) (err error) {
	defer fault.Wrap(&err, "end the match of %s and %s", a, b)
	if err := s.Close(ctx, tx, a, b); err != nil {
		return err
	}
	if err := refuse(ctx, tx, a, b, s.now()); err != nil {
		return err
	}
	return refuse(ctx, tx, b, a, s.now())
}

// Separate deletes the chat of two people, in the transaction of a block. They cannot ask each other
// for another: otherwise a block that is taken back would tell what came of a request. Who waits for
// an answer is told nothing.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "separate %s and %s", by, other)
	p, now := pairOf(by, other), s.now()
	// Inserted if it is missing: a Begin under way is waited for, and then deleted, too.
	var added bool
	e := ended{pair: p}
	if err := tx.QueryRowContext(ctx, `INSERT INTO chats (a_id, b_id, at, asked_at) VALUES ($1, $2, $3, -1)
		ON CONFLICT (a_id, b_id) DO UPDATE SET seq = chats.seq RETURNING asked_at = -1, `+endedColumns,
		string(p.a), string(p.b), db.Millis(now)).Scan(append([]any{&added}, e.into()...)...); err != nil {
		return err
	}
	if err := s.Close(ctx, tx, by, other); err != nil || added {
		return err
	}
	if err := e.final(ctx, tx, now); err != nil {
		return err
	}
	to := e.to()
	if e.asked == p.otherSide() || e.both {
		to = slices.DeleteFunc(to, func(who account.ID) bool { return who == other })
	}
	return outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other, To: to})
}

// Requests returns a page of the chats that others ask by for, the last first.
func (s *Service) Requests(ctx context.Context, by account.ID, part page.Request) (_ []Chat, next page.Cursor, err error) {
	defer fault.Wrap(&err, "requests to %s", by)
	return s.list(ctx, by, part, `c.asked = 'b' AND c.declined_at IS NULL AND c.last_n > 0`, `c.asked = 'a' AND c.declined_at IS NULL AND c.last_n > 0`)
}

const (
	unsentTime    = time.Hour // a request without a message
	sweepRequests = 500       // in one transaction
)

// SweepRequests deletes requests that are over: whoever asked cannot tell whether they were
// declined. Run it about every hour, on one server.
func (s *Service) SweepRequests(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep requests")
	for {
		n, err := s.sweepRequests(ctx, now)
		if err != nil || n < sweepRequests {
			return err
		}
	}
}

func (s *Service) sweepRequests(ctx context.Context, now time.Time) (n int, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		all, err := db.Select(ctx, tx, func(row interface{ Scan(...any) error }) (e ended, err error) {
			err = row.Scan(append([]any{&e.a, &e.b}, e.into()...)...)
			return e, err
		}, `DELETE FROM chats WHERE (a_id, b_id) IN (SELECT a_id, b_id FROM chats WHERE asked <> '' AND (asked_at <= $1 OR last_n = 0 AND asked_at <= $2) LIMIT $3)
			RETURNING a_id, b_id, `+endedColumns, db.Millis(now.Add(-RequestTime)), db.Millis(now.Add(-unsentTime)), sweepRequests)
		if err != nil {
			return err
		}
		n = len(all)
		for _, e := range all {
			by, other := e.a, e.b // of both alike, if nobody has written
			if e.asked == "b" {
				by, other = e.b, e.a
			}
			if e.lastN > 0 {
				if err := refuse(ctx, tx, other, by, now); err != nil {
					return err
				}
			}
			if err := outbox.Append(ctx, tx, now, ChatChanged{By: by, Other: other, To: e.to()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && n > 0 {
		s.wake()
	}
	return n, err
}
