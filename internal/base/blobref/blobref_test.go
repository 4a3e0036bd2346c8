package blobref_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"testing"
	"time"

	"heyy/internal/base/blob"
	"heyy/internal/base/blobref"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

func TestWhatNobodyClaimsIsThrownAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		blobs, err := blob.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = blobs.Close() }()
		now := time.Now()
		s := blobref.New(d, blobs, func() time.Time { return now })
		for _, key := range []string{"lost.ogg", "kept.ogg", "dropped.ogg"} {
			if err := s.Put(ctx, key, []byte(key)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			return errors.Join(s.Claim(ctx, tx, "kept.ogg"), s.Claim(ctx, tx, "dropped.ogg"))
		}); err != nil {
			t.Fatal(err)
		}
		undone := errors.New("undone")
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			return errors.Join(s.Drop(ctx, tx, "kept.ogg"), s.Claim(ctx, tx, "lost.ogg"), undone)
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if err := d.Tx(ctx, func(tx *sql.Tx) error { return s.Drop(ctx, tx, "dropped.ogg") }); err != nil {
			t.Fatal(err)
		}
		there := func(key string) bool {
			r, err := blobs.Open(ctx, key)
			if errors.Is(err, blob.ErrNone) {
				return false
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = r.Close() }()
			data, err := io.ReadAll(r)
			if err != nil || string(data) != key {
				t.Errorf("%s holds %q, %v", key, data, err)
			}
			return true
		}
		for _, step := range []struct {
			after               time.Duration
			lost, kept, dropped bool
		}{{9 * time.Minute, true, true, true}, {11 * time.Minute, false, true, false}, {time.Hour, false, true, false}} {
			if err := s.Sweep(ctx, now.Add(step.after)); err != nil {
				t.Fatal(err)
			}
			if there("lost.ogg") != step.lost || there("kept.ogg") != step.kept || there("dropped.ogg") != step.dropped {
				t.Errorf("after %v: %+v", step.after, step)
			}
		}
		err = d.Tx(ctx, func(tx *sql.Tx) error { return s.Claim(ctx, tx, "lost.ogg") })
		if err == nil {
			t.Error("claimed what was thrown away")
		}
	})
}
