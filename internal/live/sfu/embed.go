package sfu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/logger"
)

// Config holds the addresses and keys of the embedded server.
type Config struct {
	SignalPort int    // on loopback; 0 picks a free one
	TCPPort    int    // audio over TCP, where UDP is blocked
	UDPPorts   string // "7882" or "7882-7883": one socket per core
	IP         string // announced to clients (ICE candidate)
	Key        string // id of Secret
	Secret     string // signs tokens and API calls; 32 characters or more
	HookURL    string // receives the webhooks, see SFU.Hooks
	Verbose    bool
}

// Embedded is a LiveKit server in this process. Its metrics register globally, so a process
// can start it only once.
type Embedded struct {
	server *service.LivekitServer
	done   chan error
	port   int
	relay  *LoopbackRelay
}

const startTimeout = 10 * time.Second

// Embed starts a server and returns when it accepts connections. A failed start leaks
// listeners: treat it as fatal.
func Embed(ctx context.Context, c Config, log *slog.Logger) (*Embedded, error) {
	port, err := freePort(c.SignalPort)
	if err != nil {
		return nil, fmt.Errorf("media: signalling port: %w", err)
	}
	conf, err := config.NewConfig(c.yaml(port), true, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("media: configuration: %w", err)
	}
	level := slog.LevelError
	if c.Verbose {
		level = slog.LevelInfo
	}
	logger.SetLogger(logger.LogRLogger(logr.FromSlogHandler(minLevel{log.Handler(), level})), "livekit")
	if err := conf.ValidateKeys(); err != nil {
		return nil, fmt.Errorf("media: keys: %w", err)
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return nil, fmt.Errorf("media: node: %w", err)
	}
	if err := prometheus.Init(string(node.NodeID()), node.NodeType()); err != nil {
		return nil, fmt.Errorf("media: metrics: %w", err)
	}
	server, err := service.InitializeServer(conf, node)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	e := &Embedded{server: server, done: make(chan error, 1), port: port}
	if c.loopback() {
		e.relay = newLoopbackRelay(log)
	}
	go func() { e.done <- server.Start() }()

	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	late := time.After(startTimeout)
	for !server.IsRunning() || !answers(port) {
		select {
		case err := <-e.done:
			return nil, fmt.Errorf("media: did not start: %w", err)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late:
			return nil, errors.New("media: did not start in time")
		case <-poll.C:
		}
	}
	return e, nil
}

// URL is the base URL of the server's API and signalling, on loopback.
func (e *Embedded) URL() string { return "http://127.0.0.1:" + strconv.Itoa(e.port) }

// LoopbackRelay returns the relay for this machine's browsers; nil if the server is not on
// loopback.
func (e *Embedded) LoopbackRelay() *LoopbackRelay { return e.relay }

// Run waits for ctx, then waits at most drain until everybody has left, and stops.
func (e *Embedded) Run(ctx context.Context, drain time.Duration) error {
	defer e.relay.Close()
	select {
	case err := <-e.done:
		return fmt.Errorf("media: stopped by itself: %w", err)
	case <-ctx.Done():
	}
	go e.server.Stop(false)
	select {
	case err := <-e.done:
		return err
	case <-time.After(drain):
	}
	e.server.Stop(true)
	select {
	case err := <-e.done:
		return err
	case <-time.After(5 * time.Second):
		return errors.New("media: did not stop")
	}
}

// yaml is the server's configuration. The values were measured or read in its source: see
// docs/adr/0003-media-embedding.md. Without a TURN server it names public STUN servers, which
// the tap would ask; this one leads nowhere, and the gate tells clients of none.
func (c Config) yaml(port int) string {
	tcp := c.TCPPort
	if c.loopback() {
		tcp = 0 // it would listen on all interfaces; on one machine UDP always works
	}
	return fmt.Sprintf(`
port: %d
bind_addresses: ["127.0.0.1"]
keys: {%q: %q}
rtc:
  node_ip: %q
  use_external_ip: false
  enable_loopback_candidate: %t
  ips: {includes: [%s]}
  tcp_port: %d
  udp_port: %s
  packet_buffer_size_audio: 50
  congestion_control: {enabled: false}
  turn_servers: [{host: 127.0.0.1, port: 9, protocol: udp, username: none, credential: none}]
room:
  auto_create: true
  empty_timeout: 60
  departure_timeout: 20
  enabled_codecs: [{mime: audio/opus}]
  enable_remote_unmute: true
audio: {update_interval: 800}
webhook: {api_key: %q, urls: [%q]}
enable_data_tracks: false
logging: {pion_level: error}
`, port, c.Key, c.Secret, c.IP, c.loopback(), strings.Join(c.addresses(), ", "), tcp, c.UDPPorts, c.Key, c.HookURL)
}

// loopback reports whether only this machine is served.
func (c Config) loopback() bool { return net.ParseIP(c.IP).IsLoopback() }

// addresses are the networks on which the server takes audio; none: all.
//
// Clients are told one IPv4 address, whichever of ours they reach by it. If the server
// listened on all of them, it would choose the address of its answers per client, which
// need not be the one where the client's packets arrive.
func (c Config) addresses() []string {
	ip := net.ParseIP(c.IP)
	if ip == nil || ip.To4() == nil {
		return nil
	}
	if ip.IsLoopback() {
		return []string{c.IP + "/32"}
	}
	if !isLocalIP(ip) { // behind NAT
		// Connecting a UDP socket only consults the routing table.
		way, err := net.Dial("udp4", "192.0.2.1:9")
		if err != nil {
			return nil
		}
		defer func() { _ = way.Close() }()
		ip = way.LocalAddr().(*net.UDPAddr).IP
	}
	return []string{ip.String() + "/32", `"::/0"`}
}

func isLocalIP(ip net.IP) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	})
}

// minLevel is a slog handler with a minimum level: the server logs much that only its
// developers need.
type minLevel struct {
	slog.Handler
	level slog.Level
}

func (f minLevel) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= f.level && f.Handler.Enabled(ctx, l)
}

func (f minLevel) WithAttrs(a []slog.Attr) slog.Handler {
	return minLevel{f.Handler.WithAttrs(a), f.level}
}
func (f minLevel) WithGroup(g string) slog.Handler { return minLevel{f.Handler.WithGroup(g), f.level} }

// freePort returns want, or a free loopback port if want is 0.
func freePort(want int) (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(want))
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func answers(port int) bool {
	c, err := net.DialTimeout("tcp", "127.0.0.1:"+strconv.Itoa(port), time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
