package mail

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	most    = 1000             // letters that may wait
	workers = 4                // letters on their way at once
	patient = 30 * time.Second // for one try
	parting = 5 * time.Second  // for what still waits when the process ends
)

// waits are the pauses before the second and each later try. Together they
// stay well under the life of a sign-in code.
var waits = []time.Duration{2 * time.Second, 10 * time.Second, 45 * time.Second}

// Queue delivers letters outside the path of the request that caused them.
type Queue struct {
	carrier Carrier
	log     *slog.Logger
	waits   []time.Duration
	letters chan Mail
}

// NewQueue makes a queue in front of carrier; Run empties it.
func NewQueue(carrier Carrier, log *slog.Logger) *Queue {
	return &Queue{carrier: carrier, log: log, waits: waits, letters: make(chan Mail, most)}
}

// Post takes m and returns at once. When a thousand letters wait, m is dropped
// and the log says so.
func (q *Queue) Post(m Mail) {
	select {
	case q.letters <- m:
	default:
		q.log.Error("mail: too many letters wait, one was dropped")
	}
}

// Run delivers until ctx ends, then gives what still waits one quick try.
func (q *Queue) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-q.letters:
					q.deliver(ctx, m)
				}
			}
		})
	}
	all.Wait()
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), parting)
	defer stop()
	for {
		select {
		case m := <-q.letters:
			if err := q.carrier.Deliver(last, m); err != nil {
				q.log.Warn("mail: not delivered before the end", "err", err)
			}
		default:
			return nil
		}
	}
}

func (q *Queue) deliver(ctx context.Context, m Mail) {
	for try := 0; ; try++ {
		err := q.once(ctx, m)
		if err == nil {
			return
		}
		var p interface{ Permanent() bool }
		if try == len(q.waits) || errors.As(err, &p) && p.Permanent() {
			q.log.Error("mail: given up", "tries", try+1, "err", err)
			return
		}
		q.log.Warn("mail: will try again", "in", q.waits[try], "err", err)
		select {
		case <-time.After(q.waits[try]):
		case <-ctx.Done():
			q.Post(m) // for the one quick try at the end
			return
		}
	}
}

func (q *Queue) once(ctx context.Context, m Mail) error {
	ctx, stop := context.WithTimeout(ctx, patient)
	defer stop()
	return q.carrier.Deliver(ctx, m)
}
