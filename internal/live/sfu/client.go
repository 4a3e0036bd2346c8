package sfu

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"heyy/internal/media/reconcile"
)

// SFU is a client of a LiveKit server, embedded or remote, over its signed API.
type SFU struct {
	url, key, secret string
	node             string // name of this process among the taps of a room
	rooms            livekit.RoomService
}

// NewSFU returns a client of the server at url.
func NewSFU(url, key, secret string) *SFU {
	client := &http.Client{Timeout: 5 * time.Second}
	return &SFU{url: url, key: key, secret: secret, node: rand.Text(), rooms: livekit.NewRoomServiceProtobufClient(url, client)}
}

// JoinGrant is the content of an audio token: one join of one person to one room.
type JoinGrant struct {
	Room       string
	Person     string
	JoinID     string // the participant's metadata in LiveKit
	CanPublish bool
	Deaf       bool  // see reconcile.Grant, as Version; the gate replaces both in tokens of clients
	Version    int64 // 0 in tokens for clients
}

// tokenTTL is the validity of a new token. The server refreshes the tokens of connected
// clients; the gate asks the database each time in any case.
const tokenTTL = 2 * time.Minute

// Token returns a signed token with the content p.
func (s *SFU) Token(p JoinGrant) (string, error) {
	grant := &auth.VideoGrant{Room: p.Room, RoomJoin: true}
	grant.SetCanSubscribe(!p.Deaf)
	grant.SetCanPublishData(false)
	grant.SetCanUpdateOwnMetadata(false)
	grant.SetCanPublish(p.CanPublish)
	grant.SetCanPublishSources([]livekit.TrackSource{livekit.TrackSource_MICROPHONE})
	t, err := auth.NewAccessToken(s.key, s.secret).
		SetIdentity(p.Person).
		SetMetadata(p.JoinID).
		SetAttributes(versionAttribute(p.Version)).
		SetVideoGrant(grant).
		SetValidFor(tokenTTL).
		ToJWT()
	if err != nil {
		return "", fmt.Errorf("media: token: %w", err)
	}
	return t, nil
}

// errToken is the only answer to an invalid token.
var errToken = errors.New("media: this token opens nothing")

// parseToken verifies a token's signature and expiry and returns its content.
func (s *SFU) parseToken(token string) (JoinGrant, error) {
	t, err := auth.ParseAPIToken(token)
	if err != nil || t.APIKey() != s.key {
		return JoinGrant{}, errToken
	}
	_, grants, err := t.Verify(s.secret)
	if err != nil || grants.Video == nil || !grants.Video.RoomJoin {
		return JoinGrant{}, errToken
	}
	p := JoinGrant{Room: grants.Video.Room, Person: grants.Identity, JoinID: grants.Metadata}
	if p.Room == "" || p.Person == "" || p.JoinID == "" {
		return JoinGrant{}, errToken
	}
	return p, nil
}

// versionKey is the attribute of a participant that holds the version of their grant. The
// gate tells no client the attributes of others.
const versionKey = "version"

func versionAttribute(version int64) map[string]string {
	return map[string]string{versionKey: strconv.FormatInt(version, 10)}
}

// versionOf returns the version of the grant in place; 0: none.
func versionOf(p *livekit.ParticipantInfo) int64 {
	v, _ := strconv.ParseInt(p.GetAttributes()[versionKey], 10, 64)
	return v
}

// Grant implements reconcile.SFU. Without the permission to publish the server unpublishes a
// participant's tracks at once. It forwards nothing of a muted track, whatever the client
// sends. Of several tracks all but the newest are muted.
//
// The server has no conditional update: a newer grant that arrives between the two requests
// of this one is overwritten, and repeated by the node that made it, see reconcile.Sync.
func (s *SFU) Grant(ctx context.Context, room, person string, g reconcile.Grant) error {
	ctx, err := s.signed(ctx, room)
	if err != nil {
		return err
	}
	p, err := s.rooms.GetParticipant(ctx, &livekit.RoomParticipantIdentity{Room: room, Identity: person})
	if err != nil {
		return ignoreNotFound("grant", err)
	}
	if versionOf(p) > g.Version {
		return reconcile.ErrStale
	}
	// Asked for in any case, for the answer has the tracks of this moment. An attribute is
	// told to everybody in the room, so it is set only if it changes.
	update := &livekit.UpdateParticipantRequest{Room: room, Identity: person, Permission: permission(g)}
	if versionOf(p) != g.Version {
		update.Attributes = versionAttribute(g.Version)
	}
	p, err = s.rooms.UpdateParticipant(ctx, update)
	if err != nil || !g.CanPublish {
		return ignoreNotFound("grant", err)
	}
	newest := newestOf(p.GetTracks())
	for _, t := range p.GetTracks() {
		if silent := g.Muted || t != newest; t.Muted != silent {
			_, failed := s.rooms.MutePublishedTrack(ctx, &livekit.MuteRoomTrackRequest{Room: room, Identity: person, TrackSid: t.Sid, Muted: silent})
			err = errors.Join(err, ignoreNotFound("mute", failed))
		}
	}
	return err
}

// newestOf returns the track that was published last, or nil.
func newestOf(tracks []*livekit.TrackInfo) (newest *livekit.TrackInfo) {
	for _, t := range tracks {
		if newest == nil || later(t.GetVersion(), newest.GetVersion()) {
			newest = t
		}
	}
	return newest
}

func later(a, b *livekit.TimedVersion) bool {
	if a.GetUnixMicro() != b.GetUnixMicro() {
		return a.GetUnixMicro() > b.GetUnixMicro()
	}
	return a.GetTicks() > b.GetTicks()
}

// isAsGranted reports whether Grant would change nothing.
func isAsGranted(p *livekit.ParticipantInfo, g reconcile.Grant) bool {
	now := p.GetPermission()
	if now.GetCanPublish() != g.CanPublish || now.GetCanSubscribe() == g.Deaf || versionOf(p) != g.Version {
		return false
	}
	newest := newestOf(p.GetTracks())
	return !slices.ContainsFunc(p.GetTracks(), func(t *livekit.TrackInfo) bool { return g.CanPublish && t.Muted != (g.Muted || t != newest) })
}

func permission(g reconcile.Grant) *livekit.ParticipantPermission {
	return &livekit.ParticipantPermission{
		CanSubscribe:      !g.Deaf,
		CanPublish:        g.CanPublish,
		CanPublishSources: []livekit.TrackSource{livekit.TrackSource_MICROPHONE},
	}
}

// Remove disconnects a person. It is no error if they are not connected.
func (s *SFU) Remove(ctx context.Context, room, person string) error {
	ctx, err := s.signed(ctx, room)
	if err != nil {
		return err
	}
	_, err = s.rooms.RemoveParticipant(ctx, &livekit.RoomParticipantIdentity{Room: room, Identity: person})
	return ignoreNotFound("remove", err)
}

// Close disconnects everybody. It is no error if there is no such room.
func (s *SFU) Close(ctx context.Context, room string) error {
	ctx, err := s.signed(ctx, room)
	if err != nil {
		return err
	}
	_, err = s.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: room})
	return ignoreNotFound("close", err)
}

// Present implements reconcile.SFU.
func (s *SFU) Present(ctx context.Context, room string) (map[string]reconcile.Connection, error) {
	ctx, err := s.signed(ctx, room)
	if err != nil {
		return nil, err
	}
	list, err := s.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: room})
	if err := ignoreNotFound("list", err); err != nil {
		return nil, err
	}
	present := map[string]reconcile.Connection{}
	for _, p := range list.GetParticipants() {
		if p.State != livekit.ParticipantInfo_DISCONNECTED {
			present[p.Identity] = reconcile.Connection{
				JoinID: p.Metadata, IsAsGranted: func(g reconcile.Grant) bool { return isAsGranted(p, g) },
			}
		}
	}
	return present, nil
}

func (s *SFU) signed(ctx context.Context, room string) (context.Context, error) {
	t, err := auth.NewAccessToken(s.key, s.secret).
		SetVideoGrant(&auth.VideoGrant{RoomAdmin: true, RoomCreate: true, RoomList: true, Room: room}).
		SetValidFor(time.Minute).ToJWT()
	if err != nil {
		return nil, fmt.Errorf("media: sign: %w", err)
	}
	return twirp.WithHTTPRequestHeaders(ctx, http.Header{"Authorization": {"Bearer " + t}})
}

// ignoreNotFound drops errors that mean that the person or room is not there, so that the
// request has nothing to change.
func ignoreNotFound(doing string, err error) error {
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
