package e2e

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"heyy/internal/lab/bot"
)

// endWithin is the promised time from a command to the last packet of a session that it ends.
// Tests allow silentWithin, for a machine that runs others, and log what they measure.
const endWithin = 100 * time.Millisecond

// sessions returns how many sessions the listening tier has.
func (s *server) sessions(t *testing.T) int {
	t.Helper()
	n, ok := s.figures(t)["heyy_listen_sessions"]
	if !ok {
		t.Fatal("there is no heyy_listen_sessions")
	}
	return int(n)
}

// Each command that ends a listening session, with a client that stays.
func TestAfterTheCommandAListenerHearsNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	enter := func(p *person, room string) *connection { return p.voice(room, 0) }
	preview := func(p *person, room string) *connection { return p.mustListen(room, asPreview) }
	for _, c := range []struct {
		name   string
		listen func(p *person, room string) *connection
		end    func(host, listener *person, room string)
	}{
		{"left", enter, func(_, listener *person, room string) { listener.leave(room) }},
		{"removed", enter, func(host, listener *person, room string) { listener.by(host, "remove", room) }},
		{"blocked by the host", enter, func(host, listener *person, _ string) { host.block(listener) }},
		{"blocked the host", enter, func(host, listener *person, _ string) { listener.block(host) }},
		{"room ended", enter, func(host, _ *person, room string) { host.end(room) }},
		{"signed out", enter, func(_, listener *person, _ string) { listener.do("POST", "/api/sign-out", nil, nil) }},
		{"joined once more", enter, func(_, listener *person, room string) { listener.join(room) }},
		{"went to another room", enter, func(_, listener *person, _ string) { listener.open("Elsewhere") }},
		{"deleted the session", enter, nil},
		{"a preview, blocked by the host", preview, func(host, listener *person, _ string) { host.block(listener) }},
		{"a preview, blocked the host", preview, func(host, listener *person, _ string) { listener.block(host) }},
		{"a preview, room ended", preview, func(host, _ *person, room string) { host.end(room) }},
		{"a preview, signed out", preview, func(_, listener *person, _ string) { listener.do("POST", "/api/sign-out", nil, nil) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := s.people(t, t.Name(), "Host", "Listener", "Bystander")
			host, listener := p[0], p[1]
			room := host.open("Listen")
			spoken := host.voice(room, 440)
			defer spoken.hangUp()
			bystander := p[2].voice(room, 0)
			defer bystander.hangUp()
			ears := c.listen(listener, room)
			defer ears.hangUp()
			ears.mustHear(440)
			bystander.mustHear(440)
			before := s.sessions(t)

			sent := time.Now()
			if c.end != nil {
				c.end(host, listener, room)
			} else if r, _ := listener.exchange("DELETE", ears.whep.url, "", ""); r.status != 204 {
				t.Errorf("%d %s", r.status, r.text)
			}
			answered := time.Now()
			time.Sleep(1500 * time.Millisecond)
			_, last := ears.whep.received()
			took := last.Sub(sent)
			t.Logf("last packet %s after the command, %s after its answer (promised: %s)",
				took.Round(time.Millisecond), last.Sub(answered).Round(time.Millisecond), endWithin)
			if took > silentWithin {
				t.Errorf("a packet came %s after the command", took)
			}
			gone := 1
			if strings.Contains(c.name, "room ended") {
				gone = 2
			} else if !bystander.anything(time.Now().Add(-window)) {
				t.Error("the others hear nothing, too")
			}
			if now := s.sessions(t); now != before-gone {
				t.Errorf("of %d sessions %d are left, not %d", before, now, before-gone)
			}
			if _, there := s.atMedia(t, room)[ears.voiceOf()]; there {
				t.Error("who only listened is at the media server")
			}
		})
	}
}

// voiceOf returns the listener's own voice; "" for who has never joined.
func (l *connection) voiceOf() (voice string) {
	_ = l.who.at.rows(l.t).QueryRow(`SELECT voice FROM room_members WHERE room_id = $1 AND account_id = $2`, l.in, l.who.id).Scan(&voice)
	return voice
}

// A preview is ten seconds of sound. It ends by itself, whatever its client does, and leaves
// nothing.
func TestAPreviewEndsByItself(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "preview", "Host", "Passer-by")
	room := p[0].open("Have a listen")
	spoken := p[0].voice(room, 440)
	defer spoken.hangUp()
	begin := time.Now()
	ears := p[1].mustListen(room, asPreview)
	defer ears.hangUp()
	ears.mustHear(440)
	t.Logf("heard %s after the request", time.Since(begin).Round(time.Millisecond))
	if you := p[0].look(room); len(you.Members) != 1 {
		t.Errorf("a preview shows in the room: %+v", you.Members)
	}
	time.Sleep(time.Until(begin.Add(9 * time.Second)))
	ears.mustHear(440)
	time.Sleep(time.Until(begin.Add(15 * time.Second)))
	packets, last := ears.whep.received()
	t.Logf("%d packets; the last one %s after the request", packets, last.Sub(begin).Round(time.Millisecond))
	if took := last.Sub(begin); took > 12500*time.Millisecond || took < 10*time.Second {
		t.Errorf("the preview lasted %s", took)
	}
	time.Sleep(2 * time.Second)
	if more, _ := ears.whep.received(); more != packets {
		t.Errorf("%d packets after the end", more-packets)
	}
	if n := s.sessions(t); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// Offers that are none, too large, of another type, of another certificate or somebody
// else's: they are refused or come to nothing, and half a minute later there are the lawful
// sessions only.
func TestHostileOffersLeaveNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "offers", "Host", "Victim", "Mallory", "Repeater", "Forger", "Joiner")
	host, victim, mallory, repeater, forger, joiner := p[0], p[1], p[2], p[3], p[4], p[5]
	room := host.open("Offers")
	spoken := host.voice(room, 440)
	defer spoken.hangUp()
	lawful := victim.voice(room, 0)
	defer lawful.hangUp()
	lawful.mustHear(440)
	for _, one := range p[2:5] {
		one.join(room)
	}
	good := lawful.whep.offer
	at := "/api/rooms/" + room + "/listen"

	tries := 0
	refuse := func(what string, who *person, kind, body string, w want) {
		t.Helper()
		tries++
		r, location := who.exchange("POST", at, kind, body)
		if location != "" {
			t.Errorf("%s: a session: %s", what, location)
		}
		refused(t, what, r, w)
	}
	offerless := want{422, "listen.offer_invalid", ""}
	for what, body := range map[string]string{
		"nothing": "", "words": "hello", "a version": "v=0\r\n", "JSON": `{"offer":"v=0"}`, "zeros": strings.Repeat("\x00", 500),
		"no sections":         good[:strings.Index(good, "m=audio")],
		"no fingerprint":      regexp.MustCompile(`a=fingerprint:.*\r\n`).ReplaceAllString(good, ""),
		"a fingerprint of no": regexp.MustCompile(`a=fingerprint:.*\r\n`).ReplaceAllString(good, "a=fingerprint:sha-256 00\r\n"),
		"no ufrag":            regexp.MustCompile(`a=ice-ufrag:.*\r\n`).ReplaceAllString(good, ""),
		"no Opus":             strings.ReplaceAll(good, "opus/48000/2", "speex/8000"),
		"it wants to send":    strings.ReplaceAll(good, "a=recvonly", "a=sendonly"),
		"video":               strings.ReplaceAll(good, "m=audio", "m=video"),
		"many sections":       good + strings.Repeat("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n", 20),
	} {
		refuse(what, mallory, sdpType, body, offerless)
	}
	for n := range 50 { // cut anywhere before the first section is whole
		refuse("a part", mallory, sdpType, good[:n*strings.Index(good, "m=audio")/50], offerless)
	}
	big := good + strings.Repeat("a=x-padding:"+strings.Repeat("x", 1000)+"\r\n", 16)
	refuse("too large", mallory, sdpType, big, want{413, "request.too_large", ""})
	refuse("far too large", mallory, sdpType, strings.Repeat("a", 8<<20), want{413, "request.too_large", ""})
	for _, kind := range []string{"", "application/json", "text/plain", "application/sdpx", "multipart/form-data"} {
		refuse("sent as "+kind, mallory, kind, good, want{415, "request.media_type", ""})
	}
	refuse("a replay by nobody", s.nobody(t), sdpType, good, want{401, "session.none", ""})
	for _, offer := range []string{"hello", "v=0\r\n", strings.Replace(good, "m=audio", "m=video", slots)} {
		r := joiner.try("POST", "/api/rooms/"+room+"/join", map[string]string{"offer": offer})
		refused(t, "joining with a bad offer", r, offerless)
		tries++
	}
	for _, m := range host.look(room).Members {
		if m.Person.ID == joiner.id && m.Present {
			t.Error("a join that failed leaves a member")
		}
	}

	// Somebody else's offer again: a session to which its poster has no key, and which the
	// client of the offer knows nothing of.
	for range 50 {
		r, url := repeater.post(room, asMember, good)
		if r.status != 201 || url == lawful.whep.url || strings.Contains(string(r.text), lawful.whep.url) {
			t.Fatalf("a replayed offer: %d %s", r.status, r.text)
		}
		tries++
	}
	if n := s.sessions(t); n > 1+2 {
		t.Errorf("%d sessions: of one owner there are more than two", n)
	}

	// The certificate is not that of the offer.
	var ears []*whep
	finger := regexp.MustCompile(`(a=fingerprint:sha-256 )([0-9A-Fa-f]{2})`)
	for range 2 {
		w, err := newWHEP(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer w.hangUp()
		r, _ := forger.post(room, asMember, finger.ReplaceAllStringFunc(w.offer, func(line string) string {
			if strings.HasSuffix(line, "00") {
				return line[:len(line)-2] + "01"
			}
			return line[:len(line)-2] + "00"
		}))
		if r.status != 201 {
			t.Fatalf("%d %s", r.status, r.text)
		}
		if err := w.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(r.text)}); err != nil {
			t.Fatal(err)
		}
		ears = append(ears, w)
		tries++
	}
	posted := time.Now()
	lawful.mustHear(440)
	took := eventually(t, 30*time.Second, "only the lawful session is left", func() bool { return s.sessions(t) == 1 })
	t.Logf("%d hostile offers; the last of their sessions was gone after %s", tries, took.Round(time.Second))
	time.Sleep(time.Until(posted.Add(5 * time.Second)))
	for _, w := range ears {
		if n, _ := w.received(); n > 0 {
			t.Errorf("%d packets for another certificate", n)
		}
	}
	lawful.mustHear(440)
	if n := s.sessions(t); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// mustOnlyListen waits until a member has a session at the listening tier and no connection to
// the media server. A client says goodbye there, but its goodbye can be lost with the
// connection: the server then waits ten seconds after the seat, and looks every few seconds.
func (s *server) mustOnlyListen(t *testing.T, room, identity string) {
	t.Helper()
	var there bool
	var n int
	defer func() {
		if t.Failed() {
			t.Logf("at the media server: %v; sessions: %d", there, n)
		}
	}()
	eventually(t, 25*time.Second, "they listen again", func() bool {
		_, there = s.atMedia(t, room)[identity]
		n = s.sessions(t)
		return !there && n == 1
	})
}

// A listener takes a seat, connects to the media server, and gives the seat up again: they
// hear the speaker all the time.
func TestTakingAndLeavingASeatIsNotHeard(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "promotion", "Host", "Listener")
	room := p[0].open("Up and down")
	spoken := p[0].voice(room, 440)
	defer spoken.hangUp()

	client, err := bot.Dial(t.Context(), s.url(), p[1].token)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var heard []time.Time
	conn, err := client.Join(t.Context(), room, bot.Options{OnAudio: func(a bot.AudioPacket) {
		if a.Person != p[0].id {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, a.At)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.HangUp()
	eventually(t, heardIn, "the listener hears the host", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(heard) > 50
	})
	// gap returns the longest pause since begin, and by how many packets more or fewer came
	// than were sent.
	gap := func(begin time.Time) (longest time.Duration, more int) {
		mu.Lock()
		defer mu.Unlock()
		last, n := begin, 0
		for _, at := range heard {
			if at.After(begin) {
				longest, last = max(longest, at.Sub(last)), at
				n++
			}
		}
		return max(longest, time.Since(last)), n - int(time.Since(begin)/frame)
	}
	self := p[1].identity(room)
	if _, there := s.atMedia(t, room)[self]; there {
		t.Error("a listener is at the media server")
	}
	begin := time.Now()
	if _, err := conn.Sit(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Mic(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second)
	pause, more := gap(begin)
	t.Logf("seat taken: the longest pause is %s, %+d packets", pause.Round(time.Millisecond), more)
	if pause > time.Second {
		t.Errorf("seat taken: nothing is heard for %s", pause)
	}
	if _, there := s.atMedia(t, room)[self]; !there {
		t.Error("with a seat they are not at the media server")
	}
	eventually(t, 5*time.Second, "the listening session is over", func() bool { return s.sessions(t) == 0 })

	begin = time.Now()
	if _, err := conn.Stand(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.mustOnlyListen(t, room, self)
	time.Sleep(3 * time.Second)
	pause, more = gap(begin)
	t.Logf("seat left: the longest pause is %s, %+d packets in %s", pause.Round(time.Millisecond), more, time.Since(begin).Round(time.Second))
	if pause > time.Second {
		t.Errorf("seat left: nothing is heard for %s", pause)
	}

	// Moved by the host they lose the connection to the media server a little later, and
	// listen then, if their client did not do so before.
	if _, err := conn.Sit(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	begin = time.Now()
	p[1].by(p[0], "move-to-audience", room)
	s.mustOnlyListen(t, room, self)
	time.Sleep(time.Second)
	pause, more = gap(begin)
	t.Logf("moved to the audience: the longest pause is %s, %+d packets in %s", pause.Round(time.Millisecond), more, time.Since(begin).Round(time.Second))
	if pause > time.Second {
		t.Errorf("moved to the audience: nothing is heard for %s", pause)
	}
	select {
	case <-conn.Done():
		t.Errorf("the connection is over: %v", conn.Err())
	default:
	}
}
