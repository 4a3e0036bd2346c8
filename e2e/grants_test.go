package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"google.golang.org/protobuf/proto"

	"heyy/internal/live/sfu"
	"heyy/internal/media/reconcile"
)

// Another node that was overtaken grants what it knows. The version of a grant decides at
// the real media server, and the rows decide in the end.
func TestAStaleGrantIsRefusedAndTheRowsDecide(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "stale", "Host", "Ada")
	room := p[0].open("Versions")
	host := p[0].voice(room, 0)
	defer host.hangUp()
	ada := p[1].voice(room, 440)
	defer ada.hangUp()
	host.mustHear(440)

	ctx := context.Background()
	node := sfu.NewSFU("http://127.0.0.1:"+strconv.Itoa(s.signal), mediaKey, s.secret(t))
	if err := node.Grant(ctx, room, p[1].identity(room), reconcile.Grant{Version: 0}); !errors.Is(err, reconcile.ErrStale) {
		t.Fatalf("a stale grant: %v", err)
	}
	host.mustHear(440)

	// A newer one takes effect, and has no row: after the next comparison Ada is gone, and
	// comes back as the rows say.
	if err := node.Grant(ctx, room, p[1].identity(room), reconcile.Grant{Version: 1 << 40}); err != nil {
		t.Fatal(err)
	}
	if s.atMedia(t, room)[p[1].identity(room)] {
		t.Error("a newer grant does nothing")
	}
	eventually(t, 15*time.Second, "the rows decide", func() bool {
		canPublish, there := s.atMedia(t, room)[p[1].identity(room)]
		return !there || canPublish
	})
}

// A part of the server connects to a room, as the tap of a recording does: the reconciler
// lets it stay, nobody is told, and it ends with the room.
func TestAServiceInARoomStaysAndIsSeenByNobody(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "service", "Host")
	room := p[0].open("With a tap")
	host := p[0].voice(room, 440)
	defer host.hangUp()

	identity := reconcile.ServiceIdentity("tap")
	grant := &auth.VideoGrant{Room: room, RoomJoin: true, Hidden: true}
	grant.SetCanPublish(false)
	token, err := auth.NewAccessToken(mediaKey, s.secret(t)).SetIdentity(identity).SetVideoGrant(grant).SetValidFor(time.Minute).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	callback := lksdk.NewRoomCallback()
	callback.OnDisconnected = func() { close(ended) }
	tap, err := lksdk.ConnectToRoomWithToken("ws://127.0.0.1:"+strconv.Itoa(s.signal), token, callback, lksdk.WithDisableRegionDiscovery())
	if err != nil {
		t.Fatal(err)
	}
	defer tap.Disconnect()
	select {
	case <-ended:
		t.Fatal("the tap is disconnected")
	case <-time.After(12 * time.Second): // two comparisons
	}
	if _, there := s.atMedia(t, room)[identity]; !there {
		t.Error("the tap is not in the room")
	}
	if others := host.room.GetRemoteParticipants(); len(others) > 0 {
		t.Errorf("the host is told of %s", others[0].Identity())
	}
	if members := p[0].look(room).Members; len(members) != 1 {
		t.Errorf("the room has %d members", len(members))
	}
	p[0].end(room)
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		t.Error("the room has ended and the tap listens")
	}
}

// What changes nothing is no message to anybody: LiveKit tells a whole room of an attribute
// that is set, also to what it is already.
func TestACommandWithoutEffectIsNotToldByTheMediaServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "noop", "Host", "Listener")
	room := p[0].open("Once is enough")
	host := p[0].voice(room, 440)
	defer host.hangUp()
	listener := s.tap(t, p[1].admitted(room))
	time.Sleep(7 * time.Second) // one comparison
	before := len(listener.heard())
	for range 20 {
		p[0].mute(room, false) // it is so already
	}
	time.Sleep(7 * time.Second)
	if all := listener.heard(); len(all) > before {
		t.Errorf("a listener gets %d messages, the last is %s", len(all)-before, all[len(all)-1])
	}
}

// While a call is proposed neither learns when the other's audio connects, also not from
// news of themselves.
func TestAProposedCallTellsNobodyThatTheOtherConnects(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.datables(t, "Ada", "Ben")
	id := asked(p[0], p[1])
	ada, _, err := dial(s.socketURL()+"/rtc?protocol=16&auto_subscribe=1&access_token="+p[0].pass(id), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ada.Close() }()
	_ = ada.SetReadDeadline(time.Now().Add(time.Minute))
	told := make(chan string, 100)
	go func() {
		for {
			_, data, err := ada.ReadMessage()
			if err != nil {
				return
			}
			m := &livekit.SignalResponse{}
			if err := proto.Unmarshal(data, m); err == nil {
				told <- fmt.Sprintf("%T", m.Message)
			}
		}
	}()
	time.Sleep(6 * time.Second) // of her own connection; a proposal stands for 15 s
	for len(told) > 0 {
		<-told
	}
	ben := p[1].pick(id)
	defer ben.hangUp()
	time.Sleep(3 * time.Second)
	for len(told) > 0 {
		t.Errorf("Ada is told %s when Ben connects", <-told)
	}
}
