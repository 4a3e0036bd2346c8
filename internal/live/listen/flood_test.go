package listen

import (
	"testing"
	"time"

	"github.com/pion/stun/v3"
)

// BenchmarkCheckFlood is one listener who sends checks as fast as they can.
func BenchmarkCheckFlood(b *testing.B) {
	e := start(b, Config{HalfOpen: time.Hour})
	_, check, clients := halfOpenSession(b, e, 1)
	in := e.newReader()
	from := endpoint{udp: e.ports[0], addr: clients[0].at()}
	var all [][]byte
	for range 4000 {
		all = append(all, check())
	}
	n := 0
	for b.Loop() {
		in.handle(from, all[n%len(all)])
		n++
	}
}

// One listener could hold the goroutine that reads for all with checks that are answered.
func TestAFloodOfChecksIsNotAnswered(t *testing.T) {
	e := start(t, Config{})
	s, check, clients := halfOpenSession(t, e, 1)
	other, otherCheck, others := halfOpenSession(t, e, 1)
	c := clients[0]
	if !c.answered(t, check()) {
		t.Fatal("a check is not answered")
	}
	const flood = 20 * resendBurst
	began := time.Now()
	for range flood {
		_, _ = c.conn.Write(check())
	}
	answers := 0
	for c.read(t, 300*time.Millisecond, func(m *stun.Message) {
		if m.Type == stun.BindingSuccess {
			answers++
		}
	}) {
	}
	if most := 2 * resendBurst * (1 + int(time.Since(began).Seconds())); answers > most || answers == 0 {
		t.Errorf("%d of %d checks are answered, more than %d", answers, flood, most)
	}
	if !others[0].answered(t, otherCheck()) {
		t.Error("another session is not answered")
	}
	eventually(t, "another session begins", func() bool { return where(other) == others[0].at() })
	eventually(t, "the session goes on after its flood", func() bool { return c.answered(t, check()) && where(s) == c.at() })
}
