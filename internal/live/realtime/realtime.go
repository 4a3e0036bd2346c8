package realtime

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
)

// Rules are the functions that authenticate sockets and authorise subscriptions.
type Rules struct {
	// Authenticate returns the person of a socket's request, or an error.
	Authenticate func(r *http.Request) (person string, err error)
	// CanSubscribe is called for each subscription. An error refuses it.
	CanSubscribe func(ctx context.Context, person, channel string) error
	// Connected is told of each socket that is ready, and Disconnected once of its end. They
	// must not wait: the socket does. Nil: nobody is told.
	Connected, Disconnected func(person string)
}

// Node publishes live events to the sockets of one process.
type Node struct {
	node  *centrifuge.Node
	rules Rules
	log   *slog.Logger
	open  connLimits

	mu   sync.Mutex
	subs map[string]map[*centrifuge.Client]bool // by channel; some may not be fully subscribed yet
}

// personalChannel is the channel of a person; the server subscribes their sockets to it.
func personalChannel(person string) string { return "me:" + person }

const (
	queueBytes = 1 << 20 // a slower client is disconnected
)

// New returns a Node with the in-memory engine.
func New(rules Rules, log *slog.Logger) (*Node, error) {
	level := centrifuge.LogLevelWarn
	node, err := centrifuge.New(centrifuge.Config{
		LogLevel: level,
		LogHandler: func(e centrifuge.LogEntry) {
			log.Warn("realtime: "+e.Message, "fields", e.Fields)
		},
		ClientQueueMaxSize: queueBytes,
		ClientChannelLimit: 32,
	})
	if err != nil {
		return nil, fmt.Errorf("realtime: %w", err)
	}
	n := &Node{node: node, rules: rules, log: log, open: newConnLimits(), subs: map[string]map[*centrifuge.Client]bool{}}
	node.OnCommandRead(waitForRate)
	node.OnConnecting(n.connecting)
	node.OnConnect(n.connected)
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("realtime: %w", err)
	}
	return n, nil
}

// Stop closes all sockets.
func (n *Node) Stop(ctx context.Context) error { return n.node.Shutdown(ctx) }

// Handler upgrades requests to sockets. Origins are checked before.
func (n *Node) Handler() http.Handler {
	ws := centrifuge.NewWebsocketHandler(n.node, centrifuge.WebsocketConfig{
		CheckOrigin:      func(*http.Request) bool { return true }, // checked for all paths in one place
		Compression:      false,                                    // a few bytes must not expand to many here
		MessageSizeLimit: messageLimit,
		// Most sockets are idle: what each keeps is small.
		ReadBufferSize:             readBuffer,
		UseWriteBufferPool:         true,
		ProcessCommandsOffReadLoop: true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !n.open.admit(r.Context(), r) {
			w.Header().Set("Retry-After", "2")
			http.Error(w, "too many connect at once", http.StatusServiceUnavailable)
			return
		}
		person, err := n.rules.Authenticate(r)
		n.open.admitted()
		if err != nil {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		place, ok := n.open.enter(w, r, person)
		if !ok {
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many connections", http.StatusTooManyRequests)
			return
		}
		defer place.served()
		ctx := centrifuge.SetCredentials(withPendingRequest(withRateLimit(r.Context()), r), &centrifuge.Credentials{UserID: person})
		upgrade := r.WithContext(ctx)
		ws.ServeHTTP(place, upgrade)
		// The socket keeps its request, of which it needs the context and the protocol.
		upgrade.Header, upgrade.URL = nil, nil
	})
}

// Publish sends an event to all subscribers of a channel. No channel has a history, because
// subscribers may not see the same events; a client reads the state after a reconnect.
func (n *Node) Publish(channel string, event any) error {
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("realtime: %s: %w", channel, err)
	}
	if _, err := n.node.Publish(channel, data); err != nil {
		return fmt.Errorf("realtime: %s: %w", channel, err)
	}
	return nil
}

// Send publishes an event to the current subscribers for whom to returns true.
func (n *Node) Send(channel string, event any, to func(person string) bool) error {
	all := true
	var some []*centrifuge.Client
	n.mu.Lock()
	for c := range n.subs[channel] {
		if to(c.UserID()) {
			some = append(some, c)
		} else {
			all = false
		}
	}
	n.mu.Unlock()
	if all {
		return n.Publish(channel, event)
	}
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("realtime: %s: %w", channel, err)
	}
	for _, c := range some {
		// A client that is not subscribed (any more) reads the state when it is.
		_ = c.WritePublication(channel, &centrifuge.Publication{Data: data}, centrifuge.StreamPosition{})
	}
	return nil
}

// Subscribers returns the people who subscribe to a channel on this node, each once.
func (n *Node) Subscribers(channel string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	people := make(map[string]bool, len(n.subs[channel]))
	for c := range n.subs[channel] {
		people[c.UserID()] = true
	}
	return slices.Collect(maps.Keys(people))
}

func (n *Node) subscribed(c *centrifuge.Client, channel string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.subs[channel] == nil {
		n.subs[channel] = map[*centrifuge.Client]bool{}
	}
	n.subs[channel][c] = true
}

func (n *Node) unsubscribed(c *centrifuge.Client, channel string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.subs[channel], c)
	if len(n.subs[channel]) == 0 {
		delete(n.subs, channel)
	}
}

// PublishTo publishes an event to all sockets of one person.
func (n *Node) PublishTo(person string, event any) error {
	return n.Publish(personalChannel(person), event)
}

// Unsubscribe ends a person's subscription to a channel.
func (n *Node) Unsubscribe(person, channel string) error {
	return n.node.Unsubscribe(person, channel)
}

// Disconnect closes all sockets of a person; clients with a valid session reconnect.
func (n *Node) Disconnect(person string) error {
	return n.node.Disconnect(person, centrifuge.WithCustomDisconnect(centrifuge.DisconnectForceReconnect))
}

type pendingKey struct{}

// pendingRequest holds the request of a socket whose client has not sent connect yet, for
// which it has 15 seconds. Until then Disconnect does not find the socket.
type pendingRequest struct{ r *http.Request }

func withPendingRequest(ctx context.Context, r *http.Request) context.Context {
	return context.WithValue(ctx, pendingKey{}, &pendingRequest{r})
}

// isStillAuthentic reports whether the socket's request still authenticates as person: its session may
// have ended since.
func (n *Node) isStillAuthentic(ctx context.Context, person string) bool {
	w, ok := ctx.Value(pendingKey{}).(*pendingRequest)
	if !ok || w.r == nil {
		return false
	}
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	who, err := n.rules.Authenticate(w.r.WithContext(within))
	return err == nil && who == person
}

// connecting subscribes a socket to the person's own channel with the reply to its connect:
// a client that is connected and reads the state misses no event after that.
func (n *Node) connecting(ctx context.Context, _ centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	who, ok := centrifuge.GetCredentials(ctx)
	if !ok || !n.isStillAuthentic(ctx, who.UserID) {
		return centrifuge.ConnectReply{}, centrifuge.DisconnectForceReconnect
	}
	return centrifuge.ConnectReply{Subscriptions: map[string]centrifuge.SubscribeOptions{personalChannel(who.UserID): {}}}, nil
}

func (n *Node) connected(c *centrifuge.Client) {
	person := c.UserID()
	// From here on Disconnect finds the socket, so a session that ends later closes it.
	if !n.isStillAuthentic(c.Context(), person) {
		c.Disconnect(centrifuge.DisconnectForceReconnect)
		return
	}
	if w, ok := c.Context().Value(pendingKey{}).(*pendingRequest); ok {
		w.r = nil // releases the request
	}
	if n.rules.Connected != nil {
		n.rules.Connected(person)
	}
	c.OnDisconnect(func(centrifuge.DisconnectEvent) {
		if n.rules.Disconnected != nil {
			n.rules.Disconnected(person)
		}
	})
	c.OnUnsubscribe(func(e centrifuge.UnsubscribeEvent) { n.unsubscribed(c, e.Channel) })
	c.OnSubscribe(func(e centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
		go func() { // the rule reads the database; the socket's loop must not wait
			ctx, stop := context.WithTimeout(c.Context(), 5*time.Second)
			defer stop()
			if err := n.rules.CanSubscribe(ctx, person, e.Channel); err != nil {
				done(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
				return
			}
			n.subscribed(c, e.Channel)
			done(centrifuge.SubscribeReply{}, nil)
		}()
	})
}
