package realtime

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"
)

// live returns a node on a server of its own; the person of a socket is its parameter.
func live(t *testing.T, authenticate func(*http.Request) (string, error)) (*Node, string) {
	t.Helper()
	n, err := New(Rules{
		Authenticate: authenticate,
		CanSubscribe: func(context.Context, string, string) error { return nil },
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Stop(context.Background()) })
	server := httptest.NewServer(n.Handler())
	t.Cleanup(server.Close)
	return n, "ws" + strings.TrimPrefix(server.URL, "http") + "/?person="
}

func named(r *http.Request) (string, error) { return r.URL.Query().Get("person"), nil }

// inLobby opens a socket that is subscribed to the lobby.
func inLobby(d *websocket.Dialer, url string) (*websocket.Conn, error) {
	c, _, err := d.Dial(url, nil)
	if err != nil {
		return nil, err
	}
	if err := c.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"connect":{}}`+"\n"+`{"id":2,"subscribe":{"channel":"lobby"}}`)); err != nil {
		return nil, err
	}
	for {
		_, said, err := c.ReadMessage()
		if err != nil || bytes.Contains(said, []byte(`"id":2`)) {
			return c, err
		}
	}
}

func TestASocketThatNeverReadsDelaysNobodyAndIsDropped(t *testing.T) {
	const (
		others = 999
		rounds = 20
		eachMB = 1
	)
	n, url := live(t, named)
	n.open.pace.SetLimit(rate.Inf)
	stalled, err := inLobby(&websocket.Dialer{NetDial: func(network, address string) (net.Conn, error) {
		c, err := net.Dial(network, address)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return c, err
	}}, url+"stalled")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stalled.Close() })

	dialer := &websocket.Dialer{ReadBufferSize: 512, WriteBufferSize: 512, WriteBufferPool: &sync.Pool{}}
	var all, readers errgroup.Group
	all.SetLimit(32)
	var got atomic.Int64
	for i := range others {
		all.Go(func() error {
			c, err := inLobby(dialer, url+"reader"+strconv.Itoa(i))
			if err != nil {
				return err
			}
			t.Cleanup(func() { _ = c.Close() })
			_ = c.SetReadDeadline(time.Now().Add(time.Minute))
			readers.Go(func() error {
				for had := 0; had < rounds; {
					_, said, err := c.ReadMessage()
					if err != nil {
						return err
					}
					if string(said) == "{}" { // a ping
						if err := c.WriteMessage(websocket.TextMessage, said); err != nil {
							return err
						}
					}
					had += bytes.Count(said, []byte(`"round"`))
				}
				got.Add(1)
				return nil
			})
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}

	part := strings.Repeat("x", 64<<10)
	for round := range rounds {
		for range eachMB << 20 / len(part) {
			if err := n.PublishTo("stalled", map[string]string{"part": part}); err != nil {
				t.Fatal(err)
			}
		}
		if err := n.Publish("lobby", map[string]int{"round": round}); err != nil {
			t.Fatal(err)
		}
	}
	if err := readers.Wait(); err != nil || got.Load() != others {
		t.Fatalf("%d of %d who read have everything: %v", got.Load(), others, err)
	}

	// What is left for the one who did not read is what was on its way.
	_ = stalled.SetReadDeadline(time.Now().Add(time.Minute))
	left := 0
	for {
		var r io.Reader
		if _, r, err = stalled.NextReader(); err != nil {
			break
		}
		var some int64
		some, err = io.Copy(io.Discard, r)
		left += int(some)
		if err != nil {
			break
		}
	}
	if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
		t.Fatal("it is still connected")
	}
	t.Logf("%d of %d MB were kept for it", left>>20, rounds*eachMB)
	if most := rounds * eachMB << 20 / 2; left > most {
		t.Error("that is too much")
	}
}

func TestAFewSocketsAreAuthenticatedAtOnce(t *testing.T) {
	var inside, most atomic.Int64
	free := make(chan struct{})
	_, url := live(t, func(r *http.Request) (string, error) {
		now := inside.Add(1)
		defer inside.Add(-1)
		for {
			was := most.Load()
			if now <= was || most.CompareAndSwap(was, now) {
				break
			}
		}
		<-free
		return named(r)
	})
	var all errgroup.Group
	for range 5 * handshakesAtOnce {
		all.Go(func() error {
			c, _, err := websocket.DefaultDialer.Dial(url+"ada", nil)
			if err == nil {
				_ = c.Close()
			}
			return err
		})
	}
	// Those who give up leave their places in the queue.
	ctx, stop := context.WithCancel(t.Context())
	for range 3 * handshakesAtOnce {
		all.Go(func() error {
			c, _, err := websocket.DefaultDialer.DialContext(ctx, url+"bob", nil)
			if err == nil {
				_ = c.Close()
			}
			return nil
		})
	}
	for inside.Load() < handshakesAtOnce {
		time.Sleep(time.Millisecond)
	}
	stop()
	close(free)
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	if most.Load() > handshakesAtOnce {
		t.Errorf("%d at once", most.Load())
	}
}
