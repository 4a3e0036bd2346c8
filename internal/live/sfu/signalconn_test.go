package sfu

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// Clients say that they leave and close at once, while messages to them are on their way.
func TestAMediaServerHearsOfEachWhoLeaves(t *testing.T) {
	var upgrade websocket.Upgrader
	left := make(chan bool)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrade.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		stop := make(chan struct{})
		defer close(stop)
		go func() {
			pong, _ := proto.Marshal(&livekit.SignalResponse{Message: &livekit.SignalResponse_Pong{Pong: 1}})
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := c.WriteMessage(websocket.BinaryMessage, pong); err != nil {
					return
				}
				time.Sleep(50 * time.Microsecond)
			}
		}()
		heard := false
		for {
			_, data, err := c.ReadMessage()
			if err != nil {
				left <- heard
				return
			}
			var m livekit.SignalRequest
			heard = heard || proto.Unmarshal(data, &m) == nil && m.GetLeave() != nil
		}
	}))
	defer server.Close()
	address := func(s *httptest.Server) string { return "ws" + strings.TrimPrefix(s.URL, "http") }
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to, answer, err := websocket.DefaultDialer.DialContext(r.Context(), address(server), nil)
		if err != nil {
			t.Error(err)
			return
		}
		_ = answer.Body.Close()
		c, err := upgrade.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		l := signalConn{client: c, server: to, may: func() (bool, error) { return true, nil }, response: func(b []byte) [][]byte { return [][]byte{b} }}
		_ = l.run(r.Context())
	}))
	defer gate.Close()

	leave, err := proto.Marshal(&livekit.SignalRequest{Message: &livekit.SignalRequest_Leave{Leave: &livekit.LeaveRequest{}}})
	if err != nil {
		t.Fatal(err)
	}
	const times = 200
	lost := 0
	for range times {
		c, answer, err := websocket.DefaultDialer.DialContext(t.Context(), address(gate), nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		for range 3 {
			if _, _, err := c.ReadMessage(); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.WriteMessage(websocket.BinaryMessage, leave); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		select {
		case heard := <-left:
			if !heard {
				lost++
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the server is still connected")
		}
	}
	if lost > 0 {
		t.Errorf("of %d who left, the server heard nothing of %d", times, lost)
	}
}
