package profile

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/voice"
)

const (
	Places      = 4 // of clips: the intro, and three more
	clipLeast   = 5 * time.Second
	clipMost    = 30*time.Second + 500*time.Millisecond // recorders stop a little late
	hearingsDay = 300                                   // clips that one person may hear within 24 hours
)

// Clip is some seconds in somebody's own voice.
type Clip struct {
	ID     string
	By     account.ID
	Place  int    // 0 is the intro
	Prompt string // of Prompts
	Key    string // on the shelf; audio/ogg
	Ms     int    // how long it plays
	Peaks  []byte // 64 levels, 0..255
}

// Publish puts what by has said at a place, instead of what was there. The
// sound is taken apart, measured and written anew; after any error what was
// there is still there. Place 0 also gives the voice.
func (s *Service) Publish(ctx context.Context, by account.ID, place int, prompt string, data []byte) (_ Clip, err error) {
	defer fault.Wrap(&err, "publish clip %d of %s", place, by)
	if place < 0 || place >= Places {
		return Clip{}, fault.New(fault.NotFound, "clip.place", "There is no such place for a recording.")
	}
	if !slices.Contains(Prompts, prompt) {
		return Clip{}, fault.At("query.prompt", "list.unknown", "This card is not in the stack.")
	}
	taken, err := s.Listen(ctx, data, clipLeast)
	if err != nil {
		return Clip{}, err
	}
	features, err := json.Marshal(taken.Features)
	if err != nil {
		return Clip{}, err
	}
	c := Clip{ID: id.New(), By: by, Place: place, Prompt: prompt, Ms: int(taken.Duration.Milliseconds()), Peaks: taken.Peaks}
	c.Key = "voices/" + c.ID + ".ogg"
	if err := s.shelf.Put(ctx, c.Key, taken.Ogg); err != nil {
		return Clip{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.shelf.Claim(ctx, tx, c.Key); err != nil {
			return err
		}
		now := db.Millis(s.now())
		changed, err := db.Changed(tx.ExecContext(ctx, `UPDATE profiles SET updated_at = $1 WHERE account_id = $2`, now, string(by)))
		if err != nil {
			return err
		}
		if !changed {
			return unknown()
		}
		if place == 0 {
			if _, err := tx.ExecContext(ctx, `UPDATE profiles SET voice = $1 WHERE account_id = $2`, string(features), string(by)); err != nil {
				return err
			}
		}
		if err := s.take(ctx, tx, by, place); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			c.ID, string(by), place, prompt, c.Key, c.Ms, base64.StdEncoding.EncodeToString(c.Peaks), now)
		return err
	})
	if err != nil {
		return Clip{}, err
	}
	s.changed(by)
	return c, nil
}

// Listen takes a recording apart, which plays from least to 30 seconds. No more
// than a few are listened to at once: the others wait.
func (s *Service) Listen(ctx context.Context, data []byte, least time.Duration) (voice.Clip, error) {
	select {
	case s.ears <- struct{}{}:
		defer func() { <-s.ears }()
	case <-ctx.Done():
		return voice.Clip{}, ctx.Err()
	}
	c, err := voice.Take(data, voice.Limits{Least: least, Most: clipMost})
	for _, known := range []struct {
		is         error
		code, says string
	}{
		{voice.ErrShort, "voice.short", "This is too short. Say a little more."},
		{voice.ErrLong, "voice.long", "This is over thirty seconds. Keep the best part."},
		{voice.ErrSilent, "voice.silent", "No voice could be heard in it. Come closer and try again."},
		{voice.ErrStereo, "voice.stereo", "This was recorded in stereo; one channel is what is needed."},
		{voice.ErrDamaged, "voice.damaged", "This recording is damaged or cut off."},
		{voice.ErrFormat, "voice.format", "This is not an Ogg/Opus recording."},
	} {
		if errors.Is(err, known.is) {
			return voice.Clip{}, fault.At("body", known.code, known.says)
		}
	}
	return c, err
}

// take drops the clip at a place, if there is one.
func (s *Service) take(ctx context.Context, tx *sql.Tx, by account.ID, place int) error {
	var key string
	err := tx.QueryRowContext(ctx, `DELETE FROM clips WHERE account_id = $1 AND place = $2 RETURNING blob_key`, string(by), place).Scan(&key)
	if db.IsNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.shelf.Drop(ctx, tx, key)
}

// Unpublish takes away what by has said at a place. Without an intro nobody is
// shown in Discover; the aura stays until there is another voice.
func (s *Service) Unpublish(ctx context.Context, by account.ID, place int) (err error) {
	defer fault.Wrap(&err, "unpublish clip %d of %s", place, by)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE profiles SET updated_at = $1 WHERE account_id = $2`, db.Millis(s.now()), string(by)); err != nil {
			return err
		}
		return s.take(ctx, tx, by, place)
	})
}

const clipColumns = `SELECT id, account_id, place, prompt, blob_key, ms, peaks FROM clips `

func scanClip(row interface{ Scan(...any) error }) (c Clip, err error) {
	var peaks string
	if err := row.Scan(&c.ID, &c.By, &c.Place, &c.Prompt, &c.Key, &c.Ms, &peaks); err != nil {
		return c, err
	}
	c.Peaks, err = base64.StdEncoding.DecodeString(peaks)
	return c, err
}

// Clips are what people say, each by place.
func (s *Service) Clips(ctx context.Context, of ...account.ID) (_ map[account.ID][]Clip, err error) {
	defer fault.Wrap(&err, "clips")
	found := make(map[account.ID][]Clip, len(of))
	for some := range slices.Chunk(of, 500) {
		all, err := db.Select(ctx, s.db, scanClip, clipColumns+`WHERE account_id IN (`+db.Marks(1, len(some))+`) ORDER BY account_id, place`, anys(some)...)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			found[c.By] = append(found[c.By], c)
		}
	}
	return found, nil
}

// Hear is the clip that by is about to hear. Nobody hears more than 300
// different ones within 24 hours, their own apart: clips.spent.
func (s *Service) Hear(ctx context.Context, by account.ID, clip string) (_ Clip, err error) {
	defer fault.Wrap(&err, "hear %s", clip)
	c, err := scanClip(s.db.QueryRowContext(ctx, clipColumns+`WHERE id = $1`, clip))
	if db.IsNone(err) {
		return Clip{}, fault.New(fault.NotFound, "clip.unknown", "There is nothing to hear here any more.")
	}
	if err != nil || c.By == by {
		return c, err
	}
	var heard int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM hearings WHERE listener_id = $1 AND clip_id = $2`, string(by), clip).Scan(&heard); err != nil || heard > 0 {
		return c, err
	}
	now := s.now()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		// Writing the own profile row first makes hearings of one person queue up,
		// so that no crowd of requests slips past the count.
		if _, err := tx.ExecContext(ctx, `UPDATE profiles SET language = language WHERE account_id = $1`, string(by)); err != nil {
			return err
		}
		let, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO hearings (listener_id, clip_id, first_at)
			SELECT $1, $2, $3 WHERE (SELECT count(*) FROM hearings WHERE listener_id = $1 AND first_at > $4) < $5
			ON CONFLICT (listener_id, clip_id) DO UPDATE SET first_at = hearings.first_at`,
			string(by), clip, db.Millis(now), db.Millis(now.Add(-24*time.Hour)), hearingsDay))
		if err == nil && !let {
			return fault.New(fault.TooMany, "clips.spent", "You have heard many voices today. There is room for new ones tomorrow.")
		}
		return err
	})
	return c, err
}

// Sweep forgets who heard what a month ago. Run it now and then, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM hearings WHERE first_at < $1`, db.Millis(now.Add(-30*24*time.Hour)))
		return err
	})
}
