package db_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

func TestTheFilesAreTheirOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755)) // made by hand
	modes := func() string {
		var all []string
		for _, name := range []string{"heyy.db", "heyy.db-wal", "heyy.db-shm"} {
			info, err := os.Stat(filepath.Join(dir, name))
			must(t, err)
			all = append(all, info.Mode().Perm().String())
		}
		return strings.Join(all, " ")
	}
	open := func() {
		d, err := db.Open(ctx, dir, "")
		must(t, err)
		t.Cleanup(func() { _ = d.Close() })
		_, err = d.Exec(`CREATE TABLE IF NOT EXISTS x (y TEXT)`)
		must(t, err)
	}
	const private = "-rw------- -rw------- -rw-------"
	must(t, db.Private(dir))
	open()
	if got := modes(); got != private {
		t.Errorf("made as %s", got)
	}
	for _, name := range []string{"heyy.db", "heyy.db-wal", "heyy.db-shm"} {
		must(t, os.Chmod(filepath.Join(dir, name), 0o644)) // as the version before left them
	}
	must(t, db.Private(dir))
	if got := modes(); got != private {
		t.Errorf("left as %s", got)
	}
}

func TestOneServesFromAFolder(t *testing.T) {
	if dir := os.Getenv("HEYY_TEST_ALONE"); dir != "" { // the other process
		release, err := db.Alone(dir)
		if err != nil {
			t.Fatal(err)
		}
		release()
		return
	}
	dir := t.TempDir()
	another := func() (string, error) {
		c := exec.Command(os.Args[0], "-test.run=^TestOneServesFromAFolder$")
		c.Env = append(os.Environ(), "HEYY_TEST_ALONE="+dir)
		out, err := c.CombinedOutput()
		return string(out), err
	}
	release, err := db.Alone(dir)
	must(t, err)
	if out, err := another(); err == nil || !strings.Contains(out, "another Heyy (process ") || !strings.Contains(out, "--data") {
		t.Errorf("a second one is let in, or not told why: %v %s", err, out)
	}
	release()
	if out, err := another(); err != nil {
		t.Errorf("after the first has gone: %s", out)
	}
}

func TestWhatCannotBeWrittenIsFoundOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		must(t, d.Writable(ctx))
		must(t, d.Writable(ctx))
		_, err := d.Exec(`ALTER TABLE leases RENAME TO gone`) // reads of all else go on
		must(t, err)
		must(t, d.PingContext(ctx))
		if d.Writable(ctx) == nil {
			t.Error("a write that fails is not noticed")
		}
	})
}
