package replay

import (
	"context"
	"database/sql"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// begin makes the replay of a room, if there is none.
func begin(ctx context.Context, tx *sql.Tx, r room.ID) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO replays (id, host_id, club_id, title, category, language, access, women_only, verified_only, state, began_at, keep_days)
		SELECT id, host_id, club_id, title, category, language, access, women_only, verified_only, 'recording', created_at, $1 FROM rooms WHERE id = $2
		ON CONFLICT (id) DO NOTHING`, KeepDays[0], r)
	return err
}

// open is a room that is recorded now.
type open struct {
	id    room.ID
	began time.Time
	host  account.ID
	title string
	link  string
}

// recorded returns the open rooms that have a replay.
func (s *Service) recorded(ctx context.Context) ([]open, error) {
	return db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (o open, err error) {
		var began int64
		err = row.Scan(&o.id, &began, &o.host, &o.title, &o.link)
		o.began = time.UnixMilli(began)
		return o, err
	}, `SELECT r.id, p.began_at, r.host_id, r.title, r.link FROM replays p JOIN rooms r ON r.id = p.id WHERE p.state = 'recording' AND r.ended_at IS NULL`)
}

// voices returns whose voices are kept of a room that is recorded, by their number in its audio.
func (s *Service) voices(ctx context.Context, r room.ID) (map[uint32]account.ID, error) {
	type one struct {
		voice uint32
		who   account.ID
	}
	all, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (o one, err error) {
		err = row.Scan(&o.voice, &o.who)
		return o, err
	}, `SELECT m.voice, m.account_id FROM replay_voices v JOIN room_members m ON m.room_id = v.replay_id AND m.account_id = v.account_id
		WHERE v.replay_id = $1 AND v.keeps AND m.voice <> 0`, r)
	kept := make(map[uint32]account.ID, len(all))
	for _, o := range all {
		kept[o.voice] = o.who
	}
	return kept, err
}

// note adds lines about what has changed in a room since the last ones: a chapter for a title, a
// link that was pinned.
func (s *Service) note(ctx context.Context, o open) error {
	at := max(0, s.now().Sub(o.began))
	if at >= MaxLength {
		return nil
	}
	for kind, now := range map[Kind]string{Chapter: o.title, Link: o.link} {
		var last sql.NullString
		err := s.db.QueryRowContext(ctx, `SELECT text FROM replay_lines WHERE replay_id = $1 AND kind = $2 ORDER BY at_ms DESC LIMIT 1`, o.id, kind).Scan(&last)
		if err != nil && !db.IsNone(err) {
			return err
		}
		if now == "" || last.String == now {
			continue
		}
		var many bool
		if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) >= $1 FROM replay_lines WHERE replay_id = $2 AND kind = $3`, maxNotes, o.id, kind).Scan(&many); err != nil {
			return err
		}
		if many {
			continue
		}
		when := at
		if kind == Chapter && !last.Valid { // the title with which it opened
			when = 0
		}
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			return addLine(ctx, tx, o.id, Line{ID: id.New(), Account: o.host, Kind: kind, At: when, Text: now})
		}); err != nil {
			return err
		}
	}
	return nil
}

// store writes a part of a speaker, unless they have withdrawn. It reports whether there is room
// for more of this replay.
func (s *Service) store(ctx context.Context, r room.ID, by account.ID, start, length, loud time.Duration, ogg []byte) (more bool, err error) {
	defer fault.Wrap(&err, "store a part of %s", r)
	part := id.New()
	key := "replays/" + string(r) + "/" + part + ".ogg"
	if err := s.blobs.Put(ctx, key, ogg); err != nil {
		return false, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		more = true
		if err := lock(ctx, tx, r); err != nil {
			return err
		}
		var keeps bool
		err := tx.QueryRowContext(ctx, `SELECT keeps FROM replay_voices WHERE replay_id = $1 AND account_id = $2`, r, by).Scan(&keeps)
		if db.IsNone(err) || err == nil && !keeps {
			return nil // the blob is not claimed, and goes
		}
		if err != nil {
			return err
		}
		var parts, theirs, bytes int64
		if err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM replay_parts WHERE replay_id = $1), (SELECT COUNT(*) FROM replay_parts WHERE replay_id = $1 AND account_id = $2), (SELECT COALESCE(SUM(p.bytes), 0) FROM replay_parts p JOIN replays o ON o.id = p.replay_id
			WHERE o.host_id = (SELECT host_id FROM replays WHERE id = $1))`, r, by).Scan(&parts, &theirs, &bytes); err != nil {
			return err
		}
		if parts >= maxParts || bytes+int64(len(ogg)) > maxBytes {
			more = false
			return nil
		}
		if theirs >= maxParts/2 { // nobody leaves no room for others
			return nil
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO replay_parts (id, replay_id, account_id, from_ms, ms, loud_ms, bytes, blob_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			part, r, by, max(0, start.Milliseconds()), max(1, length.Milliseconds()), loud.Milliseconds(), len(ogg), key); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO replay_blobs (key) VALUES ($1)`, key); err != nil {
			return err
		}
		return s.blobs.Claim(ctx, tx, key)
	})
	if fault.Is(err, ErrNotFound.Code) {
		return false, nil
	}
	return more, err
}

// ended returns the replays whose room is open no more.
func (s *Service) ended(ctx context.Context) ([]room.ID, error) {
	return db.Select(ctx, s.db, scanRoom, `SELECT p.id FROM replays p WHERE p.state = 'recording' AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.id = p.id AND r.ended_at IS NULL) LIMIT 100`)
}

func scanRoom(row interface{ Scan(...any) error }) (r room.ID, err error) {
	err = row.Scan(&r)
	return r, err
}

// finish makes a draft of a replay whose room has ended, with what the room was at its end, and
// its chat.
func (s *Service) finish(ctx context.Context, r room.ID) (err error) {
	defer fault.Wrap(&err, "finish the replay %s", r)
	now := s.now()
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lock(ctx, tx, r); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE replays SET state = 'draft', ended_at = $1, expires_at = $2 WHERE id = $3 AND state = 'recording'`,
			db.Millis(now), db.Millis(now.Add(DraftTime)), r); err != nil {
			return err
		}
		for _, query := range []string{
			`UPDATE replays SET (host_id, club_id, title, category, access, women_only, verified_only) =
				(SELECT host_id, club_id, title, category, access, women_only, verified_only FROM rooms WHERE id = $1) WHERE id = $1 AND EXISTS (SELECT 1 FROM rooms WHERE id = $1)`,
			`INSERT INTO replay_admissions (replay_id, account_id) SELECT room_id, account_id FROM room_admissions WHERE room_id = $1 ON CONFLICT (replay_id, account_id) DO NOTHING`,
			`INSERT INTO replay_removals (replay_id, account_id) SELECT room_id, account_id FROM room_members WHERE room_id = $1 AND removed_at IS NOT NULL ON CONFLICT (replay_id, account_id) DO NOTHING`,
		} {
			if _, err := tx.ExecContext(ctx, query, r); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO replay_lines (replay_id, id, account_id, kind, at_ms, text)
			SELECT m.room_id, m.id, m.account_id, 'chat', CASE WHEN m.at > p.began_at THEN m.at - p.began_at ELSE 0 END, m.text FROM room_messages m JOIN replays p ON p.id = m.room_id
			WHERE m.room_id = $1 AND m.text IS NOT NULL ORDER BY m.at LIMIT $2 ON CONFLICT (replay_id, id) DO NOTHING`, r, maxLines); err != nil {
			return err
		}
		if err := deleteIfSilent(ctx, tx, r); err != nil {
			return err
		}
		return outbox.Append(ctx, tx, now, News{Replay: r, What: Drafted}) // of a deleted one nobody is told
	})
}

// sweepBatch is how many rows one transaction of Sweep takes.
const sweepBatch = 200

// Sweep deletes replays whose time is over, and drops the blobs of parts that are gone. Run it
// every minute, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) (err error) {
	defer fault.Wrap(&err, "sweep replays")
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM replays WHERE id IN (SELECT id FROM replays WHERE expires_at <= $1 LIMIT $2)`, db.Millis(now), sweepBatch)
		return err
	}); err != nil {
		return err
	}
	for {
		keys, err := db.Select(ctx, s.db, func(row interface{ Scan(...any) error }) (key string, err error) {
			err = row.Scan(&key)
			return key, err
		}, `SELECT b.key FROM replay_blobs b LEFT JOIN replay_parts p ON p.blob_key = b.key WHERE p.blob_key IS NULL LIMIT $1`, sweepBatch)
		if err != nil {
			return err
		}
		if err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			for _, key := range keys {
				gone, err := db.Changed(tx.ExecContext(ctx, `DELETE FROM replay_blobs WHERE key = $1`, key))
				if err == nil && gone {
					err = s.blobs.Drop(ctx, tx, key)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}); err != nil || len(keys) < sweepBatch {
			return err
		}
	}
}

// unbegun returns the open rooms that are recorded and have no replay.
func (s *Service) unbegun(ctx context.Context) ([]room.ID, error) {
	return db.Select(ctx, s.db, scanRoom, `SELECT r.id FROM rooms r WHERE r.recorded AND r.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM replays p WHERE p.id = r.id)`)
}
