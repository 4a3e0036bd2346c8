package sfu

import (
	"sync"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// view is what one client knows of the other participants. LiveKit tells everybody about
// all connected participants; Heyy promises that listeners are not named to others, and
// that neither side of a proposed call learns anything of the other. So a client is shown
// another participant only while that one may publish: in rooms with a seat, in calls once
// both accepted. In calls that is when the client itself may subscribe: whoever is deaf is told
// of nobody.
//
// It belongs to a join, not to a connection: after a resume the server sends only the
// changes, and the client still has what it knew.
type view struct {
	mu    sync.Mutex
	self  string            // identity
	sid   string            // of the client's own participant
	shown map[string]string // by identity: the sid

	deaf   bool                                // the client may not subscribe
	hidden map[string]*livekit.ParticipantInfo // by identity: whom it will be told of when it may
}

func newView(self string) *view {
	return &view{self: self, shown: map[string]string{}, hidden: map[string]*livekit.ParticipantInfo{}}
}

// Field numbers in SignalResponse of messages that are filtered and forwarded.
const (
	joinKind       = protowire.Number(1)
	updateKind     = protowire.Number(5)
	speakersKind   = protowire.Number(10)
	qualityKind    = protowire.Number(12)
	reconnectKind  = protowire.Number(19)
	permissionKind = protowire.Number(15)
)

// forwardedKinds are the kinds that concern only the client itself. Not among them: Mute,
// because the microphone follows Heyy's own events, and the server must never unmute it;
// RoomUpdate, which reveals the number of participants; TrackSubscribed and subscribed
// qualities, which tell a speaker that somebody listens.
var forwardedKinds = map[protowire.Number]bool{
	2:  true, // answer
	3:  true, // offer
	4:  true, // trickle
	6:  true, // track_published
	8:  true, // leave
	16: true, // refresh_token
	17: true, // track_unpublished
	18: true, // pong
	20: true, // pong_resp
	22: true, // request_response
	25: true, // media_sections_requirement
}

// response returns what is forwarded of a message of the server; nil: nothing. Only the
// kinds that name participants or other servers are decoded.
func (v *view) response(data []byte) []byte {
	kind, _, n := protowire.ConsumeTag(data)
	switch {
	case n < 0:
		return nil
	case forwardedKinds[kind]:
		return data
	case kind != joinKind && kind != updateKind && kind != speakersKind && kind != qualityKind && kind != permissionKind && kind != reconnectKind:
		return nil
	}
	m := &livekit.SignalResponse{}
	if err := proto.Unmarshal(data, m); err != nil {
		return nil
	}
	if !v.filter(m) {
		return nil
	}
	out, err := proto.Marshal(m)
	if err != nil {
		return nil
	}
	return out
}

// filter removes what the client must not know, and reports whether anything is left. An
// empty message is not sent: its arrival would be information.
func (v *view) filter(m *livekit.SignalResponse) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch k := m.Message.(type) {
	case *livekit.SignalResponse_Join:
		v.join(k.Join)
		return true
	case *livekit.SignalResponse_Reconnect:
		k.Reconnect.IceServers = nil
		return true
	case *livekit.SignalResponse_Update:
		k.Update.Participants = v.participants(k.Update.Participants)
		return len(k.Update.Participants) > 0
	case *livekit.SignalResponse_SpeakersChanged:
		k.SpeakersChanged.Speakers = filterKnown(v, k.SpeakersChanged.Speakers, (*livekit.SpeakerInfo).GetSid)
		return len(k.SpeakersChanged.Speakers) > 0
	case *livekit.SignalResponse_ConnectionQuality:
		k.ConnectionQuality.Updates = filterKnown(v, k.ConnectionQuality.Updates, (*livekit.ConnectionQualityInfo).GetParticipantSid)
		return len(k.ConnectionQuality.Updates) > 0
	case *livekit.SignalResponse_SubscriptionPermissionUpdate:
		return v.knows(k.SubscriptionPermissionUpdate.GetParticipantSid())
	}
	return false
}

// join resets the view. Of the room only the name is forwarded: LiveKit's id, creation time
// and trailer would tell a reconnecting client whether another participant was there
// before.
func (v *view) join(j *livekit.JoinResponse) {
	clear(v.shown)
	clear(v.hidden)
	v.sid, v.deaf = j.GetParticipant().GetSid(), isDeaf(j.GetParticipant())
	j.OtherParticipants = v.participants(j.OtherParticipants)
	j.Room = &livekit.Room{Name: j.GetRoom().GetName(), Sid: "RM_" + v.sid} // clients require an id
	j.SifTrailer = nil
	j.IceServers = nil // third parties, which would learn who is about to speak
}

func (v *view) participants(all []*livekit.ParticipantInfo) []*livekit.ParticipantInfo {
	var out []*livekit.ParticipantInfo
	for _, p := range all {
		if p = v.participant(p); p != nil {
			out = append(out, p)
		}
	}
	if !v.deaf {
		for identity, p := range v.hidden {
			delete(v.hidden, identity)
			if p = v.participant(p); p != nil {
				out = append(out, p)
			}
		}
	}
	return out
}

// participant returns what the client is told of p; nil: nothing.
func (v *view) participant(p *livekit.ParticipantInfo) *livekit.ParticipantInfo {
	if p.Identity == v.self {
		if p.State != livekit.ParticipantInfo_DISCONNECTED {
			v.sid, v.deaf = p.Sid, isDeaf(p)
		}
		return p
	}
	if v.deaf {
		if v.hidden[p.Identity] = p; p.State == livekit.ParticipantInfo_DISCONNECTED {
			delete(v.hidden, p.Identity)
		}
		return nil
	}
	before, shown := v.shown[p.Identity]
	gone := p.State == livekit.ParticipantInfo_DISCONNECTED
	switch {
	case !gone && p.GetPermission().GetCanPublish():
		v.shown[p.Identity] = p.Sid
		return &livekit.ParticipantInfo{
			Sid: p.Sid, Identity: p.Identity, State: p.State, Version: p.Version, Kind: p.Kind,
			Tracks: p.Tracks, Permission: p.Permission, IsPublisher: p.IsPublisher,
		}
	case !shown, gone && p.Sid != before: // the end of a connection that was replaced
		return nil
	}
	delete(v.shown, p.Identity)
	return &livekit.ParticipantInfo{Sid: before, Identity: p.Identity, State: livekit.ParticipantInfo_DISCONNECTED, Version: p.Version}
}

func isDeaf(p *livekit.ParticipantInfo) bool {
	return p.GetPermission() != nil && !p.GetPermission().GetCanSubscribe()
}

// knows reports whether a sid is the client's own or was shown to it.
func (v *view) knows(sid string) bool {
	if sid == v.sid {
		return true
	}
	for _, s := range v.shown { // at most one per seat
		if s == sid {
			return true
		}
	}
	return false
}

// filterKnown returns the entries about participants the client knows.
func filterKnown[T any](v *view, all []T, sid func(T) string) []T {
	var out []T
	for _, one := range all {
		if v.knows(sid(one)) {
			out = append(out, one)
		}
	}
	return out
}

// viewTTL is how long a view is kept after its last connection: longer than the server lets
// a client resume.
const viewTTL = time.Minute

// views holds the views of all joins that have, or recently had, a connection.
type views struct {
	mu  sync.Mutex
	all map[string]*heldView // by join id
}

type heldView struct {
	*view
	conns int
	end   *time.Timer
}

// take returns the view of a join, and keeps it until done is called.
func (s *views) take(joinID, self string) (v *view, done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.all[joinID]
	if h == nil {
		h = &heldView{view: newView(self)}
		if s.all == nil {
			s.all = map[string]*heldView{}
		}
		s.all[joinID] = h
	}
	if h.end != nil {
		h.end.Stop()
		h.end = nil
	}
	h.conns++
	return h.view, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if h.conns--; h.conns > 0 {
			return
		}
		h.end = time.AfterFunc(viewTTL, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if h.conns == 0 && s.all[joinID] == h {
				delete(s.all, joinID)
			}
		})
	}
}
