package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// batchedFor is longer than the 3 s for which the media server batches updates of listeners.
const batchedFor = 3500 * time.Millisecond

// tap is a raw client of the media server that records every message.
type tap struct {
	*signals
	mu   sync.Mutex
	all  []byte // every message as it came
	self string
	told []string // what the messages say of participants and of the room
}

func (s *server) tap(t *testing.T, token string) *tap {
	t.Helper()
	c, status, err := dial(s.socketURL()+"/rtc?protocol=16&auto_subscribe=1&access_token="+token, nil)
	if err != nil {
		t.Fatalf("connect: %d %v", status, err)
	}
	w := &tap{signals: c}
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	ready := make(chan struct{})
	go func() {
		for first := true; ; first = false {
			_, data, err := c.ReadMessage()
			w.mu.Lock()
			if err != nil {
				w.told = append(w.told, "the end")
				w.mu.Unlock()
				return
			}
			w.take(data)
			w.mu.Unlock()
			if first {
				close(ready)
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(heardIn):
		t.Fatal("nothing comes from the media server")
	}
	return w
}

func (w *tap) take(data []byte) {
	m := &livekit.SignalResponse{}
	if err := proto.Unmarshal(data, m); err != nil {
		w.told = append(w.told, err.Error())
		return
	}
	of := func(all []*livekit.ParticipantInfo) {
		for _, p := range all {
			w.told = append(w.told, fmt.Sprintf("%s %s", p.Identity, p.State))
		}
	}
	switch k := m.Message.(type) {
	case *livekit.SignalResponse_RefreshToken: // one's own
		return
	case *livekit.SignalResponse_Join:
		of(k.Join.OtherParticipants)
		if r := k.Join.Room; r.NumParticipants != 0 || r.NumPublishers != 0 || r.CreationTime != 0 || r.Metadata != "" {
			w.told = append(w.told, fmt.Sprint(r))
		}
		w.self = k.Join.Participant.GetIdentity()
		k.Join.Participant = nil
		data, _ = proto.Marshal(m)
	case *livekit.SignalResponse_Update:
		of(k.Update.Participants)
		k.Update.Participants = slices.DeleteFunc(k.Update.Participants, func(p *livekit.ParticipantInfo) bool { return p.Identity == w.self })
		data, _ = proto.Marshal(m)
	case *livekit.SignalResponse_RoomUpdate, *livekit.SignalResponse_SpeakersChanged, *livekit.SignalResponse_TrackSubscribed:
		w.told = append(w.told, fmt.Sprintf("%T", k))
	}
	w.all = append(w.all, data...)
}

// heard returns the messages received so far.
func (w *tap) heard() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.told)
}

func (w *tap) names(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Contains(w.all, []byte(what))
}

// quiet checks that no message contained one of the secrets.
func (w *tap) quiet(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret == "" {
			t.Fatal("no secret to look for")
		}
		if w.names(secret) {
			t.Errorf("a client is told %q of somebody else: %v", secret, w.heard())
		}
	}
}

// The media server names no listener to others, and of speakers only the voice: neither
// a bystander nor a person whom the listener has blocked learns who joins and leaves.
func TestTheMediaServerNamesNoListenerToOthers(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "unseen", "Host", "Mallory", "Listener", "Speaker")
	host, mallory, listener, speaker := p[0], p[1], p[2], p[3]
	room := host.open("Who listens is nobody's business")

	before := listener.admitted(room) // there before Mallory comes
	early := s.tap(t, before)
	spoken := speaker.voice(room, 440)
	defer spoken.hangUp()
	hostToken := host.admitted(room)
	seat := s.tap(t, hostToken) // one with a seat learns no more
	watch := s.tap(t, mallory.admitted(room))
	listener.block(mallory)

	_ = early.Close() // goes, and comes again
	again := listener.admitted(room)
	_ = s.tap(t, again)
	time.Sleep(batchedFor)
	listener.leave(room)
	time.Sleep(batchedFor)

	for name, w := range map[string]*tap{"a bystander who is blocked": watch, "the host": seat} {
		eventually(t, heardIn, name+" is told of the speaker", func() bool { return w.names(speaker.identity(room)) })
		w.quiet(t, listener.id, speaker.id, host.id, listener.identity(room), joinIDOf(t, before), joinIDOf(t, again), joinIDOf(t, hostToken))
	}
	if watch.names(mallory.identity(room)) {
		t.Error("the test sees itself")
	}
	if !watch.names(host.identity(room)) {
		t.Errorf("who sits is not told of: %v", watch.heard())
	}

	// Who gives the seat up vanishes; who takes it is there again, and heard.
	speaker.do("DELETE", "/api/rooms/"+room+"/seat", nil, nil)
	last := speaker.identity(room) + " DISCONNECTED"
	eventually(t, heardIn, "the speaker vanishes with their seat", func() bool { return slices.Contains(watch.heard(), last) })
	spoken.hangUp()
	time.Sleep(batchedFor)
	told := watch.heard()
	if after := told[slices.Index(told, last)+1:]; len(after) > 0 {
		t.Errorf("a listener is told of: %v", after)
	}
}

// Neither side of a proposed call learns from the media server whether the other is
// connected, declines, blocks them, or does nothing.
func TestAProposedCallTellsNothingOfTheOther(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(id string, b, a *person)
	}{
		{"silence", func(string, *person, *person) {}},
		{"decline", func(id string, b, _ *person) { b.do("POST", "/api/calls/"+id+"/decline", nil, nil) }},
		{"block", func(_ string, b, a *person) { b.block(a) }},
		{"yes", func(id string, b, _ *person) { b.says(id, "accept") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t) // nobody else to be proposed to
			p := s.datables(t, "Ada", "Ben")
			a, b := p[0], p[1]
			id := asked(a, b)
			early := b.pass(id)
			other := s.tap(t, early) // there before
			at, bt := a.pass(id), ""
			watch := s.tap(t, at)
			if c.name != "yes" {
				a.says(id, "accept")
			}
			_ = other.Close()
			bt = b.pass(id) // and once more
			again := s.tap(t, bt)
			time.Sleep(batchedFor)
			before := watch.heard()
			if slices.ContainsFunc(before, func(line string) bool { return !strings.HasPrefix(line, watch.self+" ") }) {
				t.Errorf("before both have said yes: %v", before)
			}
			c.do(id, b, a)
			time.Sleep(batchedFor)
			if after := watch.heard(); !slices.Equal(before, after) {
				t.Errorf("what the other does is told: %v", after[len(before):])
			}
			watch.quiet(t, joinIDOf(t, early), joinIDOf(t, bt), b.id)
			if c.name != "yes" {
				return
			}
			a.says(id, "accept")
			for _, w := range []*tap{watch, again} {
				eventually(t, heardIn, "both have said yes, and are told of each other", func() bool {
					return slices.ContainsFunc(w.heard(), func(line string) bool { return !strings.HasPrefix(line, w.self+" ") })
				})
			}
			watch.quiet(t, joinIDOf(t, bt), b.id)
		})
	}
}
