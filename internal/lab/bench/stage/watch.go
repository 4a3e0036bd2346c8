package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/lab/bench"
	"heyy/internal/rooms/room"
)

// command is a command of somebody in a room, which all others are told of.
type command struct {
	by    string
	cause room.Cause
	begun time.Time
	took  time.Duration // until its answer was there
}

// memberEvent is an event about a member of a room, as it came.
type memberEvent struct {
	seq, hand int64
	who       string
	cause     room.Cause
	bytes     int
}

// watch is what the clients of a crowd receive of one room. All get the same bytes, so each
// event is parsed once: the clients cost the machine as little as they can.
type watch struct {
	crowd *bench.Crowd
	seed  maphash.Seed
	known sync.Map // hash of a message -> *memberEvent, nil for one of another type
	size  atomic.Int64

	mu   sync.Mutex
	came map[*bench.LiveClient][]arrival
}

type arrival struct {
	event *memberEvent
	at    time.Time
}

func newWatch(c *bench.Crowd) *watch {
	w := &watch{crowd: c, seed: maphash.MakeSeed(), came: map[*bench.LiveClient][]arrival{}}
	c.Heard = w.hear
	return w
}

func (w *watch) hear(by *bench.LiveClient, frame []byte, at time.Time) {
	w.size.Add(int64(len(frame)))
	for line := range bytes.Lines(frame) {
		line = bytes.TrimSpace(line)
		key := maphash.Bytes(w.seed, line)
		e, ok := w.known.Load(key)
		if !ok {
			e, _ = w.known.LoadOrStore(key, parseMember(line))
		}
		if e := e.(*memberEvent); e != nil {
			w.mu.Lock()
			w.came[by] = append(w.came[by], arrival{e, at})
			w.mu.Unlock()
		}
	}
}

// parseMember returns the event about a member that a message has, or nil.
func parseMember(line []byte) *memberEvent {
	var said struct {
		Push struct {
			Pub struct {
				Data struct {
					Type   string
					Seq    int64
					Cause  room.Cause
					Member struct {
						Person struct{ ID string }
						Hand   int64
					}
				}
			}
		}
	}
	if json.Unmarshal(line, &said) != nil || said.Push.Pub.Data.Type != "member" {
		return nil
	}
	d := said.Push.Pub.Data
	return &memberEvent{seq: d.Seq, hand: d.Member.Hand, who: d.Member.Person.ID, cause: d.Cause, bytes: len(line)}
}

// reset forgets what came.
func (w *watch) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.came = map[*bench.LiveClient][]arrival{}
	w.size.Store(0)
}

// bytes returns how much came to all clients together.
func (w *watch) bytes() int64 { return w.size.Load() }

// settle waits until each client has some events, at most settleTime.
func (w *watch) settle(ctx context.Context, events int) {
	for end := time.Now().Add(settleTime); time.Now().Before(end); {
		w.mu.Lock()
		missing := false
		for _, one := range w.crowd.Clients {
			missing = missing || len(w.came[one]) < events && !one.WasCutOff()
		}
		w.mu.Unlock()
		if !missing || bench.Wait(ctx, settleEvery) != nil {
			return
		}
	}
}

// delays returns how long after its command each client had each event of some causes, how
// long the answers took, the bytes of the largest event, and how many did not come. Of clients
// who were cut off none counts as lost: they would read what they missed.
func (w *watch) delays(commands []command, causes []room.Cause) (came, answered []time.Duration, most, lost int) {
	type key struct {
		who   string
		cause room.Cause
	}
	begun := map[key]time.Time{}
	for _, c := range commands {
		if slices.Contains(causes, c.cause) {
			begun[key{c.by, c.cause}] = c.begun
			answered = append(answered, c.took)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.crowd.Clients {
		n := 0
		for _, a := range w.came[one] {
			if at, ok := begun[key{a.event.who, a.event.cause}]; ok {
				came = append(came, a.at.Sub(at))
				most = max(most, a.event.bytes)
				n++
			}
		}
		if !one.WasCutOff() {
			lost += len(begun) - n
		}
	}
	return came, answered, most, lost
}

// cutOff returns how many clients lost their connection.
func (w *watch) cutOff() (n int) {
	for _, one := range w.crowd.Clients {
		if one.WasCutOff() {
			n++
		}
	}
	return n
}

// last returns when the last event came.
func (w *watch) last() (at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, all := range w.came {
		for _, a := range all {
			if a.at.After(at) {
				at = a.at
			}
		}
	}
	return at
}

// inAnotherOrder returns how many clients were told of raised hands in another order, or with
// numbers that do not grow.
func (w *watch) inAnotherOrder(want []string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, one := range w.crowd.Clients {
		var order []string
		last := int64(0)
		for _, a := range w.came[one] {
			if a.event.cause == room.HandRaised && a.event.hand > last && a.event.hand == a.event.seq {
				order = append(order, a.event.who)
				last = a.event.hand
			}
		}
		if !slices.Equal(order, want) && !one.WasCutOff() {
			n++
		}
	}
	return n
}
