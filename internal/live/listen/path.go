package listen

import (
	"encoding/binary"
	"time"

	"github.com/pion/stun/v3"
)

const (
	// Addresses of a session that it remembers, proven ones or not.
	maxAddresses = 8
	// provenFor is how long after its proof a session may move to an address. Later it has to
	// prove itself again: who replays or forges checks does not receive there.
	provenFor = 5 * time.Second
	// askAgain is when another check makes us repeat a request that was not answered.
	askAgain = 200 * time.Millisecond
	// An address that a connected session used so recently is not another's.
	inUse = 5 * time.Second
)

type transactionID = [stun.TransactionIDSize]byte

// path is an address from which authentic checks came. Whoever has the password can send them
// from any address, so nothing but STUN goes there before it has answered a request of ours,
// which proves that the client receives there. A TCP connection proves it by itself.
type path struct {
	at        endpoint
	proven    time.Time     // when it last answered; zero: never
	id        transactionID // of the request that is not answered yet; zero: none
	asked     time.Time     // when that was last sent
	seen      time.Time     // when the last check came
	nominated bool          // by a check since the proof
}

// verdict is the consequence of an authentic check.
type verdict struct {
	counts bool          // it is answered
	claim  bool          // the address may be noted as the session's
	ask    transactionID // of a request to send; zero: none
	forget transactionID // of one whose answer is no longer awaited
}

// check applies an authentic connectivity check. A repetition is only answered where checks
// came from before, as the answer may have been lost, and changes nothing. More checks than
// the budget of the session has are ignored: an answer costs more than its request.
func (s *session) check(from endpoint, id transactionID, nominated bool, now time.Time) (v verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.path(from)
	s.checking.refill(now)
	if s.closed || !s.checking.take() {
		return v
	}
	if !s.fresh(id) {
		v.counts = p != nil
		return v
	}
	v.counts = true
	if p == nil {
		p, v.forget = s.addPath(from)
	}
	p.seen = now
	proven := !p.proven.IsZero()
	if v.claim = proven || from.tcp != nil; proven {
		s.lastCheck = now
	}
	if from == s.to {
		s.lastHeard = now
		if from.tcp == nil && now.Sub(p.proven) > s.engine.c.Consent/2 {
			v.ask = p.request(now)
		}
		return v
	}
	p.nominated = p.nominated || nominated
	switch {
	case from.tcp != nil && !proven: // proved by the caller
	case proven && !s.wants(p, now): // an address beside
	case proven && (from.tcp != nil || now.Sub(p.proven) <= provenFor):
		s.move(p, now)
	default:
		v.ask = p.request(now)
	}
	return v
}

// request returns the request with which an address has to prove itself, or zero if it was sent
// a moment ago.
func (p *path) request(now time.Time) transactionID {
	switch {
	case p.id == transactionID{}:
		p.id = stun.NewTransactionID()
	case now.Sub(p.asked) < askAgain:
		return transactionID{}
	}
	p.asked = now
	return p.id
}

// unproven reports whether the address to which is sent has not proved itself for too long:
// checks alone may come from somebody who was there once, and is no more. mu is held.
func (s *session) unproven(now time.Time) bool {
	p := s.path(s.to)
	return s.to.tcp == nil && (p == nil || now.Sub(p.proven) > 2*s.engine.c.Consent)
}

// awaits reports whether an address has to answer a request.
func (s *session) awaits(from endpoint, id transactionID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.path(from)
	return !s.closed && p != nil && p.id == id
}

// prove notes that the client receives at an address, and moves the session there if a check
// wanted that.
func (s *session) prove(from endpoint, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.path(from)
	if s.closed || p == nil {
		return
	}
	p.proven, p.id = now, transactionID{}
	s.lastCheck = now
	if s.wants(p, now) {
		s.move(p, now)
	}
}

// wants reports whether the session should be at p. mu is held.
func (s *session) wants(p *path, now time.Time) bool {
	return !s.to.addr.IsValid() || p.nominated || now.Sub(s.lastHeard) > quiet
}

// move sends to p from now on. mu is held.
func (s *session) move(p *path, now time.Time) {
	for i := range s.paths {
		s.paths[i].nominated = false // the last nomination counts
	}
	s.lastHeard = now
	if s.to == p.at {
		return
	}
	s.to = p.at
	if s.lane != nil {
		s.shard.put(job{kind: moveLane, lane: s.lane, to: s.to})
	}
}

// path returns the path of an address, or nil. mu is held.
func (s *session) path(at endpoint) *path {
	for i := range s.paths {
		if s.paths[i].at == at {
			return &s.paths[i]
		}
	}
	return nil
}

// addPath adds a path, in place of one that was never proven or else of the longest quiet one
// if there are too many. It returns the request that is no longer awaited. mu is held.
func (s *session) addPath(at endpoint) (_ *path, forget transactionID) {
	if len(s.paths) < maxAddresses {
		s.paths = append(s.paths, path{at: at})
		return &s.paths[len(s.paths)-1], forget
	}
	var worst *path
	for i := range s.paths {
		p := &s.paths[i]
		if p.at == s.to {
			continue
		}
		if worst == nil || p.proven.IsZero() && !worst.proven.IsZero() ||
			p.proven.IsZero() == worst.proven.IsZero() && p.seen.Before(worst.seen) {
			worst = p
		}
	}
	forget = worst.id
	*worst = path{at: at}
	return worst, forget
}

// uses reports whether the session is connected at an address and heard of it a moment ago.
func (s *session) uses(at endpoint, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.path(at)
	return !s.closed && s.lane != nil && s.to == at && p != nil && now.Sub(p.seen) < inUse
}

// pending returns the requests that are not answered.
func (s *session) pending() (ids []transactionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.paths {
		if id := s.paths[i].id; id != (transactionID{}) {
			ids = append(ids, id)
		}
	}
	return ids
}

// await notes which session a request of ours belongs to. It reports false if that has ended.
func (e *Engine) await(s *session, id, forget transactionID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.asks, forget)
	if e.byID[s.id] != s {
		return false
	}
	if id != (transactionID{}) {
		e.asks[id] = s
	}
	return true
}

// asker returns the session that sent a request, or nil.
func (e *Engine) asker(id transactionID) *session {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.asks[id]
}

// known notes that an address that was proven is a client's: the last of them, if several
// prove it, as after a client that reconnected from the same port. It reports false if the
// address is another's, who is connected there.
func (e *Engine) known(s *session, from endpoint, now time.Time) bool {
	old := e.sessionAt(from)
	if old == s {
		return true
	}
	if old != nil && old.uses(from, now) {
		return false
	}
	var spare *tcpConn
	e.mu.Lock()
	ok := e.byID[s.id] == s && e.byAddr[from] == old
	if ok {
		e.byAddr[from] = s
		s.addrs = append(s.addrs, from)
		if len(s.addrs) > maxAddresses {
			if oldest := s.addrs[0]; e.byAddr[oldest] == s {
				delete(e.byAddr, oldest)
				spare = oldest.tcp
			}
			s.addrs = s.addrs[:copy(s.addrs, s.addrs[1:])]
		}
	}
	e.mu.Unlock()
	if spare != nil {
		spare.close() // or one session would have all connections that there may be
	}
	return ok
}

// ask builds our own check of a path: a Binding request of the controlled side.
func (r *reader) ask(s *session, id transactionID) error {
	return r.own.Build(
		stun.NewTransactionIDSetter(id), stun.BindingRequest, stun.NewUsername(s.offer.ufrag+":"+s.ufrag),
		stun.RawAttribute{Type: stun.AttrPriority, Value: binary.BigEndian.AppendUint32(nil, peerReflexive)},
		stun.RawAttribute{Type: stun.AttrICEControlled, Value: binary.BigEndian.AppendUint64(nil, r.e.tieBreaker)},
		stun.NewShortTermIntegrity(s.offer.pwd), stun.Fingerprint)
}

// peerReflexive is the priority of a candidate that a check of ours would find (RFC 8445, 5.1.2).
const peerReflexive = 110<<24 | 65535<<8 | 255

// proof handles the answer to a request of ours.
func (r *reader) proof(from endpoint, now time.Time) bool {
	m := &r.request
	s := r.e.asker(m.TransactionID)
	if s == nil || !s.awaits(from, m.TransactionID) || stun.NewShortTermIntegrity(s.offer.pwd).Check(m) != nil {
		return false
	}
	if !r.e.known(s, from, now) {
		return false
	}
	r.e.await(s, transactionID{}, m.TransactionID)
	s.prove(from, now)
	return true
}
