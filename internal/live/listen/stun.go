package listen

import (
	"bytes"
	"net"
	"time"

	"github.com/pion/stun/v3"
)

// reader handles what comes in. Each goroutine that reads has its own, for its buffers.
type reader struct {
	e       *Engine
	request stun.Message
	answer  stun.Message
	own     stun.Message
}

func (e *Engine) newReader() *reader { return &reader{e: e} }

// handle handles one packet, told apart by its first byte (RFC 7983), and reports whether it
// was an authentic check or answer to one. It survives everything: whatever a packet does, reading goes on.
func (r *reader) handle(from endpoint, data []byte) (authentic bool) {
	defer func() {
		if p := recover(); p != nil {
			r.e.c.Log.Error("listen: a packet was not survived", "panic", p, "bytes", len(data))
			r.request, r.answer, r.own = stun.Message{}, stun.Message{}, stun.Message{}
			authentic = false
		}
	}()
	if len(data) < 2 || from.udp != nil && from.udp.OnlySelf && from.addr.Addr() != from.udp.IP {
		return false
	}
	switch first := data[0]; {
	case first < 4:
		return r.check(from, data)
	case first >= 20 && first < 64:
		if s := r.e.sessionAt(from); s != nil {
			s.record(data)
		}
	case first >= 128 && first < 192 && data[1] >= 192 && data[1] < 224: // RTCP (RFC 5761); listeners send no media
		if s := r.e.sessionAt(from); s != nil {
			s.feedback(from, data, time.Now())
		}
	}
	return false
}

// check answers a connectivity check of ICE. What is not authentic gets no answer at all: so
// nobody can use the server to send packets to others, or find out what it is.
func (r *reader) check(from endpoint, data []byte) bool {
	m := &r.request
	m.Raw = append(m.Raw[:0], data...)
	if m.Decode() != nil {
		return false
	}
	if m.Type == stun.BindingSuccess {
		return r.proof(from, time.Now())
	}
	if m.Type != stun.BindingRequest {
		return false
	}
	name, err := m.Get(stun.AttrUsername)
	if err != nil {
		return false
	}
	ours, theirs, _ := bytes.Cut(name, []byte(":"))
	s := r.e.sessionOf(ours)
	if s == nil || string(theirs) != s.offer.ufrag || stun.Fingerprint.Check(m) != nil || s.integrity.Check(m) != nil {
		return false
	}
	nominated := false
	for _, a := range m.Attributes {
		if a.Type == stun.AttrMessageIntegrity {
			break // what follows is not protected
		}
		nominated = nominated || a.Type == stun.AttrUseCandidate
	}
	now := time.Now()
	v := s.check(from, m.TransactionID, nominated, now)
	if !v.counts {
		return false
	}
	r.e.beginTap(s)
	if v.claim && r.e.known(s, from, now) && from.tcp != nil {
		s.prove(from, now)
	}
	mapped := stun.XORMappedAddress{IP: net.IP(from.addr.Addr().AsSlice()), Port: int(from.addr.Port())}
	if r.answer.Build(m, stun.BindingSuccess, &mapped, s.integrity, stun.Fingerprint) != nil {
		return false
	}
	// The request goes first: a client that answers it in order has proved its address when
	// its ClientHello comes, which it sends on our answer.
	if v.ask != (transactionID{}) || v.forget != (transactionID{}) {
		if r.e.await(s, v.ask, v.forget) && v.ask != (transactionID{}) && r.ask(s, v.ask) == nil {
			s.reply(from, r.own.Raw)
		}
	}
	s.reply(from, r.answer.Raw)
	return true
}
