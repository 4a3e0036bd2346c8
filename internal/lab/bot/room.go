package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the options of an audio connection.
type Options struct {
	Deaf bool // hear nobody

	// OnAudio receives every packet from the first on. One goroutine for each speaker
	// calls it; it must not block.
	OnAudio func(AudioPacket)

	// OnAdmitted is called when the server has answered the request to join.
	OnAdmitted func()
}

func (o Options) hear(p AudioPacket) {
	if o.OnAudio != nil && !o.Deaf {
		o.OnAudio(p)
	}
}

// AudioPacket is one packet of somebody's voice.
type AudioPacket struct {
	Person    string // the speaker's account; "" if the room doesn't say whose Voice it is
	Voice     uint32 // the speaker's pseudonym in the room; 0 in calls
	Slot      int    // of a listening connection, 0..5
	Sequence  uint16 // of the slot, or of the speaker's track
	Timestamp uint32 // at 48 kHz
	Payload   []byte // one Opus packet, only valid during the call
	At        time.Time
}

// RoomConn is the audio connection of a bot to one room, from joining to leaving. Without a
// seat it listens by WHEP, with one it talks and hears over LiveKit; it changes between the
// two by itself.
type RoomConn struct {
	Client *Client
	RoomID string

	deaf   bool
	voices *voices // nil: no room of the server, so never WHEP
	ears   atomic.Pointer[[]*listener]
	done   chan struct{}
	why    error
	end    sync.Once

	talking sync.Mutex           // held while connecting to LiveKit
	current atomic.Pointer[link] // whose packets are heard
	mu      sync.Mutex
	next    *link // connected, and heard from its first packet on
	retried time.Time
}

// link is one way of hearing: a connection to LiveKit, set once it stands, or listening.
type link struct {
	line   atomic.Pointer[line]
	listen *Listening
}

func (l *link) close() {
	if l == nil {
		return
	}
	if line := l.line.Load(); line != nil {
		line.close()
	}
	if l.listen != nil {
		l.listen.close()
	}
}

type listener struct{ hear func(AudioPacket) }

// ErrDisconnected means that the audio connection is lost.
var ErrDisconnected = errors.New("the audio connection is lost")

const (
	// overlap is the longest time for which the old connection is heard until the new one sounds.
	overlap = time.Second
	// packetTime is the time between two packets of one voice.
	packetTime = 20 * time.Millisecond
	// retryAfter is the time between two attempts to listen again; who loses a connection
	// sooner isn't wanted.
	retryAfter = 2 * time.Second
	retryTime  = 10 * time.Second
)

// joinAnswer is the answer to joining a room: media for somebody seated, listen for everybody
// else who sent an offer.
type joinAnswer struct {
	Room   Room        `json:"room"`
	Media  *JoinGrant  `json:"media"`
	Listen *whepAnswer `json:"listen"`
}

// Join joins a room and connects to its audio, which takes one request. ctx bounds the
// joining only.
func (c *Client) Join(ctx context.Context, room string, o Options) (*RoomConn, error) {
	s := c.newRoomConn(room, o)
	s.voices = newVoices(s.Get)
	ears, err := s.newListening()
	if err != nil {
		return nil, err
	}
	a, err := c.join(ctx, room, ears.listen.offer)
	if err != nil {
		ears.close()
		return nil, err
	}
	if o.OnAdmitted != nil {
		o.OnAdmitted()
	}
	s.voices.learn(a.Room)
	switch {
	case a.Media != nil && a.Media.URL != "":
		ears.close()
		if err := s.start(ctx, *a.Media); err != nil {
			return nil, err
		}
		return s, nil
	case a.Listen != nil:
		s.current.Store(ears)
		if err := ears.listen.accept(ctx, *a.Listen); err != nil {
			s.finish(err)
			return nil, err
		}
		return s, nil
	}
	ears.close()
	return nil, fmt.Errorf("bot: join room %s: the server offers no audio", room)
}

// Connect connects to LiveKit with the grant of somebody seated, or of any server.
func (c *Client) Connect(ctx context.Context, room string, grant JoinGrant, o Options) (*RoomConn, error) {
	s := c.newRoomConn(room, o)
	if err := s.start(ctx, grant); err != nil {
		return nil, err
	}
	return s, nil
}

func (c *Client) newRoomConn(room string, o Options) *RoomConn {
	s := &RoomConn{Client: c, RoomID: room, deaf: o.Deaf, done: make(chan struct{})}
	s.ears.Store(&[]*listener{})
	if o.OnAudio != nil {
		s.OnAudio(o.OnAudio)
	}
	return s
}

func (s *RoomConn) start(ctx context.Context, grant JoinGrant) error {
	if _, err := s.dialLine(ctx, grant, func(l *link) { s.current.Store(l) }); err != nil {
		s.finish(err)
		return fmt.Errorf("bot: connect to room %s: %w", s.RoomID, err)
	}
	return nil
}

// newListening prepares listening by WHEP.
func (s *RoomConn) newListening() (*link, error) {
	l := &link{}
	var err error
	l.listen, err = newListening(s.Client, func(*Listening) func(AudioPacket) {
		return func(p AudioPacket) { s.hear(l, p) }
	}, s.voices, func(_ *Listening, why error) { s.lost(l, why) })
	return l, err
}

// dialLine connects to LiveKit. use is called before the first packet comes.
func (s *RoomConn) dialLine(ctx context.Context, grant JoinGrant, use func(*link)) (*link, error) {
	l := &link{}
	use(l)
	made, err := dialLine(ctx, grant, s.deaf, func(*line) hearing {
		return func(identity string, p AudioPacket) {
			p.Person, p.Voice = s.voices.participant(identity)
			s.hear(l, p)
		}
	}, func(_ *line, why error) { s.lost(l, why) })
	if err != nil {
		return nil, err
	}
	l.line.Store(made)
	return l, nil
}

// hear hands a packet over if it comes by the current connection.
func (s *RoomConn) hear(l *link, p AudioPacket) {
	if s.deaf || s.current.Load() != l && !s.change(l) {
		return
	}
	for _, e := range *s.ears.Load() {
		e.hear(p)
	}
}

// change makes l the current connection, if it is the next one, and closes the one before.
func (s *RoomConn) change(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != l || l == nil {
		return s.current.Load() == l
	}
	s.next = nil
	before := s.current.Swap(l)
	go before.close()
	return true
}

// lost is told that a connection has ended by itself. Whoever lost the way to LiveKit, as
// with their seat, or changed their network, listens again as long as the room lets them.
func (s *RoomConn) lost(l *link, why error) {
	s.mu.Lock()
	next, retried := s.next, s.retried
	if next == l {
		s.next = nil
	}
	s.mu.Unlock()
	switch {
	case s.current.Load() != l:
		return
	case next != nil && next != l:
		s.change(next)
		return
	case s.voices == nil || time.Since(retried) < retryAfter || s.isOver():
		s.finish(fmt.Errorf("%w: %w", ErrDisconnected, why))
		return
	}
	s.mu.Lock()
	s.retried = time.Now()
	s.mu.Unlock()
	go func() {
		if err := s.listenAgain(l); err != nil {
			s.finish(fmt.Errorf("%w: %w: %w", ErrDisconnected, why, err))
		}
	}()
}

// listenAgain listens by WHEP within the join that there is, instead of by l.
func (s *RoomConn) listenAgain(l *link) error {
	ctx, stop := context.WithTimeout(context.Background(), retryTime)
	defer stop()
	ears, err := s.newListening()
	if err != nil {
		return err
	}
	if err := ears.listen.post(ctx, s.RoomID); err != nil {
		return err
	}
	if !s.current.CompareAndSwap(l, ears) || s.isOver() {
		ears.close() // seated meanwhile, or hung up
	}
	return nil
}

// talk connects to LiveKit, unless that is so, and then drops the listening connection as
// soon as LiveKit sounds.
func (s *RoomConn) talk(ctx context.Context) (*line, error) {
	s.talking.Lock()
	defer s.talking.Unlock()
	if have := s.line(); have != nil {
		return have, nil
	}
	if s.isOver() || s.voices == nil {
		return nil, ErrNoMic
	}
	var out struct {
		Media JoinGrant `json:"media"`
	}
	path := "/api/rooms/" + s.RoomID + "/connect"
	err := s.Client.do(ctx, http.MethodPost, path, nil, &out)
	if Code(err) == "command.applied" { // the reply with the grant was lost; request another
		err = s.Client.do(ctx, http.MethodPost, path, nil, &out)
	}
	var l *link
	if err == nil {
		l, err = s.dialLine(ctx, out.Media, func(l *link) { s.setNext(l) })
	}
	if err != nil {
		s.setNext(nil)
		return nil, fmt.Errorf("bot: connect to room %s: %w", s.RoomID, err)
	}
	if s.isOver() {
		l.close()
		return nil, ErrNoMic
	}
	if s.deaf {
		s.change(l)
	} else {
		time.AfterFunc(overlap, func() { s.change(l) })
	}
	return l.line.Load(), nil
}

func (s *RoomConn) setNext(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = l
}

// line returns the connection to LiveKit, or nil.
func (s *RoomConn) line() *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range []*link{s.next, s.current.Load()} {
		if l == nil {
			continue
		}
		if line := l.line.Load(); line != nil && !line.isOver() {
			return line
		}
	}
	return nil
}

// OnAudio calls hear for every packet from now on, until stop is called. One goroutine for
// each speaker calls it; it must not block.
func (s *RoomConn) OnAudio(hear func(AudioPacket)) (stop func()) {
	mine := &listener{hear}
	s.setEars(func(all []*listener) []*listener { return append(all, mine) })
	return func() {
		s.setEars(func(all []*listener) []*listener {
			kept := all[:0]
			for _, l := range all {
				if l != mine {
					kept = append(kept, l)
				}
			}
			return kept
		})
	}
}

func (s *RoomConn) setEars(change func([]*listener) []*listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := *s.ears.Load()
	all := change(append([]*listener(nil), old...))
	s.ears.Store(&all)
}

// Get returns the room.
func (s *RoomConn) Get(ctx context.Context) (Room, error) { return s.Client.Get(ctx, s.RoomID) }

// Prepare connects to LiveKit ahead of taking a seat, as our client does while it shows the
// microphone check. The server lets it stand for two minutes.
func (s *RoomConn) Prepare(ctx context.Context) error {
	_, err := s.talk(ctx)
	return err
}

// Sit takes a seat, or the first free one for 0, and connects to LiveKit.
func (s *RoomConn) Sit(ctx context.Context, seat int) (Change, error) {
	done, err := s.Client.Sit(ctx, s.RoomID, seat)
	if err == nil {
		_, err = s.talk(ctx)
	}
	return done, err
}

// Stand gives up the seat and listens by WHEP. The connection to LiveKit is closed when that
// sounds, so nothing is missed; its microphone is silent from the request on.
func (s *RoomConn) Stand(ctx context.Context) (Change, error) {
	s.talking.Lock()
	defer s.talking.Unlock()
	done, err := s.Client.Stand(ctx, s.RoomID)
	l := s.line()
	if err != nil || l == nil || s.voices == nil {
		return done, err
	}
	l.dropMic()
	ears, err := s.newListening()
	if err != nil {
		return done, err
	}
	s.setNext(ears)
	if err := ears.listen.post(ctx, s.RoomID); err != nil {
		s.setNext(nil) // the end of the connection to LiveKit tries again
		return done, err
	}
	for late := time.Now().Add(overlap); s.current.Load() != ears && !s.isOver() && time.Now().Before(late); {
		time.Sleep(packetTime)
	}
	s.change(ears)
	if s.isOver() {
		ears.close()
	}
	return done, nil
}

// Mic publishes a microphone, muted, or returns the published one. The bot needs a seat.
func (s *RoomConn) Mic(ctx context.Context) (*Mic, error) {
	l, err := s.talk(ctx)
	if err != nil {
		return nil, err
	}
	return l.microphone(ctx)
}

// Unmute unmutes the microphone, first at the server, then the track.
func (s *RoomConn) Unmute(ctx context.Context) error { return s.mute(ctx, false) }

// Mute mutes the microphone, first the track, then at the server.
func (s *RoomConn) Mute(ctx context.Context) error { return s.mute(ctx, true) }

func (s *RoomConn) mute(ctx context.Context, muted bool) error {
	var mic *Mic
	if l := s.line(); l != nil {
		mic = l.published()
	}
	if muted && mic != nil {
		mic.setMuted(true)
	}
	if _, err := s.Client.Mute(ctx, s.RoomID, muted); err != nil {
		return err
	}
	if !muted && mic != nil {
		mic.setMuted(false)
	}
	return nil
}

// Done is closed when the connection has ended; Err returns why.
func (s *RoomConn) Done() <-chan struct{} { return s.done }

// Err returns why the connection ended. It is nil before that, and after Leave.
func (s *RoomConn) Err() error {
	select {
	case <-s.done:
		return s.why
	default:
		return nil
	}
}

func (s *RoomConn) isOver() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *RoomConn) finish(why error) {
	s.end.Do(func() {
		s.why = why
		close(s.done)
	})
}

// Leave leaves the room and closes the connection, also if the request fails.
func (s *RoomConn) Leave(ctx context.Context) error {
	err := s.Client.Leave(ctx, s.RoomID)
	s.HangUp()
	return err
}

// HangUp closes the audio connection without leaving the room.
func (s *RoomConn) HangUp() {
	s.finish(nil)
	s.mu.Lock()
	next := s.next
	s.next = nil
	s.mu.Unlock()
	next.close()
	s.current.Load().close()
}
