package sfu

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/livekit-server/pkg/config"
	"github.com/livekit/livekit-server/pkg/routing"
	"github.com/livekit/livekit-server/pkg/service"
	"github.com/livekit/livekit-server/pkg/telemetry/prometheus"
	"github.com/livekit/protocol/logger"
)

// StockConfig configures a stock server.
type StockConfig struct {
	Port    int // signalling and API, on loopback
	TCPPort int // audio over TCP
	Key     string
	Secret  string
}

// RunStock runs a LiveKit server on loopback in its default configuration until ctx ends: what
// benchmarks compare with. A process can run one server only.
func RunStock(ctx context.Context, c StockConfig) error {
	conf, err := config.NewConfig(fmt.Sprintf(`
port: %d
bind_addresses: ["127.0.0.1"]
keys: {%q: %q}
rtc:
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  ips: {includes: [127.0.0.1/32]}
  tcp_port: %d
logging: {level: error}
`, c.Port, c.Key, c.Secret, c.TCPPort), true, nil, nil)
	if err != nil {
		return fmt.Errorf("media: configuration: %w", err)
	}
	logger.SetLogger(logger.LogRLogger(logr.FromSlogHandler(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelError}))), "livekit")
	if err := conf.ValidateKeys(); err != nil {
		return fmt.Errorf("media: keys: %w", err)
	}
	node, err := routing.NewLocalNode(conf)
	if err != nil {
		return fmt.Errorf("media: node: %w", err)
	}
	if err := prometheus.Init(string(node.NodeID()), node.NodeType()); err != nil {
		return fmt.Errorf("media: metrics: %w", err)
	}
	server, err := service.InitializeServer(conf, node)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Start() }()
	select {
	case err := <-done:
		return fmt.Errorf("media: stopped by itself: %w", err)
	case <-ctx.Done():
	}
	server.Stop(true)
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		return nil // the process ends anyway
	}
}
