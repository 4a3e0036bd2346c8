package profile

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/media/audio"
	"heyy/internal/people/account"
)

const (
	ClipPlaces      = 4 // slots for clips: the intro (0) and three more
	MinClip         = 5 * time.Second
	MaxClip         = 30*time.Second + 500*time.Millisecond // tolerance: recorders stop late
	clipPlaysPerDay = 300                                   // different clips of others that one person can play within 24 hours
)

// Clip is a short recording of a person's voice.
type Clip struct {
	ID     string
	By     account.ID
	Place  int    // 0 is the intro
	Prompt string // one of Prompts
	Key    string // blob; audio/ogg
	Ms     int    // playing time
	Peaks  []byte // 64 levels, 0..255
}

// Publish replaces the clip at a place. The recording is validated, measured and rewritten;
// after an error the previous clip is still there. The intro (place 0) also sets the voice,
// from which the aura is drawn.
func (s *Service) Publish(ctx context.Context, by account.ID, place int, prompt string, data []byte) (_ Clip, err error) {
	defer fault.Wrap(&err, "publish clip %d of %s", place, by)
	if place < 0 || place >= ClipPlaces {
		return Clip{}, fault.New(fault.NotFound, "clip.place", "A profile doesn't have that place for a recording.")
	}
	if !slices.Contains(Prompts, prompt) {
		return Clip{}, fault.At("query.prompt", "list.unknown", "This card isn't on the list. Choose another.")
	}
	taken, err := s.ProcessRecording(ctx, data, audio.Limits{Least: MinClip, Most: MaxClip})
	if err != nil {
		return Clip{}, err
	}
	features, err := json.Marshal(taken.Features)
	if err != nil {
		return Clip{}, err
	}
	c := Clip{ID: id.Opaque(), By: by, Place: place, Prompt: prompt, Ms: int(taken.Duration.Milliseconds()), Peaks: taken.Peaks}
	c.Key = "voices/" + c.ID + ".ogg"
	if err := s.blobs.Put(ctx, c.Key, taken.Ogg); err != nil {
		return Clip{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := s.blobs.Claim(ctx, tx, c.Key); err != nil {
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
		if err := s.dropClip(ctx, tx, by, place); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			c.ID, string(by), place, prompt, c.Key, c.Ms, base64.StdEncoding.EncodeToString(c.Peaks), now)
		return err
	})
	if err != nil {
		return Clip{}, err
	}
	s.invalidate(by)
	return c, nil
}

// ProcessRecording validates and rewrites a recording, see audio.NewClip. Few run
// concurrently; the others wait.
func (s *Service) ProcessRecording(ctx context.Context, data []byte, l audio.Limits) (audio.Clip, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return audio.Clip{}, ctx.Err()
	}
	c, err := audio.NewClip(data, l)
	for _, known := range []struct {
		is         error
		code, says string
	}{
		{audio.ErrShort, "voice.short", "This recording is too short. Record again and say a little more."},
		{audio.ErrLong, "voice.long", "This recording is over thirty seconds. Record a shorter one."},
		{audio.ErrSilent, "voice.silent", "We couldn't hear a voice in this recording. Move closer and record again."},
		{audio.ErrStereo, "voice.stereo", "This was recorded in stereo. Record again in mono."},
		{audio.ErrDamaged, "voice.damaged", "Part of the recording got lost. Send it again, or make a new one."},
		{audio.ErrFormat, "voice.format", "This isn't an Ogg/Opus recording. Record again."},
	} {
		if errors.Is(err, known.is) {
			return audio.Clip{}, fault.At("body", known.code, known.says)
		}
	}
	return c, err
}

// dropClip deletes the clip at a place, if there is one.
func (s *Service) dropClip(ctx context.Context, tx *sql.Tx, by account.ID, place int) error {
	var key string
	err := tx.QueryRowContext(ctx, `DELETE FROM clips WHERE account_id = $1 AND place = $2 RETURNING blob_key`, string(by), place).Scan(&key)
	if db.IsNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.blobs.Drop(ctx, tx, key)
}

// Unpublish deletes the clip at a place. Without an intro a person is not shown in
// Discover; the aura stays until another intro is recorded.
func (s *Service) Unpublish(ctx context.Context, by account.ID, place int) (err error) {
	defer fault.Wrap(&err, "unpublish clip %d of %s", place, by)
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE profiles SET updated_at = $1 WHERE account_id = $2`, db.Millis(s.now()), string(by)); err != nil {
			return err
		}
		return s.dropClip(ctx, tx, by, place)
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

// Clips returns the clips of people, ordered by place.
func (s *Service) Clips(ctx context.Context, of ...account.ID) (_ map[account.ID][]Clip, err error) {
	defer fault.Wrap(&err, "clips")
	found := make(map[account.ID][]Clip, len(of))
	for some := range slices.Chunk(of, 500) {
		all, err := db.Select(ctx, s.db, scanClip, clipColumns+`WHERE account_id IN (`+db.Placeholders(1, len(some))+`) ORDER BY account_id, place`, anys(some)...)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			found[c.By] = append(found[c.By], c)
		}
	}
	return found, nil
}

// PlayClip returns the clip that by is about to play, and counts it: over clipPlaysPerDay
// different clips of others within 24 hours are clips.spent.
func (s *Service) PlayClip(ctx context.Context, by account.ID, clip string) (_ Clip, err error) {
	defer fault.Wrap(&err, "hear %s", clip)
	c, err := scanClip(s.db.QueryRowContext(ctx, clipColumns+`WHERE id = $1`, clip))
	if db.IsNone(err) {
		return Clip{}, fault.New(fault.NotFound, "clip.unknown", "This recording is gone.")
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
		// Row lock: concurrent requests of one person are counted one after
		// another.
		if _, err := tx.ExecContext(ctx, `UPDATE profiles SET language = language WHERE account_id = $1`, string(by)); err != nil {
			return err
		}
		let, err := db.Changed(tx.ExecContext(ctx, `INSERT INTO hearings (listener_id, clip_id, first_at)
			SELECT $1, $2, $3 WHERE (SELECT count(*) FROM hearings WHERE listener_id = $1 AND first_at > $4) < $5
			ON CONFLICT (listener_id, clip_id) DO UPDATE SET first_at = hearings.first_at`,
			string(by), clip, db.Millis(now), db.Millis(now.Add(-24*time.Hour)), clipPlaysPerDay))
		if err == nil && !let {
			return fault.New(fault.TooMany, "clips.spent", "You've heard a lot of voices today. You can hear new ones tomorrow.")
		}
		return err
	})
	return c, err
}

// Sweep deletes plays older than 30 days. Run it now and then, on one server.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM hearings WHERE first_at < $1`, db.Millis(now.Add(-30*24*time.Hour)))
		return err
	})
}
