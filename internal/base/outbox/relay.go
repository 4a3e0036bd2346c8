package outbox

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/db"
)

// Config is the configuration of a Relay.
type Config struct {
	Node      string // names this process among those that share the database
	Listeners []Listener
	Now       func() time.Time // for back-off, patience and retention; nil is time.Now
}

// Relay hands committed facts to listeners, on one node at a time: the one that
// holds the lease.
type Relay struct {
	db    *db.DB
	log   *slog.Logger
	node  string
	now   func() time.Time
	lines []*line

	leads atomic.Bool   // this node holds the lease
	ours  chan struct{} // this process committed facts
	fresh chan struct{} // there may be facts without a number

	head atomic.Int64 // the last number this node knows of

	dead *prometheus.CounterVec
}

// NewRelay makes a relay. It is a prometheus.Collector of its own metrics.
func NewRelay(d *db.DB, log *slog.Logger, c Config) *Relay {
	r := &Relay{
		db: d, log: log, node: c.Node, now: c.Now, ours: make(chan struct{}, 1), fresh: make(chan struct{}, 1),
		dead: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heyy_outbox_dead_letters_total", Help: "Facts that a listener was handed in vain until its patience was over.",
		}, []string{"listener"}),
	}
	if r.now == nil {
		r.now = time.Now
	}
	for _, l := range c.Listeners {
		if l.Patience == 0 {
			l.Patience = DefaultPatience
		}
		r.lines = append(r.lines, &line{Listener: l, relay: r, wake: make(chan struct{}, 1)})
		r.dead.WithLabelValues(l.Name) // shows as 0 from the start
	}
	return r
}

var waitingFacts = prometheus.NewDesc("heyy_outbox_waiting_facts",
	"Facts that a listener has not taken yet; 0 on a node that hands out none.", []string{"listener"}, nil)

// Describe implements prometheus.Collector.
func (r *Relay) Describe(to chan<- *prometheus.Desc) {
	r.dead.Describe(to)
	to <- waitingFacts
}

// Collect implements prometheus.Collector.
func (r *Relay) Collect(to chan<- prometheus.Metric) {
	r.dead.Collect(to)
	for _, l := range r.lines {
		var n int64
		if r.leads.Load() {
			n = max(r.head.Load()-l.taken(), 0)
		}
		to <- prometheus.MustNewConstMetric(waitingFacts, prometheus.GaugeValue, float64(n), l.Name)
	}
}

// Wake says that facts were committed. It never blocks.
func (r *Relay) Wake() { poke(r.ours) }

func poke(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

const (
	channel   = "heyy_outbox"
	leaseName = "relay"
	leaseTime = 10 * time.Second
	// idle is how often a relay looks by itself: for the lease, and for facts whose
	// wake-up was lost.
	idle = time.Second
	// saveEvery bounds how often cursors are written, and so how many facts a crash
	// repeats.
	saveEvery  = 250 * time.Millisecond
	sweepEvery = time.Minute
)

// Run relays until ctx ends.
func (r *Relay) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { r.forward(ctx) })
	all.Go(func() { r.hear(ctx) })
	r.contend(ctx)
	all.Wait()
	return nil
}

// forward passes on that this process committed facts: to itself if it holds the
// lease, or else to the node that does.
func (r *Relay) forward(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.ours:
		}
		if r.leads.Load() {
			poke(r.fresh)
		} else if err := r.db.Notify(ctx, channel); err != nil && ctx.Err() == nil {
			r.log.Warn("relay: the node that hands out facts was not woken; it looks by itself", "err", err)
		}
	}
}

// hear takes what forward sends from other nodes.
func (r *Relay) hear(ctx context.Context) {
	for {
		if err := r.db.Listen(ctx, channel, func() { poke(r.fresh) }); err != nil {
			r.log.Warn("relay: hears no other node for a moment", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(idle):
		}
	}
}

// contend takes the lease when it is free, renews it whatever the listeners do, and
// hands out facts for as long as it holds.
func (r *Relay) contend(ctx context.Context) {
	tick := time.NewTicker(idle)
	defer tick.Stop()
	var held time.Time // the lease is ours until then
	var t *term
	defer func() {
		if t == nil {
			return
		}
		t.end()
		bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer stop()
		if err := r.db.Release(bye, leaseName, r.node); err != nil {
			r.log.Warn("relay: lease not released", "err", err)
		}
	}()
	for {
		if now := time.Now(); held.Sub(now) < leaseTime/2 {
			_, ok, err := r.db.Lease(ctx, leaseName, r.node, now, leaseTime)
			switch {
			case err != nil && ctx.Err() == nil:
				r.log.Warn("relay: lease", "err", err)
			case ok:
				held = now.Add(leaseTime)
			case err == nil:
				held = time.Time{} // another node has it
			}
		}
		switch left := time.Until(held); {
		case t != nil && (left <= 0 || !t.extend(left)):
			t.end()
			t = nil
			continue // the lease may be ours to take again
		case t == nil && left > 0 && ctx.Err() == nil:
			t = r.begin(ctx, left)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// term is one unbroken time during which this node holds the lease.
type term struct {
	stop   context.CancelFunc
	expiry *time.Timer // stops it when the lease was not renewed, whatever hangs
	over   chan struct{}
}

func (r *Relay) begin(ctx context.Context, left time.Duration) *term {
	ctx, stop := context.WithCancel(ctx)
	t := &term{stop: stop, expiry: time.AfterFunc(left, stop), over: make(chan struct{})}
	go func() {
		defer close(t.over)
		r.serve(ctx)
	}()
	return t
}

// extend reports whether the term lasts for another left.
func (t *term) extend(left time.Duration) bool { return t.expiry.Reset(left) }

func (t *term) end() {
	t.expiry.Stop()
	t.stop()
	<-t.over
}

// serve numbers facts and hands them out until ctx ends.
func (r *Relay) serve(ctx context.Context) {
	for {
		err := r.load(ctx)
		if err == nil {
			break
		}
		if ctx.Err() == nil {
			r.log.Warn("relay: cursors not read; will try again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(idle):
		}
	}
	r.leads.Store(true)
	defer r.leads.Store(false)
	var all sync.WaitGroup
	all.Go(func() { r.numberAll(ctx) })
	for _, l := range r.lines {
		all.Go(func() { l.run(ctx) })
	}
	save, sweep := time.NewTicker(saveEvery), time.NewTicker(sweepEvery)
	defer save.Stop()
	defer sweep.Stop()
	for ctx.Err() == nil {
		var err error
		select {
		case <-ctx.Done():
		case <-save.C:
			err = r.save(ctx)
		case <-sweep.C:
			err = r.sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.log.Warn("relay: will try again", "err", err)
		}
	}
	all.Wait()
	bye, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer stop()
	if err := r.save(bye); err != nil {
		r.log.Warn("relay: cursors not written; some facts will be told again", "err", err)
	}
}

// numberAll numbers facts as they are committed, and wakes the listeners.
func (r *Relay) numberAll(ctx context.Context) {
	tick := time.NewTicker(idle)
	defer tick.Stop()
	for {
		for more := true; more && ctx.Err() == nil; {
			n, err := r.number(ctx)
			if err != nil && ctx.Err() == nil {
				r.log.Warn("relay: will try again", "err", err)
			}
			more = err == nil && n == atOnce
			for _, l := range r.lines {
				poke(l.wake)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-r.fresh:
		case <-tick.C:
		}
	}
}
