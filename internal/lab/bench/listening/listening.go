package listening

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"heyy/internal/lab/bench"
)

// Config holds the sizes that Run measures; zero fields have the usual values.
type Config struct {
	Speakers  []int // who talk at once
	Listeners []int
	Frames    []int         // milliseconds of a packet: 20, 60
	Window    time.Duration // how long each row is measured
	PeerMost  int           // listeners of the peer and of WebRTC clients at most
	Storm     int           // joins within StormTime; -1: none
	StormTime time.Duration
}

func (c Config) usual() Config {
	if len(c.Speakers) == 0 {
		c.Speakers = []int{1, 6}
	}
	if len(c.Listeners) == 0 {
		c.Listeners = []int{200, 500, 1000, 2000}
	}
	if len(c.Frames) == 0 {
		c.Frames = []int{20, 60}
	}
	if c.Window == 0 {
		c.Window = 8 * time.Second
	}
	if c.PeerMost == 0 {
		c.PeerMost = 1000
	}
	if c.Storm == 0 {
		c.Storm = 1000
	}
	if c.StormTime == 0 {
		c.StormTime = 10 * time.Second
	}
	return c
}

const (
	frameSize = 80 // bytes: speech at 32 kbit/s
	settling  = 2 * time.Second
	trailing  = 300 * time.Millisecond // for the last packets to arrive
	atOnce    = 4                      // WebRTC clients that join at the same time
	readyTime = 20 * time.Second       // of a helper process
	stopTime  = 15 * time.Second

	swaps = 200 // listeners who post an offer anew, to measure that alone

	wholeTime = 60 * time.Minute
	rowTime   = 5 * time.Minute
	warmUp    = 20  // listeners before memory and joins are measured
	sdkMost   = 200 // listeners of the tier with WebRTC clients of the peer's kind
)

const how = "Speakers send 50 frames a second that carry their number and time of sending, to LiveKit. " +
	"tier: listeners of the server's listening tier, minimal WHEP clients in the generator, which shares the machine; arrival as the kernel stamped it. " +
	"client: the same tier with full WebRTC clients (pion), at the smallest size. peer: a stock LiveKit server in a process of its own, with full WebRTC clients. " +
	"floor: a loop of AES-GCM and sendmmsg in a process of its own. All rows with as many bytes of sound, one after another. " +
	"CPU: the server process's own, speakers' share included. Listener second: a second that a listener heard; what was lost does not count. Latency: from handing a frame to the sender's track to its arrival; in packets of 60 ms the first frame waits 40 ms for the last. " +
	"Loss: frames not arrived. CPU per join: of joining with nobody speaking, HTTP and database included. Memory: growth of the server's resident set. Both after the first 20 listeners. CPU per session: of posting an offer anew within a join, as on a change of networks. " +
	"Generator cores above about 1 on two cores mean that the generator takes the server's time."

// Run measures the listening tier of the program at binary beside a stock LiveKit server
// and a bare loop. It asserts nothing: the report has the bars and whether they hold.
func Run(ctx context.Context, binary string, c Config) (r bench.Report, err error) {
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	c = c.usual()
	r = bench.Report{Bench: "listen", How: how, At: time.Now().UTC().Format(time.RFC3339), Machine: bench.ThisMachine()}
	if runtime.GOOS != "linux" {
		return r, fmt.Errorf("bench: listen works on Linux only")
	}
	for _, ms := range c.Frames {
		if ms != 20 && ms != 60 {
			return r, fmt.Errorf("bench: packets have 20 or 60 ms, not %d", ms)
		}
	}
	b := &suite{Config: c, binary: binary, f: &r.Figures}
	defer func() { r.Notes = b.notes }()
	for _, speakers := range c.Speakers {
		for _, listeners := range c.Listeners {
			if err := b.compare(ctx, speakers, listeners); err != nil {
				return r, err
			}
		}
	}
	if c.Storm > 0 {
		if err := b.storm(ctx); err != nil {
			return r, err
		}
	}
	r.Bars = b.bars()
	return r, nil
}

// suite is one run of the rows.
type suite struct {
	Config
	binary string
	f      *bench.Figures
	notes  []string
}

// compare measures the rows of one size.
func (b *suite) compare(ctx context.Context, speakers, listeners int) error {
	for _, ms := range b.Frames {
		for _, one := range []struct {
			kind string
			when bool
			run  func(context.Context, row) error
		}{
			{"floor", true, b.floor},
			{"tier", true, b.tier},
			{"client", ms == 20 && listeners <= min(sdkMost, b.PeerMost), b.client},
			{"peer", ms == 20 && listeners <= b.PeerMost, b.peer},
		} {
			if !one.when {
				continue
			}
			r := row{one.kind, speakers, listeners, ms}
			limited, stop := context.WithTimeout(ctx, rowTime)
			err := one.run(limited, r)
			stop()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			// A row that the machine cannot carry is a result, too: see the bar of failed rows.
			if err != nil {
				b.f.Add(r.name("failed"), 1)
				b.notes = append(b.notes, r.name("row")+": "+err.Error())
			}
		}
	}
	for _, what := range []string{"", "_beyond_base"} {
		figure := func(kind string, ms int) float64 {
			return b.f.Get(row{kind, speakers, listeners, ms}.name("cpu_us_per_listener_second" + what))
		}
		for _, ms := range b.Frames {
			if peer, tier := figure("peer", 20), figure("tier", ms); peer > 0 && tier > 0 {
				b.f.Add(row{"ratio", speakers, listeners, ms}.name("peer_to_tier"+what), peer/tier)
			}
		}
	}
	return nil
}

// row is one row: what is measured at which size.
type row struct {
	kind                string
	speakers, listeners int
	ms                  int // of a packet
}

func (r row) name(what string) string {
	return fmt.Sprintf("%s_%dx%d_%dms_%s", r.kind, r.speakers, r.listeners, r.ms, what)
}

// rig is a running server with its speakers, for one row.
type rig struct {
	pid        int
	panel      *panel
	tally      *tally
	gather     func(ctx context.Context, from, to int) error // connects the listeners from..to-1
	goroutines func() float64                                // of the server; NaN: it doesn't say
}

// measure gathers the listeners and measures the window.
func (b *suite) measure(ctx context.Context, r row, g rig) error {
	g.panel.speak(ctx)
	if err := bench.Wait(ctx, settling); err != nil {
		return err
	}
	if err := g.panel.pause(); err != nil {
		return err
	}
	// The first ones start what a server starts once, such as the tap of the room.
	warm := min(warmUp, r.listeners/2)
	if err := g.gather(ctx, 0, warm); err != nil {
		return fmt.Errorf("gather %d listeners: %w", warm, err)
	}
	base, err := b.base(ctx, g)
	if err != nil {
		return err
	}
	memoryBefore, err := bench.MemoryMB(g.pid)
	if err != nil {
		return err
	}
	goroutinesBefore := g.goroutines()
	joining, err := spentOn(ctx, g.pid, func() error { return g.gather(ctx, warm, r.listeners) })
	if err != nil {
		return fmt.Errorf("gather %d listeners: %w", r.listeners, err)
	}
	g.panel.speak(ctx)
	if err := bench.Wait(ctx, settling); err != nil {
		return err
	}
	first := g.panel.ahead()
	g.tally.begin(first, r.listeners, b.Window)
	from, err := bench.BothCPU(g.pid)
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := bench.Wait(ctx, b.Window); err != nil {
		return err
	}
	took := time.Since(begun)
	to, err := bench.BothCPU(g.pid)
	if err != nil {
		return err
	}
	memory, err := bench.MemoryMB(g.pid)
	if err != nil {
		return err
	}
	goroutines := g.goroutines()
	for g.panel.sent[0].Load() < first[0]+int64(b.Window/frameTime) {
		if err := bench.Wait(ctx, frameTime); err != nil {
			return err
		}
	}
	if err := bench.Wait(ctx, trailing); err != nil {
		return err
	}
	if err := g.panel.pause(); err != nil {
		return err
	}
	t := g.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	expected := t.frames * int64(r.speakers) * int64(r.listeners)
	// The CPU window is a hair longer than the frames counted in it.
	packets := float64(t.packets) * float64(took) / float64(time.Duration(t.frames)*frameTime)
	spent := float64((to.Server - from.Server).Microseconds())
	f := b.f
	// A server that loses packets saves their cost: only seconds that were heard count.
	heard := float64(t.arrived) / float64(expected)
	f.Add(r.name("cpu_us_per_packet"), spent/packets)
	f.Add(r.name("cpu_us_per_listener_second"), spent/took.Seconds()/float64(r.listeners)/heard)
	f.Add(r.name("cpu_us_per_listener_second_beyond_base"), (spent/took.Seconds()-base*1e6)/float64(r.listeners-warm)/heard)
	f.Add(r.name("base_cores"), base)
	f.Add(r.name("cpu_per_join_ms"), bench.Millis(float64(joining)/float64(r.listeners-warm)))
	f.Add(r.name("memory_kb_per_listener"), (memory-memoryBefore)*1024/float64(r.listeners-warm))
	if goroutines > 0 {
		f.Add(r.name("goroutines"), goroutines)
		f.Add(r.name("goroutines_more"), goroutines-goroutinesBefore)
	}
	f.Add(r.name("packets_per_s"), packets/took.Seconds())
	f.Add(r.name("loss_percent"), 100*(1-float64(t.arrived)/float64(expected)))
	f.Add(r.name("heard_nothing"), float64(t.deaf()))
	f.Add(r.name("latency_p50_ms"), bench.Millis(bench.Percentile(t.delays, 50)))
	f.Add(r.name("latency_p99_ms"), bench.Millis(bench.Percentile(t.delays, 99)))
	f.Add(r.name("sent_late_p99_ms"), bench.Millis(bench.Percentile(bench.Lateness(g.panel.late, first[0], first[0]+t.frames), 99)))
	f.Add(r.name("server_cores"), spent/1e6/took.Seconds())
	f.Add(r.name("generator_cores"), (to.Own-from.Own).Seconds()/took.Seconds())
	return nil
}

// base returns the cores that a server takes with its speakers and the first listeners.
func (b *suite) base(ctx context.Context, g rig) (cores float64, err error) {
	g.panel.speak(ctx)
	if err := bench.Wait(ctx, settling); err != nil {
		return 0, err
	}
	from, err := bench.CPU(g.pid)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := bench.Wait(ctx, b.Window/2); err != nil {
		return 0, err
	}
	to, err := bench.CPU(g.pid)
	if err != nil {
		return 0, err
	}
	return (to - from).Seconds() / time.Since(begun).Seconds(), g.panel.pause()
}

// spentOn returns what a process spends on something, beyond what it spends at rest.
func spentOn(ctx context.Context, pid int, do func() error) (time.Duration, error) {
	var at [3]time.Duration
	var err error
	if at[0], err = bench.CPU(pid); err != nil {
		return 0, err
	}
	if err := bench.Wait(ctx, settling); err != nil {
		return 0, err
	}
	if at[1], err = bench.CPU(pid); err != nil {
		return 0, err
	}
	begun := time.Now()
	if err := do(); err != nil {
		return 0, err
	}
	if at[2], err = bench.CPU(pid); err != nil {
		return 0, err
	}
	idle := float64(at[1]-at[0]) / float64(settling)
	return at[2] - at[1] - time.Duration(idle*float64(time.Since(begun))), nil
}
