package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"heyy/internal/base/db"
	"heyy/internal/lab/testkit"
)

// machine is a clock that is set by hand, and a clock that follows it.
type machine struct {
	*db.Clock
	set, ran *testkit.Clock
	broken   error
	within   time.Duration
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	begun := time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC)
	m := &machine{set: testkit.NewClock(begun), ran: testkit.NewClock(begun)}
	var err error
	m.Clock, err = db.NewClock(t.Context(), func(context.Context) (time.Time, time.Duration, error) { return m.set.Now(), m.within, m.broken },
		func() time.Duration { return m.ran.Now().Sub(begun) })
	testkit.Must(t, err)
	return m
}

// pass lets time pass, and the clock follow as Run has it.
func (m *machine) pass(t *testing.T, d time.Duration) {
	t.Helper()
	for ; d > 0; d -= 30 * time.Second {
		m.set.Advance(min(d, 30*time.Second))
		m.ran.Advance(min(d, 30*time.Second))
		_ = m.Follow(t.Context())
	}
}

func TestAClockThatIsSetDoesNotJump(t *testing.T) {
	for _, by := range []time.Duration{5 * time.Minute, -5 * time.Minute} {
		m := newMachine(t)
		before := m.Now()
		m.set.Advance(by)
		testkit.Must(t, m.Follow(t.Context()))
		if m.Now() != before {
			t.Errorf("set by %s, it jumps by %s", by, m.Now().Sub(before))
		}
		m.pass(t, 2*time.Minute)
		if off := m.Now().Sub(before) - 2*time.Minute; off.Abs() > 6*time.Second || off == 0 || (off > 0) != (by > 0) {
			t.Errorf("set by %s, it is %s off after two minutes", by, off)
		}
		m.pass(t, 2*time.Hour)
		if m.Now() != m.set.Now() {
			t.Errorf("set by %s, it shows %s and not %s two hours later", by, m.Now(), m.set.Now())
		}
	}
}

func TestAClockOfAMachineThatWasAsleepIsRightAgainAtOnce(t *testing.T) {
	for _, by := range []time.Duration{8 * time.Hour, -8 * time.Hour} {
		m := newMachine(t)
		m.set.Advance(by)
		testkit.Must(t, m.Follow(t.Context()))
		if m.Now() != m.set.Now() {
			t.Errorf("it shows %s and not %s", m.Now(), m.set.Now())
		}
	}
}

func TestAClockGoesOnWithoutItsReference(t *testing.T) {
	m := newMachine(t)
	m.broken = errors.New("no database")
	m.pass(t, time.Hour)
	m.broken, m.within = nil, time.Minute // of an answer that took two
	m.set.Advance(time.Hour)
	m.pass(t, time.Minute)
	if off := m.set.Now().Sub(m.Now()); off != time.Hour {
		t.Errorf("it is %s behind a reference that it cannot know", off)
	}
}
