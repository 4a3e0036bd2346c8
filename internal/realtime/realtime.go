package realtime

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/centrifugal/centrifuge"
)

// Rules says who may hear what.
type Rules struct {
	// Who a socket's request belongs to. An error refuses the socket.
	Who func(r *http.Request) (person string, err error)
	// MayHear is asked at each subscription. An error refuses it.
	MayHear func(ctx context.Context, person, channel string) error
}

// Node is one process's share of the live events.
type Node struct {
	node  *centrifuge.Node
	rules Rules
	log   *slog.Logger
}

// Channels of persons, told apart from those a client subscribes to itself.
func own(person string) string { return "me:" + person }

const (
	historySize = 64
	historyTime = time.Minute
	queueBytes  = 1 << 20 // a client slower than this is cut off
)

// New makes a node with the memory engine.
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
	n := &Node{node: node, rules: rules, log: log}
	node.OnConnect(n.connected)
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("realtime: %w", err)
	}
	return n, nil
}

// Stop closes every socket.
func (n *Node) Stop(ctx context.Context) error { return n.node.Shutdown(ctx) }

// Handler takes sockets. Wrong origins are turned away before.
func (n *Node) Handler() http.Handler {
	ws := centrifuge.NewWebsocketHandler(n.node, centrifuge.WebsocketConfig{
		CheckOrigin:        func(*http.Request) bool { return true }, // checked for all paths in one place
		MessageSizeLimit:   16 << 10,
		UseWriteBufferPool: true,
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		person, err := n.rules.Who(r)
		if err != nil {
			http.Error(w, "sign in first", http.StatusUnauthorized)
			return
		}
		ctx := centrifuge.SetCredentials(r.Context(), &centrifuge.Credentials{UserID: person})
		ws.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Publish tells everybody on a channel. recent keeps it for those who come back
// within a minute.
func (n *Node) Publish(channel string, event any, recent bool) error {
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("realtime: %s: %w", channel, err)
	}
	var opts []centrifuge.PublishOption
	if recent {
		opts = append(opts, centrifuge.WithHistory(historySize, historyTime))
	}
	if _, err := n.node.Publish(channel, data, opts...); err != nil {
		return fmt.Errorf("realtime: %s: %w", channel, err)
	}
	return nil
}

// Tell publishes to one person, on all their devices.
func (n *Node) Tell(person string, event any) error { return n.Publish(own(person), event, false) }

// Silence ends a person's subscription to a channel.
func (n *Node) Silence(person, channel string) error {
	return n.node.Unsubscribe(person, channel)
}

// Hangup closes a person's sockets; those whose session still lives come back.
func (n *Node) Hangup(person string) error {
	return n.node.Disconnect(person, centrifuge.WithCustomDisconnect(centrifuge.DisconnectForceReconnect))
}

// People is how many persons hold a socket on this node.
func (n *Node) People() int { return n.node.Hub().NumUsers() }

func (n *Node) connected(c *centrifuge.Client) {
	person := c.UserID()
	if err := c.Subscribe(own(person)); err != nil {
		n.log.Warn("realtime: own channel", "err", err)
		c.Disconnect(centrifuge.DisconnectServerError)
		return
	}
	c.OnSubscribe(func(e centrifuge.SubscribeEvent, done centrifuge.SubscribeCallback) {
		go func() { // the rule reads the database; the socket's loop must not wait
			ctx, stop := context.WithTimeout(c.Context(), 5*time.Second)
			defer stop()
			if err := n.rules.MayHear(ctx, person, e.Channel); err != nil {
				done(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
				return
			}
			done(centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{EnableRecovery: true}}, nil)
		}()
	})
}
