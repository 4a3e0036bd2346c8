package e2e

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"

	"heyy/internal/lab/bot"
	"heyy/internal/media/audio"
)

// connection is one person's real audio connection: to the media server, or, of somebody who
// only listens, to the listening tier.
type connection struct {
	t    tb
	who  *person
	in   string      // the room
	room *lksdk.Room // nil: it listens
	whep *whep       // nil: it is at the media server

	mu     sync.Mutex
	ears   map[string]*ear // by who is heard
	closed chan struct{}
	once   sync.Once

	mic    *lksdk.LocalTrack
	pub    *lksdk.LocalTrackPublication
	talker sync.WaitGroup
}

// ear is the received audio of one other person.
type ear struct {
	last   time.Time // of the last packet with sound in it
	recent []packet
}

type packet struct {
	at   time.Time
	opus []byte
}

const (
	frame   = 20 * time.Millisecond
	window  = 25 * frame       // what "now" means to a listener
	heardIn = 10 * time.Second // generous: a machine that runs other tests, too
)

// silence is the prefix of the frames that the media server inserts when a track pauses.
var silence = []byte{0xf8, 0xff, 0xfe}

// connect opens the audio connection that a token is for.
func connect(t tb, who *person, token string) (*connection, error) {
	_, in := ofToken(t, token)
	l := &connection{t: t, who: who, in: in, ears: map[string]*ear{}, closed: make(chan struct{})}
	callback := lksdk.NewRoomCallback()
	callback.OnTrackSubscribed = func(track *webrtc.TrackRemote, _ *lksdk.RemoteTrackPublication, from *lksdk.RemoteParticipant) {
		l.listen(track, from.Identity())
	}
	callback.OnDisconnected = func() { l.once.Do(func() { close(l.closed) }) }
	room, err := lksdk.ConnectToRoomWithToken(who.at.socketURL(), token, callback,
		lksdk.WithAutoSubscribe(true), lksdk.WithDisableRegionDiscovery())
	if err != nil {
		return nil, err
	}
	l.room = room
	return l, nil
}

// voice joins a room with audio. Somebody with hz takes a seat and speaks that tone; 0 only
// listens, at the listening tier unless they have a seat already, as a host has.
func (p *person) voice(room string, hz int) *connection {
	if hz == 0 {
		return p.hear(room)
	}
	l := p.prepare(room)
	p.sit(room)
	p.mute(room, false)
	if err := l.speak(hz); err != nil {
		p.t.Fatalf("%s: speak: %v", p.name, err)
	}
	return l
}

// prepare joins a room and connects to the media server, as who is about to take a seat does.
func (p *person) prepare(room string) *connection {
	l, err := connect(p.t, p, p.admitted(room))
	if err != nil {
		p.t.Fatalf("%s: audio: %v", p.name, err)
	}
	return l
}

// hear joins a room with an offer in the same request, and listens.
func (p *person) hear(room string) *connection {
	l := &connection{t: p.t, who: p, in: room, ears: map[string]*ear{}, closed: make(chan struct{})}
	w, err := newWHEP(l.take)
	if err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
	var j joined
	p.do("POST", "/api/rooms/"+room+"/join", map[string]string{"offer": w.offer}, &j)
	if j.Media.Token != "" { // they have a seat
		w.hangUp()
		if l, err = connect(p.t, p, j.Media.Token); err != nil {
			p.t.Fatalf("%s: audio: %v", p.name, err)
		}
		return l
	}
	w.url = j.Listen.URL
	if err := w.accept(j.Listen.Answer); err != nil {
		p.t.Fatalf("%s: listen: %v", p.name, err)
	}
	l.whep = w
	return l
}

func (l *connection) listen(track *webrtc.TrackRemote, from string) {
	for {
		p, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		l.take(from, p.Payload)
	}
}

// take takes a received packet of a voice.
func (l *connection) take(from string, opus []byte) {
	if len(opus) == 0 || bytes.HasPrefix(opus, silence) {
		return
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.ears[from]
	if e == nil {
		e = &ear{}
		l.ears[from] = e
	}
	e.last = now
	e.recent = append(e.recent, packet{now, opus})
	for now.Sub(e.recent[0].at) > window {
		e.recent = e.recent[1:]
	}
}

// speak publishes a tone until the connection is closed, as a hostile client would,
// whatever the server sends.
func (l *connection) speak(hz int) error {
	rec, err := bot.Tone(hz)
	if err != nil {
		return err
	}
	if l.mic, err = lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}); err != nil {
		return err
	}
	mic := l.mic
	l.talker.Add(1)
	go func() {
		defer l.talker.Done()
		tick := time.NewTicker(frame)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-l.closed:
				return
			case <-tick.C:
			}
			// A track that the server has taken off refuses; this one does not care.
			_ = mic.WriteSample(media.Sample{Data: rec.Packets[i%len(rec.Packets)], Duration: frame}, nil)
		}
	}()
	l.pub, err = l.room.LocalParticipant.PublishTrack(l.mic, &lksdk.TrackPublicationOptions{
		Name: "microphone", Source: livekit.TrackSource_MICROPHONE,
	})
	return err
}

// hears returns the share of a tone of hz in the audio that arrives now, 0 to 1, of the
// speaker with the largest.
func (l *connection) hears(hz int) float64 {
	best := 0.0
	for _, opus := range l.now() {
		best = max(best, shareOf(opus, hz))
	}
	return best
}

// now returns the latest packets, by speaker.
func (l *connection) now() map[string][][]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := map[string][][]byte{}
	for from, e := range l.ears {
		for _, p := range e.recent {
			if time.Since(p.at) < window {
				all[from] = append(all[from], p.opus)
			}
		}
	}
	return all
}

func shareOf(opus [][]byte, hz int) float64 {
	d, err := audio.NewDecoder()
	if err != nil || len(opus) < 5 {
		return 0
	}
	var samples []float32
	for i, p := range opus {
		s, err := d.Decode(p)
		if err != nil {
			return 0
		}
		if i >= 2 { // the decoder has settled
			samples = append(samples, s...)
		}
	}
	return audio.ToneShare(samples, float64(hz))
}

// lastFrom returns when audio of a person last arrived; zero: never.
func (l *connection) lastFrom(who *person) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.ears[who.identity(l.in)]; e != nil {
		return e.last
	}
	return time.Time{}
}

// anything reports whether any audio has arrived since.
func (l *connection) anything(since time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.ears {
		if e.last.After(since) {
			return true
		}
	}
	return false
}

// hangUp closes the connection without any request.
func (l *connection) hangUp() {
	l.once.Do(func() { close(l.closed) })
	l.talker.Wait()
	if l.whep != nil {
		l.whep.hangUp()
		return
	}
	l.room.Disconnect()
}

const clear = 0.5 // more than half of what is heard is the tone

func (l *connection) mustHear(hz int) {
	eventually(l.t, heardIn, fmt.Sprintf("%s hears %d Hz", l.who.name, hz), func() bool { return l.hears(hz) > clear })
}
