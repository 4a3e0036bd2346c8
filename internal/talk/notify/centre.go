package notify

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/page"
	"heyy/internal/people/account"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
)

// ID identifies a notification.
type ID string

// Notification is one line of the notification centre.
type Notification struct {
	ID      ID
	Kind    Kind
	Outcome Outcome
	About   account.ID  // may be ""
	Detail  string      // the title of a happy hour, a room, an event or a replay, the name of a device or a club
	Room    room.ID     // which is live; may be ""
	Club    club.ID     // may be ""
	Event   schedule.ID // may be ""
	Replay  room.ID     // may be ""
	At      time.Time
	Seen    bool
}

// List returns notifications of by, the newest first, without those about people who are
// excluded from them.
func (s *Service) List(ctx context.Context, by account.ID, r page.Request) (_ []Notification, next page.Cursor, err error) {
	defer fault.Wrap(&err, "notifications of %s", by)
	at, before, limit := r.Args()
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (n Notification, err error) {
		var about sql.NullString
		var ms int64
		var source string
		err = row.Scan(&n.ID, &n.Kind, &n.Outcome, &source, &about, &n.Detail, &ms, &n.Seen)
		n.About, n.At, n.Room = account.ID(about.String), time.UnixMilli(ms), liveRoom(source)
		n.Club, n.Replay = clubOf(source), replayOf(source)
		if e, r := eventOf(source); e != "" {
			n.Event, n.Room = e, r
		}
		return n, err
	}, `SELECT n.id, n.kind, n.outcome, n.source, n.about_id, n.detail, n.at, n.seen_at IS NOT NULL FROM notifications n
		WHERE n.account_id = $1 AND n.listed AND (n.at < $2 OR n.at = $2 AND n.id > $3) AND `+isNear+` ORDER BY n.at DESC, n.id LIMIT $4`,
		string(by), at, before, limit)
	if err != nil {
		return nil, page.Cursor{}, err
	}
	all, next = page.Cut(r, all, func(n Notification) page.Cursor { return page.Of(n.At, string(n.ID)) })
	return all, next, nil
}

// Unseen returns the number of notifications of by that they have not seen, at most
// MaxUnseen.
func (s *Service) Unseen(ctx context.Context, by account.ID) (n int, err error) {
	defer fault.Wrap(&err, "unseen notifications of %s", by)
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT n.id FROM notifications n
		WHERE n.account_id = $1 AND n.listed AND n.seen_at IS NULL AND `+isNear+` LIMIT $2) AS unseen`, string(by), MaxUnseen).Scan(&n)
	return n, err
}

// MaxUnseen bounds the count, because "99+" says as much.
const MaxUnseen = 100

// MarkSeen marks a notification of by and all older ones as seen, on all devices: what still
// waits to be pushed of them is not. Fault: notification.unknown.
func (s *Service) MarkSeen(ctx context.Context, by account.ID, upTo ID) (err error) {
	defer fault.Wrap(&err, "see notifications of %s", by)
	fresh := false
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var at int64
		err := tx.QueryRowContext(ctx, `SELECT at FROM notifications WHERE id = $1 AND account_id = $2`, string(upTo), string(by)).Scan(&at)
		if db.IsNone(err) {
			return fault.New(fault.NotFound, "notification.unknown", "This notification is gone.")
		}
		if err != nil {
			return err
		}
		fresh, err = db.Changed(tx.ExecContext(ctx, `UPDATE notifications SET seen_at = $1 WHERE account_id = $2 AND seen_at IS NULL AND at <= $3`,
			db.Millis(s.cfg.Now()), string(by), at))
		if err != nil || !fresh {
			return err
		}
		return s.changed(ctx, tx, by)
	})
	if err == nil && fresh {
		s.cfg.Wake()
	}
	return err
}
