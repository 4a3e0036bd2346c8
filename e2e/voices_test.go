package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"heyy/internal/live/sfu"
	"heyy/internal/media/reconcile"
)

// recording is every byte that a raw client of the media server receives, and what the
// messages in it say.
type recording struct {
	mu    sync.Mutex
	bytes bytes.Buffer
	texts []string // all text and byte fields of the messages, and the parts of tokens
	end   chan struct{}
}

// wiretap connects to the audio of a room, and sends what a client with a microphone would.
func (s *server) wiretap(t *testing.T, token string) *recording {
	t.Helper()
	w := &recording{end: make(chan struct{})}
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return recorded{c, w}, err
	}}
	c, _, err := dialer.Dial(s.socketURL()+"/rtc?protocol=16&auto_subscribe=1&access_token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); <-w.end })
	ask, err := proto.Marshal(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: &livekit.AddTrackRequest{
		Cid: "mine", Type: livekit.TrackType_AUDIO, Source: livekit.TrackSource_MICROPHONE,
	}}})
	if err == nil {
		err = c.WriteMessage(websocket.BinaryMessage, ask)
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.end)
		for {
			_, data, err := c.ReadMessage()
			if err != nil {
				return
			}
			m := &livekit.SignalResponse{}
			if err := proto.Unmarshal(data, m); err != nil {
				w.add(err.Error())
				continue
			}
			w.walk(m.ProtoReflect())
		}
	}()
	return w
}

// recorded is a connection whose received bytes are kept.
type recorded struct {
	net.Conn
	w *recording
}

func (r recorded) Read(into []byte) (int, error) {
	n, err := r.Conn.Read(into)
	r.w.mu.Lock()
	defer r.w.mu.Unlock()
	r.w.bytes.Write(into[:n])
	return n, err
}

func (w *recording) add(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts = append(w.texts, text)
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == ' ' || r == '\n' || r == '\r' }) {
		if plain, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(part, "=")); err == nil && len(plain) > 8 {
			w.texts = append(w.texts, string(plain))
		}
	}
}

// walk adds all fields of a message, and of those in it.
func (w *recording) walk(m protoreflect.Message) {
	one := func(v protoreflect.Value) {
		switch v := v.Interface().(type) {
		case protoreflect.Message:
			w.walk(v)
		case []byte:
			w.add(string(v))
		default:
			w.add(fmt.Sprint(v))
		}
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsMap():
			v.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				w.add(k.String())
				one(v)
				return true
			})
		case f.IsList():
			for i := range v.List().Len() {
				one(v.List().Get(i))
			}
		default:
			one(v)
		}
		return true
	})
}

func (w *recording) has(what string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Contains(w.bytes.Bytes(), []byte(what)) ||
		slices.ContainsFunc(w.texts, func(text string) bool { return strings.Contains(text, what) })
}

// Whoever listens, and whoever speaks, receives of the others in a room the voices of those
// who speak, and nothing else: no account, name, join or session, and no listener. Every byte
// of the signalling is searched, as it came and decoded.
func TestARoomTellsVoicesAndNobodyBehindThem(t *testing.T) {
	t.Parallel()
	s := start(t)
	names := []string{"Quibblehost", "Quibblespeaker", "Quibblewatcher", "Quibblesinger", "Quibblelistener", "Quibbleguest"}
	all := make([]*person, len(names))
	for i, name := range names {
		all[i] = s.member(t, name)
	}
	host, speaker, watcher, singer, listener, guest := all[0], all[1], all[2], all[3], all[4], all[5]
	rows := openRows(t, s)
	room := host.open("Masks")
	joins := map[*person][]string{}
	enter := func(p *person) string {
		token := p.admitted(room)
		joins[p] = append(joins[p], joinIDOf(t, token))
		return token
	}

	talker := speaker.voice(room, 440)
	defer talker.hangUp()
	var spoken string
	rows.one(t, []any{&spoken}, `SELECT join_id FROM room_members WHERE room_id = $1 AND account_id = $2`, room, speaker.id)
	joins[speaker] = []string{spoken}
	hosting, err := connect(t, host, enter(host))
	if err != nil {
		t.Fatal(err)
	}
	defer hosting.hangUp()
	hosting.mustHear(440)
	singing := enter(singer)
	singer.sit(room)
	hear, err := connect(t, listener, enter(listener))
	if err != nil {
		t.Fatal(err)
	}
	defer hear.hangUp()

	// The tap of another node, at the media server itself.
	var packets atomic.Int64
	tapping, untap := context.WithCancel(context.Background())
	tapped := make(chan error, 1)
	go func() {
		tapped <- sfu.NewSFU("http://127.0.0.1:"+strconv.Itoa(s.signal), mediaKey, s.secret(t)).Tap(tapping, room,
			func(uint32, uint16, uint32, []byte) { packets.Add(1) }, func(uint32) {})
	}()
	eventually(t, heardIn, "the tap hears the speaker", func() bool { return packets.Load() > 10 })

	wires := map[*person]*recording{watcher: s.wiretap(t, enter(watcher)), singer: s.wiretap(t, singing)}
	enter(listener) // again, with another join
	again, err := connect(t, guest, enter(guest))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(batchedFor)
	speaker.mute(room, true)
	speaker.mute(room, false)
	again.hangUp()
	guest.leave(room)
	time.Sleep(batchedFor)

	listens := []*person{watcher, listener, guest}
	for me, w := range wires {
		eventually(t, heardIn, me.name+" is told of the speaker's voice", func() bool { return w.has(speaker.identity(room)) })
		if !w.has(me.identity(room)) || !w.has(joins[me][0]) {
			t.Errorf("%s is not told of themselves: nothing is recorded, or not all", me.name)
		}
		secrets := map[string]string{"a service": reconcile.ServiceIdentity("")}
		for _, p := range all {
			if p == me {
				continue
			}
			secrets["the account of "+p.name], secrets["the name of "+p.name] = p.id, p.name
			for i, id := range joins[p] {
				secrets[fmt.Sprintf("join %d of %s", i, p.name)] = id
			}
			var session string
			rows.one(t, []any{&session}, `SELECT id FROM sessions WHERE account_id = $1`, p.id)
			secrets["the session of "+p.name] = session
			if slices.Contains(listens, p) {
				secrets["the voice of "+p.name+", who listens"] = p.identity(room)
			}
		}
		for what, secret := range secrets {
			if secret == "" || w.has(secret) {
				t.Errorf("%s is told %s: %q", me.name, what, secret)
			}
		}
	}

	untap()
	if err := <-tapped; err != nil {
		t.Errorf("the tap: %v", err)
	}
	host.end(room)
}

// The API says whose a voice is, of those who speak.
func TestTheVoicesOfThoseWhoListenAreToldToNobody(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "voices", "Host", "Speaker", "Listener")
	room := p[0].open("Masks")
	for _, one := range p {
		one.join(room)
	}
	p[1].sit(room)
	for _, viewer := range p {
		for _, m := range viewer.look(room).Members {
			i := slices.IndexFunc(p, func(one *person) bool { return one.id == m.Person.ID })
			if want := p[i].identity(room); m.Seat != 0 && strconv.FormatUint(uint64(m.Voice), 10) != want || m.Seat == 0 && m.Voice != 0 {
				t.Errorf("%s is told that %s, in seat %d, has voice %d; it is %s", viewer.name, p[i].name, m.Seat, m.Voice, want)
			}
		}
	}
	p[0].join(room)
	if now, was := p[0].look(room).You.Voice, p[0].identity(room); strconv.FormatUint(uint64(now), 10) != was {
		t.Errorf("after another join the voice is %d, not %s", now, was)
	}
}
