package photo

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"heyy/internal/base/db"
	"heyy/internal/base/fault"
	"heyy/internal/base/id"
	"heyy/internal/media/imaging"
	"heyy/internal/people/account"
)

const (
	MaxPhotos = 4    // photos per person
	MaxSide   = 1280 // pixels of the longer side of a stored photo
)

// ID identifies a photo.
type ID string

// Photo is a stored picture.
type Photo struct {
	ID            ID
	Key           string // blob; image/jpeg
	Width, Height int    // pixels
	Blurhash      string // placeholder until it is loaded
	CreatedAt     time.Time
}

// Blobs stores pictures; see package blobref.
type Blobs interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Matches tells whether two people matched.
type Matches interface {
	Matched(ctx context.Context, a, b account.ID) (bool, error)
}

// Service manages photos. Create it with New.
type Service struct {
	db      *db.DB
	blobs   Blobs
	matches Matches
	now     func() time.Time
	wake    func()
	slot    chan struct{} // semaphore of one: converting a picture takes up to 350 MB
	pace    *rate.Limiter // tokens are pixels
}

// New returns a Service; now may be nil for time.Now. wake is called after each commit with
// facts.
func New(d *db.DB, blobs Blobs, matches Matches, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{
		db: d, blobs: blobs, matches: matches, now: now, wake: wake,
		slot: make(chan struct{}, 1), pace: rate.NewLimiter(pixelsPerSecond, imaging.MaxPixels),
	}
}

// Process converts an upload to a picture of at most MaxSide pixels. It runs one at a time,
// see acquire.
func (s *Service) Process(ctx context.Context, data []byte) (imaging.Picture, error) {
	within, stop := context.WithTimeout(ctx, processTimeout)
	defer stop()
	if err := s.acquire(ctx, within, imaging.Pixels(data)); err != nil {
		return imaging.Picture{}, err
	}
	p, err := func() (imaging.Picture, error) {
		defer func() { <-s.slot }()
		return imaging.Convert(data, MaxSide)
	}()
	var f imaging.FormatError
	if errors.As(err, &f) {
		if f.Name == "HEIC" {
			return p, fault.At("body", "photo.heic", "This is a HEIC photo, which most browsers can't show. Save it as JPEG, or set your camera to the most compatible format.")
		}
		return p, fault.At("body", "photo.format", "This is "+withArticle(f.Name)+". Use a JPEG, PNG or WebP photo.")
	}
	for _, known := range []struct {
		is         error
		code, says string
	}{
		{imaging.ErrFormat, "photo.format", "We can't read this file. Use a JPEG, PNG or WebP photo."},
		{imaging.ErrAnimated, "photo.animated", "We can't use animated photos. Choose a still one."},
		{imaging.ErrTooBig, "photo.too_big", "This photo is too large. The limit is 16 megapixels and 20 megabytes."},
		{imaging.ErrTooSmall, "photo.too_small", "This photo is too small. Each side needs at least 64 pixels."},
		{imaging.ErrDamaged, "photo.damaged", "This photo is damaged, or part of it got lost. Send it again, or choose another."},
	} {
		if errors.Is(err, known.is) {
			return p, fault.At("body", known.code, known.says)
		}
	}
	return p, err
}

// A few bytes can decompress to a picture of full size, so the rate limit
// counts pixels: half a second of one core per second, for all together. A
// request that would wait too long fails at once.
const (
	pixelsPerSecond = 20_000_000 // refill rate
	processTimeout  = 20 * time.Second
)

// acquire waits until a picture of so many pixels may be converted, and takes the slot.
func (s *Service) acquire(ctx, within context.Context, pixels int) error {
	err := s.pace.WaitN(within, pixels)
	if err == nil {
		select {
		case s.slot <- struct{}{}:
			return nil
		case <-within.Done():
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return busy()
}

func busy() error {
	return fault.New(fault.Unavailable, "server.busy", "There's a lot going on right now. Try again in a moment.")
}

// withArticle returns the name of a format with its article.
func withArticle(name string) string {
	switch {
	case strings.HasPrefix(name, "a "):
		return name
	case strings.HasPrefix(name, "A"), strings.HasPrefix(name, "SVG"):
		return "an " + name
	}
	return "a " + name
}

// Add stores another photo of by. It stays hidden until by offers it.
func (s *Service) Add(ctx context.Context, by account.ID, data []byte) (_ Photo, err error) {
	defer fault.Wrap(&err, "add photo of %s", by)
	var have int
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM photos WHERE account_id = $1`, string(by)).Scan(&have); err != nil {
		return Photo{}, err
	}
	if have >= MaxPhotos { // checked again below; this saves the conversion
		return Photo{}, full()
	}
	taken, err := s.Process(ctx, data)
	if err != nil {
		return Photo{}, err
	}
	p := Photo{
		ID: ID(id.Opaque()), Key: "photos/" + id.New() + ".jpg",
		Width: taken.Width, Height: taken.Height, Blurhash: taken.Blurhash, CreatedAt: s.now().Truncate(time.Millisecond),
	}
	if err := s.blobs.Put(ctx, p.Key, taken.JPEG); err != nil {
		return Photo{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		var have, nr int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM photos WHERE account_id = $1`, string(by)).Scan(&have); err != nil {
			return err
		}
		if have >= MaxPhotos {
			return full()
		}
		// Numbers never repeat: above all photos, and above deleted ones that an offer
		// still refers to.
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(nr), 0) FROM (
			SELECT nr FROM photos WHERE account_id = $1
			UNION ALL SELECT a_upto FROM reveals WHERE a_id = $1
			UNION ALL SELECT b_upto FROM reveals WHERE b_id = $1) AS used`, string(by)).Scan(&nr); err != nil {
			return err
		}
		if err := s.blobs.Claim(ctx, tx, p.Key); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO photos (id, account_id, nr, blob_key, width, height, blurhash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(p.ID), string(by), nr+1, p.Key, p.Width, p.Height, p.Blurhash, db.Millis(p.CreatedAt))
		return err
	})
	if err != nil {
		return Photo{}, err
	}
	return p, nil
}

func full() error {
	return fault.New(fault.Conflict, "photo.full", "You already have four photos. Remove one first.")
}

func unknown() error {
	return fault.New(fault.NotFound, "photo.unknown", "This photo is already gone.")
}

// Remove deletes a photo of by. If it was the last one that a reveal or offer covers, the
// reveal closes for both.
func (s *Service) Remove(ctx context.Context, by account.ID, photo ID) (err error) {
	defer fault.Wrap(&err, "remove photo %s of %s", photo, by)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := account.Lock(ctx, tx, by); err != nil {
			return err
		}
		var key string
		err := tx.QueryRowContext(ctx, `DELETE FROM photos WHERE id = $1 AND account_id = $2 RETURNING blob_key`, string(photo), string(by)).Scan(&key)
		if db.IsNone(err) {
			return unknown()
		}
		if err != nil {
			return err
		}
		if err := s.blobs.Drop(ctx, tx, key); err != nil {
			return err
		}
		return s.closeEmpty(ctx, tx, by)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// columns of a photo in all queries here.
const columns = `p.id, p.blob_key, p.width, p.height, p.blurhash, p.created_at`

func scan(row interface{ Scan(...any) error }) (p Photo, err error) {
	var created int64
	err = row.Scan(&p.ID, &p.Key, &p.Width, &p.Height, &p.Blurhash, &created)
	p.CreatedAt = time.UnixMilli(created)
	return p, err
}

// List returns by's own photos, oldest first.
func (s *Service) List(ctx context.Context, by account.ID) (_ []Photo, err error) {
	defer fault.Wrap(&err, "photos of %s", by)
	return db.Select(ctx, s.db, scan, `SELECT `+columns+` FROM photos p WHERE p.account_id = $1 ORDER BY p.nr`, string(by))
}

// BlobKey returns the blob of a photo for those who may see it now: its owner, and whoever
// it is revealed to. For others it is photo.unknown.
func (s *Service) BlobKey(ctx context.Context, viewer account.ID, photo ID) (key string, err error) {
	defer fault.Wrap(&err, "open photo %s", photo)
	var owner account.ID
	var shown int
	err = s.db.QueryRowContext(ctx, `SELECT p.account_id, p.blob_key, (SELECT COUNT(*) FROM reveals r WHERE r.opened_at IS NOT NULL
			AND (r.a_id = p.account_id AND r.b_id = $1 AND p.nr <= r.a_upto OR r.b_id = p.account_id AND r.a_id = $1 AND p.nr <= r.b_upto))
		FROM photos p WHERE p.id = $2`, string(viewer), string(photo)).Scan(&owner, &key, &shown)
	if db.IsNone(err) {
		return "", unknown()
	}
	if err != nil || owner == viewer {
		return key, err
	}
	if shown == 0 {
		return "", unknown()
	}
	matched, err := s.matches.Matched(ctx, viewer, owner)
	if err != nil {
		return "", err
	}
	if !matched {
		return "", unknown()
	}
	return key, nil
}
