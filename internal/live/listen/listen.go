package listen

import (
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/pion/stun/v3"
)

// Listen makes a session from an SDP offer and returns its id and the answer. The session
// ends at until; zero: it has no end. A third session of one owner closes their oldest; where
// too many are about to connect, one of whoever has most of them is closed (crowd). Errors:
// ErrOffer, ErrRoomFull, ErrAddressFull, ErrBusy, ErrClosed.
func (e *Engine) Listen(ctx context.Context, o Owner, until time.Time, text string) (id, answer string, err error) {
	if err := ctx.Err(); err != nil {
		return "", "", err
	}
	parsed, err := parseOffer(text, e.c.Slots)
	if err != nil {
		return "", "", err
	}
	s := &session{
		engine: e, id: randomText(16), owner: o, until: until, created: time.Now(), offer: parsed,
		ufrag: iceText(9), pwd: iceText(24),
	}
	s.integrity = stun.NewShortTermIntegrity(s.pwd)
	s.resends = budget{tokens: resendBurst, last: s.created}
	s.checking = s.resends
	answer, err = parsed.answer(answerParts{
		session: binary.BigEndian.Uint64(randomBytes(8)) >> 2, ufrag: s.ufrag, pwd: s.pwd,
		fingerprint: e.fingerprint, candidates: e.reachedAt(), ssrcs: e.ssrcs,
	})
	if err != nil {
		return "", "", unusable("no answer: %v", err)
	}
	parsed.trim()
	leaving, err := e.add(s)
	if err != nil {
		return "", "", err
	}
	for _, old := range leaving {
		e.end(old, false)
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
	return s.id, answer, nil
}

// reachedAt returns the candidates of an answer.
func (e *Engine) reachedAt() []candidate {
	if e.c.More == nil {
		return e.candidates
	}
	all := slices.Clone(e.candidates)
	for _, at := range e.c.More(e.port) {
		all = append(all, candidate{at: at})
	}
	return all
}

// add makes a session known, within the limits. It returns the sessions that have to go: several
// if others are being added for the same owner, who have not ended theirs yet.
func (e *Engine) add(s *session) (leaving []*session, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	key, at := s.owner.key(), addressOf(s.owner.Address)
	own := e.owners[key]
	r := e.rooms[s.owner.Room]
	switch {
	case e.closed:
		return nil, ErrClosed
	case len(own) > 0: // a session that replaces another has a place already
	case e.perAddr[at] >= e.c.PerAddress:
		return nil, ErrAddressFull
	case r != nil && s.owner.guest() && (r.guests >= (e.c.PerRoom+1)/2 || len(r.sessions) >= e.c.PerRoom):
		out := r.guestFor(s.owner)
		// Above the limit somebody is giving way at this moment: one at a time.
		if out == nil || r.guests > (e.c.PerRoom+1)/2 || len(r.sessions) > e.c.PerRoom {
			return nil, ErrRoomFull
		}
		leaving = append(leaving, out)
	case r != nil && len(r.sessions) >= e.c.PerRoom:
		return nil, ErrRoomFull
	}
	if p := placeOf(s, s.owner); len(own) > 0 {
		e.halfOpen.force(p) // of one owner there are never more than perOwner
		leaving = append(leaving, own[:max(0, len(own)-perOwner+1)]...)
	} else {
		out, evicted, ok := e.halfOpen.enter(p)
		if !ok {
			return nil, ErrBusy
		}
		if evicted {
			leaving = append(leaving, out)
		}
	}
	if r == nil {
		r = e.openRoom(s.owner.Room)
	}
	r.idle.Stop()
	s.room = r
	r.sessions[s] = true
	if s.owner.guest() {
		r.guests++
	}
	s.at = len(e.list)
	e.list = append(e.list, s)
	e.byID[s.id], e.byUfrag[s.ufrag] = s, s
	e.owners[key] = append(own, s)
	e.perAddr[at]++
	e.joining.Add(1)
	return leaving, nil
}

// openRoom makes a room, which is not tapped yet. mu is held.
func (e *Engine) openRoom(name string) *room {
	r := newRoom(e, name)
	e.rooms[name] = r
	r.ctx, r.cancel = context.WithCancel(e.ctx)
	r.idle = time.AfterFunc(e.c.Linger, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if len(r.sessions) == 0 {
			e.forgetRoom(r)
		}
	})
	return r
}

// beginTap begins to tap the room of a session, if nobody did.
func (e *Engine) beginTap(s *session) {
	if s.room.begun.Load() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byID[s.id] == s && !e.closed {
		e.startTap(s.room)
	}
}

// startTap begins to tap a room, if nobody did. mu is held.
func (e *Engine) startTap(r *room) {
	if r.begun.Swap(true) {
		return
	}
	before := e.tapping[r.name]
	e.running.Go(func() {
		defer r.cancel()
		r.tap(r.ctx, before)
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.tapping[r.name] == r.tapped {
			delete(e.tapping, r.name)
		}
	})
}

// forgetRoom stops the tap of a room without sessions. mu is held.
func (e *Engine) forgetRoom(r *room) {
	r.idle.Stop()
	if e.rooms[r.name] != r {
		return
	}
	delete(e.rooms, r.name)
	if r.begun.Load() {
		e.tapping[r.name] = r.tapped
	}
	r.cancel()
}

// end ends a session. away says that its client or the network ended it, not we. When it
// returns no packet leaves for the session any more.
func (e *Engine) end(s *session, away bool) {
	s.shut(away)
	asked := s.pending()
	e.mu.Lock()
	if e.byID[s.id] != s {
		e.mu.Unlock()
		return
	}
	delete(e.byID, s.id)
	delete(e.byUfrag, s.ufrag)
	for _, id := range asked {
		delete(e.asks, id)
	}
	last := len(e.list) - 1
	e.list[s.at] = e.list[last]
	e.list[s.at].at = s.at
	e.list[last] = nil
	e.list = e.list[:last]
	key, at := s.owner.key(), addressOf(s.owner.Address)
	own := slices.DeleteFunc(e.owners[key], func(o *session) bool { return o == s })
	if e.owners[key] = own; len(own) == 0 {
		delete(e.owners, key)
	}
	if e.perAddr[at]--; e.perAddr[at] <= 0 {
		delete(e.perAddr, at)
	}
	var conns []*tcpConn
	for _, a := range s.addrs {
		if e.byAddr[a] == s {
			delete(e.byAddr, a)
			if a.tcp != nil {
				conns = append(conns, a.tcp)
			}
		}
	}
	e.halfOpen.leave(s)
	if !s.connected {
		e.joining.Add(-1)
	} else if s.left && e.c.Gone != nil && !slices.ContainsFunc(own, func(o *session) bool { return o.connected }) {
		e.notices.add(func() { e.c.Gone(s.owner) })
	}
	r := s.room
	if s.owner.guest() {
		r.guests--
	}
	if delete(r.sessions, s); len(r.sessions) == 0 && !e.closed {
		r.idle.Reset(e.c.Linger)
	}
	e.mu.Unlock()
	if s.lane != nil { // neither this nor left changes any more
		r.leave(s.shard)
	}
	for _, c := range conns {
		c.close()
	}
}

// sessionConnected counts a session whose handshake is done.
func (e *Engine) sessionConnected(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byID[s.id] != s || s.connected {
		return
	}
	first := !slices.ContainsFunc(e.owners[s.owner.key()], func(o *session) bool { return o.connected })
	s.connected = true
	e.joining.Add(-1)
	e.halfOpen.leave(s)
	if first && e.c.Connected != nil {
		e.notices.add(func() { e.c.Connected(s.owner) })
	}
}

// sessionAt returns the session of an address that has proved to be its client's, or nil.
func (e *Engine) sessionAt(from endpoint) *session {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.byAddr[from]
}

// sessionOf returns the session of a user name of ICE, or nil.
func (e *Engine) sessionOf(ufrag []byte) *session {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.byUfrag[string(ufrag)]
}

// Find returns the owner of a session.
func (e *Engine) Find(id string) (Owner, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	s := e.byID[id]
	if s == nil {
		return Owner{}, false
	}
	return s.owner, true
}

// Close ends a session. When it returns no packet leaves for it any more.
func (e *Engine) Close(id string) {
	e.mu.RLock()
	s := e.byID[id]
	e.mu.RUnlock()
	if s != nil {
		e.end(s, false)
	}
}

// CloseOwner ends all sessions of an identity in a room but those of the join keepJoin; "": all.
func (e *Engine) CloseOwner(room, identity, keepJoin string) {
	e.endAll(room, func(o Owner) bool { return o.Identity == identity && (keepJoin == "" || o.JoinID != keepJoin) })
}

// CloseRoom ends all sessions of a room, and its tap.
func (e *Engine) CloseRoom(room string) {
	e.endAll(room, func(Owner) bool { return true })
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.rooms[room]; r != nil && len(r.sessions) == 0 {
		e.forgetRoom(r)
	}
}

func (e *Engine) endAll(room string, which func(Owner) bool) {
	var all []*session
	e.mu.RLock()
	if r := e.rooms[room]; r != nil {
		for s := range r.sessions {
			if which(s.owner) {
				all = append(all, s)
			}
		}
	}
	e.mu.RUnlock()
	for _, s := range all {
		e.end(s, false)
	}
}

// Present returns who is connected to a room: identities, with the join of their newest session.
func (e *Engine) Present(room string) map[string]string {
	present := map[string]string{}
	newest := map[string]time.Time{}
	e.mu.RLock()
	defer e.mu.RUnlock()
	if r := e.rooms[room]; r != nil {
		for s := range r.sessions {
			if o := s.owner; s.connected && !s.created.Before(newest[o.Identity]) {
				present[o.Identity], newest[o.Identity] = o.JoinID, s.created
			}
		}
	}
	return present
}

// Rooms returns the rooms that have sessions.
func (e *Engine) Rooms() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var names []string
	for name, r := range e.rooms {
		if len(r.sessions) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// RoomsOf returns the rooms in which an identity has sessions.
func (e *Engine) RoomsOf(identity string) []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var names []string
	for key := range e.owners {
		if key.identity == identity && !slices.Contains(names, key.room) {
			names = append(names, key.room)
		}
	}
	return names
}

// Listeners returns how many sessions of a room are connected.
func (e *Engine) Listeners(room string) int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n := 0
	if r := e.rooms[room]; r != nil {
		for s := range r.sessions {
			if s.connected {
				n++
			}
		}
	}
	return n
}
