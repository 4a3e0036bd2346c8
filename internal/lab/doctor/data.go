package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"heyy/internal/base/config"
	"heyy/internal/base/db"
	"heyy/internal/base/outbox"
)

// LittleRoom is the free space, in bytes, below which a disk is nearly full.
const LittleRoom = 1 << 30

const (
	slowSync = 200 * time.Millisecond
	noRoom   = 100 << 20
	// soundTime limits the integrity check of a very large database.
	soundTime = 20 * time.Second
)

func data(c config.Config) []Finding {
	const check = "data folder"
	dir, err := filepath.Abs(c.Data)
	if err != nil {
		return []Finding{bad(check, "Give the folder's full path with data or --data.", "The full path of %s can't be found: %v.", c.Data, err)}
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := tryMaking(dir); err != nil {
			return []Finding{bad(check, "Create the folder for the user who runs Heyy, or choose another with --data.", "%s doesn't exist and can't be created: %s.", dir, why(err))}
		}
		return append([]Finding{ok(check, "%s will be created at the first start.", dir)}, space(dir)...)
	}
	if err != nil {
		return []Finding{bad(check, "Give the user who runs Heyy access to every folder above it.", "%s can't be read: %s.", dir, why(err))}
	}
	took, err := tryWriting(dir)
	if err != nil {
		return []Finding{bad(check, "Give the folder to the user who runs Heyy (chown), or choose another with --data.", "Nothing can be written to %s: %s.", dir, why(err))}
	}
	all := []Finding{ok(check, "%s is writable, and a write is safely on disk after %s.", dir, took.Round(100*time.Microsecond))}
	if took > slowSync {
		all[0] = warn(check, "Put the data folder on a faster disk: every command waits for it.", "%s takes %s to get a write safely to disk.", dir, took.Round(time.Millisecond))
	}
	if info.Mode().Perm()&0o077 != 0 {
		all = append(all, warn("privacy", "chmod 700 "+dir, "Other users of this machine can look into the data folder (%s).", info.Mode().Perm()))
	}
	if f := sharedDisk(dir); f != "" && c.Database == "" {
		all = append(all, bad("disk", "Put the data folder on a disk of this machine, or set database to a PostgreSQL server.", "The data folder is on %s, where SQLite can lose data.", f))
	}
	return append(all, space(dir)...)
}

// tryMaking reports whether dir could be created, by writing to its nearest existing
// parent.
func tryMaking(dir string) error {
	above := filepath.Dir(dir)
	for {
		info, err := os.Stat(above)
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(above) != above {
			above = filepath.Dir(above)
			continue
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is a file", above)
		}
		temp, err := os.MkdirTemp(above, ".heyy-doctor-*")
		if err != nil {
			return err
		}
		return os.Remove(temp)
	}
}

// tryWriting writes and syncs a file as a commit does, and returns how long that took.
// Permission bits would mislead for root and on some file systems.
func tryWriting(dir string) (took time.Duration, err error) {
	f, err := os.CreateTemp(dir, ".heyy-doctor-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		return 0, err
	}
	begin := time.Now()
	err = f.Sync()
	return time.Since(begin), err
}

func space(dir string) []Finding {
	const check = "free space"
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	free, known := FreeSpace(dir)
	switch {
	case !known:
		return nil
	case free < noRoom:
		return []Finding{bad(check, "Free up space, or move the data folder to a larger disk.", "The data folder's disk has only %s left.", amount(free))}
	case free < LittleRoom:
		return []Finding{warn(check, "Free up space before it fills up.", "The data folder's disk has %s left.", amount(free))}
	}
	return []Finding{ok(check, "The data folder's disk has %s left.", amount(free))}
}

func amount(n uint64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%d MB", n>>20)
}

func database(ctx context.Context, c config.Config) []Finding {
	const check = "database"
	if c.Database != "" {
		return postgres(ctx, c)
	}
	dir := c.Data
	fresh := false
	if _, err := os.Stat(filepath.Join(dir, "heyy.db")); err != nil {
		// Opening would make it, and nothing is to be changed here.
		temp, err := os.MkdirTemp("", "heyy-doctor-*")
		if err != nil {
			return []Finding{bad(check, "Make the folder for temporary files writable.", "SQLite can't be tested: %s.", why(err))}
		}
		defer func() { _ = os.RemoveAll(temp) }() // what stays is empty and marked
		dir, fresh = temp, true
	}
	d, err := db.Open(ctx, dir, "")
	if err != nil {
		return []Finding{bad(check, "If the file is damaged, stop Heyy and restore a backup.", "SQLite can't open its file: %s.", why(err))}
	}
	defer func() { _ = d.Close() }() // it was only read
	version, err := d.Version(ctx)
	if err != nil {
		return []Finding{bad(check, "Stop Heyy and restore a backup.", "SQLite doesn't respond: %s.", why(err))}
	}
	if fresh {
		return []Finding{ok(check, "SQLite %s; the file will be created at the first start.", version)}
	}
	within, stop := context.WithTimeout(ctx, soundTime)
	defer stop()
	err = d.CheckIntegrity(within)
	switch {
	case err != nil && within.Err() != nil:
		return []Finding{warn(check, "Stop Heyy at a quiet time and run: sqlite3 heyy.db 'PRAGMA integrity_check'", "SQLite %s; the file is too large to check completely in %s.", version, soundTime)}
	case err != nil:
		return []Finding{bad(check, "Stop Heyy, keep the file, and restore a backup.", "%s", sentence(why(err)))}
	}
	return append([]Finding{ok(check, "SQLite %s, and the file is intact.", version)}, deadLetters(ctx, d)...)
}

// deadLetters warns of facts that a listener gave up on. An older database has no table of
// them.
func deadLetters(ctx context.Context, d *db.DB) (found []Finding) {
	all, err := outbox.Dead(ctx, d)
	if err != nil {
		return nil
	}
	for _, l := range all {
		found = append(found, warn("outbox", "Search the log for \"dead letter\"; they're kept for 14 days in the table outbox_dead_letters.",
			"Facts that the listener %s couldn't process: %d. The last one failed with: %s", l.Listener, l.N, sentence(l.Error)))
	}
	return found
}

// oldestPostgres is the oldest version that still receives security fixes.
const oldestPostgres = 14

func postgres(ctx context.Context, c config.Config) []Finding {
	const check = "database"
	d, err := db.Open(ctx, c.Data, c.Database.Reveal())
	if err != nil {
		return []Finding{bad(check, "Check the host, name, user and password in database, and that the server is running and lets this machine connect.", "%s", sentence(why(err)))}
	}
	defer func() { _ = d.Close() }() // it was only read
	version, err := d.Version(ctx)
	if err != nil {
		return []Finding{bad(check, "Let the user in that address read from the server.", "PostgreSQL doesn't report its version: %s.", why(err))}
	}
	all := []Finding{ok(check, "PostgreSQL %s responds.", version)}
	var major int
	if _, err := fmt.Sscanf(version, "%d", &major); err == nil && major < oldestPostgres {
		all[0] = warn(check, fmt.Sprintf("Use PostgreSQL %d or newer.", oldestPostgres), "PostgreSQL %s responds, but it's older than the versions Heyy is tested with.", version)
	}
	ahead, took, err := d.ClockSkew(ctx)
	if err != nil {
		return append(all, bad(check, "Let the user in that address read from the server.", "PostgreSQL doesn't report its time: %s.", why(err)))
	}
	return append(append(all, compare(ahead, took)), deadLetters(ctx, d)...)
}

const (
	clocksApart = time.Second
	// clocksBroken: media nodes whose clocks differ by so much take each other
	// for dead.
	clocksBroken = 5 * time.Second
)

func compare(ahead, took time.Duration) Finding {
	const check, do = "clocks", "Set both machines to follow a time server (timedatectl set-ntp true)."
	apart := max(ahead.Abs()-took/2, 0)
	switch {
	case apart >= clocksBroken:
		return bad(check, do, "This machine and PostgreSQL are %s apart.", apart.Round(100*time.Millisecond))
	case apart >= clocksApart:
		return warn(check, do, "This machine and PostgreSQL are %s apart.", apart.Round(100*time.Millisecond))
	}
	return ok(check, "This machine and PostgreSQL agree.")
}

// built is a year in which this was certainly not yet running.
const built = 2026

const (
	watch = 200 * time.Millisecond
	drift = 20 * time.Millisecond
)

// clock checks whether the time is plausible, and whether it is being changed.
func clock() Finding { return judge(time.Now(), flow(watch)) }

// flow returns how far the wall clock drifts from the monotonic one meanwhile: it does when
// something sets the clock.
func flow(during time.Duration) time.Duration {
	begin := time.Now()
	time.Sleep(during)
	end := time.Now()
	return end.Round(0).Sub(begin.Round(0)) - end.Sub(begin)
}

func judge(now time.Time, moved time.Duration) Finding {
	const check = "clock"
	switch {
	case now.Year() < built:
		return bad(check, "Set the clock, and set the machine to follow a time server (timedatectl set-ntp true).", "It says %s, which is in the past; certificates and sign-in codes would be refused.", now.Format(time.DateOnly))
	case moved.Abs() > drift:
		return warn(check, "Wait until the clock is stable, then run this again.", "It jumped by %s during the check.", moved.Round(time.Millisecond))
	}
	return ok(check, "It says %s and runs evenly.", now.Format("2006-01-02 15:04 MST"))
}

// why returns the last part of an error, the cause; the finding itself says what was
// tried.
func why(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
