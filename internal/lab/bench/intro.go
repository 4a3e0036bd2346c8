package bench

import (
	"context"
	"fmt"
	"time"

	"heyy/internal/lab/bot"
	"heyy/internal/lab/resident"
	"heyy/internal/media/audio"
	"heyy/internal/people/profile"
)

const (
	introTime   = 30 * time.Second
	introducers = 5 // take turns
)

// Intro measures the time from sending a recording until others can play it, one recording
// after another.
func Intro(ctx context.Context, t Target, o Options) (how string, f Figures, err error) {
	o = o.usual()
	how = fmt.Sprintf("From sending PUT /api/me/clips/0 with %v of speech to its answer: received, decoded, measured, built anew, stored and shown. On loopback, one at a time, each a recording of its own; server in a process of its own.", introTime)
	cast, err := resident.Load()
	if err != nil {
		return how, nil, err
	}
	said := make([]audio.Recording, len(cast.Residents))
	for i, r := range cast.Residents {
		data, err := r.Intro.Bytes()
		if err != nil {
			return how, nil, err
		}
		if said[i], err = audio.Parse(data); err != nil {
			return how, nil, err
		}
	}
	var clients []*bot.Client
	for _, p := range t.Tokens {
		c, err := bot.Dial(ctx, t.BaseURL, p.Token)
		if err != nil {
			return how, nil, err
		}
		clients = append(clients, c)
	}
	before, err := CPU(t.PID)
	if err != nil {
		return how, nil, err
	}
	var times []time.Duration
	size := 0
	for i := range o.Intros {
		ogg := audio.Concat(introTime, append(said[i%len(said):len(said):len(said)], said[:i%len(said)]...)...)
		size += len(ogg)
		begun := time.Now()
		if err := clients[i%len(clients)].Publish(ctx, 0, profile.Prompts[i%len(profile.Prompts)], ogg); err != nil {
			return how, nil, fmt.Errorf("bench: intro %d: %w", i+1, err)
		}
		times = append(times, time.Since(begun))
	}
	after, err := CPU(t.PID)
	if err != nil {
		return how, nil, err
	}
	f.Add("intros", float64(o.Intros))
	f.Add("published_p50_ms", Millis(Percentile(times, 50)))
	f.Add("published_p99_ms", Millis(Percentile(times, 99)))
	f.Add("published_max_ms", Millis(Percentile(times, 100)))
	f.Add("size_kb", float64(size)/float64(o.Intros)/1024)
	f.Add("server_cpu_per_intro_ms", Millis(float64(after-before)/float64(o.Intros)))
	return how, f, nil
}
