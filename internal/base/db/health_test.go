package db_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

func TestAFreshDatabaseIsSoundAndInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.CheckIntegrity(t.Context()); err != nil {
			t.Error(err)
		}
		ahead, took, err := d.ClockSkew(t.Context())
		if err != nil || ahead.Abs() > took+time.Second {
			t.Errorf("ahead by %s, asked for %s, %v", ahead, took, err)
		}
	})
}

func TestADamagedFileIsFound(t *testing.T) {
	dir := t.TempDir()
	d, err := db.Open(t.Context(), dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	// Pages after the first: the file still opens.
	f, err := os.OpenFile(filepath.Join(dir, "heyy.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 16<<10), 8<<10); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = db.Open(t.Context(), dir, ""); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.CheckIntegrity(t.Context()); err == nil {
		t.Error("called sound")
	}
}
