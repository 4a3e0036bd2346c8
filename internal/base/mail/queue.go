package mail

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

const (
	queueSize    = 1000             // mails that may wait
	workers      = 4                // concurrent deliveries
	tryTimeout   = 30 * time.Second // per delivery attempt
	drainTimeout = 5 * time.Second  // for the last attempts at shutdown
)

// retryDelays are the pauses before the second and later attempts. Their sum stays well
// under the lifetime of a sign-in code.
var retryDelays = []time.Duration{2 * time.Second, 10 * time.Second, 45 * time.Second}

// Queue delivers mails asynchronously, with retries.
type Queue struct {
	transport   Transport
	log         *slog.Logger
	retryDelays []time.Duration
	waiting     chan Mail
}

// NewQueue returns a Queue in front of transport; Run delivers from it.
func NewQueue(transport Transport, log *slog.Logger) *Queue {
	return &Queue{transport: transport, log: log, retryDelays: retryDelays, waiting: make(chan Mail, queueSize)}
}

// Post enqueues m and returns at once. If queueSize mails are waiting, it drops m and logs
// that.
func (q *Queue) Post(m Mail) {
	select {
	case q.waiting <- m:
	default:
		q.log.Error("mail: the queue is full, one mail was dropped")
	}
}

// Run delivers until ctx ends, then makes one short attempt for each mail that still waits.
func (q *Queue) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case m := <-q.waiting:
					q.deliver(ctx, m)
				}
			}
		})
	}
	all.Wait()
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer stop()
	for {
		select {
		case m := <-q.waiting:
			if err := q.transport.Deliver(last, m); err != nil {
				q.log.Warn("mail: not delivered before the end", "err", err)
			}
		default:
			return nil
		}
	}
}

func (q *Queue) deliver(ctx context.Context, m Mail) {
	for try := 0; ; try++ {
		err := q.try(ctx, m)
		if err == nil {
			return
		}
		var p interface{ Permanent() bool }
		if try == len(q.retryDelays) || errors.As(err, &p) && p.Permanent() {
			q.log.Error("mail: given up", "tries", try+1, "err", err)
			return
		}
		q.log.Warn("mail: will try again", "in", q.retryDelays[try], "err", err)
		select {
		case <-time.After(q.retryDelays[try]):
		case <-ctx.Done():
			q.Post(m) // for the last attempt in Run
			return
		}
	}
}

func (q *Queue) try(ctx context.Context, m Mail) error {
	ctx, stop := context.WithTimeout(ctx, tryTimeout)
	defer stop()
	return q.transport.Deliver(ctx, m)
}
