package listening

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"heyy/internal/lab/bot"
)

// frameTime is the length of one frame of a panel.
const frameTime = 20 * time.Millisecond

// panel is the speakers of a room, who send frames that carry their number, the time of
// sending and the speaker.
type panel struct {
	mics []*bot.Mic
	sent []atomic.Int64
	hang []func()

	mu   sync.Mutex
	late []int64 // how late the first speaker's frames were sent; see lateness

	stop context.CancelFunc
	done sync.WaitGroup
	errs []error
}

func newPanel(speakers int) *panel {
	return &panel{sent: make([]atomic.Int64, speakers), errs: make([]error, speakers)}
}

// stampedFrame returns an Opus packet of one frame.
func stampedFrame(speaker int, number int64) []byte {
	frame := make([]byte, frameSize)
	frame[0] = 0x78 // SILK, wideband, 20 ms, one frame
	binary.BigEndian.PutUint64(frame[1:], uint64(number))
	binary.BigEndian.PutUint64(frame[9:], uint64(time.Now().UnixNano()))
	frame[17] = byte(speaker)
	return frame
}

// stamp is the content of a frame.
type stamp struct {
	speaker int
	number  int64
	sent    int64 // by the wall clock, in nanoseconds
}

// stampsOf reads the frames of an Opus packet: one, or several of one length (RFC 6716,
// 3.2.5, code 3). Packets of others have none.
func stampsOf(payload []byte, all []stamp) []stamp {
	if len(payload) < frameSize || payload[0]&^3 != 0x78 {
		return all
	}
	body, size := payload[1:], frameSize-1
	if payload[0]&3 == 3 {
		head := int(payload[1])
		body = body[1:]
		if head&0x80 != 0 { // lengths of all but the last, which are below 252 here
			body = body[min(len(body), head&63-1):]
		}
	}
	for len(body) >= size {
		all = append(all, stamp{int(body[16]), int64(binary.BigEndian.Uint64(body)), int64(binary.BigEndian.Uint64(body[8:]))})
		body = body[size:]
	}
	return all
}

// speak lets all send until pause or ctx ends it.
func (p *panel) speak(ctx context.Context) {
	ctx, p.stop = context.WithCancel(ctx)
	for i, mic := range p.mics {
		p.done.Go(func() {
			p.errs[i] = mic.Frames(ctx, func() []byte {
				frame := stampedFrame(i, p.sent[i].Add(1)-1)
				if i == 0 {
					p.mu.Lock()
					p.late = append(p.late, int64(binary.BigEndian.Uint64(frame[9:])))
					p.mu.Unlock()
				}
				return frame
			})
		})
	}
}

// pause ends speak.
func (p *panel) pause() error {
	if p.stop != nil {
		p.stop()
	}
	p.done.Wait()
	return errors.Join(p.errs...)
}

func (p *panel) close() {
	_ = p.pause()
	for _, hang := range p.hang {
		hang()
	}
}

// ahead returns the number of each speaker's frame that is sent soon.
func (p *panel) ahead() []int64 {
	first := make([]int64, len(p.sent))
	for i := range first {
		first[i] = p.sent[i].Load() + 5
	}
	return first
}

// tally counts the frames that listeners received, in a window.
type tally struct {
	mu      sync.Mutex
	first   []int64 // of the window, by speaker; nil: nothing is counted
	frames  int64   // of the window
	seen    []uint64
	words   int
	heard   []bool // by listener
	arrived int64
	packets int64
	delays  []int64
	gaps    int64 // numbers of packets that a slot left out, at any time
	repeats int64 // or that came again or too late
}

// begin opens a window.
func (t *tally) begin(first []int64, listeners int, window time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first, t.frames = first, int64(window/frameTime)
	t.words = int(t.frames+63) / 64
	t.seen = make([]uint64, listeners*len(first)*t.words)
	t.heard = make([]bool, listeners)
	t.arrived, t.packets, t.delays = 0, 0, nil
}

// frame counts one frame. It reports whether the window has it. mu is held.
func (t *tally) frame(listener, speaker int, number int64) bool {
	if speaker >= len(t.first) || listener >= len(t.heard) {
		return false
	}
	n := number - t.first[speaker]
	if n < 0 || n >= t.frames {
		return false
	}
	word := &t.seen[(listener*len(t.first)+speaker)*t.words+int(n/64)]
	if *word&(1<<(n%64)) != 0 {
		return false
	}
	*word |= 1 << (n % 64)
	t.arrived++
	t.heard[listener] = true
	return true
}

// hear counts a packet of a listener that is a bot.
func (t *tally) hear(listener int, p bot.AudioPacket) {
	var room [4]stamp
	t.mu.Lock()
	defer t.mu.Unlock()
	counted := false
	for _, s := range stampsOf(p.Payload, room[:0]) {
		if t.frame(listener, s.speaker, s.number) {
			counted = true
			t.delays = append(t.delays, p.At.UnixNano()-s.sent)
		}
	}
	if counted {
		t.packets++
	}
}

// deaf returns how many listeners heard nothing.
func (t *tally) deaf() (n int) {
	for _, heard := range t.heard {
		if !heard {
			n++
		}
	}
	return n
}
