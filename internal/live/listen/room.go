package listen

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/live/slots"
)

const (
	sharePart = 64 // listeners of a room in one shard before it takes another

	packetsSmall = 1 // Opus frames in a packet
	packetsLarge = 3

	tapPauseMin = 100 * time.Millisecond // before a lost tap is made anew; it doubles
	tapPauseMax = 2 * time.Second
	tapSteady   = 10 * time.Second // a tap that held so long begins with the shortest pause again
)

// room is a room with listeners: its tap, its switch, and which shards have listeners of it.
type room struct {
	engine *Engine
	name   string

	// Engine.mu guards these.
	sessions map[*session]bool
	guests   int                // of sessions
	ctx      context.Context    // of the tap
	cancel   context.CancelFunc // of ctx
	idle     *time.Timer        // stops the tap when nobody has listened for a while
	tapped   chan struct{}      // closed when the tap has ended

	begun atomic.Bool // the tap; changed with Engine.mu
	large atomic.Bool // packets of 60 ms; changed with mu
	bound int         // from so many sessions on it is large

	// mu guards these. It is never held while something is sent.
	mu     sync.Mutex
	slots  *slots.Switch
	meter  *slots.Meter
	parts  []*part // by shard
	count  []int   // connected sessions by shard
	total  int
	report *report // of the moment it says
}

func newRoom(e *Engine, name string) *room {
	r := &room{engine: e, name: name, sessions: map[*session]bool{}, tapped: make(chan struct{}), meter: slots.NewMeter(), count: make([]int, len(e.shards))}
	r.slots = slots.New(slots.Config{Slots: e.c.Slots, Level: r.meter.Level})
	// Everybody notices the change. If it came at a known number, whoever adds sessions of their
	// own until it comes would know how many others there are.
	r.bound = e.c.Large + rand.IntN(1+e.c.Large/4)
	for range e.shards {
		r.parts = append(r.parts, &part{})
	}
	return r
}

// guestFor returns the guest who gives way to another in a full room: the last one of the network
// that has most guests, if that is well above what the newcomer's has; otherwise nil. Engine.mu
// is held.
func (r *room) guestFor(newcomer Owner) *session {
	count, last := map[netip.Addr]int{}, map[netip.Addr]*session{}
	for s := range r.sessions {
		if !s.owner.guest() {
			continue
		}
		n := networkOf(s.owner.Address)
		if count[n]++; last[n] == nil || s.created.After(last[n].created) {
			last[n] = s
		}
	}
	own, most := networkOf(newcomer.Address), netip.Addr{}
	for n := range count {
		if most == (netip.Addr{}) || count[n] > count[most] {
			most = n
		}
	}
	if count[most] <= count[own]+1 {
		return nil
	}
	return last[most]
}

// Frame implements TapHandler: a packet of a voice goes out at once.
func (r *room) Frame(voice uint32, sequence uint16, timestamp uint32, payload []byte) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.distribute(now, r.slots.Push(now, slots.Frame{Voice: voice, Sequence: sequence, Timestamp: timestamp, Payload: payload}))
}

// Gone implements TapHandler: a voice was muted or left.
func (r *room) Gone(voice uint32) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.distribute(now, r.slots.Drop(now, voice))
	r.meter.Forget(voice)
}

// flush sends packets that wait for frames which do not come.
func (r *room) flush(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	packets, _ := r.slots.Flush(now)
	r.distribute(now, packets)
}

// distribute hands packets to the shards that have listeners. mu is held, so that all shards
// get them in order.
func (r *room) distribute(now time.Time, packets []*slots.Packet) {
	for _, p := range packets {
		if len(p.Payload) > maxPayload {
			continue
		}
		for i, n := range r.count {
			if n > 0 {
				r.engine.shards[i].put(job{kind: sendMedia, part: r.parts[i], packet: p, ssrc: r.engine.ssrcs[p.Slot], now: now.UnixNano()})
			}
		}
	}
}

// join adds a connected session: it hears from the next packet on.
func (r *room) join(l *lane, media []offeredMedia) *shard {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range media {
		if m.slot < 0 {
			continue
		}
		first := r.slots.Next(m.slot)
		// RFC 3711 wants the first sequence number below 2^15, so that the other side
		// never takes the first wrap-around for none.
		l.slots[m.slot] = laneSlot{on: true, payloadType: m.payloadType, first: first, base: rand.Uint64N(1<<15) - first}
	}
	best := r.place()
	sh := r.engine.shards[best]
	r.count[best]++
	sh.lanes.Add(1)
	r.resize(1)
	sh.put(job{kind: addLane, part: r.parts[best], lane: l})
	return sh
}

// place returns the index of the shard for one more session. A packet is worth waking another
// shard only for sharePart listeners; from then on the shards share the room evenly.
func (r *room) place() int {
	used, idle := -1, -1
	for i, n := range r.count {
		if n > 0 {
			if used < 0 || n < r.count[used] {
				used = i
			}
		} else if idle < 0 || r.engine.shards[i].lanes.Load() < r.engine.shards[idle].lanes.Load() {
			idle = i
		}
	}
	if idle >= 0 && (used < 0 || r.count[used] >= sharePart) {
		return idle
	}
	return used
}

// leave counts a session out that join counted in.
func (r *room) leave(of *shard) {
	r.mu.Lock()
	defer r.mu.Unlock()
	of.lanes.Add(-1)
	for i, sh := range r.engine.shards {
		if sh == of {
			r.count[i]--
		}
	}
	r.resize(-1)
}

// resize counts listeners, and chooses the length of packets. A fifth of difference between
// the two bounds keeps it from changing with each listener.
func (r *room) resize(by int) {
	r.total += by
	large := r.large.Load()
	switch {
	case !large && r.total >= r.bound:
		r.large.Store(true)
		r.slots.SetFrames(packetsLarge)
	case large && r.total < r.bound-r.bound/5:
		r.large.Store(false)
		r.slots.SetFrames(packetsSmall)
		now := time.Now()
		packets, _ := r.slots.Flush(now)
		r.distribute(now, packets)
	}
}

// resend returns the packet that a listener misses, or nil if it is too old or none.
func (r *room) resend(s *laneSlot, l loss) *slots.Packet {
	r.mu.Lock()
	defer r.mu.Unlock()
	index, ok := s.indexOf(l.sequence, r.slots.Next(l.slot))
	if !ok {
		return nil
	}
	return r.slots.Resend(l.slot, index)
}

// reportAt returns the clocks of all slots, the same report for all who ask in one moment.
func (r *room) reportAt(now time.Time) *report {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.report != nil && r.report.at.Equal(now) {
		return r.report
	}
	p := &report{at: now, ntp: ntpTime(now), ssrcs: r.engine.ssrcs}
	for i := range r.engine.c.Slots {
		p.timestamps[i], p.sent[i] = r.slots.Clock(i, now)
	}
	r.report = p
	return p
}

// tap keeps the room tapped until ctx ends. It waits for the tap before it: a room must not be
// tapped twice under one name.
func (r *room) tap(ctx context.Context, before <-chan struct{}) {
	defer close(r.tapped)
	if before != nil {
		<-before // it was cancelled
	}
	e, pause := r.engine, tapPauseMin
	for ctx.Err() == nil {
		began := time.Now()
		e.stats.taps.Add(1)
		err := e.c.Taps.Tap(ctx, r.name, r)
		e.stats.taps.Add(-1)
		if ctx.Err() != nil {
			return
		}
		e.c.Log.Warn("listen: the tap of a room was lost", "room", r.name, "error", err)
		if time.Since(began) >= tapSteady {
			pause = tapPauseMin
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		pause = min(tapPauseMax, 2*pause)
	}
}
