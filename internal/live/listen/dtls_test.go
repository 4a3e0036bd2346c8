package listen

import (
	"slices"
	"testing"
	"time"
)

// A forged ClientHello costs a client nothing; the answer costs us keys and a signature.
func TestASessionHasFewHandshakes(t *testing.T) {
	o := newOpener(t)
	s, err := o.open(t, "", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	began := 0
	deadline := time.Now().Add(20 * time.Second)
	for began <= handshakeTries && time.Now().Before(deadline) {
		s.record(silentHello)
		s.mu.Lock()
		h := s.handshake
		s.mu.Unlock()
		if h == nil {
			break
		}
		began++
		h.end() // as it ends for that of another session
		eventually(t, "the handshake has ended", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.handshake == nil })
	}
	if began != handshakeTries || o.e.handshakes.len() != 0 {
		t.Errorf("%d handshakes of a session", began)
	}
}

func TestAHandshakeTakesFewBytes(t *testing.T) {
	o := newOpener(t)
	s, err := o.open(t, "", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	s.record(silentHello)
	// A fragment of a handshake message of 16 MB, which is kept until the others come.
	fragment := slices.Concat([]byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 4, 12, 2, 255, 255, 255, 0, 9, 0, 0, 0, 0, 4, 0}, make([]byte, 1024))
	for n := range 200 {
		fragment[19] = byte(n)
		s.record(slices.Clone(fragment))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.handshake; h == nil || h.taken > handshakeBytes || h.taken < handshakeBytes/2 {
		t.Errorf("%+v", h)
	}
}

// A close_notify in the clear says nothing: whoever knows the address of a listener can send it.
func TestAForgedGoodbyeEndsNoSession(t *testing.T) {
	e := start(t, Config{keepDTLS: time.Minute})
	_, id := listen(t, e, Owner{Room: "r", Identity: "ada"}, 1)
	e.mu.RLock()
	s := e.byID[id]
	e.mu.RUnlock()
	eventually(t, "it is connected", func() bool { return e.Listeners("r") == 1 })
	in := e.newReader()
	for _, level := range []byte{1, 2} {
		s.mu.Lock()
		to := s.to
		s.mu.Unlock()
		in.handle(to, []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, level, 0})
		in.handle(to, []byte{20, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1, 21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 10, 0, 2, level, 0})
	}
	time.Sleep(500 * time.Millisecond)
	if _, found := e.Find(id); !found {
		t.Error("a forged alert ends a session")
	}
}
