package e2e

import (
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// A client that keeps sending while it is muted in the rows, and tells the media server
// that it is not, is heard by nobody; after an unmute it is heard again.
func TestWhoIsMutedInTheRowsIsHeardByNobody(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "mute", "Host", "Mallory", "Listener")
	room := p[0].open("Muted is muted")
	host := p[0].voice(room, 0)
	defer host.hangUp()
	listener := p[2].voice(room, 0)
	defer listener.hangUp()
	mallory := p[1].prepare(room)
	defer mallory.hangUp()
	p[1].sit(room) // muted, as everybody who sits down

	begin := time.Now()
	if err := mallory.speak(440); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		mallory.pub.SetMuted(true)
		mallory.pub.SetMuted(false)
		time.Sleep(150 * time.Millisecond)
	}
	if host.anything(begin) || listener.anything(begin) {
		t.Error("sound of somebody who is muted arrived")
	}
	for range 2 {
		p[1].mute(room, false)
		again := time.Now()
		host.mustHear(440)
		listener.mustHear(440)
		t.Logf("heard %s after unmuting", time.Since(again).Round(time.Millisecond))
		p[1].mute(room, true)
		time.Sleep(silentWithin)
		begin = time.Now()
		time.Sleep(silentWithin)
		if host.anything(begin) || listener.anything(begin) {
			t.Error("muted again, and still heard")
		}
	}
}

// A speaker cannot restrict who hears them, and nobody is shown as speaking who is not.
func TestNobodyWhispers(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "whisper", "Host", "Victim", "Mallory", "Listener")
	room := p[0].open("No whispering")
	host := p[0].voice(room, 0)
	defer host.hangUp()
	victim := p[1].prepare(room)
	defer victim.hangUp()
	listener := p[3].voice(room, 0)
	defer listener.hangUp()
	mallory := p[2].voice(room, 440)
	defer mallory.hangUp()
	host.mustHear(440)
	mallory.room.LocalParticipant.SetSubscriptionPermission(&livekit.SubscriptionPermission{
		TrackPermissions: []*livekit.TrackPermission{{ParticipantIdentity: p[1].identity(room), AllTracks: true}},
	})
	time.Sleep(time.Second)
	host.mustHear(440)
	victim.mustHear(440)
	listener.mustHear(440)
}

func TestNobodySeemsToSpeakWhoDoesNot(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "seem", "Host", "Mallory")
	room := p[0].open("Silence")
	var told atomic.Int32
	subscribed := make(chan struct{})
	callback := lksdk.NewRoomCallback()
	callback.OnActiveSpeakersChanged = func([]lksdk.Participant) { told.Add(1) }
	callback.OnTrackSubscribed = func(*webrtc.TrackRemote, *lksdk.RemoteTrackPublication, *lksdk.RemoteParticipant) { close(subscribed) }
	host, err := lksdk.ConnectToRoomWithToken(s.socketURL(), p[0].admitted(room), callback, lksdk.WithDisableRegionDiscovery())
	if err != nil {
		t.Fatal(err)
	}
	defer host.Disconnect()
	mallory := p[1].prepare(room)
	defer mallory.hangUp()
	p[1].sit(room)
	if err := mallory.speak(440); err != nil { // muted
		t.Fatal(err)
	}
	select {
	case <-subscribed:
	case <-time.After(heardIn):
		t.Fatal("the host is not told of the track")
	}
	mallory.room.Simulate(lksdk.SimulateSpeakerUpdate)
	time.Sleep(1500 * time.Millisecond)
	if told.Load() > 0 {
		t.Error("the others are told that somebody speaks")
	}
}

// A speaker has one track: a request for a second one ends the connection.
func TestASpeakerHasOneTrack(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "track", "Mallory")
	room := p[0].open("One voice each")
	for tracks, taken := range map[int]bool{1: true, 2: false} {
		token := p[0].admitted(room)
		p[0].sit(room)
		mallory, _, err := dial(s.socketURL()+"/rtc?protocol=16&access_token="+token, nil)
		if err != nil {
			t.Fatal(err)
		}
		peer, err := webrtc.NewPeerConnection(webrtc.Configuration{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range tracks {
			name := fmt.Sprintf("voice%d", i)
			track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, name, name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := peer.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}); err != nil {
				t.Fatal(err)
			}
			mallory.say(t, &livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: &livekit.AddTrackRequest{
				Cid: name, Type: livekit.TrackType_AUDIO, Source: livekit.TrackSource_MICROPHONE,
			}}})
		}
		offer, err := peer.CreateOffer(nil)
		if err != nil {
			t.Fatal(err)
		}
		mallory.say(t, &livekit.SignalRequest{Message: &livekit.SignalRequest_Offer{Offer: &livekit.SessionDescription{Type: "offer", Sdp: offer.SDP}}})
		for {
			r, err := mallory.read()
			if err != nil && (taken || !websocket.IsCloseError(err, websocket.ClosePolicyViolation)) {
				t.Errorf("%d tracks: %v", tracks, err)
			}
			if r.GetAnswer() != nil && !taken {
				t.Errorf("%d tracks are taken", tracks)
			}
			if err != nil || r.GetAnswer() != nil {
				break
			}
		}
		_ = peer.Close()
		_ = mallory.Close()
	}
}

func (s *signals) say(t *testing.T, m *livekit.SignalRequest) {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteMessage(websocket.BinaryMessage, data); err != nil {
		t.Fatal(err)
	}
}

// With `listen: localhost` the TCP port of audio is not open to the network.
func TestForThisMachineAloneNoTCPPortOfAudioIsOpen(t *testing.T) {
	t.Parallel()
	s := start(t)
	var ports []string
	for i, a := range s.args {
		if a == "--media-tcp-port" {
			ports = append(ports, s.args[i+1])
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil || len(ports) != 1 {
		t.Fatal(err, ports)
	}
	for _, a := range addrs {
		ip := a.(*net.IPNet).IP.String()
		if c, err := net.DialTimeout("tcp", net.JoinHostPort(ip, ports[0]), time.Second); err == nil {
			_ = c.Close()
			t.Errorf("%s takes audio over TCP", ip)
		}
		if ip == "127.0.0.1" || ip == "::1" {
			continue
		}
		if c, err := net.DialTimeout("tcp", net.JoinHostPort(ip, strconv.Itoa(s.port)), time.Second); err == nil {
			_ = c.Close()
			t.Errorf("%s serves the pages", ip)
		}
	}
}
