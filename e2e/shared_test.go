package e2e

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"heyy/internal/lab/bot"
)

// outsider is somebody without an account who listens to a shared room.
type outsider struct {
	*bot.Listening
	mu   sync.Mutex
	last time.Time // of the latest packet
	who  map[uint32]bool
	all  [][]byte
}

// outside listens to a room without an account.
func (s *server) outside(t *testing.T, room string) (*outsider, error) {
	ctx, stop := context.WithTimeout(t.Context(), heardIn)
	defer stop()
	o := &outsider{who: map[uint32]bool{}}
	l, err := bot.Guest(s.url()).Listen(ctx, room, bot.Options{OnAudio: o.hear})
	if err != nil {
		return nil, err
	}
	o.Listening = l
	t.Cleanup(l.Close)
	return o, nil
}

func (o *outsider) hear(p bot.AudioPacket) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = time.Now()
	o.who[p.Voice] = true
	o.all = append(o.all, append([]byte(nil), p.Payload...))
	if n := len(o.all); n > 50 {
		o.all = o.all[n-50:]
	}
}

func (o *outsider) hears(hz int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Since(o.last) < window && shareOf(o.all, hz) > clear
}

func (o *outsider) since(sent time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last.Sub(sent)
}

// Somebody without an account hears a shared room, is counted by nobody, and falls silent when
// the host stops to share it or ends it.
func TestAnybodyHearsASharedRoomUntilItIsNot(t *testing.T) {
	t.Parallel()
	s := start(t)
	host := s.member(t, "Quibblehost")
	room := host.open("Open ears")
	talker := host.voice(room, 440)
	defer talker.hangUp()
	share := func(shared bool) {
		host.do("PUT", "/api/rooms/"+room+"/sharing", map[string]bool{"shared": shared}, nil)
	}
	if _, err := s.outside(t, room); bot.Code(err) != "session.none" {
		t.Fatalf("a room that is not shared: %v", err)
	}
	guest := &person{t: t, at: s, name: "Outsider"}
	for _, c := range []struct {
		name  string
		quiet func()
	}{
		{"not shared any more", func() { share(false) }},
		{"ended", func() { host.end(room) }},
	} {
		share(true)
		one, err := s.outside(t, room)
		if err != nil {
			t.Fatal(err)
		}
		two, err := s.outside(t, room)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []*outsider{one, two} {
			eventually(t, heardIn, "somebody without an account hears the host", func() bool { return o.hears(440) })
		}
		page := guest.try("GET", "/api/rooms/"+room+"/public", nil)
		var public struct{ Stage []struct{ Voice uint32 } }
		guest.do("GET", "/api/rooms/"+room+"/public", nil, &public)
		one.mu.Lock()
		if len(public.Stage) != 1 || len(one.who) != 1 || !one.who[public.Stage[0].Voice] {
			t.Errorf("on stage %+v, heard %v", public.Stage, one.who)
		}
		one.mu.Unlock()
		for what, secret := range map[string]string{"the account": host.id, "the name": host.name} {
			if strings.Contains(string(page.text), secret) {
				t.Errorf("anybody is told %s of the host: %s", what, page.text)
			}
		}
		if r := host.look(room); len(r.Members) != 1 {
			t.Errorf("people without an account are members: %+v", r.Members)
		}
		sent := time.Now()
		c.quiet()
		time.Sleep(1500 * time.Millisecond)
		for _, o := range []*outsider{one, two} {
			if took := o.since(sent); took > silentWithin {
				t.Errorf("%s, and still heard %s after the command", c.name, took)
			}
			select {
			case <-o.Done():
			case <-time.After(heardIn):
				t.Errorf("%s: the connection goes on", c.name)
			}
		}
		if _, err := s.outside(t, room); bot.Code(err) != "session.none" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
