package bot

import (
	"context"
	"strconv"
	"sync"
	"time"
)

// voices maps the pseudonyms of a room's speakers to their accounts, as the room's members
// say. It reads the room again when it meets an unknown one.
type voices struct {
	read func(context.Context) (Room, error)

	mu    sync.RWMutex
	known map[uint32]string

	asking sync.Mutex
	asked  time.Time
}

const (
	askAgain = 250 * time.Millisecond // at most so often: whoever isn't seated has no voice
	askTime  = 3 * time.Second
)

func newVoices(read func(context.Context) (Room, error)) *voices {
	return &voices{read: read, known: map[uint32]string{}}
}

// learn takes over what a room says.
func (v *voices) learn(r Room) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, m := range r.Members {
		if m.Voice != 0 {
			v.known[m.Voice] = m.Person.ID
		}
	}
}

func (v *voices) lookUp(voice uint32) (string, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	who, ok := v.known[voice]
	return who, ok
}

// person returns the account of a voice, or "" if the room doesn't know it. It may wait for
// the server.
func (v *voices) person(voice uint32) string {
	who, ok := v.lookUp(voice)
	if ok || voice == 0 {
		return who
	}
	v.asking.Lock()
	defer v.asking.Unlock()
	if who, ok = v.lookUp(voice); ok || time.Since(v.asked) < askAgain {
		return who
	}
	ctx, stop := context.WithTimeout(context.Background(), askTime)
	defer stop()
	r, err := v.read(ctx)
	v.asked = time.Now()
	if err == nil {
		v.learn(r)
	}
	who, _ = v.lookUp(voice)
	return who
}

// participant returns the account and the voice of a participant of LiveKit. In rooms their
// identity is the voice; elsewhere, and where v is nil, it is the account.
func (v *voices) participant(identity string) (person string, voice uint32) {
	n, err := strconv.ParseUint(identity, 10, 32)
	if v == nil || err != nil {
		return identity, 0
	}
	return v.person(uint32(n)), uint32(n)
}
