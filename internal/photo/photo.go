package photo

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"heyy/internal/account"
	"heyy/internal/db"
	"heyy/internal/fault"
	"heyy/internal/id"
	"heyy/internal/picture"
)

const (
	Most = 4    // photos of one person
	Side = 1280 // pixels, of the longer side of what is kept
)

// ID names one photo.
type ID string

// Photo is a picture that somebody may show.
type Photo struct {
	ID            ID
	Key           string // on the shelf; image/jpeg
	Width, Height int    // pixels
	Blurhash      string // what to show until it is there
	CreatedAt     time.Time
}

// Shelf keeps pictures for rows.
type Shelf interface {
	Put(ctx context.Context, key string, data []byte) error
	Claim(ctx context.Context, tx *sql.Tx, key string) error
	Drop(ctx context.Context, tx *sql.Tx, keys ...string) error
}

// Pairs knows who matched.
type Pairs interface {
	Matched(ctx context.Context, a, b account.ID) (bool, error)
}

// Service keeps photos. Make it with New.
type Service struct {
	db    *db.DB
	shelf Shelf
	pairs Pairs
	now   func() time.Time
	wake  func()
	eyes  chan struct{} // one token for each picture that is looked at now
}

// New makes a service; now may be nil for time.Now. wake is called after each
// commit that appended facts.
func New(d *db.DB, shelf Shelf, pairs Pairs, now func() time.Time, wake func()) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{db: d, shelf: shelf, pairs: pairs, now: now, wake: wake, eyes: make(chan struct{}, 2)}
}

// Look makes a picture of at most Side pixels of whatever was sent in. No more
// than two are looked at once: the others wait.
func (s *Service) Look(ctx context.Context, data []byte) (picture.Picture, error) {
	select {
	case s.eyes <- struct{}{}:
		defer func() { <-s.eyes }()
	case <-ctx.Done():
		return picture.Picture{}, ctx.Err()
	}
	p, err := picture.Take(data, Side)
	var f picture.FormatError
	if errors.As(err, &f) {
		if f.Name == "HEIC" {
			return p, fault.At("body", "photo.heic", "This is a HEIC photo, which most browsers cannot show. Save it as JPEG, or set your camera to the most compatible format.")
		}
		return p, fault.At("body", "photo.format", "This is "+article(f.Name)+". A photo is a JPEG, a PNG or a WebP.")
	}
	for _, known := range []struct {
		is         error
		code, says string
	}{
		{picture.ErrFormat, "photo.format", "This is no photo we can read. A photo is a JPEG, a PNG or a WebP."},
		{picture.ErrAnimated, "photo.animated", "This picture moves. Choose one that stands still."},
		{picture.ErrTooBig, "photo.too_big", "This photo is too large: 16 megapixels and 20 megabytes are the most."},
		{picture.ErrTooSmall, "photo.too_small", "This photo is too small: 64 pixels on each side are the least."},
		{picture.ErrDamaged, "photo.damaged", "This photo is damaged or cut off."},
	} {
		if errors.Is(err, known.is) {
			return p, fault.At("body", known.code, known.says)
		}
	}
	return p, err
}

// article is the name of a format in a sentence.
func article(name string) string {
	switch {
	case strings.HasPrefix(name, "a "):
		return name
	case strings.HasPrefix(name, "A"), strings.HasPrefix(name, "SVG"):
		return "an " + name
	}
	return "a " + name
}

// Add gives by another photo. Nobody sees it before by offers to show it.
func (s *Service) Add(ctx context.Context, by account.ID, data []byte) (_ Photo, err error) {
	defer fault.Wrap(&err, "add photo of %s", by)
	var have int
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM photos WHERE account_id = $1`, string(by)).Scan(&have); err != nil {
		return Photo{}, err
	}
	if have >= Most { // asked again below; this spares looking at it
		return Photo{}, full()
	}
	taken, err := s.Look(ctx, data)
	if err != nil {
		return Photo{}, err
	}
	p := Photo{
		ID: ID(id.New()), Key: "photos/" + id.New() + ".jpg",
		Width: taken.Width, Height: taken.Height, Blurhash: taken.Blurhash, CreatedAt: s.now().Truncate(time.Millisecond),
	}
	if err := s.shelf.Put(ctx, p.Key, taken.JPEG); err != nil {
		return Photo{}, err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lock(ctx, tx, by); err != nil {
			return err
		}
		var have, nr int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM photos WHERE account_id = $1`, string(by)).Scan(&have); err != nil {
			return err
		}
		if have >= Most {
			return full()
		}
		// Above every photo there is, and above those that are gone but for an offer.
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(nr), 0) FROM (
			SELECT nr FROM photos WHERE account_id = $1
			UNION ALL SELECT a_upto FROM reveals WHERE a_id = $1
			UNION ALL SELECT b_upto FROM reveals WHERE b_id = $1) AS used`, string(by)).Scan(&nr); err != nil {
			return err
		}
		if err := s.shelf.Claim(ctx, tx, p.Key); err != nil {
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
	return fault.New(fault.Conflict, "photo.full", "You have four photos. Remove one first.")
}

func unknown() error {
	return fault.New(fault.NotFound, "photo.unknown", "There is no such photo.")
}

// lock takes somebody's row for this transaction: their photos and what they
// offer do not change meanwhile. Who needs two takes the smaller id first.
func lock(ctx context.Context, tx *sql.Tx, who account.ID) error {
	there, err := db.Changed(tx.ExecContext(ctx, `UPDATE accounts SET kind = kind WHERE id = $1`, string(who)))
	if err == nil && !there {
		err = fault.New(fault.NotFound, "person.unknown", "There is no such person.")
	}
	return err
}

// Remove takes a photo of by away. Where it was the last one that somebody was
// shown or offered, the reveal closes for both.
func (s *Service) Remove(ctx context.Context, by account.ID, photo ID) (err error) {
	defer fault.Wrap(&err, "remove photo %s of %s", photo, by)
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if err := lock(ctx, tx, by); err != nil {
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
		if err := s.shelf.Drop(ctx, tx, key); err != nil {
			return err
		}
		return s.closeEmpty(ctx, tx, by)
	})
	if err == nil {
		s.wake()
	}
	return err
}

// columns of a photo in every query here.
const columns = `p.id, p.blob_key, p.width, p.height, p.blurhash, p.created_at`

func scan(row interface{ Scan(...any) error }) (p Photo, err error) {
	var created int64
	err = row.Scan(&p.ID, &p.Key, &p.Width, &p.Height, &p.Blurhash, &created)
	p.CreatedAt = time.UnixMilli(created)
	return p, err
}

// Mine are by's own photos, oldest first.
func (s *Service) Mine(ctx context.Context, by account.ID) (_ []Photo, err error) {
	defer fault.Wrap(&err, "photos of %s", by)
	return db.Select(ctx, s.db, scan, `SELECT `+columns+` FROM photos p WHERE p.account_id = $1 ORDER BY p.nr`, string(by))
}

// Open is where the picture of a photo lies, for those who may see it now: its
// owner, and whoever it is revealed to. For all others it is photo.unknown.
func (s *Service) Open(ctx context.Context, viewer account.ID, photo ID) (key string, err error) {
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
	matched, err := s.pairs.Matched(ctx, viewer, owner)
	if err != nil {
		return "", err
	}
	if !matched {
		return "", unknown()
	}
	return key, nil
}
