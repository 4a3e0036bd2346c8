package e2e

import (
	"slices"
	"testing"
	"time"

	"heyy/internal/media/reconcile"
)

// silentWithin is the promised time from a command to the last audio packet that the media
// server forwards.
const silentWithin = 500 * time.Millisecond

func TestEverybodyHearsTheOthersAndNobodyThemselves(t *testing.T) {
	s := start(t)
	p := s.people(t, "heard", "Ada", "Ben", "Cleo")
	room := p[0].open("Who hears whom")
	ada := p[0].voice(room, 440)
	ben := p[1].voice(room, 1000)
	cleo := p[2].voice(room, 0)
	defer ada.hangUp()
	defer ben.hangUp()
	defer cleo.hangUp()

	ada.mustHear(1000)
	ben.mustHear(440)
	cleo.mustHear(440)
	cleo.mustHear(1000)
	s.onlySpeakers(t, room, p[0], p[1])
	for range 20 { // for a second
		time.Sleep(50 * time.Millisecond)
		if share := ada.hears(440); share > 0.1 {
			t.Fatalf("Ada hears her own tone: %.2f", share)
		}
		if share := ben.hears(1000); share > 0.1 {
			t.Fatalf("Ben hears his own tone: %.2f", share)
		}
	}
}

// Each command that silences a speaker, with a client that keeps sending.
func TestAfterTheCommandASpeakerIsSilentWithinHalfASecond(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		name  string
		quiet func(host, speaker *person, room string, l *connection)
	}{
		{"muted", func(_, speaker *person, room string, _ *connection) { speaker.mute(room, true) }},
		{"stood up", func(_, speaker *person, room string, _ *connection) {
			speaker.do("DELETE", "/api/rooms/"+room+"/seat", nil, nil)
		}},
		{"moved back", func(host, speaker *person, room string, _ *connection) { speaker.by(host, "move-to-audience", room) }},
		{"removed", func(host, speaker *person, room string, _ *connection) { speaker.by(host, "remove", room) }},
		{"left", func(_, speaker *person, room string, _ *connection) { speaker.leave(room) }},
		{"went to another room", func(_, speaker *person, _ string, _ *connection) { speaker.open("Elsewhere") }},
		{"joined from another device", func(_, speaker *person, room string, _ *connection) { speaker.join(room) }},
		{"room ended", func(host, _ *person, room string, _ *connection) { host.end(room) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.people(t, t.Name(), "Host", "Speaker", "Listener")
			host, speaker, listener := p[0], p[1], p[2]
			room := host.open("Silence")
			spoken := speaker.voice(room, 440)
			defer spoken.hangUp()
			ears := []*connection{host.voice(room, 0), listener.voice(room, 0)}
			for _, l := range ears {
				defer l.hangUp()
				l.mustHear(440)
			}
			s.onlySpeakers(t, room, host, speaker)

			sent := time.Now()
			c.quiet(host, speaker, room, spoken)
			answered := time.Since(sent)
			time.Sleep(1500 * time.Millisecond)
			for _, l := range ears {
				took := l.lastFrom(speaker).Sub(sent)
				t.Logf("%s: last sound %s after the command, which took %s", l.who.name, took.Round(time.Millisecond), answered.Round(time.Millisecond))
				if took > silentWithin {
					t.Errorf("%s still hears the speaker %s after the command", l.who.name, took)
				}
			}
		})
	}
}

// onlySpeakers checks that nobody but these is connected to the media server.
func (s *server) onlySpeakers(t *testing.T, room string, speakers ...*person) {
	t.Helper()
	var want []string
	for _, p := range speakers {
		want = append(want, p.identity(room))
	}
	for identity := range s.atMedia(t, room) {
		if !slices.Contains(want, identity) && !reconcile.IsService(identity) {
			t.Errorf("%s is at the media server, who only listens", identity)
		}
	}
}

// Whoever prepares to speak is at the media server before they have a seat.
func TestAListenerWhoPublishesReachesNobody(t *testing.T) {
	s := start(t)
	p := s.people(t, "listener", "Host", "Mallory", "Listener")
	room := p[0].open("Only who sits is heard")
	host := p[0].voice(room, 0)
	defer host.hangUp()
	listener := p[2].voice(room, 0)
	defer listener.hangUp()
	mallory := p[1].prepare(room)
	defer mallory.hangUp()

	begin := time.Now()
	go func() { _ = mallory.speak(1000) }() // waits long for a yes that must not come
	time.Sleep(2 * time.Second)
	if host.anything(begin) || listener.anything(begin) {
		t.Error("sound of a listener arrived")
	}
	if s.atMedia(t, room)[p[1].identity(room)] {
		t.Error("the media server lets a listener publish")
	}
}

func TestASpeakerMovedBackCannotSpeakByPublishingAgain(t *testing.T) {
	s := start(t)
	p := s.people(t, "again", "Host", "Mallory", "Listener")
	room := p[0].open("Moved back stays back")
	host := p[0].voice(room, 0)
	defer host.hangUp()
	listener := p[2].voice(room, 0)
	defer listener.hangUp()
	mallory := p[1].voice(room, 440)
	defer mallory.hangUp()
	host.mustHear(440)
	listener.mustHear(440)

	p[1].by(p[0], "move-to-audience", room)
	time.Sleep(silentWithin)
	begin := time.Now()
	go func() { _ = mallory.speak(1000) }()
	time.Sleep(2 * time.Second)
	if _, there := s.atMedia(t, room)[p[1].identity(room)]; !there {
		t.Error("moved back, she has no time to change to the listening tier")
	}
	eventually(t, 20*time.Second, "she is not at the media server any more", func() bool {
		_, there := s.atMedia(t, room)[p[1].identity(room)]
		return !there
	})
	if host.anything(begin) || listener.anything(begin) {
		t.Error("sound of somebody moved back arrived")
	}
	if r := p[1].try("PUT", "/api/rooms/"+room+"/seat", struct{}{}); r.problem().Code != "room.seat_refused" {
		t.Errorf("taking a seat again: %d %s", r.status, r.text)
	}
}
