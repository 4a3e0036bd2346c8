package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

const (
	joiners      = 10          // people who join in turn
	seatsTaken   = 20          // at most, one after another
	seatThinking = time.Second // how long somebody looks at their microphone before they take a seat
)

// Join measures the time from pressing join to the first audio, one join after another,
// while a speaker is talking; then the time from taking a seat to being heard by a listener.
func Join(ctx context.Context, t Target, o Options) (how string, f Figures, err error) {
	o = o.usual()
	how = "From sending POST join to the first Opus packet of a speaker who was already talking, received and decoded: " +
		"HTTP, ICE, DTLS. Pion clients that listen by WHEP, on loopback, one at a time; server in a process of its own. " +
		fmt.Sprintf("Seat to audio: somebody who listens connects to LiveKit ahead, and %v later takes a seat, publishes and unmutes, one after the other; "+
			"from the first request to the first packet of their tone, decoded, at another listener. Unmute to audio: from the last of those requests.", seatThinking)
	speaker, room, mic, err := TakeStage(ctx, t)
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
	before, err := CPU(t.PID)
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
	after, err := CPU(t.PID)
	if err != nil {
		return how, nil, err
	}
	seated, unmuted, err := seats(ctx, clients[0], clients[1], room, min(o.Joins, seatsTaken))
	if err != nil {
		return how, nil, err
	}
	f.Add("joins", float64(o.Joins))
	f.Add("join_to_audio_p50_ms", Millis(Percentile(heard, 50)))
	f.Add("join_to_audio_p99_ms", Millis(Percentile(heard, 99)))
	f.Add("join_to_audio_max_ms", Millis(Percentile(heard, 100)))
	f.Add("seat_to_audio_p50_ms", Millis(Percentile(seated, 50)))
	f.Add("seat_to_audio_max_ms", Millis(Percentile(seated, 100)))
	f.Add("unmute_to_audio_p50_ms", Millis(Percentile(unmuted, 50)))
	f.Add("unmute_to_audio_max_ms", Millis(Percentile(unmuted, 100)))
	f.Add("admitted_p50_ms", Millis(Percentile(admitted, 50)))
	f.Add("admitted_p99_ms", Millis(Percentile(admitted, 99)))
	f.Add("connected_p50_ms", Millis(Percentile(connected, 50)))
	f.Add("connected_p99_ms", Millis(Percentile(connected, 99)))
	f.Add("server_cpu_per_join_and_leave_ms", Millis(float64(after-before)/float64(o.Joins)))
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
	stay, err := c.Join(ctx, room, bot.Options{OnAudio: hear, OnAdmitted: func() { j.admitted = time.Since(begun) }})
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

// seats measures how soon a listener hears who takes a seat.
func seats(ctx context.Context, listening, coming *bot.Client, room string, count int) (seated, unmuted []time.Duration, err error) {
	audience, err := listening.Join(ctx, room, bot.Options{})
	if err != nil {
		return nil, nil, err
	}
	defer audience.HangUp()
	ear := audience.DetectTones()
	defer ear.Close()
	tone, err := bot.Tone(tones[1])
	if err != nil {
		return nil, nil, err
	}
	for i := range count {
		took, opened, err := seatOnce(ctx, coming, room, tone, ear)
		if err != nil {
			return nil, nil, fmt.Errorf("bench: seat %d: %w", i+1, err)
		}
		seated, unmuted = append(seated, took), append(unmuted, opened)
	}
	return seated, unmuted, nil
}

func seatOnce(ctx context.Context, c *bot.Client, room string, tone audio.Recording, ear *bot.ToneDetector) (seated, unmuted time.Duration, err error) {
	stay, err := c.Join(ctx, room, bot.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer stay.HangUp()
	if err := stay.Prepare(ctx); err != nil {
		return 0, 0, err
	}
	time.Sleep(seatThinking)
	begun := time.Now()
	if _, err := stay.Sit(ctx, 0); err != nil {
		return 0, 0, err
	}
	mic, err := stay.Mic(ctx)
	if err != nil {
		return 0, 0, err
	}
	opened := time.Now()
	if err := stay.Unmute(ctx); err != nil {
		return 0, 0, err
	}
	talking, quiet := context.WithCancel(ctx)
	var voice errgroup.Group
	voice.Go(func() error { return mic.Loop(talking, tone) })
	err = ear.WaitFor(ctx, tones[1], hearTime)
	heard := ear.LastHeard(tones[1])
	quiet()
	if err := errors.Join(err, voice.Wait()); err != nil {
		return 0, 0, err
	}
	return heard.Sub(begun), heard.Sub(opened), stay.Leave(ctx)
}

// TakeStage opens a room with the first token, takes a seat and unmutes.
func TakeStage(ctx context.Context, t Target) (*bot.RoomConn, string, *bot.Mic, error) {
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
