package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/lab/bot"
)

const (
	frameSize = 80 // bytes: speech at 32 kbit/s
	settling  = 2 * time.Second
	trailing  = 300 * time.Millisecond // for the last packets to arrive
	atOnce    = 4                      // people who join at the same time
)

// Room measures the cost of one speaker with many listeners, and the loss and delay of the
// received audio.
func Room(ctx context.Context, t Target, listeners int, o Options) (how string, f Figures, err error) {
	o = o.usual()
	how = "One speaker sends 50 frames a second that carry their number and time of sending; every listener is a WebRTC client of its own in the generator, which shares the machine. " +
		"CPU: the server process's own, divided by the packets that arrived. Latency: from handing a frame to the sender's track to reading it from the listener's, by one clock. Loss: frames not arrived. " +
		"Sent late: how far the generator itself fell behind its clock; where that is high the machine was busy, and latency says little. " +
		"Memory: growth of the server's resident set."
	if len(t.Tokens) < listeners+1 {
		return how, nil, fmt.Errorf("bench: %d listeners want %d tokens", listeners, listeners+1)
	}
	speaker, room, mic, err := TakeStage(ctx, t)
	if err != nil {
		return how, nil, err
	}
	defer speaker.HangUp()

	epoch := time.Now()
	var sent atomic.Int64
	var late []int64 // how late each frame was sent: the generator's own unpunctuality
	talking, quiet := context.WithCancel(ctx)
	var done sync.WaitGroup
	var spoken error
	done.Go(func() {
		spoken = mic.Frames(talking, func() []byte {
			frame := make([]byte, frameSize)
			frame[0] = 0x78 // SILK, wideband, 20 ms, one frame
			binary.BigEndian.PutUint64(frame[1:], uint64(sent.Add(1)-1))
			at := time.Since(epoch)
			binary.BigEndian.PutUint64(frame[9:], uint64(at))
			late = append(late, int64(at))
			return frame
		})
	})
	defer func() {
		quiet()
		done.Wait()
		if err == nil {
			err = spoken
		}
	}()
	time.Sleep(settling)
	memoryBefore, err := MemoryMB(t.PID)
	if err != nil {
		return how, nil, err
	}
	cpuBefore, err := CPU(t.PID)
	if err != nil {
		return how, nil, err
	}

	crowd := make([]*listener, listeners)
	defer func() {
		var leaving sync.WaitGroup
		for _, l := range crowd {
			if l != nil && l.stay != nil {
				leaving.Go(l.stay.HangUp)
			}
		}
		leaving.Wait()
	}()
	var joining errgroup.Group
	joining.SetLimit(atOnce)
	for i := range crowd {
		joining.Go(func() error {
			c, err := bot.Dial(ctx, t.BaseURL, t.Tokens[i+1].Token)
			if err != nil {
				return err
			}
			l := &listener{epoch: epoch, delays: make([]int64, 0, 1024)}
			crowd[i] = l
			l.stay, err = c.Join(ctx, room, bot.Options{OnAudio: l.hear})
			return err
		})
	}
	if err := joining.Wait(); err != nil {
		return how, nil, fmt.Errorf("bench: gather %d listeners: %w", listeners, err)
	}
	cpuJoined, err := CPU(t.PID)
	if err != nil {
		return how, nil, err
	}
	time.Sleep(settling)

	for _, l := range crowd {
		l.counting.Store(true)
	}
	first := sent.Load() + 5 // a frame that is not on its way yet
	from, err := BothCPU(t.PID)
	if err != nil {
		return how, nil, err
	}
	begun := time.Now()
	select {
	case <-time.After(o.Window):
	case <-ctx.Done():
		return how, nil, ctx.Err()
	}
	last := sent.Load()
	to, err := BothCPU(t.PID)
	if err != nil {
		return how, nil, err
	}
	took := time.Since(begun)
	memory, err := MemoryMB(t.PID)
	if err != nil {
		return how, nil, err
	}
	time.Sleep(trailing)

	var delays []int64
	arrived, deaf := int64(0), 0
	for _, l := range crowd {
		n := l.take(first, last, &delays)
		arrived += n
		if n == 0 {
			deaf++
		}
	}
	expected := (last - first) * int64(listeners)
	quiet()
	done.Wait()
	late = Lateness(late, first, last)
	// The CPU window is a hair longer than the frames counted in it.
	forwarded := float64(arrived) * float64(took) / float64(time.Duration(last-first)*20*time.Millisecond)
	name := func(what string) string { return fmt.Sprintf("listeners_%d_%s", listeners, what) }
	f.Add(name("cpu_us_per_packet"), float64((to.Server-from.Server).Microseconds())/forwarded)
	f.Add(name("packets_per_s"), float64(arrived)/(float64(last-first)*0.02))
	f.Add(name("loss_percent"), 100*(1-float64(arrived)/float64(expected)))
	f.Add(name("heard_nothing"), float64(deaf))
	f.Add(name("latency_p50_ms"), Millis(Percentile(delays, 50)))
	f.Add(name("latency_p99_ms"), Millis(Percentile(delays, 99)))
	f.Add(name("sent_late_p99_ms"), Millis(Percentile(late, 99)))
	f.Add(name("memory_per_listener_mb"), (memory-memoryBefore)/float64(listeners))
	f.Add(name("memory_mb"), memory)
	f.Add(name("server_cores"), (to.Server-from.Server).Seconds()/took.Seconds())
	f.Add(name("generator_cores"), (to.Own-from.Own).Seconds()/took.Seconds())
	f.Add(name("cpu_per_join_ms"), Millis(float64(cpuJoined-cpuBefore)/float64(listeners)))
	return how, f, nil
}

// listener is one of the crowd. hear runs on one goroutine, there being one
// speaker; take is called when nothing is counted any more.
type listener struct {
	stay     *bot.RoomConn
	epoch    time.Time
	counting atomic.Bool

	mu     sync.Mutex
	frames []int64
	delays []int64
}

func (l *listener) hear(h bot.AudioPacket) {
	if !l.counting.Load() || len(h.Payload) != frameSize || h.Payload[0] != 0x78 {
		return
	}
	frame := int64(binary.BigEndian.Uint64(h.Payload[1:]))
	delay := int64(h.At.Sub(l.epoch)) - int64(binary.BigEndian.Uint64(h.Payload[9:]))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.frames = append(l.frames, frame)
	l.delays = append(l.delays, delay)
}

// take returns how many distinct frames of first..last-1 arrived, and appends their delays.
func (l *listener) take(first, last int64, delays *[]int64) int64 {
	l.counting.Store(false)
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := make(map[int64]bool, len(l.frames))
	for i, frame := range l.frames {
		if frame < first || frame >= last || seen[frame] {
			continue
		}
		seen[frame] = true
		*delays = append(*delays, l.delays[i])
	}
	return int64(len(seen))
}

// Lateness returns the delays of the sent frames first..last-1 against an even clock,
// relative to the most punctual one.
func Lateness(sent []int64, first, last int64) []int64 {
	const each = int64(20 * time.Millisecond)
	if first >= last {
		return nil
	}
	due := sent[first]
	for i := first; i < last; i++ {
		due = min(due, sent[i]-(i-first)*each)
	}
	late := make([]int64, last-first)
	for i := range late {
		late[i] = sent[first+int64(i)] - due - int64(i)*each
	}
	return late
}

// Spent is the CPU time of a server and of this process.
type Spent struct{ Server, Own time.Duration }

// BothCPU returns the CPU time of the process pid and of this one.
func BothCPU(pid int) (c Spent, err error) {
	if c.Server, err = CPU(pid); err != nil {
		return c, err
	}
	c.Own, err = CPU(os.Getpid())
	return c, err
}
