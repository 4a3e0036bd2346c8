package e2e

import (
	"testing"
	"time"
)

// A sign-out ends the call at once, instead of after a minute as a lost connection.
func TestSigningOutHangsUp(t *testing.T) {
	s := start(t)
	p := s.datables(t, "Ada", "Ben")
	id, a, b := talking(p[0], p[1])
	defer a.hangUp()
	defer b.hangUp()
	other := p[0].device()
	other.do("POST", "/api/sign-out", nil, nil)
	time.Sleep(500 * time.Millisecond)
	if c := p[1].call(id); c.State != "live" {
		t.Fatalf("a session without the call ended it: %+v", c)
	}
	p[0].do("POST", "/api/sign-out", nil, nil)
	took := eventually(t, 5*time.Second, "the call is over for Ben", func() bool { return p[1].call(id).State == "ended" })
	if c := p[1].call(id); c.EndReason != "left" {
		t.Errorf("after %s: %+v", took, c)
	}

	room := p[1].open("Late talk")
	p[1].join(room)
	listener := s.member(t, "Cleo")
	listener.join(room)
	listener.do("POST", "/api/sign-out", nil, nil)
	eventually(t, 5*time.Second, "Cleo is out of the room", func() bool {
		for _, m := range p[1].look(room).Members {
			if m.Person.ID == listener.id && m.Present {
				return false
			}
		}
		return true
	})
}
