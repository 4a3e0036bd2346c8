package realtime

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Regression: Disconnect did not find a socket that was opened before its session ended
// and sent connect after that. It received all events for ever.
func TestASocketThatConnectsAfterItsSessionEndedIsClosed(t *testing.T) {
	var ended atomic.Bool
	n, err := New(Rules{
		Authenticate: func(*http.Request) (string, error) {
			if ended.Load() {
				return "", errors.New("signed out")
			}
			return "ada", nil
		},
		CanSubscribe: func(context.Context, string, string) error { return nil },
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Stop(context.Background()) })
	server := httptest.NewServer(n.Handler())
	t.Cleanup(server.Close)
	open := func() *websocket.Conn {
		c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	connect := func(c *websocket.Conn) {
		if err := c.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"connect":{}}`)); err != nil {
			t.Fatal(err)
		}
	}
	here, late := open(), open()
	connect(here)
	if _, said, err := here.ReadMessage(); err != nil || !strings.Contains(string(said), `"subs":{"me:ada"`) {
		t.Fatalf("who is signed in is connected and subscribed at once: %s, %v", said, err)
	}
	ended.Store(true)
	connect(late)
	_ = late.SetReadDeadline(time.Now().Add(10 * time.Second))
	for {
		_, _, err := late.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			break
		}
		if err != nil {
			t.Fatalf("still open: %v", err)
		}
	}
}

func TestEachReadySocketIsToldOnceAndItsEndOnce(t *testing.T) {
	var open, closed atomic.Int32
	n, err := New(Rules{
		Authenticate: func(*http.Request) (string, error) { return "ada", nil },
		CanSubscribe: func(context.Context, string, string) error { return nil },
		Connected:    func(string) { open.Add(1) },
		Disconnected: func(string) { closed.Add(1) },
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(n.Handler())
	t.Cleanup(server.Close)
	const sockets = 20
	for i := range sockets {
		c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if i%4 == 0 { // never says connect: it is nobody's yet
			defer func() { _ = c.Close() }()
			continue
		}
		if err := c.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"connect":{}}`)); err != nil {
			t.Fatal(err)
		}
		if i%4 == 1 { // goes before it has the answer
			_ = c.Close()
			continue
		}
		if _, _, err := c.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		if i%4 == 2 {
			_ = c.Close()
		}
	}
	if err := n.Stop(context.Background()); err != nil { // closes the others
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); open.Load() != closed.Load() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if a, b := open.Load(), closed.Load(); a != b || a < sockets/2 || a > sockets*3/4 {
		t.Errorf("%d opened, %d closed", a, b)
	}
}
