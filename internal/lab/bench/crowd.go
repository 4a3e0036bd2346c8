package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"heyy/internal/edge/fanout"
)

// Crowd is many signed-in clients of one server. They speak the Centrifuge protocol as JSON on
// plain WebSockets: a full client would take more of the machine than the server that is
// measured.
type Crowd struct {
	base    string
	dialer  *websocket.Dialer
	web     *http.Client                                     // of commands and reads
	Channel string                                           // that each subscribes to, beside their own
	Heard   func(by *LiveClient, frame []byte, at time.Time) // nil: they read messages of chats
	Clients []*LiveClient
	closed  atomic.Bool
	cutOff  atomic.Int64 // connections that ended although nobody dropped them
}

// LiveClient is one of a Crowd: a live connection, and the chat with its partner as it knows it.
type LiveClient struct {
	Token
	crowd   *Crowd
	partner *LiveClient // nil: writes to nobody

	wasCutOff atomic.Bool

	mu      sync.Mutex
	conn    *websocket.Conn
	seq     int64          // of the chat, up to which everything is known
	newest  int64          // of the events that came
	has     map[string]int // how often each message was applied
	order   []string
	reading bool // what was missed
	arrived func(message string, at time.Time)
}

const (
	socketBuffer   = 512
	openTimeout    = time.Minute     // as a browser has it
	connectTimeout = 3 * time.Second // this and the others as the web client has them
	firstRetry     = 200 * time.Millisecond
	longestRetry   = 2 * time.Second
	connectsAtOnce = 64
)

// NewCrowd returns clients that are not connected yet. The first 2*pairs are partners, two by
// two.
func NewCrowd(base string, tokens []Token, pairs, conns int) (*Crowd, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	// No name is looked up 10,000 times.
	address := net.JoinHostPort("127.0.0.1", u.Port())
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	c := &Crowd{
		base: base, Channel: fanout.Lobby, // the screen where people are who do nothing
		dialer: &websocket.Dialer{
			NetDialContext: dial, HandshakeTimeout: openTimeout,
			ReadBufferSize: socketBuffer, WriteBufferSize: socketBuffer, WriteBufferPool: &sync.Pool{},
		},
		web: &http.Client{
			Timeout:   30 * time.Second,
			Transport: &http.Transport{DialContext: dial, MaxConnsPerHost: conns, MaxIdleConnsPerHost: conns},
		},
	}
	for i, t := range tokens {
		one := &LiveClient{Token: t, crowd: c, has: map[string]int{}}
		c.Clients = append(c.Clients, one)
		if i%2 == 1 && i < 2*pairs {
			one.partner = c.Clients[i-1]
			c.Clients[i-1].partner = one
		}
	}
	return c, nil
}

// ConnectAll connects all clients, some at a time, and returns how long each took.
func (c *Crowd) ConnectAll(ctx context.Context) ([]time.Duration, error) {
	took := make([]time.Duration, len(c.Clients))
	var g errgroup.Group
	g.SetLimit(connectsAtOnce)
	for i, one := range c.Clients {
		g.Go(func() error {
			begun := time.Now()
			err := one.connect(ctx)
			took[i] = time.Since(begun)
			return err
		})
	}
	return took, g.Wait()
}

// WasCutOff reports whether a connection of the client ended although nobody dropped it.
func (l *LiveClient) WasCutOff() bool { return l.wasCutOff.Load() }

// Close hangs up.
func (c *Crowd) Close() {
	c.closed.Store(true)
	for _, one := range c.Clients {
		one.drop()
	}
	c.web.CloseIdleConnections()
}

// connect opens the live connection and subscribes to the channel of the crowd. The server
// subscribes the client to its own channel by itself.
func (l *LiveClient) connect(ctx context.Context) error {
	head := http.Header{"Authorization": {"Bearer " + l.Token.Token}}
	conn, _, err := l.crowd.dialer.DialContext(ctx, "ws"+strings.TrimPrefix(l.crowd.base, "http")+"/realtime?account="+l.Account, head)
	if err != nil {
		return fmt.Errorf("bench: connect: %w", err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(connectTimeout))
	err = conn.WriteMessage(websocket.TextMessage, []byte(`{"id":1,"connect":{}}`+"\n"+`{"id":2,"subscribe":{"channel":"`+l.crowd.Channel+`"}}`))
	for subscribed := false; err == nil && !subscribed; {
		var frame []byte
		if _, frame, err = conn.ReadMessage(); err == nil {
			subscribed = bytes.Contains(frame, []byte(`"id":2`))
			if bytes.Contains(frame, []byte(`"error"`)) {
				err = fmt.Errorf("%s", frame)
			}
		}
	}
	if err != nil {
		_ = conn.Close()
		return fmt.Errorf("bench: connect: %w", err)
	}
	_ = conn.SetReadDeadline(time.Time{})
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	go l.listen(ctx, conn)
	return nil
}

// drop resets the connection, as when a proxy or a network dies.
func (l *LiveClient) drop() {
	l.mu.Lock()
	conn := l.conn
	l.conn = nil
	l.mu.Unlock()
	if conn == nil {
		return
	}
	if tcp, ok := conn.NetConn().(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// comeBack connects again as the web client does, with growing pauses, and reads what the
// screens show.
func (l *LiveClient) comeBack(ctx context.Context) error {
	for try := 0; ; try++ {
		pause := rand.N(min(longestRetry, firstRetry<<min(try, 10)))
		select {
		case <-time.After(min(longestRetry, firstRetry+pause)):
		case <-ctx.Done():
			return ctx.Err()
		}
		if l.connect(ctx) == nil {
			break
		}
	}
	for _, path := range []string{"/api/chats", "/api/matches", "/api/call", "/api/notifications", "/api/rooms"} {
		if err := stubborn(ctx, func() error { return l.Get(ctx, path, nil) }); err != nil {
			return err
		}
	}
	return stubborn(ctx, func() error { return l.catchUp(ctx) })
}

// stubborn repeats a read until it succeeds.
func stubborn(ctx context.Context, read func() error) error {
	for {
		if err := read(); err == nil || ctx.Err() != nil {
			return err
		}
		if err := Wait(ctx, firstRetry); err != nil {
			return err
		}
	}
}

// listen reads events until the connection ends, and comes back if nobody has dropped it.
func (l *LiveClient) listen(ctx context.Context, conn *websocket.Conn) {
	l.hear(ctx, conn)
	_ = conn.Close()
	l.mu.Lock()
	dropped := l.conn != conn
	l.mu.Unlock()
	if !dropped && !l.crowd.closed.Load() {
		l.crowd.cutOff.Add(1)
		l.wasCutOff.Store(true)
		_ = l.comeBack(ctx)
	}
}

func (l *LiveClient) hear(ctx context.Context, conn *websocket.Conn) {
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if bytes.Equal(frame, []byte("{}")) {
			if conn.WriteMessage(websocket.TextMessage, frame) != nil {
				return
			}
			continue
		}
		at := time.Now()
		if l.crowd.Heard != nil {
			l.crowd.Heard(l, frame, at)
			continue
		}
		if !bytes.Contains(frame, []byte(`"message"`)) {
			continue
		}
		for line := range bytes.Lines(frame) {
			var said struct {
				Push struct {
					Pub struct{ Data chatEvent }
				}
			}
			if json.Unmarshal(line, &said) == nil && said.Push.Pub.Data.Type == "message" {
				l.event(ctx, said.Push.Pub.Data, at)
			}
		}
	}
}

type chatEvent struct {
	Type     string
	PersonID string `json:"person_id"`
	Seq      int64
	Message  struct {
		ID   string
		Mine bool
	}
}

// event applies the event of a message by the rule of the protocol: it is the next one, was
// known already, or something was missed.
func (l *LiveClient) event(ctx context.Context, e chatEvent, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.partner == nil || e.PersonID != l.partner.Account {
		return
	}
	if l.arrived != nil && !e.Message.Mine {
		l.arrived(e.Message.ID, at)
	}
	l.newest = max(l.newest, e.Seq)
	switch {
	case e.Seq == l.seq+1:
		l.apply(e.Message.ID, e.Seq)
	case e.Seq > l.seq && !l.reading:
		l.reading = true
		go func() { _ = stubborn(ctx, func() error { return l.catchUp(ctx) }) }()
	}
}

// apply is called with mu held.
func (l *LiveClient) apply(id string, seq int64) {
	l.seq = seq
	l.has[id]++
	l.order = append(l.order, id)
}

// known returns the messages of the chat in the order in which they were applied.
func (l *LiveClient) known() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.order)
}

// times returns how often a message was applied.
func (l *LiveClient) times(message string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.has[message]
}

// catchUp reads the messages that were missed.
func (l *LiveClient) catchUp(ctx context.Context) error {
	if l.partner == nil {
		return nil
	}
	l.mu.Lock()
	since := l.seq
	l.reading = true
	l.mu.Unlock()
	var missed struct {
		Messages []struct {
			ID  string
			Seq int64
		}
	}
	err := l.Get(ctx, fmt.Sprintf("/api/chats/%s/changes?since=%d", l.partner.Account, since), &missed)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range missed.Messages {
		if m.Seq > l.seq {
			l.apply(m.ID, m.Seq)
		}
	}
	if err == nil && l.newest > l.seq {
		return errBehind
	}
	l.reading = err != nil
	return err
}

var (
	errRefused = errors.New("bench: refused")
	errBehind  = errors.New("bench: events came while their changes were read")
)

// Get reads path; out may be nil.
func (l *LiveClient) Get(ctx context.Context, path string, out any) error {
	return l.Ask(ctx, http.MethodGet, path, "", out)
}

// Ask sends a request; out may be nil.
func (l *LiveClient) Ask(ctx context.Context, method, path, body string, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, l.crowd.base+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+l.Token.Token)
	if method != http.MethodGet {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	answer, err := l.crowd.web.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%w: %s %s: %d %s", errRefused, method, path, answer.StatusCode, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}
