package bench

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/base/db"
	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
	"heyy/internal/people/profile"
)

const (
	arrivalEvery    = 250 * time.Millisecond
	askEvery        = 20 * time.Millisecond
	connectEach     = 4           // pairs who connect at the same time
	proposalReading = time.Second // how long two people look at a proposal before they accept
	memberBatch     = 100
)

// Members creates count accounts that are shown to each other: like Tokens, but as members
// with an intro, which is a row without a recording.
func (s *Server) Members(ctx context.Context, count int) ([]Token, error) {
	tokens, err := s.Tokens(ctx, count)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, s.data, "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = d.Close() }()
	for at := 0; at < count; at += memberBatch {
		if err := d.Tx(ctx, func(tx *sql.Tx) error {
			for _, t := range tokens[at:min(count, at+memberBatch)] {
				if _, err := tx.ExecContext(ctx, `UPDATE accounts SET kind = 'member' WHERE id = $1`, t.Account); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `UPDATE profiles SET voice = '{"pitch_hz":180,"brightness":0.5,"tempo":0.5,"energy":0.5}' WHERE account_id = $1`, t.Account); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, `INSERT INTO clips (id, account_id, place, prompt, blob_key, ms, peaks, created_at)
					VALUES ($1, $1, 0, $2, 'bench', 7000, '', $3)`, t.Account, profile.Prompts[0], db.Millis(time.Now())); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("bench: make members: %w", err)
		}
	}
	return tokens, nil
}

// introduce sets profiles that all fit each other.
func introduce(ctx context.Context, c *bot.Client, i int) error {
	return c.EditProfile(ctx, bot.Profile{
		Gender: profile.Genders[i%2], Languages: []string{"en"}, Interests: profile.Interests[i%10 : i%10+5], Intents: []string{"friends"}, Onboarded: true,
		Preferences: bot.Preferences{Meet: profile.Genders, From: 18, To: 120, Intents: []string{}, Languages: []string{}, Interests: []string{}},
	})
}

// caller is one person of a pair, with their measurements.
type caller struct {
	*listener // of the other's frames
	client    *bot.Client
	index     int
	tapped    time.Time // they entered the queue
	found     time.Time // they knew of the proposal
	call      bot.Call
	other     *caller
	line      *bot.CallConn
	mic       *bot.Mic

	sent atomic.Int64
	late []int64 // how late each frame was sent

	decoder *audio.Decoder
	voice   string        // the other's name at the media server
	tone    chan struct{} // closed at the other's first tone
	heard   time.Time
	wrong   atomic.Int64 // packets of somebody else
}

// tones are the frequencies of the two sides of a call, which identify the speaker.
var tones = [2]int{440, 1000}

// Call measures how fast two people are paired and hear each other, and the CPU and memory
// of many concurrent calls.
func Call(ctx context.Context, t Target, calls int, o Options) (how string, f Figures, err error) {
	o = o.usual()
	how = fmt.Sprintf("People enter the queue through the API, one every %v; all of them fit. Proposal: from the second person's tap to when either knows of it from GET /api/call, asked every %v. "+
		"Both connect while it is proposed; %v later one accepts and publishes, then the other. Accept to audio: from sending the second yes to the first decoded packet that is the other's tone, for either, no other call talking. "+
		"Then all talk at once, both sides of each: 50 frames a second that carry their number, sender and time of sending. CPU: the server process's own. Latency: from handing a frame to the sender's track to reading it from the other's, by one clock. "+
		"Sent late: how far the generator, in which all %d WebRTC clients share the machine, fell behind its own clock; where that is high the machine was busy, and latency says little. Memory: growth of the server's resident set.", arrivalEvery, askEvery, proposalReading, 2*calls)
	if len(t.Tokens) < 2*calls {
		return how, nil, fmt.Errorf("bench: %d calls want %d people", calls, 2*calls)
	}
	epoch := time.Now()
	people := make([]*caller, 2*calls)
	var ready errgroup.Group
	ready.SetLimit(atOnce)
	for i := range people {
		ready.Go(func() (err error) {
			p := &caller{listener: &listener{epoch: epoch, delays: make([]int64, 0, 1024)}, index: i, tone: make(chan struct{})}
			people[i] = p
			if p.client, err = bot.Dial(ctx, t.BaseURL, t.Tokens[i].Token); err != nil {
				return err
			}
			if p.decoder, err = audio.NewDecoder(); err != nil {
				return err
			}
			return introduce(ctx, p.client, i)
		})
	}
	if err := ready.Wait(); err != nil {
		return how, nil, err
	}
	memoryBefore, err := MemoryMB(t.PID)
	if err != nil {
		return how, nil, err
	}
	defer func() {
		var leaving sync.WaitGroup
		for _, p := range people {
			if p.line != nil {
				leaving.Go(p.line.HangUp)
			}
		}
		leaving.Wait()
	}()
	proposals, audio, err := bringTogether(ctx, people)
	if err != nil {
		return how, nil, err
	}

	talking, quiet := context.WithCancel(ctx)
	var voices errgroup.Group
	for _, p := range people {
		voices.Go(func() error {
			// Spread over time, as people are.
			time.Sleep(time.Duration(rand.N(20)) * time.Millisecond)
			return p.mic.Frames(talking, func() []byte { return p.frame(epoch) })
		})
	}
	defer func() {
		quiet()
		if spoken := voices.Wait(); err == nil {
			err = spoken
		}
	}()
	time.Sleep(settling)
	first, last := make([]int64, len(people)), make([]int64, len(people))
	for i, p := range people {
		p.counting.Store(true)
		first[i] = p.sent.Load() + 5 // a frame that is not on its way yet
	}
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
	for i, p := range people {
		last[i] = p.sent.Load()
	}
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
	quiet()
	if err := voices.Wait(); err != nil {
		return how, nil, err
	}

	var delays, late []int64
	var arrived, expected, wrong int64
	deaf := 0
	for _, p := range people {
		who := p.other.index
		n := p.take(first[who], last[who], &delays)
		arrived += n
		expected += last[who] - first[who]
		wrong += p.wrong.Load()
		if n == 0 {
			deaf++
		}
		late = append(late, Lateness(p.late, first[p.index], last[p.index])...)
	}
	name := func(what string) string { return fmt.Sprintf("calls_%d_%s", calls, what) }
	f.Add(name("proposal_p50_ms"), Millis(Percentile(proposals, 50)))
	f.Add(name("proposal_p95_ms"), Millis(Percentile(proposals, 95)))
	f.Add(name("proposal_max_ms"), Millis(Percentile(proposals, 100)))
	f.Add(name("accept_to_audio_p50_ms"), Millis(Percentile(audio, 50)))
	f.Add(name("accept_to_audio_p99_ms"), Millis(Percentile(audio, 99)))
	f.Add(name("accept_to_audio_max_ms"), Millis(Percentile(audio, 100)))
	f.Add(name("heard_nothing"), float64(deaf))
	f.Add(name("packets_of_strangers"), float64(wrong))
	f.Add(name("packets_per_s"), float64(arrived)/took.Seconds())
	f.Add(name("loss_percent"), 100*(1-float64(arrived)/float64(expected)))
	f.Add(name("latency_p50_ms"), Millis(Percentile(delays, 50)))
	f.Add(name("latency_p99_ms"), Millis(Percentile(delays, 99)))
	f.Add(name("sent_late_p99_ms"), Millis(Percentile(late, 99)))
	f.Add(name("server_cores"), (to.Server-from.Server).Seconds()/took.Seconds())
	f.Add(name("generator_cores"), (to.Own-from.Own).Seconds()/took.Seconds())
	f.Add(name("cpu_per_call_percent"), 100*(to.Server-from.Server).Seconds()/took.Seconds()/float64(calls))
	f.Add(name("memory_per_call_mb"), (memory-memoryBefore)/float64(calls))
	f.Add(name("memory_mb"), memory)
	return how, f, nil
}

// bringTogether lets people enter the queue one by one, and each pair talk until both have
// heard the other's tone.
func bringTogether(ctx context.Context, people []*caller) (proposals, audio []time.Duration, err error) {
	var coming, pairs errgroup.Group
	pairs.SetLimit(connectEach)
	var mu sync.Mutex
	waiting := map[string]*caller{}
	for _, p := range people {
		coming.Go(func() error {
			if err := p.come(ctx); err != nil {
				return err
			}
			mu.Lock()
			first := waiting[p.call.ID]
			if first == nil {
				waiting[p.call.ID] = p
				mu.Unlock()
				return nil
			}
			delete(waiting, p.call.ID)
			first.other, p.other = p, first
			tapped, found := p.tapped, p.found
			if first.tapped.After(tapped) {
				tapped = first.tapped
			}
			if first.found.Before(found) {
				found = first.found
			}
			proposals = append(proposals, found.Sub(tapped))
			mu.Unlock()
			pairs.Go(func() error {
				both, err := meet(ctx, first, p)
				mu.Lock()
				defer mu.Unlock()
				audio = append(audio, both...)
				return err
			})
			return nil
		})
		select {
		case <-time.After(arrivalEvery):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
	if err := coming.Wait(); err != nil {
		return nil, nil, err
	}
	if err := pairs.Wait(); err != nil {
		return nil, nil, err
	}
	if len(waiting) > 0 {
		return nil, nil, fmt.Errorf("bench: %d people are alone in a call", len(waiting))
	}
	return proposals, audio, nil
}

// come enters the queue and returns at the proposal.
func (c *caller) come(ctx context.Context) error {
	c.tapped = time.Now()
	l, err := c.client.Queue(ctx)
	for ; err == nil; l, err = c.client.QueueStatus(ctx) {
		if l.Call != nil {
			c.found, c.call = time.Now(), *l.Call
			return nil
		}
		select {
		case <-time.After(askEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

// meet lets the two of a proposal accept, publish and receive.
func meet(ctx context.Context, a, b *caller) (heard []time.Duration, err error) {
	both := [2]*caller{a, b}
	each := func(do func(i int, c *caller) error) error {
		var g errgroup.Group
		for i, c := range both {
			g.Go(func() error { return do(i, c) })
		}
		return g.Wait()
	}
	if err := each(func(i int, c *caller) (err error) {
		c.line, err = c.client.JoinCall(ctx, c.call.ID, bot.Options{OnAudio: func(h bot.AudioPacket) { c.packet(h, tones[1-i]) }})
		return err
	}); err != nil {
		return nil, err
	}
	// Nobody accepts in the moment they are asked; and LiveKit negotiates again only 150 ms after
	// the last time, which is the connecting.
	select {
	case <-time.After(proposalReading):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := a.accept(ctx); err != nil {
		return nil, err
	}
	yes := time.Now()
	if err := b.accept(ctx); err != nil {
		return nil, err
	}
	speaking, quiet := context.WithCancel(ctx)
	var voices errgroup.Group
	err = each(func(i int, c *caller) (err error) {
		tone, err := bot.Tone(tones[i])
		if err != nil {
			return err
		}
		voices.Go(func() error { return c.mic.Loop(speaking, tone) })
		return nil
	})
	if err == nil {
		err = each(func(_ int, c *caller) error {
			select {
			case <-c.tone:
			case <-time.After(hearTime):
				return fmt.Errorf("bench: nothing heard within %v", hearTime)
			}
			_, err := c.client.ReportAudioReceived(ctx, c.call.ID)
			return err
		})
	}
	quiet()
	if spoken := voices.Wait(); err == nil {
		err = spoken
	}
	return []time.Duration{a.heard.Sub(yes), b.heard.Sub(yes)}, err
}

// accept says yes and publishes a microphone, as our client does at the tap.
func (c *caller) accept(ctx context.Context) error {
	var both errgroup.Group
	both.Go(func() error {
		_, err := c.client.Accept(ctx, c.call.ID)
		return err
	})
	both.Go(func() (err error) {
		c.mic, err = c.line.Mic(ctx)
		return err
	})
	return both.Wait()
}

// packet is called by one goroutine, because there is one partner.
func (c *caller) packet(h bot.AudioPacket, hz int) {
	if c.voice == "" {
		c.voice = h.Person
	}
	if h.Person != c.voice { // a call has one other voice
		c.wrong.Add(1)
		return
	}
	if c.heard.IsZero() {
		samples, err := c.decoder.Decode(h.Payload)
		if err != nil || audio.ToneShare(samples, float64(hz)) < 0.7 {
			return
		}
		c.heard = time.Now()
		close(c.tone)
		return
	}
	if c.counting.Load() && len(h.Payload) == frameSize && binary.BigEndian.Uint64(h.Payload[17:]) != uint64(c.other.index) {
		c.wrong.Add(1)
		return
	}
	c.hear(h)
}

// frame returns the next frame to send.
func (c *caller) frame(epoch time.Time) []byte {
	frame := make([]byte, frameSize)
	frame[0] = 0x78 // SILK, wideband, 20 ms, one frame
	binary.BigEndian.PutUint64(frame[1:], uint64(c.sent.Add(1)-1))
	at := time.Since(epoch)
	binary.BigEndian.PutUint64(frame[9:], uint64(at))
	binary.BigEndian.PutUint64(frame[17:], uint64(c.index))
	c.late = append(c.late, int64(at))
	return frame
}
