package roomchat

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/keylock"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

const (
	MaxText     = 500 // characters of a message
	MaxMentions = 10  // people in a message
	PerMinute   = 20  // messages of one person in one room, deleted ones included
)

// ID is the id of a message, a UUID chosen by the author's client; unique in the room.
type ID string

// Message is a message as one viewer sees it.
type Message struct {
	ID        ID
	By        account.ID
	Text      string // empty if deleted
	At        time.Time
	Deleted   string // room.ByAuthor, room.ByHost or room.ByCoHost; empty: it is there
	Mentioned bool   // the viewer is

	n        int64
	mentions []account.ID
}

// Draft is a message to be sent.
type Draft struct {
	ID       ID
	Text     string
	Mentions []account.ID
}

// Rooms is what package room decides.
type Rooms interface {
	MayWrite(ctx context.Context, tx *sql.Tx, by account.ID, r room.ID) (slow time.Duration, err error)
	MayReadChat(ctx context.Context, q db.Querier, by account.ID, r room.ID) error
	MayDelete(ctx context.Context, tx *sql.Tx, by account.ID, r room.ID, author account.ID) (as string, err error)
	Reachable(ctx context.Context, q db.Querier, by account.ID, r room.ID, people ...account.ID) ([]account.ID, error)
}

// Config holds the dependencies of a Service.
type Config struct {
	Rooms   Rooms
	Matcher func(query string) (func(text string) bool, error) // finds texts by words
	Wake    func()                                             // called after each commit that appended facts; nil: nothing
	Now     func() time.Time                                   // nil: time.Now
}

// Service manages the messages of rooms. Create it with New.
type Service struct {
	db      *db.DB
	rooms   Rooms
	matcher func(query string) (func(text string) bool, error)
	wake    func()
	now     func() time.Time
	writing keylock.Mutex[author]
}

// author is one person in one room.
type author struct {
	room room.ID
	who  account.ID
}

// New returns a Service.
func New(d *db.DB, c Config) *Service {
	if c.Wake == nil {
		c.Wake = func() {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{db: d, rooms: c.Rooms, matcher: c.Matcher, wake: c.Wake, now: c.Now}
}

var (
	errUnknown = fault.New(fault.NotFound, "room.message_gone", "This message isn't here any more.")
	errFlood   = fault.New(fault.TooMany, "room.chat_flood", "You've written a lot in a minute. Wait a moment.")
	errIDUsed  = fault.New(fault.Conflict, "message.id_used", "Another message has this id. Send it with a fresh one.")

	errSame = errors.New("roomchat: nothing to change")
)

// errSlow refuses a message before the pause is over.
func errSlow(left time.Duration) error {
	f := fault.New(fault.TooMany, "room.slow", "People write one after another here. Wait a moment.")
	f.After = left
	return f
}

// Send adds a message of by. The same draft again changes nothing and returns the message as it
// is now. Whoever is mentioned and not in the room, or must not meet by, is left out. Faults:
// those of room.MayWrite, of the text, room.slow, room.chat_flood, message.id_used.
func (s *Service) Send(ctx context.Context, by account.ID, r room.ID, d Draft) (_ Message, err error) {
	defer fault.Wrap(&err, "write in %s", r)
	if d.Text, err = cleaned(d.Text); err != nil {
		return Message{}, err
	}
	d.Mentions = d.Mentions[:min(len(d.Mentions), MaxMentions)]
	// In turn, and those beyond the quota without a lock: others do not wait for a flood.
	defer s.writing.Lock(author{r, by})()
	if err := s.rooms.MayReadChat(ctx, s.db, by, r); err != nil {
		return Message{}, err
	}
	if m, err := s.byID(ctx, s.db, r, d.ID); !errors.Is(err, errUnknown) {
		return sentBefore(m, by, d, err)
	}
	if err := s.checkQuota(ctx, s.db, by, r, s.now()); err != nil {
		return Message{}, err
	}
	var m Message
	again := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		m, again = Message{ID: d.ID, By: by, Text: d.Text}, false
		slow, err := s.rooms.MayWrite(ctx, tx, by, r)
		if err != nil {
			return err
		}
		switch before, err := s.byID(ctx, tx, r, d.ID); {
		case err == nil:
			m, again = before, true
			return errSame
		case !errors.Is(err, errUnknown):
			return err
		}
		now := s.now()
		if err := s.checkPause(ctx, tx, by, r, slow, now); err != nil {
			return err
		}
		if err := s.checkQuota(ctx, tx, by, r, now); err != nil {
			return err
		}
		if m.mentions, err = s.rooms.Reachable(ctx, tx, by, r, d.Mentions...); err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(n), 0), COALESCE(MAX(at), 0) FROM room_messages WHERE room_id = $1`, r).Scan(&m.n, &last); err != nil {
			return err
		}
		m.n++
		at := max(db.Millis(now), last+1)
		m.At = time.UnixMilli(at)
		if _, err := tx.ExecContext(ctx, `INSERT INTO room_messages (room_id, n, id, account_id, text, mentions, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			r, m.n, m.ID, by, m.Text, joined(m.mentions), at); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, Changed{Room: r, Message: m.ID})
	})
	switch {
	case again:
		return sentBefore(m, by, d, nil)
	case err != nil:
		return Message{}, err
	}
	s.wake()
	return m, nil
}

// sentBefore returns the message that has the id already.
func sentBefore(m Message, by account.ID, d Draft, err error) (Message, error) {
	if err == nil && (m.By != by || m.Deleted == "" && m.Text != d.Text) {
		return Message{}, errIDUsed
	}
	return m, err
}

// cleaned validates the text of a message.
func cleaned(text string) (string, error) {
	clean, err := textrule.Text("body.text", text, MaxText)
	switch {
	case fault.Is(err, "text.empty"):
		return "", fault.At("body.text", "message.empty", "Write something first.")
	case fault.Is(err, "text.too_long"):
		return "", fault.At("body.text", "room.message_long", "A message in a room has at most 500 characters. Make it shorter.")
	case err != nil:
		return "", fault.At("body.text", "message.characters", "This has characters we can't send: invisible ones, or too many marks on one letter.")
	}
	return clean, nil
}

// checkPause refuses a message of by before the pause after their last one is over.
func (s *Service) checkPause(ctx context.Context, q db.Querier, by account.ID, r room.ID, slow time.Duration, now time.Time) error {
	if slow == 0 {
		return nil
	}
	var last int64
	if err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(at), 0) FROM room_messages WHERE room_id = $1 AND account_id = $2`, r, by).Scan(&last); err != nil {
		return err
	}
	if left := time.UnixMilli(last).Add(slow).Sub(now); left > 0 {
		return errSlow(min(left, slow))
	}
	return nil
}

// checkQuota refuses what is more than PerMinute.
func (s *Service) checkQuota(ctx context.Context, q db.Querier, by account.ID, r room.ID, now time.Time) error {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM room_messages WHERE room_id = $1 AND account_id = $2 AND at > $3`, r, by, db.Millis(now.Add(-time.Minute))).Scan(&n)
	if err == nil && n >= PerMinute {
		err = errFlood
	}
	return err
}

// Delete takes a message away, with its text. Deleting it again changes nothing. Faults: those of
// room.MayDelete and room.message_gone, also for a message of somebody whom by must not meet.
func (s *Service) Delete(ctx context.Context, by account.ID, r room.ID, of ID) (err error) {
	defer fault.Wrap(&err, "delete a message in %s", r)
	changed := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		changed = false
		if err := s.rooms.MayReadChat(ctx, tx, by, r); err != nil {
			return err
		}
		m, err := s.visible(ctx, tx, by, r, of)
		if err != nil {
			return err
		}
		as, err := s.rooms.MayDelete(ctx, tx, by, r, m.By)
		if err != nil {
			return err
		}
		now := s.now()
		changed, err = db.Changed(tx.ExecContext(ctx, `UPDATE room_messages SET text = NULL, mentions = '', deleted_at = $1, deleted_by = $2
			WHERE room_id = $3 AND n = $4 AND deleted_at IS NULL`, db.Millis(now), as, r, m.n))
		if err != nil || !changed {
			return err
		}
		return outbox.Append(ctx, tx, now, Changed{Room: r, Message: of})
	})
	if err == nil && changed {
		s.wake()
	}
	return err
}

const columns = `n, id, account_id, COALESCE(text, ''), mentions, at, COALESCE(deleted_by, '')`

func scan(row interface{ Scan(...any) error }) (m Message, err error) {
	var mentions string
	var at int64
	err = row.Scan(&m.n, &m.ID, &m.By, &m.Text, &mentions, &at, &m.Deleted)
	m.At = time.UnixMilli(at)
	for _, who := range strings.Fields(mentions) {
		m.mentions = append(m.mentions, account.ID(who))
	}
	return m, err
}

func joined(people []account.ID) string {
	all := make([]string, len(people))
	for i, p := range people {
		all[i] = string(p)
	}
	return strings.Join(all, " ")
}

// For returns the message as a viewer sees it.
func (m Message) For(viewer account.ID) Message {
	m.Mentioned = slices.Contains(m.mentions, viewer)
	return m
}

func (s *Service) byID(ctx context.Context, q db.Querier, r room.ID, of ID) (Message, error) {
	m, err := scan(q.QueryRowContext(ctx, `SELECT `+columns+` FROM room_messages WHERE room_id = $1 AND id = $2`, r, of))
	if db.IsNone(err) {
		return Message{}, errUnknown
	}
	return m, err
}

// visible is byID, without the messages of people whom viewer must not meet.
func (s *Service) visible(ctx context.Context, q db.Querier, viewer account.ID, r room.ID, of ID) (Message, error) {
	m, err := scan(q.QueryRowContext(ctx, `SELECT `+columns+` FROM room_messages WHERE room_id = $1 AND id = $2 AND `+notApart, r, of, viewer))
	if db.IsNone(err) {
		return Message{}, errUnknown
	}
	return m, err
}

// notApart leaves out the messages of people whom the third argument must not meet.
const notApart = `account_id NOT IN (SELECT b_id FROM apart WHERE a_id = $3)`

// Read returns a message, for who tells others of it. Fault: room.message_gone.
func (s *Service) Read(ctx context.Context, r room.ID, of ID) (_ Message, err error) {
	defer fault.Wrap(&err, "read a message of %s", r)
	return s.byID(ctx, s.db, r, of)
}

// Mentions reports whether the message mentions anybody.
func (m Message) Mentions() bool { return len(m.mentions) > 0 }
