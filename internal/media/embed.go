package media

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

// Config says where the embedded server listens and what it tells clients.
type Config struct {
	SignalPort int    // loopback only; 0 picks a free one
	TCPPort    int    // audio where UDP does not pass
	UDPPorts   string // "7882" or "7882-7883": one socket a core
	IP         string // the address clients send audio to
	Key        string // names Secret
	Secret     string // signs tokens and API calls; 32 characters or more
	HookURL    string // where the server reports who came and went
	Verbose    bool
}

// Embedded is a LiveKit server in this process. Its metrics register globally,
// so a process can start one only once.
type Embedded struct {
	server *service.LivekitServer
	done   chan error
	port   int
	log    *slog.Logger
}

const startTime = 10 * time.Second

// Embed starts a server and returns when it takes connections. A failed start
// leaks listeners: treat it as fatal.
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
	logger.SetLogger(logger.LogRLogger(logr.FromSlogHandler(from{log.Handler(), level})), "livekit")
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
	e := &Embedded{server: server, done: make(chan error, 1), port: port, log: log}
	go func() { e.done <- server.Start() }()

	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	late := time.After(startTime)
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

// URL is where the server's API and signalling answer, on loopback.
func (e *Embedded) URL() string { return "http://127.0.0.1:" + strconv.Itoa(e.port) }

// Run waits for ctx, then lets people go on until nobody is left or drain has
// passed, and stops.
func (e *Embedded) Run(ctx context.Context, drain time.Duration) error {
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

// yaml is the server's own configuration. What stands in it was measured or
// read: see docs/adr/0003.
func (c Config) yaml(port int) string {
	loopback := false
	if ip := net.ParseIP(c.IP); ip != nil {
		loopback = ip.IsLoopback()
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
  batch_io: {batch_size: 128, max_flush_interval: 2ms}
room:
  auto_create: true
  empty_timeout: 60
  departure_timeout: 20
  enabled_codecs: [{mime: audio/opus}]
audio: {update_interval: 800}
webhook: {api_key: %q, urls: [%q]}
enable_data_tracks: false
logging: {pion_level: error}
`, port, c.Key, c.Secret, c.IP, loopback, strings.Join(c.addresses(), ", "), c.TCPPort, c.UDPPorts, c.Key, c.HookURL)
}

// addresses are those of this machine to take audio at, as networks; none: all.
//
// Clients are told one IPv4 address, whichever of ours they reach by it. Were
// the server to listen at all of them, it would answer at one for each client,
// and that one need not be where the client's packets come in.
func (c Config) addresses() []string {
	ip := net.ParseIP(c.IP)
	if ip == nil || ip.To4() == nil {
		return nil
	}
	if ip.IsLoopback() {
		return []string{c.IP + "/32"}
	}
	if !ours(ip) { // behind a router that translates
		// Connecting a UDP socket only asks the routing table.
		way, err := net.Dial("udp4", "192.0.2.1:9")
		if err != nil {
			return nil
		}
		defer func() { _ = way.Close() }()
		ip = way.LocalAddr().(*net.UDPAddr).IP
	}
	return []string{ip.String() + "/32", `"::/0"`}
}

func ours(ip net.IP) bool {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(ip)
	})
}

// from is a log that begins at a level: the server says much that only those who
// work on it want to know.
type from struct {
	slog.Handler
	level slog.Level
}

func (f from) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= f.level && f.Handler.Enabled(ctx, l)
}

func (f from) WithAttrs(a []slog.Attr) slog.Handler { return from{f.Handler.WithAttrs(a), f.level} }
func (f from) WithGroup(g string) slog.Handler      { return from{f.Handler.WithGroup(g), f.level} }

// freePort is want, or a free loopback port if want is 0.
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
