package replay

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// Service runs the commands, reads and background jobs of the replays of one database.
type Service struct {
	db    *db.DB
	blobs *blobref.Store
	rooms *room.Service
	now   func() time.Time
}

// New returns a Service; now may be nil for time.Now.
func New(d *db.DB, blobs *blobref.Store, rooms *room.Service, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, blobs: blobs, rooms: rooms, now: now}
}

// lock locks the row of a replay for this transaction. Fault: ErrNotFound.
func lock(ctx context.Context, tx *sql.Tx, r room.ID) error {
	hit, err := db.Changed(tx.ExecContext(ctx, `UPDATE replays SET state = state WHERE id = $1`, r))
	if err == nil && !hit {
		err = ErrNotFound
	}
	return err
}

// Keep says, for somebody in a room that is recorded, whether their voice is kept. Without that
// nothing of it is, and nothing is left of what was before. Faults: room.not_here,
// room.not_recorded, room.ended.
func (s *Service) Keep(ctx context.Context, by account.ID, r room.ID, keeps bool) (err error) {
	defer fault.Wrap(&err, "keep the voice in %s: %t", r, keeps)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.rooms.BeingRecorded(ctx, tx, by, r); err != nil {
			return err
		}
		if err := begin(ctx, tx, r); err != nil {
			return err
		}
		if err := lock(ctx, tx, r); err != nil {
			return err
		}
		return s.answer(ctx, tx, by, r, keeps)
	})
}

// answer writes whether a voice is kept in a locked replay.
func (s *Service) answer(ctx context.Context, tx *sql.Tx, by account.ID, r room.ID, keeps bool) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO replay_voices (replay_id, account_id, keeps, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (replay_id, account_id) DO UPDATE SET keeps = excluded.keeps, at = excluded.at`, r, by, keeps, db.Millis(s.now())); err != nil || keeps {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM replay_parts WHERE replay_id = $1 AND account_id = $2`, r, by)
	return err
}

// Answer returns what somebody in a room that is recorded has said: whether their voice is kept,
// and whether they have said so. Faults: those of Keep.
func (s *Service) Answer(ctx context.Context, by account.ID, r room.ID) (keeps, answered bool, err error) {
	defer fault.Wrap(&err, "read whether the voice is kept in %s", r)
	if err := s.rooms.BeingRecorded(ctx, s.db, by, r); err != nil {
		return false, false, err
	}
	err = s.db.QueryRowContext(ctx, `SELECT keeps FROM replay_voices WHERE replay_id = $1 AND account_id = $2`, r, by).Scan(&keeps)
	if db.IsNone(err) {
		return false, false, nil
	}
	return keeps, err == nil, err
}

// Withdraw deletes by's voice from a replay, whether or not it is published. A replay without any
// voice is deleted. Fault: ErrNotFound.
func (s *Service) Withdraw(ctx context.Context, by account.ID, r room.ID) (err error) {
	defer fault.Wrap(&err, "withdraw the voice from %s", r)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lock(ctx, tx, r); err != nil {
			return err
		}
		var spoke bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM replay_voices WHERE replay_id = $1 AND account_id = $2)`, r, by).Scan(&spoke); err != nil {
			return err
		}
		if !spoke {
			return ErrNotFound
		}
		if err := s.answer(ctx, tx, by, r, false); err != nil {
			return err
		}
		return deleteIfSilent(ctx, tx, r)
	})
}

// deleteIfSilent deletes a replay whose room has ended if no voice is in it.
func deleteIfSilent(ctx context.Context, tx *sql.Tx, r room.ID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM replays WHERE id = $1 AND state <> 'recording' AND NOT EXISTS (SELECT 1 FROM replay_parts p WHERE p.replay_id = replays.id)`, r)
	return err
}

// Separate takes what two people said out of the replays that the other hosts, in the transaction
// of a block: nobody's voice stays where they cannot come to take it back.
func (s *Service) Separate(ctx context.Context, tx *sql.Tx, by, other account.ID) (err error) {
	defer fault.Wrap(&err, "separate %s and %s in replays", by, other)
	for _, x := range [][2]account.ID{{by, other}, {other, by}} {
		host, guest := x[0], x[1]
		all, err := db.Select(ctx, tx, scanRoom, `SELECT id FROM replays r WHERE host_id = $1
			AND (EXISTS (SELECT 1 FROM replay_voices v WHERE v.replay_id = r.id AND v.account_id = $2) OR EXISTS (SELECT 1 FROM replay_lines l WHERE l.replay_id = r.id AND l.account_id = $2)) ORDER BY id`, host, guest)
		if err != nil {
			return err
		}
		for _, r := range all {
			if err := lock(ctx, tx, r); fault.Is(err, ErrNotFound.Code) {
				continue
			} else if err != nil {
				return err
			}
			if err := s.answer(ctx, tx, guest, r, false); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM replay_lines WHERE replay_id = $1 AND account_id = $2`, r, guest); err != nil {
				return err
			}
			if err := deleteIfSilent(ctx, tx, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// hosting runs f for the host of a replay whose room has ended. Faults: ErrNotFound,
// replay.host_only, replay.recording.
func (s *Service) hosting(ctx context.Context, by account.ID, r room.ID, f func(*sql.Tx, Replay) error) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lock(ctx, tx, r); err != nil {
			return err
		}
		now, err := read(ctx, tx, by, r)
		switch {
		case err != nil:
			return err
		case now.Host != by:
			return ErrHostOnly
		case now.State == Recording:
			return errRecording
		}
		return f(tx, now)
	})
}

// Publish opens a replay to whoever could come into its room, for some days from now on. Of one
// that is published it changes the days, which count from when it was. Faults: replay.days, those
// of hosting.
func (s *Service) Publish(ctx context.Context, by account.ID, r room.ID, days int) (err error) {
	defer fault.Wrap(&err, "publish %s", r)
	if err := checkDays(days); err != nil {
		return err
	}
	return s.hosting(ctx, by, r, func(tx *sql.Tx, now Replay) error {
		at := now.PublishedAt
		if now.State == Draft {
			at = s.now()
		}
		until := at.Add(time.Duration(days) * 24 * time.Hour)
		if _, err := tx.ExecContext(ctx, `UPDATE replays SET state = 'published', published_at = $1, keep_days = $2, expires_at = $3 WHERE id = $4`,
			db.Millis(at), days, db.Millis(until), r); err != nil || now.State != Draft {
			return err
		}
		return outbox.Append(ctx, tx, at, News{Replay: r, What: Opened})
	})
}

// Delete deletes a replay with all voices. Faults: those of hosting.
func (s *Service) Delete(ctx context.Context, by account.ID, r room.ID) (err error) {
	defer fault.Wrap(&err, "delete the replay %s", r)
	return s.hosting(ctx, by, r, func(tx *sql.Tx, _ Replay) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM replays WHERE id = $1`, r)
		return err
	})
}

// AddChapter names what begins at a moment of a replay. Faults: replay.chapter,
// replay.chapters_many, replay.after_end, those of hosting and of a line of text.
func (s *Service) AddChapter(ctx context.Context, by account.ID, r room.ID, at time.Duration, title string) (_ Line, err error) {
	defer fault.Wrap(&err, "add a chapter to %s", r)
	if title == "" {
		return Line{}, errChapter
	}
	if title, err = textrule.Line("body.text", title, MaxChapter); err != nil {
		return Line{}, err
	}
	line := Line{ID: id.New(), Account: by, Kind: Chapter, At: at, Text: title}
	return line, s.hosting(ctx, by, r, func(tx *sql.Tx, now Replay) error {
		var n int
		var end sql.NullInt64
		if err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM replay_lines WHERE replay_id = $1 AND kind = 'chapter'), (SELECT MAX(from_ms + ms) FROM replay_parts WHERE replay_id = $1)`,
			r).Scan(&n, &end); err != nil {
			return err
		}
		switch {
		case n >= maxChapters:
			return errChapters
		case at < 0 || at.Milliseconds() > end.Int64:
			return errAfter
		}
		return addLine(ctx, tx, r, line)
	})
}

func addLine(ctx context.Context, tx *sql.Tx, r room.ID, l Line) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO replay_lines (replay_id, id, account_id, kind, at_ms, text) VALUES ($1, $2, $3, $4, $5, $6)`,
		r, l.ID, l.Account, l.Kind, l.At.Milliseconds(), l.Text)
	return err
}

// RemoveLine takes a line out of a replay: the host any, others what they have written. Faults:
// ErrNotFound, replay.line_not_found, replay.host_only.
func (s *Service) RemoveLine(ctx context.Context, by account.ID, r room.ID, line string) (err error) {
	defer fault.Wrap(&err, "remove a line of %s", r)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lock(ctx, tx, r); err != nil {
			return err
		}
		now, err := read(ctx, tx, by, r)
		hidden := fault.Is(err, ErrNotFound.Code) // whoever is kept out has written there, too
		if err != nil && !hidden {
			return err
		}
		l, err := scanLine(tx.QueryRowContext(ctx, `SELECT `+lineColumns+` FROM replay_lines l WHERE l.replay_id = $1 AND l.id = $2`, r, line))
		switch {
		case err != nil && !db.IsNone(err):
			return err
		case hidden && (err != nil || l.Account != by || l.Kind != Chat):
			return ErrNotFound
		case err != nil:
			return errLineUnknown
		case now.Host != by && (l.Account != by || l.Kind != Chat):
			return ErrHostOnly
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM replay_lines WHERE replay_id = $1 AND id = $2`, r, line)
		return err
	})
}

// SetMark keeps how far by has listened. Fault: ErrNotFound.
func (s *Service) SetMark(ctx context.Context, by account.ID, r room.ID, at time.Duration) (err error) {
	defer fault.Wrap(&err, "keep the place in %s", r)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := read(ctx, tx, by, r); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO replay_marks (replay_id, account_id, at_ms) VALUES ($1, $2, $3)
			ON CONFLICT (replay_id, account_id) DO UPDATE SET at_ms = excluded.at_ms`, r, by, min(max(at, 0), MaxLength).Milliseconds())
		return err
	})
}
