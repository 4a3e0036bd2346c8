package media

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"
)

// Voices speaks to a LiveKit server, embedded or remote, over its signed API.
type Voices struct {
	url, key, secret string
	rooms            livekit.RoomService
}

// NewVoices speaks to the server at url.
func NewVoices(url, key, secret string) *Voices {
	client := &http.Client{Timeout: 5 * time.Second}
	return &Voices{url: url, key: key, secret: secret, rooms: livekit.NewRoomServiceProtobufClient(url, client)}
}

// Pass is what a token says: one admission of one person to one room.
type Pass struct {
	Room      string
	Person    string
	Admission string // travels as the participant's metadata
	MaySpeak  bool
}

// passTime is how long a fresh token opens the gate. The server hands running
// clients newer ones; the gate asks the database each time in any case.
const passTime = 2 * time.Minute

// Token signs p.
func (v *Voices) Token(p Pass) (string, error) {
	grant := &auth.VideoGrant{Room: p.Room, RoomJoin: true}
	grant.SetCanSubscribe(true)
	grant.SetCanPublishData(false)
	grant.SetCanUpdateOwnMetadata(false)
	grant.SetCanPublish(p.MaySpeak)
	grant.SetCanPublishSources([]livekit.TrackSource{livekit.TrackSource_MICROPHONE})
	t, err := auth.NewAccessToken(v.key, v.secret).
		SetIdentity(p.Person).
		SetMetadata(p.Admission).
		SetVideoGrant(grant).
		SetValidFor(passTime).
		ToJWT()
	if err != nil {
		return "", fmt.Errorf("media: token: %w", err)
	}
	return t, nil
}

// errPass is all that a wrong token is told.
var errPass = errors.New("media: this token opens nothing")

// read checks a token's signature and age and gives back what it says.
func (v *Voices) read(token string) (Pass, error) {
	t, err := auth.ParseAPIToken(token)
	if err != nil || t.APIKey() != v.key {
		return Pass{}, errPass
	}
	_, grants, err := t.Verify(v.secret)
	if err != nil || grants.Video == nil || !grants.Video.RoomJoin {
		return Pass{}, errPass
	}
	p := Pass{Room: grants.Video.Room, Person: grants.Identity, Admission: grants.Metadata}
	if p.Room == "" || p.Person == "" || p.Admission == "" {
		return Pass{}, errPass
	}
	return p, nil
}

// Grant lets a connected person speak, or not: then their tracks are taken off
// at once. Nobody connected is no error.
func (v *Voices) Grant(ctx context.Context, room, person string, maySpeak bool) error {
	ctx, err := v.signed(ctx, room)
	if err != nil {
		return err
	}
	_, err = v.rooms.UpdateParticipant(ctx, &livekit.UpdateParticipantRequest{
		Room: room, Identity: person, Permission: permission(maySpeak),
	})
	return known("grant", err)
}

func permission(maySpeak bool) *livekit.ParticipantPermission {
	return &livekit.ParticipantPermission{
		CanSubscribe:      true,
		CanPublish:        maySpeak,
		CanPublishSources: []livekit.TrackSource{livekit.TrackSource_MICROPHONE},
	}
}

// Remove disconnects a person. Nobody connected is no error.
func (v *Voices) Remove(ctx context.Context, room, person string) error {
	ctx, err := v.signed(ctx, room)
	if err != nil {
		return err
	}
	_, err = v.rooms.RemoveParticipant(ctx, &livekit.RoomParticipantIdentity{Room: room, Identity: person})
	return known("remove", err)
}

// Close disconnects everybody. No such room is no error.
func (v *Voices) Close(ctx context.Context, room string) error {
	ctx, err := v.signed(ctx, room)
	if err != nil {
		return err
	}
	_, err = v.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: room})
	return known("close", err)
}

// Present is who is connected to a room, and whether they may speak.
func (v *Voices) Present(ctx context.Context, room string) (map[string]bool, error) {
	ctx, err := v.signed(ctx, room)
	if err != nil {
		return nil, err
	}
	list, err := v.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: room})
	if err := known("list", err); err != nil {
		return nil, err
	}
	present := map[string]bool{}
	for _, p := range list.GetParticipants() {
		if p.State != livekit.ParticipantInfo_DISCONNECTED {
			present[p.Identity] = p.GetPermission().GetCanPublish()
		}
	}
	return present, nil
}

func (v *Voices) signed(ctx context.Context, room string) (context.Context, error) {
	t, err := auth.NewAccessToken(v.key, v.secret).
		SetVideoGrant(&auth.VideoGrant{RoomAdmin: true, RoomCreate: true, RoomList: true, Room: room}).
		SetValidFor(time.Minute).ToJWT()
	if err != nil {
		return nil, fmt.Errorf("media: sign: %w", err)
	}
	return twirp.WithHTTPRequestHeaders(ctx, http.Header{"Authorization": {"Bearer " + t}})
}

// known drops the errors that say that the wish already holds.
func known(doing string, err error) error {
	if err == nil {
		return nil
	}
	var t twirp.Error
	if errors.As(err, &t) && t.Code() == twirp.NotFound {
		return nil
	}
	if strings.Contains(err.Error(), "no response from servers") { // the room is not running anywhere
		return nil
	}
	return fmt.Errorf("media: %s: %w", doing, err)
}
