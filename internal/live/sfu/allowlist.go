package sfu

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/livekit/protocol/livekit"
	"github.com/pion/sdp/v3"
	"google.golang.org/protobuf/proto"
)

// This file is the allowlist of messages from clients to the server; view.go is the one
// of the other direction. Other kinds are dropped, and those that a later version of the
// protocol adds: the rows decide who is heard, not a client.

const (
	messageLimit = 64 << 10 // bytes of one message of a client, and of a join request
	nameLimit    = 256      // bytes of the names in it

	// Limits of a session description (SDP). For each format of a media section the
	// server parses all attributes of the section again and keeps the result, and it
	// creates a transceiver for each section: a description within messageLimit could
	// take gigabytes. A browser in a full room needs less than half of these.
	maxSections         = 256
	maxAttributes       = 512     // of one section
	maxFormatAttributes = 100_000 // formats times attributes, summed over the sections
)

var errSignal = errors.New("media: not a message that our clients send")

// canPublishNow reports whether the rows allow a client's voice to be heard at this moment.
type canPublishNow func() (bool, error)

// names reports whether a client may refer to n more tracks.
type names func(n int) bool

// request returns what is forwarded of a client's message; nil: nothing. An error ends
// the connection.
func request(data []byte, may canPublishNow, more names) ([]byte, error) {
	m := &livekit.SignalRequest{}
	if err := proto.Unmarshal(data, m); err != nil {
		return nil, errSignal
	}
	if n := named(m); n > 0 && !more(n) {
		return nil, fmt.Errorf("%w: more tracks than there are", errSignal)
	}
	switch k := m.Message.(type) {
	case *livekit.SignalRequest_Offer:
		return data, checkDescription(k.Offer)
	case *livekit.SignalRequest_Answer:
		return data, checkDescription(k.Answer)
	case *livekit.SignalRequest_AddTrack:
		track := microphone(k.AddTrack)
		if track == nil {
			return nil, nil
		}
		ok, err := may()
		if err != nil {
			return nil, err
		}
		track.Muted = !ok
		return proto.Marshal(&livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: track}})
	case *livekit.SignalRequest_Trickle,
		*livekit.SignalRequest_Subscription,
		*livekit.SignalRequest_TrackSetting,
		*livekit.SignalRequest_SyncState,
		*livekit.SignalRequest_Ping,
		*livekit.SignalRequest_PingReq,
		*livekit.SignalRequest_Leave:
		return data, nil
	}
	// Mute is dropped, too: muting is a command to Heyy, and Grant applies the rows.
	return nil, nil
}

// named is the number of tracks and participants a message names. The server keeps state
// for each, even if it does not exist: a subscription for a minute, and observers for the
// life of the room.
func named(m *livekit.SignalRequest) int {
	wished := func(u *livekit.UpdateSubscription) int {
		n := len(u.GetTrackSids())
		for _, p := range u.GetParticipantTracks() {
			n += 1 + len(p.GetTrackSids())
		}
		return n
	}
	switch k := m.Message.(type) {
	case *livekit.SignalRequest_Subscription:
		return wished(k.Subscription)
	case *livekit.SignalRequest_TrackSetting:
		return len(k.TrackSetting.GetTrackSids())
	case *livekit.SignalRequest_SyncState:
		return wished(k.SyncState.GetSubscription()) + len(k.SyncState.GetTrackSidsDisabled())
	}
	return 0
}

// trackName is the name of each track: a client's own would be text that others are told.
const trackName = "microphone"

// microphone returns the allowed form of a track, or nil.
func microphone(t *livekit.AddTrackRequest) *livekit.AddTrackRequest {
	if t.GetType() != livekit.TrackType_AUDIO || t.GetSource() != livekit.TrackSource_MICROPHONE ||
		t.GetSid() != "" || len(t.GetLayers()) > 0 || len(t.GetSimulcastCodecs()) > 0 ||
		len(t.GetCid()) > nameLimit || len(t.GetName()) > nameLimit || len(t.GetStream()) > nameLimit || len(t.GetAudioFeatures()) > 16 {
		return nil
	}
	clean := &livekit.AddTrackRequest{
		Cid: t.Cid, Name: trackName, Type: t.Type, Source: t.Source, Stream: t.Stream, DisableRed: t.DisableRed, AudioFeatures: t.AudioFeatures,
	}
	//lint:ignore SA1019 current clients still set these fields
	clean.DisableDtx, clean.Stereo = t.DisableDtx, t.Stereo
	return clean
}

// checkDescription refuses a session description in which a client sends more than one
// audio stream or anything but audio, or that is too expensive to parse.
func checkDescription(d *livekit.SessionDescription) error {
	var s sdp.SessionDescription
	if err := s.UnmarshalString(d.GetSdp()); err != nil {
		return errSignal
	}
	if len(s.MediaDescriptions) > maxSections {
		return fmt.Errorf("%w: too many sections", errSignal)
	}
	voices, reading := 0, 0
	for _, m := range s.MediaDescriptions {
		// A format costs something without attributes, too: count ten for it.
		if reading += len(m.MediaName.Formats) * (len(m.Attributes) + 10); reading > maxFormatAttributes || len(m.Attributes) > maxAttributes {
			return fmt.Errorf("%w: too many formats or attributes", errSignal)
		}
		kind := m.MediaName.Media
		if kind == "application" || !sends(m) {
			continue
		}
		streams := map[string]bool{}
		for _, a := range m.Attributes {
			switch a.Key {
			case "rid", "simulcast", "ssrc-group":
				return fmt.Errorf("%w: several layers", errSignal)
			case "ssrc":
				number, _, _ := bytes.Cut([]byte(a.Value), []byte(" "))
				streams[string(number)] = true
			}
		}
		if voices++; kind != "audio" || voices > 1 || len(streams) > 1 {
			return fmt.Errorf("%w: more than one audio stream", errSignal)
		}
	}
	return nil
}

// sends reports whether the author of m may send: no direction means both ways, and of
// contradictory ones the more permissive counts.
func sends(m *sdp.MediaDescription) bool {
	silent := false
	for _, a := range m.Attributes {
		switch a.Key {
		case "sendrecv", "sendonly":
			return true
		case "recvonly", "inactive":
			silent = true
		}
	}
	return !silent
}

// forwardedParams are the query parameters of a connect that are forwarded: the client's
// description and how it resumes. "publish" would create a second participant of the same
// person, under a name that no command knows; "attributes" would be shown to others.
var forwardedParams = []string{
	"protocol", "client_protocol", "version", "sdk", "os", "os_version", "browser", "browser_version", "device_model", "network",
	"auto_subscribe", "adaptive_stream", "reconnect", "reconnect_reason", "sid",
}

// connecting returns the query that is forwarded to the server.
func connecting(asked url.Values, may canPublishNow) (url.Values, error) {
	q := url.Values{}
	for _, name := range forwardedParams {
		if v := asked.Get(name); v != "" {
			q.Set(name, v)
		}
	}
	if wrapped := asked.Get("join_request"); wrapped != "" {
		join, err := joinRequest(wrapped, may)
		if err != nil {
			return nil, err
		}
		q.Set("join_request", join)
	}
	return q, nil
}

// joinRequest filters a connect that comes as one message.
func joinRequest(wrapped string, may canPublishNow) (string, error) {
	data, err := base64.URLEncoding.DecodeString(wrapped)
	if err != nil {
		return "", errSignal
	}
	w, asked := &livekit.WrappedJoinRequest{}, &livekit.JoinRequest{}
	if err := proto.Unmarshal(data, w); err != nil {
		return "", errSignal
	}
	inner := w.JoinRequest
	if w.Compression == livekit.WrappedJoinRequest_GZIP {
		if inner, err = unzip(inner); err != nil {
			return "", errSignal
		}
	}
	if err := proto.Unmarshal(inner, asked); err != nil {
		return "", errSignal
	}
	if asked.Metadata != "" || len(asked.ParticipantAttributes) > 0 {
		return "", errSignal // metadata holds the join id; the server would let a client overwrite it
	}
	join := &livekit.JoinRequest{
		ClientInfo: asked.ClientInfo,
		ConnectionSettings: &livekit.ConnectionSettings{
			AutoSubscribe: asked.GetConnectionSettings().GetAutoSubscribe(), AdaptiveStream: asked.GetConnectionSettings().GetAdaptiveStream(),
		},
		Reconnect: asked.Reconnect, ReconnectReason: asked.ReconnectReason, ParticipantSid: asked.ParticipantSid,
	}
	if o := asked.PublisherOffer; o != nil {
		if err := checkDescription(o); err != nil {
			return "", err
		}
		join.PublisherOffer = o
	}
	if len(asked.AddTrackRequests) > 0 {
		track := microphone(asked.AddTrackRequests[0])
		if track == nil || len(asked.AddTrackRequests) > 1 {
			return "", fmt.Errorf("%w: more than one audio track", errSignal)
		}
		ok, err := may()
		if err != nil {
			return "", err
		}
		track.Muted = !ok
		join.AddTrackRequests = []*livekit.AddTrackRequest{track}
	}
	if inner, err = proto.Marshal(join); err != nil {
		return "", err
	}
	if data, err = proto.Marshal(&livekit.WrappedJoinRequest{JoinRequest: inner}); err != nil {
		return "", err
	}
	return base64.URLEncoding.EncodeToString(data), nil
}

// unzip decompresses at most messageLimit bytes.
func unzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, messageLimit+1))
	if err != nil {
		return nil, err
	}
	if len(out) > messageLimit {
		return nil, errSignal
	}
	return out, nil
}
