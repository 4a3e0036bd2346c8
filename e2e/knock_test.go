package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// forge VARIABLE HOW TOKEN makes a forged token.
func forge(a act) {
	a.need(3, "forge VARIABLE wrong-key|other-key|alg-none|edited|expired|unexpired TOKEN")
	token := a.args[2]
	_, claims, _ := open(a, token)
	var forged string
	switch how := a.args[1]; how {
	case "wrong-key": // everything as it should be, but for the secret
		forged = sign(a, token, mediaKey, strings.Repeat("guess", 8), time.Now().Add(time.Hour))
	case "other-key":
		forged = sign(a, token, "mallory", strings.Repeat("guess", 8), time.Now().Add(time.Hour))
	case "expired": // signed with the server's own secret; a minute late is still taken for a clock that is off
		forged = sign(a, token, mediaKey, a.secret(a.TestScript), time.Now().Add(-2*time.Minute))
	case "unexpired": // the same in its time: nothing else is wrong with it
		forged = sign(a, token, mediaKey, a.secret(a.TestScript), time.Now().Add(2*time.Minute))
	case "alg-none":
		forged = encode(a, map[string]any{"alg": "none", "typ": "JWT"}) + "." + encode(a, speaking(claims)) + "."
	case "edited": // more rights under the old signature
		parts := strings.Split(token, ".")
		forged = parts[0] + "." + encode(a, speaking(claims)) + "." + parts[2]
	default:
		a.Fatalf("nobody forges by %s", how)
	}
	a.Setenv(a.args[0], forged)
}

func speaking(claims map[string]any) map[string]any {
	video := claims["video"].(map[string]any)
	video["canPublish"], video["canPublishData"], video["roomAdmin"] = true, true, true
	return claims
}

// open decodes a token without verifying its signature.
func open(a act, token string) (head, claims map[string]any, signature string) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		a.Fatalf("this is no token: %q", token)
	}
	for i, into := range []*map[string]any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		a.Check(err)
		a.Check(json.Unmarshal(text, into))
	}
	return head, claims, parts[2]
}

func encode(a act, v any) string {
	text, err := json.Marshal(v)
	a.Check(err)
	return base64.RawURLEncoding.EncodeToString(text)
}

// sign makes a token that says what like says, valid until then, by hand: what
// an attacker writes needs no library's consent.
func sign(a act, like, key, secret string, until time.Time) string {
	_, claims, _ := open(a, like)
	claims["iss"], claims["nbf"], claims["exp"] = key, until.Add(-time.Hour).Unix(), until.Unix()
	text := encode(a, map[string]any{"alg": "HS256", "typ": "JWT"}) + "." + encode(a, claims)
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// knock TOKEN [query=...] [origin=...] [metadata=...] [bearer] requests every entry point of
// audio and prints the responses; "! knock" wants all of them to refuse.
func knock(a act) {
	a.need(1, "knock TOKEN [query=...] [origin=...] [metadata=...] [bearer]")
	token, query, header, bearer, metadata := a.args[0], url.Values{}, http.Header{}, false, ""
	for _, o := range a.args[1:] {
		switch name, value, _ := strings.Cut(o, "="); name {
		case "query":
			more, err := url.ParseQuery(value)
			a.Check(err)
			query = more
		case "origin":
			header.Set("Origin", value)
		case "bearer":
			bearer = true
		case "metadata":
			metadata = value
		}
	}
	if bearer {
		header.Set("Authorization", "Bearer "+token)
	} else {
		query.Set("access_token", token)
	}
	open := 0
	for _, door := range []string{"/rtc", "/rtc/v1"} {
		q := query
		if door == "/rtc/v1" {
			q = url.Values{"join_request": {joinRequest(a, metadata)}}
			for k, v := range query {
				q[k] = v
			}
		}
		s, status, err := dial(a.socketURL()+door+"?"+q.Encode(), header)
		_, _ = fmt.Fprintf(a.Stdout(), "%s %d\n", door, status)
		if err != nil {
			continue
		}
		// The first word decides: only a join is a way in.
		if r, err := s.read(); err == nil && r.GetJoin() != nil {
			open++
			p := r.GetJoin().GetParticipant()
			_, _ = fmt.Fprintf(a.Stdout(), "%s joined as %s canPublish=%t\n", door, p.GetIdentity(), p.GetPermission().GetCanPublish())
		}
		_ = s.Close()
	}
	for _, door := range []string{"/rtc/validate", "/rtc/v1/validate"} {
		r, err := http.NewRequest(http.MethodGet, a.url()+door+"?"+query.Encode()+"&join_request="+joinRequest(a, metadata), nil)
		a.Check(err)
		r.Header = header.Clone()
		got, err := do(r)
		a.Check(err)
		_, _ = fmt.Fprintf(a.Stdout(), "%s %d\n", door, got.status)
		if got.status == http.StatusOK && header.Get("Origin") == "" {
			open++
		}
	}
	switch {
	case a.neg && open > 0:
		a.Fatalf("%d doors are open", open)
	case !a.neg && open == 0:
		a.Fatalf("no door is open")
	}
}

// refresh VARIABLE TOKEN connects and stores the refreshed token that the media server
// sends.
func refresh(a act) {
	a.need(2, "refresh VARIABLE TOKEN")
	s, status, err := dial(a.socketURL()+"/rtc?access_token="+a.args[1], nil)
	if err != nil {
		a.Fatalf("connect: %d %v", status, err)
	}
	defer func() { _ = s.Close() }()
	for {
		r, err := s.read()
		a.Check(err)
		if t := r.GetRefreshToken(); t != "" {
			a.Setenv(a.args[0], t)
			return
		}
	}
}

// socket NAME [origin=...] [nobody] opens the live events, as NAME.
func socket(a act) {
	a.need(1, "socket NAME [origin=...] [nobody]")
	header := http.Header{"Authorization": {"Bearer " + a.person(a.args[0]).token}}
	for _, o := range a.args[1:] {
		switch name, value, _ := strings.Cut(o, "="); name {
		case "origin":
			header.Set("Origin", value)
		case "nobody":
			header.Del("Authorization")
		case "cookie":
			header.Set("Cookie", "heyy_session="+value)
			header.Del("Authorization")
		}
	}
	s, status, err := dial(a.socketURL()+"/realtime", header)
	_, _ = fmt.Fprintf(a.Stdout(), "%d\n", status)
	if (err == nil) == a.neg {
		a.Fatalf("live events: %d %v", status, err)
	}
	if s != nil {
		_ = s.Close()
	}
}

// signals is a bare signalling connection to the media server.
type signals struct{ *websocket.Conn }

func dial(address string, header http.Header) (*signals, int, error) {
	c, r, err := websocket.DefaultDialer.Dial(address, header)
	if err != nil {
		if r == nil {
			return nil, 0, err
		}
		_ = r.Body.Close()
		return nil, r.StatusCode, err
	}
	return &signals{c}, r.StatusCode, c.SetReadDeadline(time.Now().Add(5 * time.Second))
}

func (s *signals) read() (*livekit.SignalResponse, error) {
	kind, data, err := s.ReadMessage()
	if err != nil {
		return nil, err
	}
	if kind != websocket.BinaryMessage {
		return nil, errors.New("not a signal")
	}
	r := &livekit.SignalResponse{}
	return r, proto.Unmarshal(data, r)
}

func joinRequest(a act, metadata string) string {
	inner, err := proto.Marshal(&livekit.JoinRequest{
		ClientInfo:         &livekit.ClientInfo{Sdk: livekit.ClientInfo_GO, Protocol: 16},
		ConnectionSettings: &livekit.ConnectionSettings{AutoSubscribe: true},
		Metadata:           metadata,
	})
	a.Check(err)
	outer, err := proto.Marshal(&livekit.WrappedJoinRequest{JoinRequest: inner})
	a.Check(err)
	return base64.URLEncoding.EncodeToString(outer)
}
