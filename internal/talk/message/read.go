package message

import (
	"context"
	"database/sql"
	"encoding/base64"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
)

const maxQuote = 200 // characters

// Chat is a chat as one of the two sees it.
type Chat struct {
	Other      account.ID
	At         time.Time // of the newest message, or of the match
	Matched    bool
	Asked      Asked
	AskedAt    time.Time // of a request
	Seq        int64
	Last       *Message // nil: nobody has written yet
	Unread     int
	ReadN      int64 // how far the viewer has read
	TheirReadN int64 // how far the other has; -1: one of the two hides it, or it is a request
}

// messageColumns are those of message m, with what is quoted of the one that it replies to.
// That is no join: PostgreSQL, which plans without knowing the chat, would read all of a long
// one for each message.
const messageColumns = `m.n, m.id, m.by_id, m.text, m.at, m.edited_at IS NOT NULL, m.deleted_at IS NOT NULL, m.a_reaction, m.b_reaction, m.seq,
	m.audio_key, m.audio_ms, m.audio_peaks, m.moment_id, m.heard_at IS NOT NULL,
	m.heard_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM read_marks h WHERE NOT h.shown AND h.account_id IN (m.a_id, m.b_id)), m.reply_n,
	(SELECT r.by_id FROM messages r WHERE r.a_id = m.a_id AND r.b_id = m.b_id AND r.n = m.reply_n),
	(SELECT r.text FROM messages r WHERE r.a_id = m.a_id AND r.b_id = m.b_id AND r.n = m.reply_n),
	(SELECT r.audio_ms FROM messages r WHERE r.a_id = m.a_id AND r.b_id = m.b_id AND r.n = m.reply_n)`

// messageRow scans messageColumns.
type messageRow struct {
	n, at, seq         sql.NullInt64
	id, by, text       sql.NullString
	edited, deleted    sql.NullBool
	reactions          [2]sql.NullString
	audioKey, peaks    sql.NullString
	moment             sql.NullString
	audioMs            sql.NullInt64
	heard, heardShown  sql.NullBool
	quoteN, quoteMs    sql.NullInt64
	quoteBy, quoteText sql.NullString
}

func (r *messageRow) into() []any {
	return []any{&r.n, &r.id, &r.by, &r.text, &r.at, &r.edited, &r.deleted, &r.reactions[0], &r.reactions[1], &r.seq,
		&r.audioKey, &r.audioMs, &r.peaks, &r.moment, &r.heard, &r.heardShown, &r.quoteN, &r.quoteBy, &r.quoteText, &r.quoteMs}
}

func (r *messageRow) message(p pair) Message {
	m := Message{
		ID: ID(r.id.String), N: r.n.Int64, By: account.ID(r.by.String), Text: r.text.String, Moment: r.moment.String, At: time.UnixMilli(r.at.Int64),
		Edited: r.edited.Bool, Deleted: r.deleted.Bool, Reactions: map[account.ID]string{}, Seq: r.seq.Int64,
	}
	for i, who := range []account.ID{p.a, p.b} {
		if emoji := r.reactions[i].String; emoji != "" {
			m.Reactions[who] = emoji
		}
	}
	if r.audioKey.Valid {
		m.Voice = &Voice{Key: r.audioKey.String, Ms: int(r.audioMs.Int64), Heard: r.heard.Bool, HeardShown: r.heardShown.Bool}
		m.Voice.Peaks, _ = base64.StdEncoding.DecodeString(r.peaks.String) // as it was written
	}
	if r.quoteN.Valid {
		m.Reply = &Quote{N: r.quoteN.Int64, By: account.ID(r.quoteBy.String), Text: cut(r.quoteText.String, maxQuote), VoiceMs: int(r.quoteMs.Int64)}
	}
	return m
}

// cut returns the first most characters of a text.
func cut(text string, most int) string {
	for at := range text {
		if most == 0 {
			return text[:at] + "…"
		}
		most--
	}
	return text
}

func (s *Service) message(ctx context.Context, q db.Querier, p pair, n int64) (Message, error) {
	return s.one(ctx, q, p, `m.a_id = $1 AND m.b_id = $2 AND m.n = $3`, string(p.a), string(p.b), n)
}

func (s *Service) byID(ctx context.Context, q db.Querier, p pair, of ID) (Message, error) {
	return s.one(ctx, q, p, `m.a_id || m.b_id = $1 AND m.id = $2`, p.key(), string(of))
}

func (s *Service) one(ctx context.Context, q db.Querier, p pair, where string, args ...any) (Message, error) {
	var r messageRow
	err := q.QueryRowContext(ctx, `SELECT `+messageColumns+` FROM messages m WHERE `+where, args...).Scan(r.into()...)
	if db.IsNone(err) {
		err = errUnknown
	}
	return r.message(p), err
}

// Get returns message n of a chat. Fault: message.not_found.
func (s *Service) Get(ctx context.Context, a, b account.ID, n int64) (_ Message, err error) {
	defer fault.Wrap(&err, "message %d of %s and %s", n, a, b)
	return s.message(ctx, s.db, pairOf(a, b), n)
}

// Page is a part of the messages of a chat.
type Page struct {
	Chat
	Messages []Message
	Next     page.Cursor // after a page of History
	Heard    []int64     // of Changes: the newest voice messages with a listened mark
	Newer    bool        // there are newer messages than those of a page
}

// History returns a page of by's chat with other, newest first. Fault: chat.none.
func (s *Service) History(ctx context.Context, by, other account.ID, part page.Request) (_ Page, err error) {
	defer fault.Wrap(&err, "messages with %s", other)
	p := pairOf(by, other)
	return s.read(ctx, by, other, func(tx *sql.Tx, o *Page) error {
		n, _, limit := part.Args()
		found, err := s.messages(ctx, tx, p, `m.a_id = $1 AND m.b_id = $2 AND m.n < $3 ORDER BY m.n DESC LIMIT $4`, string(p.a), string(p.b), n, limit)
		if err != nil {
			return err
		}
		o.Messages, o.Next = page.Cut(part, found, func(m Message) page.Cursor { return page.Cursor{At: m.N, ID: string(m.ID)} })
		o.Newer = o.Last != nil && (len(found) == 0 || found[0].N < o.Last.N)
		return nil
	})
}

// Around returns the page of by's chat with other that has message n in its middle, or the
// newest one if nothing is that new. Fault: chat.none.
func (s *Service) Around(ctx context.Context, by, other account.ID, n int64, limit int) (Page, error) {
	half := int64(page.Request{Limit: limit}.Size() / 2)
	return s.History(ctx, by, other, page.Request{Before: page.Cursor{At: n + half + 1, ID: "around"}, Limit: limit})
}

// Changes returns the messages that are new or changed after number since of the chat, in
// the order of their seq, each as it is now. Faults: chat.none, live.too_old.
func (s *Service) Changes(ctx context.Context, by, other account.ID, since int64) (_ Page, err error) {
	defer fault.Wrap(&err, "messages with %s since %d", other, since)
	p := pairOf(by, other)
	return s.read(ctx, by, other, func(tx *sql.Tx, o *Page) (err error) {
		if since < 0 || since > o.Seq {
			return outbox.ErrTooOld
		}
		o.Messages, err = s.messages(ctx, tx, p, `m.a_id || m.b_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3`, p.key(), since, outbox.MaxMissed+1)
		if err == nil && len(o.Messages) > outbox.MaxMissed {
			return outbox.ErrTooOld
		}
		if err != nil {
			return err
		}
		o.Heard, err = s.heard(ctx, tx, p, by, o.TheirReadN >= 0)
		return err
	})
}

// read reads a chat, and what more belongs to it, as of one moment.
func (s *Service) read(ctx context.Context, by, other account.ID, more func(*sql.Tx, *Page) error) (o Page, err error) {
	tx, err := s.db.BeginTx(ctx, s.db.ReadOnly())
	if err != nil {
		return o, err
	}
	defer func() { _ = tx.Rollback() }()
	if o.Chat, err = s.chat(ctx, tx, by, other); err != nil {
		return Page{}, err
	}
	return o, more(tx, &o)
}

func (s *Service) messages(ctx context.Context, q db.Querier, p pair, where string, args ...any) ([]Message, error) {
	return db.Select(ctx, q, func(row interface{ Scan(...any) error }) (Message, error) {
		var r messageRow
		err := row.Scan(r.into()...)
		return r.message(p), err
	}, `SELECT `+messageColumns+` FROM messages m WHERE `+where, args...)
}

// sideSQL selects the chats in which the viewer $1 is one side. The empty strings keep PostgreSQL from
// reading all messages of the chat, of which it expects one, before it looks for the last.
func sideSQL(mine, theirs string) string {
	return `SELECT c.` + theirs + `_id AS other_id, c.at AS chat_at, c.matched AS chat_matched, CASE WHEN c.asked = '' THEN '' WHEN c.asked = '` + mine + `' OR c.asked_both THEN 'mine' ELSE 'theirs' END AS chat_asked, c.asked_at AS chat_asked_at, c.seq AS chat_seq, c.` + mine + `_unread AS unread, c.` + mine + `_read_n AS read_n,
		CASE WHEN c.asked <> '' OR EXISTS (SELECT 1 FROM read_marks k WHERE NOT k.shown AND k.account_id IN (c.a_id, c.b_id)) THEN -1 ELSE c.` + theirs + `_read_n END AS their_read_n, ` +
		messageColumns + ` FROM chats c LEFT JOIN messages m ON m.a_id = c.a_id || '' AND m.b_id = c.b_id || '' AND m.n = c.last_n WHERE c.` + mine + `_id = $1`
}

var sideA, sideB = sideSQL("a", "b"), sideSQL("b", "a")

func scanChat(by account.ID) func(row interface{ Scan(...any) error }) (Chat, error) {
	return func(row interface{ Scan(...any) error }) (c Chat, err error) {
		var r messageRow
		var at, asked int64
		err = row.Scan(append([]any{&c.Other, &at, &c.Matched, &c.Asked, &asked, &c.Seq, &c.Unread, &c.ReadN, &c.TheirReadN}, r.into()...)...)
		c.At, c.AskedAt = time.UnixMilli(at), time.UnixMilli(asked)
		if r.n.Valid {
			last := r.message(pairOf(by, c.Other))
			c.Last = &last
		}
		return c, err
	}
}

// Chat returns by's chat with other. Fault: chat.none.
func (s *Service) Chat(ctx context.Context, by, other account.ID) (_ Chat, err error) {
	defer fault.Wrap(&err, "chat with %s", other)
	return s.chat(ctx, s.db, by, other)
}

func (s *Service) chat(ctx context.Context, q db.Querier, by, other account.ID) (Chat, error) {
	of, mine, theirs := sideA, "a", "b"
	if other < by {
		of, mine, theirs = sideB, "b", "a"
	}
	c, err := scanChat(by)(q.QueryRowContext(ctx, of+` AND c.`+theirs+`_id = $2 AND `+shownTo(mine), string(by), string(other)))
	if db.IsNone(err) {
		err = ErrNone
	}
	return c, err
}

// Chats returns a page of by's chats, the one with the newest message first. Requests to by
// are not among them.
func (s *Service) Chats(ctx context.Context, by account.ID, part page.Request) (_ []Chat, next page.Cursor, err error) {
	defer fault.Wrap(&err, "chats of %s", by)
	return s.list(ctx, by, part, openTo("a"), openTo("b"))
}

// list returns a page of the chats c with a condition for each side.
func (s *Service) list(ctx context.Context, by account.ID, part page.Request, whereA, whereB string) (_ []Chat, next page.Cursor, err error) {
	at, id, limit := part.Args()
	found, err := db.Select(ctx, s.db, scanChat(by), `SELECT * FROM (`+sideA+` AND `+whereA+` UNION ALL `+sideB+` AND `+whereB+`) x
		WHERE chat_at < $2 OR chat_at = $2 AND other_id > $3 ORDER BY chat_at DESC, other_id LIMIT $4`, string(by), at, id, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	found, next = page.Cut(part, found, func(c Chat) page.Cursor { return page.Of(c.At, string(c.Other)) })
	return found, next, nil
}

// Unread returns how many messages by has not read, in all chats together.
func (s *Service) Unread(ctx context.Context, by account.ID) (n int, err error) {
	defer fault.Wrap(&err, "unread of %s", by)
	err = s.db.QueryRowContext(ctx, `SELECT COALESCE(SUM(unread), 0) FROM (SELECT a_unread AS unread FROM chats WHERE a_id = $1 AND asked IN ('', 'a')
		UNION ALL SELECT b_unread FROM chats WHERE b_id = $1 AND asked IN ('', 'b')) x`, string(by)).Scan(&n)
	return n, err
}

// UnreadChats returns how many chats of by have unread messages and have changed after since.
func (s *Service) UnreadChats(ctx context.Context, by account.ID, since time.Time) (n int, err error) {
	defer fault.Wrap(&err, "unread chats of %s", by)
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM chats WHERE a_id = $1 AND at > $2 AND a_unread > 0 AND asked IN ('', 'a')
		UNION ALL SELECT 1 FROM chats WHERE b_id = $1 AND at > $2 AND b_unread > 0 AND asked IN ('', 'b')) x`, string(by), db.Millis(since)).Scan(&n)
	return n, err
}

// UnreadOf says what is unread in a chat.
type UnreadOf struct {
	Other    account.ID
	Messages bool
	Answers  bool // to moments
}

// UnreadFrom returns the chats of by that have messages they have not read and that came
// after since, the newest first. Requests to by are not among them.
func (s *Service) UnreadFrom(ctx context.Context, by account.ID, since time.Time, most int) (_ []UnreadOf, err error) {
	defer fault.Wrap(&err, "unread chats of %s", by)
	side := func(mine, theirs string) string {
		unread := `EXISTS (SELECT 1 FROM messages m WHERE m.a_id = c.a_id AND m.b_id = c.b_id AND m.n > c.` + mine + `_read_n AND m.by_id = c.` + theirs + `_id
			AND m.at > $2 AND m.deleted_at IS NULL AND m.moment_id IS `
		return `SELECT c.` + theirs + `_id AS other_id, c.at AS chat_at, ` + unread + `NULL) AS messages, ` + unread + `NOT NULL) AS answers
			FROM chats c WHERE c.` + mine + `_id = $1 AND c.at > $2 AND c.` + mine + `_unread > 0 AND c.asked IN ('', '` + mine + `')`
	}
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (u UnreadOf, err error) {
		var at int64
		err = row.Scan(&u.Other, &at, &u.Messages, &u.Answers)
		return u, err
	}, `SELECT * FROM (`+side("a", "b")+` UNION ALL `+side("b", "a")+`) x WHERE messages OR answers ORDER BY chat_at DESC, other_id LIMIT $3`,
		string(by), db.Millis(since), most)
}
