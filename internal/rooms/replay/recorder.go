package replay

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"heyy/internal/media/audio"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// Taps listens in on rooms; see sfu.Record.
type Taps interface {
	Record(ctx context.Context, room string, frame func(voice uint32, sequence uint16, timestamp uint32, payload []byte), gone func(voice uint32)) error
}

const (
	flushEvery = 250 * time.Millisecond
	tapPause   = time.Second      // before a tap that was lost is made again
	idleTime   = 30 * time.Second // without a Tick a recording ends: another node has it
	saveTime   = 10 * time.Second
	queueSize  = 64 // parts that wait to be stored

	// A speaker who pauses as often as makes a part has one in a second; one who makes the clock of
	// their packets jump could have hundreds.
	partEvery = time.Second
	partBurst = 30
)

// Recorder records the rooms whose replays this process is responsible for: the one that calls
// Tick. Create it with NewRecorder.
type Recorder struct {
	replays *Service
	taps    Taps
	log     *slog.Logger

	mu    sync.Mutex
	all   sync.WaitGroup
	rooms map[room.ID]*recording
}

// NewRecorder returns a Recorder.
func NewRecorder(replays *Service, taps Taps, log *slog.Logger) *Recorder {
	return &Recorder{replays: replays, taps: taps, log: log, rooms: map[room.ID]*recording{}}
}

// Run waits until ctx ends, and then until everything that was said is stored.
func (r *Recorder) Run(ctx context.Context) error {
	<-ctx.Done()
	r.mu.Lock()
	for _, o := range r.rooms {
		o.stop()
	}
	r.mu.Unlock()
	r.all.Wait()
	return nil
}

// Tick begins and ends recordings as the rows say, and makes drafts of those that are over. One
// node at a time calls it, every second.
func (r *Recorder) Tick(ctx context.Context) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	rooms, err := r.replays.recorded(ctx)
	if err != nil {
		return err
	}
	var failed error
	wanted := map[room.ID]bool{}
	for _, o := range rooms {
		failed = errors.Join(failed, r.replays.note(ctx, o))
		voices, err := r.replays.voices(ctx, o.id)
		if err != nil {
			return err
		}
		if len(voices) > 0 && r.replays.now().Sub(o.began) < MaxLength {
			wanted[o.id] = true
			r.record(o, voices)
		}
	}
	r.mu.Lock()
	for id, o := range r.rooms {
		if !wanted[id] {
			o.stop()
		}
	}
	r.mu.Unlock()
	ended, err := r.replays.ended(ctx)
	if err != nil {
		return err
	}
	for _, id := range ended {
		if !r.isRecording(id) {
			failed = errors.Join(failed, r.replays.finish(ctx, id))
		}
	}
	return failed
}

// begin makes the replays of rooms that are recorded, also of those in which nobody has answered.
func (r *Recorder) begin(ctx context.Context) error {
	fresh, err := r.replays.unbegun(ctx)
	if err != nil {
		return err
	}
	for _, id := range fresh {
		if err := r.replays.db.Tx(ctx, func(tx *sql.Tx) error { return begin(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

func (r *Recorder) isRecording(id room.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rooms[id] != nil
}

// record tells the recording of a room whose voices are kept, and begins one if there is none.
func (r *Recorder) record(o open, voices map[uint32]account.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.rooms[o.id]; now != nil {
		now.keep(voices)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	rec := &recording{room: o.id, began: o.began, now: r.replays.now, stop: stop, tracks: map[uint32]*audio.Track{}, rates: map[account.ID]*rate.Limiter{}, queue: make(chan part, queueSize)}
	rec.keep(voices)
	r.rooms[o.id] = rec
	r.all.Go(func() {
		rec.run(ctx, r.taps, r.replays, r.log)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.rooms, o.id)
	})
}

// recording is a room that is being recorded.
type recording struct {
	room  room.ID
	began time.Time
	now   func() time.Time
	stop  context.CancelFunc
	queue chan part

	mu     sync.Mutex
	ticked time.Time
	voices map[uint32]account.ID
	tracks map[uint32]*audio.Track
	rates  map[account.ID]*rate.Limiter // of parts
	full   bool                         // there is no room for more
	lost   int                          // parts that did not fit into the queue, or came too often
}

// part is a part that is to be stored.
type part struct {
	by account.ID
	audio.Part
}

// keep says whose voices are kept from now on. What waits of others is thrown away.
func (r *recording) keep(voices map[uint32]account.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ticked, r.voices = r.now(), voices
	for voice := range r.tracks {
		if _, kept := voices[voice]; !kept {
			delete(r.tracks, voice)
		}
	}
}

// run records until ctx ends, and returns when all parts are stored. Of a replay that is full it
// keeps nothing more.
func (r *recording) run(ctx context.Context, taps Taps, replays *Service, log *slog.Logger) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			err := taps.Record(ctx, string(r.room), r.frame, r.gone)
			if ctx.Err() != nil {
				return
			}
			select {
			case <-ctx.Done(): // the room has ended, which the media server knew first
			case <-time.After(tapPause):
				log.Warn("replay: the tap of a room was lost", "room", r.room, "error", err)
			}
		}
	})
	stored := make(chan struct{})
	go func() {
		defer close(stored)
		for p := range r.queue {
			loud := p.Loud()
			if loud == 0 {
				continue
			}
			within, cancel := context.WithTimeout(context.Background(), saveTime)
			more, err := replays.store(within, r.room, p.by, p.Start, p.Length, loud, p.Ogg)
			cancel()
			switch {
			case err != nil:
				log.Error("replay: a part is not stored", "room", r.room, "error", err)
			case !more:
				r.mu.Lock()
				if !r.full {
					log.Warn("replay: there is no room for more", "room", r.room)
				}
				r.full = true
				r.mu.Unlock()
			}
		}
	}()
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			if !r.flush() {
				stop()
			}
		}
	}
	done.Wait()
	r.closeAll()
	close(r.queue)
	<-stored
	if r.lost > 0 {
		log.Error("replay: parts were lost, as storing them took too long or they came too often", "room", r.room, "parts", r.lost)
	}
}

func (r *recording) frame(voice uint32, _ uint16, timestamp uint32, payload []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	by, kept := r.voices[voice]
	if !kept || r.full {
		return
	}
	t := r.tracks[voice]
	if t == nil {
		t = &audio.Track{}
		r.tracks[voice] = t
	}
	now := r.now().Sub(r.began)
	r.put(by, t.Push(now, timestamp, payload))
	r.put(by, t.Flush(now, partLength))
}

func (r *recording) gone(voice uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tracks[voice]; t != nil {
		r.put(r.voices[voice], t.Close())
		delete(r.tracks, voice)
	}
}

// flush stores what is complete. It reports whether the recording goes on.
func (r *recording) flush() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for voice, t := range r.tracks {
		r.put(r.voices[voice], t.Flush(now.Sub(r.began), partLength))
	}
	return now.Sub(r.ticked) < idleTime
}

func (r *recording) closeAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for voice, t := range r.tracks {
		r.put(r.voices[voice], t.Close())
	}
}

// put queues a part, if there is one. mu is held: it does not wait.
func (r *recording) put(by account.ID, p *audio.Part) {
	if p == nil || r.full {
		return
	}
	if r.rates[by] == nil {
		r.rates[by] = rate.NewLimiter(rate.Every(partEvery), partBurst)
	}
	if !r.rates[by].AllowN(r.now(), 1) {
		r.lost++
		return
	}
	select {
	case r.queue <- part{by, *p}:
	default:
		r.lost++
	}
}
