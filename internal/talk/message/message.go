package message

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
)

const (
	MaxText  = 2000             // characters of a message
	EditTime = 15 * time.Minute // after sending

	ShowAgainTime = 24 * time.Hour // from the wish to show hidden read marks until it is so
	maxUnanswered = 500            // messages of one person in a row
)

// ID is the id of a message, a UUID chosen by the sender's client; unique in the chat.
type ID string

// Message is a message as one of the two sees it.
type Message struct {
	ID        ID
	N         int64
	By        account.ID
	Text      string // empty if deleted; of a voice message its text alternative, which may be empty
	Voice     *Voice // nil: a text, or deleted
	Moment    string // the moment of the other's that this voice answers; empty: none
	Reply     *Quote
	At        time.Time
	Edited    bool
	Deleted   bool
	Reactions map[account.ID]string // an emoji each
	Seq       int64                 // of the chat, when the message changed last
}

// Quote is the message that another one replies to, as it is now.
type Quote struct {
	N       int64
	By      account.ID
	Text    string // the first maxQuote characters; empty if deleted
	VoiceMs int    // playing time of a voice message; 0: a text, or deleted
}

// Draft is a message to be sent.
type Draft struct {
	ID      ID
	Text    string
	ReplyTo int64 // 0: none

	Moment string // that a voice message answers; see package moment
}

// Service manages chats. Create it with New.
type Service struct {
	db    *db.DB
	blobs Blobs
	now   func() time.Time
	wake  func()
}

// New returns a Service; now may be nil for time.Now. wake is called after commits with
// facts.
func New(d *db.DB, blobs Blobs, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, blobs: blobs, now: now, wake: wake}
}

var (
	// ErrNone is the answer for everybody with whom there is no chat: no match, an ended
	// one, a block, an unknown account.
	ErrNone = fault.New(fault.NotFound, "chat.none", "You two don't have a conversation.")

	errUnknown  = fault.New(fault.NotFound, "message.not_found", "This message isn't here any more.")
	errNotYours = fault.New(fault.Forbidden, "message.not_yours", "You can only change your own messages.")
	errDeleted  = fault.New(fault.Conflict, "message.deleted", "This message was deleted.")
	errWait     = fault.New(fault.TooMany, "message.wait", "They haven't answered your last messages yet. Give them some time.")
	errTooLate  = fault.New(fault.Conflict, "message.too_late", "You can edit a message for 15 minutes. Send a new one instead.")
	errIDUsed   = fault.New(fault.Conflict, "message.id_used", "Another message has this id. Send it with a fresh one.")
	errReply    = fault.At("body.reply", "message.reply_unknown", "The message you're replying to isn't here.")
	errGreeting = fault.At("body.text", "message.greeting", "Make your first message a little more than a greeting. Ask about something you heard, for example.")

	errSame = errors.New("message: nothing to change")
)

// pair is the key of a chat, and the side of the person who acts.
type pair struct {
	a, b account.ID
	side string // "a" or "b": of by
}

func pairOf(by, other account.ID) pair {
	if by < other {
		return pair{by, other, "a"}
	}
	return pair{other, by, "b"}
}

// key is the value of a_id || b_id, with which every index of messages but the primary key begins.
func (p pair) key() string { return string(p.a) + string(p.b) }

func (p pair) otherSide() string {
	if p.side == "a" {
		return "b"
	}
	return "a"
}

// Open begins the chat of a and b, in the transaction that makes their match; a request between
// them is accepted by it. The seq begins beyond that of a chat that the two had before.
func (s *Service) Open(ctx context.Context, tx *sql.Tx, a, b account.ID, at time.Time) (err error) {
	defer fault.Wrap(&err, "open chat of %s and %s", a, b)
	p := pairOf(a, b)
	_, err = tx.ExecContext(ctx, `INSERT INTO chats (a_id, b_id, at, seq)
		SELECT $1, $2, CAST($3 AS BIGINT), CASE WHEN EXISTS (SELECT 1 FROM chat_refusals WHERE by_id = $1 AND on_id = $2 OR by_id = $2 AND on_id = $1) THEN CAST($3 AS BIGINT) ELSE 0 END
		ON CONFLICT (a_id, b_id) DO UPDATE SET matched = TRUE, asked = '', asked_both = FALSE, declined_at = NULL, at = excluded.at`,
		string(p.a), string(p.b), db.Millis(at))
	return err
}

// Close deletes the chat of a and b with all messages, in the transaction that ends their
// match. It is no error if there is none.
func (s *Service) Close(ctx context.Context, tx *sql.Tx, a, b account.ID) (err error) {
	defer fault.Wrap(&err, "close chat of %s and %s", a, b)
	p := pairOf(a, b)
	_, err = tx.ExecContext(ctx, `DELETE FROM chats WHERE a_id = $1 AND b_id = $2`, string(p.a), string(p.b))
	return err
}

// Send adds a message of by. The same draft again changes nothing and returns the message
// as it is now. Faults: chat.none, message.empty, message.too_long, message.characters,
// message.greeting, message.reply_unknown, message.id_used, message.wait, chat.asked,
// message.text_day.
func (s *Service) Send(ctx context.Context, by, other account.ID, d Draft) (_ Message, err error) {
	defer fault.Wrap(&err, "send %s to %s", d.ID, other)
	if d.Text, err = cleaned(d.Text); err != nil {
		return Message{}, err
	}
	return s.send(ctx, by, other, d, nil)
}

// send adds a message with a clean text; v is nil for a text.
func (s *Service) send(ctx context.Context, by, other account.ID, d Draft, v *Voice) (Message, error) {
	p, now := pairOf(by, other), s.now()
	key, ms, peaks := v.columns()
	f := Changed{A: p.a, B: p.b, By: by, New: true, At: now}
	again := false
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		// One sent before may be in the same commit as this one: then it is waited for.
		err := s.isSent(ctx, tx, p, d.ID)
		if again = err == nil; again || !errors.Is(err, errUnknown) {
			return err
		}
		theirs := p.otherSide()
		var asks bool
		// Whoever is asked accepts by writing.
		err = tx.QueryRowContext(ctx, `UPDATE chats AS c SET seq = seq + 1, last_n = last_n + 1, at = CASE WHEN at < $1 THEN $1 ELSE at END, `+
			theirs+`_unread = `+theirs+`_unread + 1, asked = CASE WHEN asked = '`+p.side+`' OR asked_both THEN '`+p.side+`' ELSE '' END, asked_both = FALSE
			WHERE a_id = $2 AND b_id = $3 AND `+shownTo(p.side)+` RETURNING seq, last_n, asked <> ''`,
			db.Millis(now), string(p.a), string(p.b)).Scan(&f.Seq, &f.N, &asks)
		if db.IsNone(err) {
			return ErrNone
		}
		if err != nil {
			return err
		}
		added, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO messages (a_id, b_id, n, id, by_id, text, reply_n, at, seq, audio_key, audio_ms, audio_peaks, moment_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT ((a_id || b_id), id) DO NOTHING`,
			string(p.a), string(p.b), f.N, string(d.ID), string(by), d.Text, sql.NullInt64{Int64: d.ReplyTo, Valid: d.ReplyTo != 0}, db.Millis(now), f.Seq, key, ms, peaks, sql.NullString{String: d.Moment, Valid: d.Moment != ""}))
		switch {
		case err != nil:
			return err
		case !added: // another node has just committed it
			again = true
			return errSame
		case d.ReplyTo < 0 || d.ReplyTo >= f.N:
			return errReply
		case asks && f.N > 1:
			return errAsked
		case f.N == 1 && v == nil && isBareGreeting(d.Text):
			return errGreeting
		}
		if err := s.checkAnswered(ctx, tx, p, by, f.N-1); err != nil {
			return err
		}
		if err := s.takeText(ctx, tx, by, d.Text); err != nil {
			return err
		}
		if v != nil {
			if err := s.keep(ctx, tx, by, v); err != nil {
				return err
			}
		}
		return outbox.Append(ctx, tx, now, f)
	})
	switch {
	case again && (err == nil || errors.Is(err, errSame)):
		return s.sentBefore(ctx, p, by, d, v)
	case err != nil:
		return Message{}, err
	}
	s.wake()
	return s.message(ctx, s.db, p, f.N)
}

// checkAnswered refuses what follows maxUnanswered messages of by's own, the last of which is
// last. It does not count what is unread: that would tell how far the other has read.
func (s *Service) checkAnswered(ctx context.Context, q db.Querier, p pair, by account.ID, last int64) error {
	if last < maxUnanswered {
		return nil
	}
	var answer int64
	err := q.QueryRowContext(ctx, `SELECT n FROM messages WHERE a_id = $1 AND b_id = $2 AND n > $3 AND by_id <> $4 ORDER BY n DESC LIMIT 1`,
		string(p.a), string(p.b), last-maxUnanswered, string(by)).Scan(&answer)
	if db.IsNone(err) {
		return errWait
	}
	return err
}

// isSent fails with errUnknown if no message has the id.
func (s *Service) isSent(ctx context.Context, tx *sql.Tx, p pair, of ID) error {
	var n int64
	err := tx.QueryRowContext(ctx, `SELECT n FROM messages WHERE a_id || b_id = $1 AND id = $2`, p.key(), string(of)).Scan(&n)
	if db.IsNone(err) {
		return errUnknown
	}
	return err
}

// sentBefore returns the message that has the id already.
func (s *Service) sentBefore(ctx context.Context, p pair, by account.ID, d Draft, v *Voice) (Message, error) {
	m, err := s.byID(ctx, s.db, p, d.ID)
	if err != nil {
		return Message{}, err
	}
	same := m.Deleted || (m.Voice != nil) == (v != nil) && (v != nil || m.Edited || m.Text == d.Text)
	if m.By != by || !same {
		return Message{}, errIDUsed
	}
	return m, nil
}

// cleaned validates the text of a message.
func cleaned(text string) (string, error) {
	clean, err := textrule.Text("body.text", text, MaxText)
	switch {
	case fault.Is(err, "text.empty"):
		return "", fault.At("body.text", "message.empty", "Write something first.")
	case fault.Is(err, "text.too_long"):
		return "", fault.At("body.text", "message.too_long", fmt.Sprintf("A message has at most %d characters. Send it in two parts.", MaxText))
	case err != nil:
		return "", fault.At("body.text", "message.characters", "This has characters we can't send: invisible ones, or too many marks on one letter.")
	}
	return clean, nil
}

// Edit changes the text of a message of by's own, within EditTime; that of a voice message
// may become empty. Faults: chat.none, message.not_found, message.not_yours,
// message.deleted, message.too_late, message.text_day and those of the text.
func (s *Service) Edit(ctx context.Context, by, other account.ID, of ID, text string) (_ Message, err error) {
	defer fault.Wrap(&err, "edit %s", of)
	text, bad := cleaned(text)
	isEmpty := fault.Is(bad, "message.empty")
	if bad != nil && !isEmpty {
		return Message{}, bad
	}
	return s.change(ctx, by, other, of, func(m *row, now time.Time) error {
		switch {
		case m.By != by:
			return errNotYours
		case m.Deleted:
			return errDeleted
		case isEmpty && m.Voice == nil:
			return bad
		case m.Text == text:
			return errSame
		case now.Sub(m.At) > EditTime:
			return errTooLate
		case m.waits: // a request is one message, and not one after the other
			return errAsked
		case m.N == 1 && m.Voice == nil && isBareGreeting(text):
			return errGreeting
		}
		// A text that is added to a voice message changes nothing that was said.
		m.editedAt = sql.NullInt64{Int64: db.Millis(now), Valid: m.Text != ""}
		m.Text = text
		return nil
	})
}

// Delete removes the text and the audio of a message of by's own, for both. Faults: chat.none,
// message.not_found, message.not_yours.
func (s *Service) Delete(ctx context.Context, by, other account.ID, of ID) (_ Message, err error) {
	defer fault.Wrap(&err, "delete %s", of)
	return s.change(ctx, by, other, of, func(m *row, now time.Time) error {
		switch {
		case m.By != by:
			return errNotYours
		case m.Deleted:
			return errSame
		}
		m.Text, m.Voice, m.Moment, m.deletedAt, m.reactions = "", nil, "", sql.NullInt64{Int64: db.Millis(now), Valid: true}, [2]string{}
		return nil
	})
}

// React puts by's emoji under a message, in place of an earlier one; an empty emoji takes
// it away. Faults: chat.none, message.not_found, message.deleted, reaction.unknown.
func (s *Service) React(ctx context.Context, by, other account.ID, of ID, emoji string) (_ Message, err error) {
	defer fault.Wrap(&err, "react to %s", of)
	if emoji != "" && !textrule.IsEmoji(emoji) {
		return Message{}, fault.At("body.emoji", "reaction.unknown", "A reaction is one emoji.")
	}
	return s.change(ctx, by, other, of, func(m *row, _ time.Time) error {
		mine := &m.reactions[0]
		if m.side == "b" {
			mine = &m.reactions[1]
		}
		switch {
		case m.Deleted:
			return errDeleted
		case *mine == emoji:
			return errSame
		case m.waits:
			return errAsked
		}
		*mine = emoji
		return nil
	})
}

// row is a message about to be changed.
type row struct {
	Message
	side                string        // of the acting person
	waits               bool          // it is a request without an answer
	reactions           [2]string     // a's, b's
	editedAt, deletedAt sql.NullInt64 // to be written
}

// lock locks the row of a chat in which the side may act, until tx ends, and reports whether it waits
// for an answer. Fault: chat.none.
func (s *Service) lock(ctx context.Context, tx *sql.Tx, p pair) (waits bool, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE chats AS c SET seq = seq WHERE a_id = $1 AND b_id = $2 AND `+openTo(p.side)+` RETURNING asked <> ''`, string(p.a), string(p.b)).Scan(&waits)
	if db.IsNone(err) {
		err = ErrNone
	}
	return waits, err
}

// change locks the chat, lets f change a message, and stores it with the next seq. errSame
// of f means that nothing is to be done.
func (s *Service) change(ctx context.Context, by, other account.ID, of ID, f func(m *row, now time.Time) error) (Message, error) {
	p, now := pairOf(by, other), s.now()
	var n int64
	changed := false
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		changed = false // a transaction may run again
		waits, err := s.lock(ctx, tx, p)
		if err != nil {
			return err
		}
		m := row{side: p.side, waits: waits}
		if m.Message, err = s.byID(ctx, tx, p, of); err != nil {
			return err
		}
		n = m.N
		m.reactions = [2]string{m.Reactions[p.a], m.Reactions[p.b]}
		wasDeleted, text := m.Deleted, m.Text
		if err := f(&m, now); errors.Is(err, errSame) {
			return nil // committed, so that what it is the same as is, too
		} else if err != nil {
			return err
		}
		changed = true
		if m.Text != text && !m.deletedAt.Valid {
			if err := s.takeText(ctx, tx, by, m.Text); err != nil {
				return err
			}
		}
		var seq int64
		if err := tx.QueryRowContext(ctx, `UPDATE chats SET seq = seq + 1 WHERE a_id = $1 AND b_id = $2 RETURNING seq`, string(p.a), string(p.b)).Scan(&seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE messages SET text = $1, edited_at = COALESCE($2, edited_at), deleted_at = COALESCE($3, deleted_at),
			a_reaction = $4, b_reaction = $5, text_seq = CASE WHEN text = $1 THEN COALESCE(text_seq, seq) ELSE $6 END, seq = $6 WHERE a_id = $7 AND b_id = $8 AND n = $9`,
			m.Text, m.editedAt, m.deletedAt, m.reactions[0], m.reactions[1], seq, string(p.a), string(p.b), n); err != nil {
			return err
		}
		if m.deletedAt.Valid && !wasDeleted {
			if _, err := tx.ExecContext(ctx, `UPDATE messages SET audio_key = NULL, audio_ms = NULL, audio_peaks = NULL, heard_at = NULL, moment_id = NULL
				WHERE a_id = $1 AND b_id = $2 AND n = $3`, string(p.a), string(p.b), n); err != nil {
				return err
			}
			theirs := p.otherSide()
			if _, err := tx.ExecContext(ctx, `UPDATE chats SET `+theirs+`_unread = `+theirs+`_unread - 1
				WHERE a_id = $1 AND b_id = $2 AND `+theirs+`_read_n < $3 AND `+theirs+`_unread > 0`, string(p.a), string(p.b), n); err != nil {
				return err
			}
		}
		return outbox.Append(ctx, tx, now, Changed{A: p.a, B: p.b, By: by, N: n, Seq: seq, At: now})
	})
	if err != nil {
		return Message{}, err
	}
	if changed {
		s.wake()
	}
	return s.message(ctx, s.db, p, n)
}

// MarkRead records that by has read up to message n. It never goes back. Fault: chat.none.
func (s *Service) MarkRead(ctx context.Context, by, other account.ID, n int64) (err error) {
	defer fault.Wrap(&err, "read up to %d of %s", n, other)
	p := pairOf(by, other)
	read := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// Locked before it counts: in one statement, PostgreSQL would count what there was
		// before it waited for the lock.
		var before, last int64
		err := tx.QueryRowContext(ctx, `UPDATE chats AS c SET seq = seq WHERE a_id = $1 AND b_id = $2 AND `+openTo(p.side)+` RETURNING `+p.side+`_read_n, last_n`,
			string(p.a), string(p.b)).Scan(&before, &last)
		if db.IsNone(err) {
			return ErrNone
		}
		if read = n > before && n <= last; err != nil || !read {
			return err
		}
		// Only what was read now is counted: a chat may be long.
		if _, err := tx.ExecContext(ctx, `UPDATE chats SET `+p.side+`_read_n = $1, `+p.side+`_unread = CASE WHEN last_n = $1 THEN 0 ELSE `+p.side+`_unread -
			(SELECT count(*) FROM messages m WHERE m.a_id = chats.a_id AND m.b_id = chats.b_id AND m.n > $2 AND m.n <= $1
				AND m.by_id <> chats.`+p.side+`_id AND m.deleted_at IS NULL) END WHERE a_id = $3 AND b_id = $4`, n, before, string(p.a), string(p.b)); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, s.now(), Read{By: by, Other: other, N: n})
	})
	if err == nil && read {
		s.wake()
	}
	return err
}

// Exists fails with chat.none unless by and other have an open chat.
func (s *Service) Exists(ctx context.Context, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "chat with %s", other)
	p := pairOf(by, other)
	return s.there(ctx, s.db, p, `c.asked = ''`)
}

// ReadMarks: whether somebody shows others how far they have read, and sees it of them.
type ReadMarks struct {
	Shown bool
	From  time.Time // zero, or when it begins again
}

// ShowReadMarks sets whether others see how far by has read, and by sees it of others. Hidden, it is
// at once; shown again, after a day: otherwise one could look at those of others and hide again.
func (s *Service) ShowReadMarks(ctx context.Context, by account.ID, shown bool) (err error) {
	defer fault.Wrap(&err, "read marks of %s", by)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if shown {
			_, err := tx.ExecContext(ctx, `UPDATE read_marks SET shown_from = $1 WHERE account_id = $2 AND NOT shown AND shown_from IS NULL`,
				db.Millis(s.now().Add(ShowAgainTime)), string(by))
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO read_marks (account_id, shown) VALUES ($1, FALSE)
			ON CONFLICT (account_id) DO UPDATE SET shown = FALSE, shown_from = NULL`, string(by))
		return err
	})
}

// ReadMarks returns what somebody chose.
func (s *Service) ReadMarks(ctx context.Context, of account.ID) (m ReadMarks, err error) {
	defer fault.Wrap(&err, "read marks of %s", of)
	var from sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT shown, shown_from FROM read_marks WHERE account_id = $1`, string(of)).Scan(&m.Shown, &from)
	if db.IsNone(err) {
		return ReadMarks{Shown: true}, nil
	}
	if from.Valid {
		m = ReadMarks{Shown: true, From: time.UnixMilli(from.Int64)}
	}
	return m, err
}

// SweepReadMarks shows those again whose day is over. Run it every few minutes, on one server.
func (s *Service) SweepReadMarks(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep read marks")
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE read_marks SET shown = TRUE, shown_from = NULL WHERE shown_from <= $1`, db.Millis(now))
		return err
	})
}
