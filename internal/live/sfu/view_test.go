package sfu

import (
	"bytes"
	"slices"
	"testing"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// canary stands in all that must never reach another client.
const canary = "canary"

// other is somebody as the server describes them.
func other(name string, canPublish bool) *livekit.ParticipantInfo {
	return &livekit.ParticipantInfo{
		Sid: "PA_" + name, Identity: name, State: livekit.ParticipantInfo_ACTIVE, Version: 3, Name: canary, Metadata: canary,
		Attributes: map[string]string{canary: canary}, JoinedAt: 1, Region: canary,
		Permission: &livekit.ParticipantPermission{CanSubscribe: true, CanPublish: canPublish},
		Tracks:     []*livekit.TrackInfo{{Sid: "TR_" + name}},
	}
}

func gone(p *livekit.ParticipantInfo) *livekit.ParticipantInfo {
	p.State = livekit.ParticipantInfo_DISCONNECTED
	return p
}

// sees is what comes out of v of one message; nil: nothing.
func sees(t *testing.T, v *view, m *livekit.SignalResponse) *livekit.SignalResponse {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	out := v.response(data)
	if out == nil {
		return nil
	}
	if bytes.Contains(out, []byte(canary)) {
		t.Errorf("what nobody else may know goes on: %q", out)
	}
	got := &livekit.SignalResponse{}
	if err := proto.Unmarshal(out, got); err != nil {
		t.Fatal(err)
	}
	return got
}

// updated is the names that an update of the server brings to the client, those
// who are gone with a minus.
func updated(t *testing.T, v *view, all ...*livekit.ParticipantInfo) []string {
	t.Helper()
	m := sees(t, v, &livekit.SignalResponse{Message: &livekit.SignalResponse_Update{Update: &livekit.ParticipantUpdate{Participants: all}}})
	if m != nil && len(m.GetUpdate().GetParticipants()) == 0 {
		t.Error("an empty update goes on")
	}
	return said(m.GetUpdate().GetParticipants())
}

func said(all []*livekit.ParticipantInfo) (names []string) {
	for _, p := range all {
		if p.State == livekit.ParticipantInfo_DISCONNECTED {
			names = append(names, "-"+p.Sid)
		} else {
			names = append(names, p.Sid)
		}
	}
	return names
}

func joins(t *testing.T, v *view, others ...*livekit.ParticipantInfo) *livekit.JoinResponse {
	t.Helper()
	self := other("me", false)
	self.Name, self.Metadata, self.Attributes, self.Region = "", "my own admission", nil, ""
	return sees(t, v, &livekit.SignalResponse{Message: &livekit.SignalResponse_Join{Join: &livekit.JoinResponse{
		Room: &livekit.Room{
			Name: "r", Sid: canary, Metadata: canary, NumParticipants: 7, NumPublishers: 5, CreationTime: 1, CreationTimeMs: 1000,
		},
		Participant: self, OtherParticipants: others, SifTrailer: []byte(canary), PingInterval: 5,
	}}}).GetJoin()
}

func TestAClientIsToldOfOthersOnlyWhileTheyMaySpeak(t *testing.T) {
	v := newView("me")
	j := joins(t, v, other("speaker", true), other("listener", false))
	if got := said(j.OtherParticipants); !slices.Equal(got, []string{"PA_speaker"}) {
		t.Errorf("on joining: %v", got)
	}
	if p := j.OtherParticipants[0]; p.JoinedAt != 0 || len(p.Tracks) != 1 || !p.Permission.GetCanPublish() || p.Version != 3 {
		t.Errorf("of a speaker: %v", p)
	}
	if j.Participant.GetMetadata() != "my own admission" || j.PingInterval != 5 {
		t.Errorf("of the client itself: %v", j)
	}
	if r := j.Room; r.Name != "r" || r.Sid == "" || r.NumParticipants != 0 || r.NumPublishers != 0 || r.CreationTime != 0 || r.CreationTimeMs != 0 {
		t.Errorf("of the room: %v", r)
	}

	for _, step := range []struct {
		what string
		tell []*livekit.ParticipantInfo
		want []string
	}{
		{"a listener comes", []*livekit.ParticipantInfo{other("new", false)}, nil},
		{"and goes", []*livekit.ParticipantInfo{gone(other("new", false))}, nil},
		{"one who may speak goes unseen", []*livekit.ParticipantInfo{gone(other("never", true))}, nil},
		{"a seat is taken", []*livekit.ParticipantInfo{other("listener", true)}, []string{"PA_listener"}},
		{"something of them changes", []*livekit.ParticipantInfo{other("listener", true)}, []string{"PA_listener"}},
		{"it is given up", []*livekit.ParticipantInfo{other("listener", false)}, []string{"-PA_listener"}},
		{"and told again", []*livekit.ParticipantInfo{other("listener", false)}, nil},
		{"then they go", []*livekit.ParticipantInfo{gone(other("listener", false))}, nil},
		{"taken again, beside a listener", []*livekit.ParticipantInfo{other("quiet", false), other("listener", true)}, []string{"PA_listener"}},
		{"a speaker goes", []*livekit.ParticipantInfo{gone(other("listener", true))}, []string{"-PA_listener"}},
		{"the client itself", []*livekit.ParticipantInfo{{Sid: "PA_me", Identity: "me"}}, []string{"PA_me"}},
		{"a speaker comes anew", []*livekit.ParticipantInfo{{Sid: "PA_2", Identity: "speaker", Permission: &livekit.ParticipantPermission{CanPublish: true}}}, []string{"PA_2"}},
		{"and their old connection ends", []*livekit.ParticipantInfo{gone(other("speaker", true))}, nil},
		{"they come back without a seat", []*livekit.ParticipantInfo{{Sid: "PA_3", Identity: "speaker"}}, []string{"-PA_2"}},
	} {
		if got := updated(t, v, step.tell...); !slices.Equal(got, step.want) {
			t.Errorf("%s: the client is told %v, not %v", step.what, got, step.want)
		}
	}
	if len(v.shown) != 0 {
		t.Errorf("kept: %v", v.shown)
	}
}

func TestWhatNamesAParticipantGoesOnForThoseShown(t *testing.T) {
	v := newView("me")
	joins(t, v, other("speaker", true), other("listener", false))
	for _, c := range []struct {
		sids, want []string
	}{
		{[]string{"PA_listener"}, nil},
		{[]string{"PA_listener", "PA_speaker", "PA_me"}, []string{"PA_speaker", "PA_me"}},
		{nil, nil},
	} {
		quality, speakers := &livekit.ConnectionQualityUpdate{}, &livekit.SpeakersChanged{}
		for _, sid := range c.sids {
			quality.Updates = append(quality.Updates, &livekit.ConnectionQualityInfo{ParticipantSid: sid})
			speakers.Speakers = append(speakers.Speakers, &livekit.SpeakerInfo{Sid: sid})
		}
		var got, heard []string
		q := sees(t, v, &livekit.SignalResponse{Message: &livekit.SignalResponse_ConnectionQuality{ConnectionQuality: quality}})
		for _, u := range q.GetConnectionQuality().GetUpdates() {
			got = append(got, u.ParticipantSid)
		}
		s := sees(t, v, &livekit.SignalResponse{Message: &livekit.SignalResponse_SpeakersChanged{SpeakersChanged: speakers}})
		for _, u := range s.GetSpeakersChanged().GetSpeakers() {
			heard = append(heard, u.Sid)
		}
		if !slices.Equal(got, c.want) || !slices.Equal(heard, c.want) || (q == nil) != (c.want == nil) || (s == nil) != (c.want == nil) {
			t.Errorf("of %v: %v %v, not %v", c.sids, q, s, c.want)
		}
	}
	for _, sid := range []string{"PA_speaker", "PA_listener"} {
		got := sees(t, v, &livekit.SignalResponse{Message: &livekit.SignalResponse_SubscriptionPermissionUpdate{
			SubscriptionPermissionUpdate: &livekit.SubscriptionPermissionUpdate{ParticipantSid: sid},
		}})
		if (got != nil) != (sid == "PA_speaker") {
			t.Errorf("that a track of %s may be heard: %v", sid, got)
		}
	}
}

// Of every kind that the protocol knows, and of those to come, only what clients
// need goes on; what speaks of nobody goes on as it came.
func TestOnlyWhatClientsNeedComesFromTheServer(t *testing.T) {
	needed := map[protoreflect.Name]bool{
		"join": true, "answer": true, "offer": true, "trickle": true, "track_published": true, "leave": true, "refresh_token": true,
		"track_unpublished": true, "pong": true, "reconnect": true, "pong_resp": true, "request_response": true, "media_sections_requirement": true,
		// Not without anybody in them: "update", "speakers_changed", "connection_quality", "subscription_permission_update".
	}
	kinds := (&livekit.SignalResponse{}).ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
	for i := range kinds.Len() {
		kind := kinds.Get(i)
		m := &livekit.SignalResponse{}
		switch kind.Name() {
		case "refresh_token":
			m.Message = &livekit.SignalResponse_RefreshToken{RefreshToken: "x"}
		case "pong":
			m.Message = &livekit.SignalResponse_Pong{Pong: 1}
		case "subscription_permission_update":
			m.Message = &livekit.SignalResponse_SubscriptionPermissionUpdate{
				SubscriptionPermissionUpdate: &livekit.SubscriptionPermissionUpdate{ParticipantSid: "PA_hidden"},
			}
		default:
			m.ProtoReflect().Set(kind, protoreflect.ValueOfMessage(m.ProtoReflect().NewField(kind).Message()))
		}
		data, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		out := newView("me").response(data)
		if passed := out != nil; passed != needed[kind.Name()] {
			t.Errorf("%s goes on: %t", kind.Name(), passed)
		}
		if out != nil && kind.Name() != "join" && !bytes.Equal(out, data) {
			t.Errorf("%s is changed", kind.Name())
		}
		delete(needed, kind.Name())
	}
	if len(needed) > 0 {
		t.Errorf("the protocol has no %v", needed)
	}
	for _, other := range []string{"", "\xfa\x3f\x00", "\xff\xff\xff", "\x0a\xff", "\x2a\x02\x0a\xff"} {
		if out := newView("me").response([]byte(other)); out != nil {
			t.Errorf("%q goes on as %q", other, out)
		}
	}
}

// What passes untouched costs nothing.
func TestAMessageAboutNobodyIsNotDecoded(t *testing.T) {
	data, err := proto.Marshal(&livekit.SignalResponse{Message: &livekit.SignalResponse_Offer{Offer: description("audio sendonly")}})
	if err != nil {
		t.Fatal(err)
	}
	v := newView("me")
	if n := testing.AllocsPerRun(10, func() { v.response(data) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A client that resumes still knows whom it was shown, on another connection.
func TestAResumeTellsOfWhoIsGoneSince(t *testing.T) {
	var all views
	first, done := all.take("admission", "me")
	joins(t, first, other("speaker", true), other("stands", true))
	second, again := all.take("admission", "me") // before the first is known to be dead
	done()
	reconnect := &livekit.SignalResponse{Message: &livekit.SignalResponse_Reconnect{Reconnect: &livekit.ReconnectResponse{}}}
	if sees(t, second, reconnect) == nil {
		t.Error("a resume is not answered")
	}
	got := updated(t, second, gone(other("speaker", true)), gone(other("hidden", true)), other("stands", false), &livekit.ParticipantInfo{Sid: "PA_me", Identity: "me"})
	if want := []string{"-PA_speaker", "-PA_stands", "PA_me"}; !slices.Equal(got, want) {
		t.Errorf("after a resume: %v, not %v", got, want)
	}
	again()
	third, last := all.take("admission", "me")
	if third != first {
		t.Error("between two connections the view is lost")
	}
	last()
	fresh, end := all.take("another", "me")
	end()
	if fresh == first {
		t.Error("another admission has the same view")
	}
	joins(t, first, other("speaker", true))
	joins(t, first) // a new join knows nobody
	if got := updated(t, first, gone(other("speaker", true))); got != nil {
		t.Errorf("after a new join: %v", got)
	}
}

// Whoever is deaf, as each side of a proposed call is, is told of nobody; and of everybody at
// once when they may hear.
func TestADeafClientIsToldOfNobodyUntilItHears(t *testing.T) {
	v := newView("me")
	me := func(hears bool) *livekit.ParticipantInfo {
		return &livekit.ParticipantInfo{Sid: "PA_me", Identity: "me", Permission: &livekit.ParticipantPermission{CanPublish: true, CanSubscribe: hears}}
	}
	joined := &livekit.SignalResponse{Message: &livekit.SignalResponse_Join{Join: &livekit.JoinResponse{
		Room: &livekit.Room{Name: "r"}, Participant: me(false), OtherParticipants: []*livekit.ParticipantInfo{other("there before", true)},
	}}}
	if !v.filter(joined) || len(joined.GetJoin().OtherParticipants) != 0 {
		t.Fatalf("on joining: %v", joined)
	}
	for _, step := range []struct {
		what string
		tell []*livekit.ParticipantInfo
		want []string
	}{
		{"the other comes", []*livekit.ParticipantInfo{other("other", true)}, nil},
		{"and another goes again", []*livekit.ParticipantInfo{other("brief", true), gone(other("brief", true))}, nil},
		{"the client hears", []*livekit.ParticipantInfo{me(true)}, []string{"PA_me", "PA_other", "PA_there before"}},
		{"the other changes", []*livekit.ParticipantInfo{other("other", true)}, []string{"PA_other"}},
	} {
		got := updated(t, v, step.tell...)
		slices.Sort(got)
		if slices.Sort(step.want); !slices.Equal(got, step.want) {
			t.Errorf("%s: the client is told %v, not %v", step.what, got, step.want)
		}
	}
}
