package e2e

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	lksdk "github.com/livekit/server-sdk-go/v2"

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
	if err := node.Grant(ctx, room, p[1].id, reconcile.Grant{Version: 0}); !errors.Is(err, reconcile.ErrStale) {
		t.Fatalf("a stale grant: %v", err)
	}
	host.mustHear(440)

	// A newer one takes effect, and has no row: after the next comparison Ada is gone, and
	// comes back as the rows say.
	if err := node.Grant(ctx, room, p[1].id, reconcile.Grant{Version: 1 << 40}); err != nil {
		t.Fatal(err)
	}
	if s.atMedia(t, room)[p[1].id] {
		t.Error("a newer grant does nothing")
	}
	eventually(t, 15*time.Second, "the rows decide", func() bool {
		canPublish, there := s.atMedia(t, room)[p[1].id]
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
