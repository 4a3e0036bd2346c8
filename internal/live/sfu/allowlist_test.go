package sfu

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func mayBeHeard() (bool, error) { return true, nil }

func asMany(int) bool { return true }

func sign(t *testing.T, m *livekit.SignalRequest) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// description has a media section for each line, of direction and further
// attributes.
func description(lines ...string) *livekit.SessionDescription {
	var b strings.Builder
	b.WriteString("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
	for _, l := range lines {
		kind, attributes, _ := strings.Cut(l, " ")
		b.WriteString("m=" + kind + " 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n")
		for a := range strings.FieldsSeq(attributes) {
			b.WriteString("a=" + strings.ReplaceAll(a, "_", " ") + "\r\n")
		}
	}
	return &livekit.SessionDescription{Type: "offer", Sdp: b.String()}
}

// Every kind of message that the protocol knows is either on the list of what
// clients need, or goes no further.
func TestOnlyWhatClientsNeedGoesOnToTheServer(t *testing.T) {
	needed := map[protoreflect.Name]bool{
		"offer": true, "answer": true, "trickle": true, "add_track": true, "subscription": true, "track_setting": true,
		"leave": true, "sync_state": true, "ping": true, "ping_req": true,
	}
	kinds := (&livekit.SignalRequest{}).ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
	for i := range kinds.Len() {
		kind := kinds.Get(i)
		m := &livekit.SignalRequest{}
		switch kind.Name() {
		case "offer":
			m.Message = &livekit.SignalRequest_Offer{Offer: description("audio sendonly", "audio recvonly")}
		case "answer":
			m.Message = &livekit.SignalRequest_Answer{Answer: description("audio recvonly")}
		case "add_track":
			m.Message = &livekit.SignalRequest_AddTrack{AddTrack: voice()}
		case "ping":
			m.Message = &livekit.SignalRequest_Ping{Ping: 1}
		default:
			m.ProtoReflect().Set(kind, protoreflect.ValueOfMessage(m.ProtoReflect().NewField(kind).Message()))
		}
		out, err := request(sign(t, m), mayBeHeard, asMany)
		if err != nil {
			t.Errorf("%s: %v", kind.Name(), err)
		}
		if passed := out != nil; passed != needed[kind.Name()] {
			t.Errorf("%s goes on: %t", kind.Name(), passed)
		}
		delete(needed, kind.Name())
	}
	if len(needed) > 0 {
		t.Errorf("the protocol has no %v", needed)
	}
	if out, err := request([]byte{0xfa, 0x3f, 0}, mayBeHeard, asMany); out != nil || err != nil { // field 1023: of a later version
		t.Errorf("a kind that nobody knows yet: %v %v", out, err)
	}
	for _, garbage := range []string{"{\"leave\":{}}", "\xff\xff\xff"} {
		if _, err := request([]byte(garbage), mayBeHeard, asMany); !errors.Is(err, errSignal) {
			t.Errorf("%q: %v", garbage, err)
		}
	}
}

func voice() *livekit.AddTrackRequest {
	return &livekit.AddTrackRequest{Cid: "a", Name: "microphone", Type: livekit.TrackType_AUDIO, Source: livekit.TrackSource_MICROPHONE}
}

func TestADescriptionSendsOneVoice(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		ok    bool
	}{
		"nothing":                     {nil, true},
		"listening to many":           {[]string{"audio recvonly", "audio inactive", "audio recvonly", "application"}, true},
		"speaking":                    {[]string{"application", "audio sendonly ssrc:1_cname:x ssrc:1_msid:a_b", "audio recvonly"}, true},
		"a voice that took another's": {[]string{"audio inactive", "audio sendrecv"}, true},
		"two voices":                  {[]string{"audio sendonly", "audio sendonly"}, false},
		"two, one without direction":  {[]string{"audio sendrecv", "audio"}, false},
		"two directions in one":       {[]string{"audio sendonly", "audio recvonly sendrecv"}, false},
		"two streams in one":          {[]string{"audio sendonly ssrc:1_cname:x ssrc:2_cname:y"}, false},
		"layers":                      {[]string{"audio sendonly rid:h_send rid:q_send simulcast:send_h;q"}, false},
		"video":                       {[]string{"video sendonly"}, false},
		"video that is only received": {[]string{"video recvonly"}, true},
	} {
		err := checkDescription(description(c.lines...))
		if ok := err == nil; ok != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if checkDescription(&livekit.SessionDescription{Sdp: "what"}) == nil {
		t.Error("no description at all is let through")
	}
}

// What the server makes of a description grows with its formats times its
// attributes: one message of 64 KiB was a gigabyte there.
func TestADescriptionIsLittleWork(t *testing.T) {
	of := func(formats string, sections, attributes int) *livekit.SessionDescription {
		var b strings.Builder
		b.WriteString("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
		for range sections {
			b.WriteString("m=audio 9 UDP/TLS/RTP/SAVPF" + formats + "\r\nc=IN IP4 0.0.0.0\r\na=recvonly\r\n" + strings.Repeat("a=rtcp-fb:1 x\r\n", attributes))
		}
		return &livekit.SessionDescription{Type: "offer", Sdp: b.String()}
	}
	for name, c := range map[string]struct {
		offer *livekit.SessionDescription
		ok    bool
	}{
		"a browser's in a full room": {of(strings.Repeat(" 111", 12), 40, 60), true},
		"formats without end":        {of(strings.Repeat(" 1", 16_000), 1, 2_000), false},
		"formats and no attributes":  {of(strings.Repeat(" 1", 16_000), 1, 0), false},
		"attributes without end":     {of(" 1", 1, 4_000), false},
		"sections without end":       {of(" 1", 1_000, 0), false},
	} {
		if err := checkDescription(c.offer); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The server keeps something for each track that a client names, whether or not
// there is one.
func TestAClientNamesAsManyTracksAsThereMayBe(t *testing.T) {
	sids := []string{"TR_a", "TR_b"}
	wish := &livekit.UpdateSubscription{TrackSids: sids, ParticipantTracks: []*livekit.ParticipantTracks{{TrackSids: sids}}}
	for name, c := range map[string]struct {
		says *livekit.SignalRequest
		want int
	}{
		"a wish":     {&livekit.SignalRequest{Message: &livekit.SignalRequest_Subscription{Subscription: wish}}, 5},
		"a setting":  {&livekit.SignalRequest{Message: &livekit.SignalRequest_TrackSetting{TrackSetting: &livekit.UpdateTrackSettings{TrackSids: sids}}}, 2},
		"a resume":   {&livekit.SignalRequest{Message: &livekit.SignalRequest_SyncState{SyncState: &livekit.SyncState{Subscription: wish, TrackSidsDisabled: sids}}}, 7},
		"no track":   {&livekit.SignalRequest{Message: &livekit.SignalRequest_Ping{Ping: 1}}, 0},
		"empty wish": {&livekit.SignalRequest{Message: &livekit.SignalRequest_Subscription{Subscription: &livekit.UpdateSubscription{}}}, 0},
	} {
		asked := 0
		out, err := request(sign(t, c.says), mayBeHeard, func(n int) bool { asked += n; return true })
		if err != nil || out == nil || asked != c.want {
			t.Errorf("%s: names %d, want %d; %v", name, asked, c.want, err)
		}
		if c.want == 0 {
			continue
		}
		if _, err := request(sign(t, c.says), mayBeHeard, func(int) bool { return false }); !errors.Is(err, errSignal) {
			t.Errorf("%s beyond the bound: %v", name, err)
		}
	}
}

func TestATrackIsAMicrophoneMutedAsTheRowsSay(t *testing.T) {
	track := func(change func(*livekit.AddTrackRequest), may canPublishNow) *livekit.AddTrackRequest {
		t.Helper()
		asked := voice()
		change(asked)
		out, err := request(sign(t, &livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: asked}}), may, asMany)
		if err != nil {
			t.Fatal(err)
		}
		var m livekit.SignalRequest
		if err := proto.Unmarshal(out, &m); err != nil {
			t.Fatal(err)
		}
		return m.GetAddTrack()
	}
	as := func(b bool) canPublishNow { return func() (bool, error) { return b, nil } }
	if got := track(func(a *livekit.AddTrackRequest) { a.Muted = true }, as(true)); got == nil || got.Muted {
		t.Errorf("who may be heard is published as %v", got)
	}
	if got := track(func(a *livekit.AddTrackRequest) {}, as(false)); got == nil || !got.Muted {
		t.Errorf("who is muted in the rows is published as %v", got)
	}
	for name, change := range map[string]func(*livekit.AddTrackRequest){
		"a camera":           func(a *livekit.AddTrackRequest) { a.Type = livekit.TrackType_VIDEO },
		"sound of a screen":  func(a *livekit.AddTrackRequest) { a.Source = livekit.TrackSource_SCREEN_SHARE_AUDIO },
		"a codec more":       func(a *livekit.AddTrackRequest) { a.Sid = "TR_x" },
		"several codecs":     func(a *livekit.AddTrackRequest) { a.SimulcastCodecs = make([]*livekit.SimulcastCodec, 2) },
		"layers":             func(a *livekit.AddTrackRequest) { a.Layers = make([]*livekit.VideoLayer, 1) },
		"a name without end": func(a *livekit.AddTrackRequest) { a.Name = strings.Repeat("x", nameLimit+1) },
	} {
		if got := track(change, as(true)); got != nil {
			t.Errorf("%s is published as %v", name, got)
		}
	}
	broken := errors.New("no rows")
	if _, err := request(sign(t, &livekit.SignalRequest{Message: &livekit.SignalRequest_AddTrack{AddTrack: voice()}}), func() (bool, error) { return true, broken }, asMany); !errors.Is(err, broken) {
		t.Errorf("without an answer from the rows: %v", err)
	}
}

func TestAJoinIsMadeAnewFromWhatIsKnown(t *testing.T) {
	pack := func(j *livekit.JoinRequest, zip bool) string {
		inner, err := proto.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		w := &livekit.WrappedJoinRequest{JoinRequest: inner}
		if zip {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(inner)
			_ = z.Close()
			w.Compression, w.JoinRequest = livekit.WrappedJoinRequest_GZIP, b.Bytes()
		}
		data, err := proto.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		return base64.URLEncoding.EncodeToString(data)
	}
	full := &livekit.JoinRequest{
		ClientInfo: &livekit.ClientInfo{Sdk: livekit.ClientInfo_JS, Browser: "Firefox"}, ConnectionSettings: &livekit.ConnectionSettings{AutoSubscribe: true},
		Reconnect: true, ParticipantSid: "PA_x", AddTrackRequests: []*livekit.AddTrackRequest{voice()}, PublisherOffer: description("audio sendonly"),
	}
	for _, zip := range []bool{false, true} {
		q, err := connecting(url.Values{
			"join_request": {pack(full, zip)}, "publish": {"x"}, "attributes": {"x"}, "access_token": {"x"}, "sid": {"PA_x"}, "protocol": {"16"},
		}, mayBeHeard)
		if err != nil {
			t.Fatal(err)
		}
		if q.Has("publish") || q.Has("attributes") || q.Has("access_token") || q.Get("sid") != "PA_x" || q.Get("protocol") != "16" {
			t.Errorf("the server is told %v", q)
		}
		data, err := base64.URLEncoding.DecodeString(q.Get("join_request"))
		if err != nil {
			t.Fatal(err)
		}
		var w livekit.WrappedJoinRequest
		var j livekit.JoinRequest
		if err := errors.Join(proto.Unmarshal(data, &w), proto.Unmarshal(w.JoinRequest, &j)); err != nil {
			t.Fatal(err)
		}
		if !j.Reconnect || j.ParticipantSid != "PA_x" || j.ClientInfo.GetBrowser() != "Firefox" || !j.ConnectionSettings.GetAutoSubscribe() || len(j.AddTrackRequests) != 1 || j.PublisherOffer == nil {
			t.Errorf("of the join is left %v", &j)
		}
	}
	for name, j := range map[string]*livekit.JoinRequest{
		"two tracks":             {AddTrackRequests: []*livekit.AddTrackRequest{voice(), voice()}},
		"an offer of two":        {PublisherOffer: description("audio sendonly", "audio sendonly")},
		"another admission":      {Metadata: "mallory"},
		"attributes":             {ParticipantAttributes: map[string]string{"a": "b"}},
		"one that swells":        {ClientInfo: &livekit.ClientInfo{Os: strings.Repeat("x", messageLimit)}},
		"a track that is no mic": {AddTrackRequests: []*livekit.AddTrackRequest{{Type: livekit.TrackType_VIDEO}}},
	} {
		if _, err := connecting(url.Values{"join_request": {pack(j, true)}}, mayBeHeard); err == nil {
			t.Errorf("%s is let through", name)
		}
	}
	if _, err := connecting(url.Values{"join_request": {"?"}}, mayBeHeard); err == nil {
		t.Error("garbage is let through")
	}
}
