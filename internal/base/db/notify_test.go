package db_test

import (
	"context"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

// listening is a Listen that runs; woken gets something for each wake-up.
func listening(t *testing.T, d *db.DB, channel string) (woken chan struct{}, failed chan error) {
	t.Helper()
	woken, failed = make(chan struct{}, 100), make(chan error, 1)
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		failed <- d.Listen(running, channel, func() { woken <- struct{}{} })
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	waits(t, woken) // it listens
	return woken, failed
}

func waits[T any](t *testing.T, c chan T) (x T) {
	t.Helper()
	select {
	case x = <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
	}
	return x
}

func TestANotifyWakesThoseWhoListenToItsChannel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, _ := listening(t, d, "facts")
		two, _ := listening(t, d, "facts")
		other, _ := listening(t, d, `an "other" one`)
		must(t, d.Notify(ctx, "facts"))
		waits(t, one)
		waits(t, two)
		must(t, d.Notify(ctx, `an "other" one`))
		waits(t, other)
		if len(one)+len(two)+len(other) > 0 {
			t.Error("woken for something else")
		}
	})
}

func TestListenEndsWithItsContextAndSaysWhenItsConnectionIsLost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		running, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- d.Listen(running, "facts", stop) }() // it ends as soon as it listens
		must(t, waits(t, ended))
		if d.Engine == db.SQLite {
			return // nothing to lose
		}
		_, failed := listening(t, d, "facts")
		_, err := d.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
		must(t, err)
		if err := waits(t, failed); err == nil {
			t.Error("the connection was lost without a word")
		}
	})
}
