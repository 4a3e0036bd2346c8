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
