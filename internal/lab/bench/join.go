package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// joiners is the number of people who join in turn.
const joiners = 10

// Join measures the time from pressing join to the first audio, one join after another,
// while a speaker is talking.
func Join(ctx context.Context, t Target, o Options) (how string, f Figures, err error) {
	o = o.usual()
	how = "From sending POST join to the first Opus packet of a speaker who was already talking, received and decoded: " +
		"HTTP, gate, signalling, ICE, DTLS, subscription. Pion clients with a peer connection each way, on loopback, one at a time; server in a process of its own."
	speaker, room, mic, err := takeStage(ctx, t)
	if err != nil {
		return how, nil, err
	}
	defer speaker.HangUp()
	tone, err := bot.Tone(440)
	if err != nil {
		return how, nil, err
	}
	talking, stop := context.WithCancel(ctx)
	var spoken error
	var done sync.WaitGroup
	done.Go(func() { spoken = mic.Loop(talking, tone) })
	defer func() {
		stop()
		done.Wait()
		if err == nil {
			err = spoken
		}
	}()

	people := t.Tokens[1:]
	clients := make([]*bot.Client, len(people))
	for i, p := range people {
		if clients[i], err = bot.Dial(ctx, t.BaseURL, p.Token); err != nil {
			return how, nil, err
		}
	}
	before, err := cpu(t.PID)
	if err != nil {
		return how, nil, err
	}
	var admitted, connected, heard []time.Duration
	for i := range o.Joins {
		one, err := joinOnce(ctx, clients[i%len(clients)], room)
		if err != nil {
			return how, nil, fmt.Errorf("bench: join %d: %w", i+1, err)
		}
		admitted, connected, heard = append(admitted, one.admitted), append(connected, one.connected), append(heard, one.heard)
	}
	after, err := cpu(t.PID)
	if err != nil {
		return how, nil, err
	}
	f.add("joins", float64(o.Joins))
	f.add("join_to_audio_p50_ms", ms(percentile(heard, 50)))
	f.add("join_to_audio_p99_ms", ms(percentile(heard, 99)))
	f.add("join_to_audio_max_ms", ms(percentile(heard, 100)))
	f.add("admitted_p50_ms", ms(percentile(admitted, 50)))
	f.add("admitted_p99_ms", ms(percentile(admitted, 99)))
	f.add("connected_p50_ms", ms(percentile(connected, 50)))
	f.add("connected_p99_ms", ms(percentile(connected, 99)))
	f.add("server_cpu_per_join_and_leave_ms", ms(float64(after-before)/float64(o.Joins)))
	return how, f, nil
}

type joined struct{ admitted, connected, heard time.Duration }

const hearTime = 10 * time.Second

func joinOnce(ctx context.Context, c *bot.Client, room string) (j joined, err error) {
	first := make(chan time.Time, 1)
	decoder, err := audio.NewDecoder()
	if err != nil {
		return j, err
	}
	hear := func(h bot.AudioPacket) {
		if len(first) > 0 {
			return
		}
		if samples, err := decoder.Decode(h.Payload); err != nil || len(samples) == 0 {
			return
		}
		select {
		case first <- time.Now():
		default:
		}
	}
	begun := time.Now()
	_, pass, err := c.RequestJoin(ctx, room)
	if err != nil {
		return j, err
	}
	j.admitted = time.Since(begun)
	stay, err := c.Connect(ctx, room, pass, bot.Options{OnAudio: hear})
	if err != nil {
		return j, err
	}
	j.connected = time.Since(begun)
	select {
	case at := <-first:
		j.heard = at.Sub(begun)
	case <-time.After(hearTime):
		stay.HangUp()
		return j, fmt.Errorf("nothing heard within %v", hearTime)
	case <-ctx.Done():
		stay.HangUp()
		return j, ctx.Err()
	}
	return j, stay.Leave(ctx)
}

// takeStage opens a room with the first token, takes a seat and unmutes.
func takeStage(ctx context.Context, t Target) (*bot.RoomConn, string, *bot.Mic, error) {
	c, err := bot.Dial(ctx, t.BaseURL, t.Tokens[0].Token)
	if err != nil {
		return nil, "", nil, err
	}
	room, err := c.Open(ctx, bot.Plan{Title: "Bench", Category: "talk", Language: "en"})
	if err != nil {
		return nil, "", nil, err
	}
	s, err := c.Join(ctx, room.ID, bot.Options{Deaf: true})
	if err != nil {
		return nil, "", nil, err
	}
	if _, err := s.Sit(ctx, 0); err != nil {
		s.HangUp()
		return nil, "", nil, err
	}
	mic, err := s.Mic(ctx)
	if err == nil {
		err = s.Unmute(ctx)
	}
	if err != nil {
		s.HangUp()
		return nil, "", nil, err
	}
	return s, room.ID, mic, nil
}
