package audience_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"heyy/internal/lab/bench/audience"
	"heyy/internal/lab/bot"
	"heyy/internal/live/listen"
	"heyy/internal/media/audio"
)

const (
	voices    = 9 // more than there are slots
	listeners = 24
	large     = 14 // from so many on, or up to 17, packets of 60 ms: at first there are fewer
)

// theatre is a Tapper whose voices begin and end at random, mute themselves, lose packets and
// come back with other numbers.
type theatre struct{ tone audio.Recording }

func (th *theatre) Tap(ctx context.Context, _ string, t listen.TapHandler) error {
	type speaker struct {
		voice     uint32
		sequence  uint16
		timestamp uint32
		talking   bool
		change    int // frames until that changes
		at        int
	}
	var all [voices]speaker
	for i := range all {
		all[i] = speaker{voice: uint32(i + 1), sequence: uint16(rand.Uint32()), timestamp: rand.Uint32(), change: rand.IntN(50)}
	}
	beats := time.NewTicker(20 * time.Millisecond)
	defer beats.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-beats.C:
		}
		for i := range all {
			s := &all[i]
			s.timestamp += 960
			if s.change--; s.change < 0 {
				s.talking, s.change = !s.talking, 5+rand.IntN(150)
				switch {
				case !s.talking && rand.IntN(3) == 0:
					t.Gone(s.voice) // muted
				case s.talking && rand.IntN(4) == 0: // reconnected
					s.sequence, s.timestamp = uint16(rand.Uint32()), rand.Uint32()
				}
			}
			if !s.talking {
				continue
			}
			s.sequence++
			if rand.IntN(50) == 0 {
				continue // lost on the way
			}
			t.Frame(s.voice, s.sequence, s.timestamp, th.tone.Packets[s.at%len(th.tone.Packets)])
			s.at++
		}
	}
}

// counter checks the numbers of what listeners receive.
type counter struct {
	mu     sync.Mutex
	slots  map[slot]*last
	heard  map[int]int
	wrong  []string
	voices map[uint32]bool
	sizes  map[byte]int // packets by their count code: one frame, or more
}

type slot struct {
	listener int
	ssrc     uint32
}

type last struct {
	sequence  uint16
	timestamp uint32
}

func (c *counter) packet(l *audience.Listener, p *audience.Packet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := slot{l.Number, p.SSRC}
	before, known := c.slots[key]
	if !known {
		before = &last{p.Sequence - 1, p.Timestamp - 1}
		c.slots[key] = before
	}
	if p.Sequence != before.sequence+1 && len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Sprintf("listener %d, slot %x: number %d after %d", l.Number, p.SSRC, p.Sequence, before.sequence))
	}
	if int32(p.Timestamp-before.timestamp) <= 0 && len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Sprintf("listener %d, slot %x: time %d after %d", l.Number, p.SSRC, p.Timestamp, before.timestamp))
	}
	before.sequence, before.timestamp = p.Sequence, p.Timestamp
	c.heard[l.Number]++
	c.voices[p.Voice] = true
	payload, err := p.Open()
	if errors.Is(err, audience.ErrNoKeys) {
		return
	}
	if err != nil || len(payload) == 0 {
		if len(c.wrong) < 20 {
			c.wrong = append(c.wrong, fmt.Sprintf("listener %d, slot %x, number %d: %v", l.Number, p.SSRC, p.Sequence, err))
		}
		return
	}
	c.sizes[payload[0]&3]++
}

// The long form, for ten minutes, is run with HEYY_SOAK=1.
func TestNumbersHaveNoGapAndNoRepeatWhileSpeakersAndListenersChange(t *testing.T) {
	lasts := 8 * time.Second
	if os.Getenv("HEYY_SOAK") != "" {
		lasts = 10 * time.Minute
	}
	tone, err := bot.Tone(440)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := listen.New(listen.Config{Addrs: []listen.Addr{{IP: netip.MustParseAddr("127.0.0.1")}}, Large: large, Taps: &theatre{tone}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- engine.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}()
	c := &counter{slots: map[slot]*last{}, heard: map[int]int{}, voices: map[uint32]bool{}, sizes: map[byte]int{}}
	crowd, err := audience.New(c.packet)
	if err != nil {
		t.Skip(err) // not on this system
	}
	defer crowd.Close()

	type guest struct {
		*audience.Listener
		session string
	}
	come := func() guest {
		t.Helper()
		l, offer, err := crowd.Listen()
		if err != nil {
			t.Fatal(err)
		}
		who := listen.Owner{Room: "room", Identity: fmt.Sprint(l.Number), JoinID: "join", Address: netip.AddrFrom4([4]byte{10, 0, byte(l.Number >> 8), byte(l.Number)})}
		id, answer, err := engine.Listen(ctx, who, time.Time{}, offer)
		if err != nil {
			t.Fatal(err)
		}
		one, stop := context.WithTimeout(ctx, 10*time.Second)
		defer stop()
		if err := l.Connect(one, answer); err != nil {
			t.Fatal(err)
		}
		return guest{l, id}
	}
	var here []guest
	for range listeners {
		here = append(here, come())
	}
	for end := time.Now().Add(lasts); time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
		if rand.IntN(3) > 0 {
			continue
		}
		if len(here) > listeners/2 && rand.IntN(2) == 0 {
			i := rand.IntN(len(here))
			engine.Close(here[i].session)
			here = append(here[:i], here[i+1:]...)
			continue
		}
		if len(here) < 2*listeners {
			here = append(here, come())
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.wrong {
		t.Error(w)
	}
	for _, g := range here[:listeners/3] {
		if c.heard[g.Number] < 20 {
			t.Errorf("listener %d heard %d packets", g.Number, c.heard[g.Number])
		}
	}
	for v := range uint32(voices) {
		if !c.voices[v+1] && os.Getenv("HEYY_SOAK") != "" {
			t.Errorf("nobody heard voice %d", v+1)
		}
	}
	if c.sizes[0] == 0 || c.sizes[3] == 0 {
		t.Errorf("packets by code: %v; want those of one frame and of three", c.sizes)
	}
	t.Logf("%d slots of listeners, packets by code: %v", len(c.slots), c.sizes)
}
