package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config is what every command that touches the house is given. The yaml tag is
// the name in the file; kong derives the flag, and env stands beside it.
type Config struct {
	File File `name:"config" env:"HEYY_CONFIG" yaml:"-" placeholder:"FILE" help:"Settings file. Without it, heyy.yaml is read if it is there."`

	Data           string `env:"HEYY_DATA" yaml:"data" default:"./data" placeholder:"FOLDER" help:"Folder for the database, recordings and certificates."`
	Listen         string `env:"HEYY_LISTEN" yaml:"listen" default:"localhost:8080" placeholder:"HOST:PORT" help:"Where to serve without a domain."`
	AllowPlainHTTP bool   `name:"allow-plain-http" env:"HEYY_ALLOW_PLAIN_HTTP" yaml:"allow_plain_http" help:"Serve plain HTTP beyond this machine, for example behind a proxy that does TLS."`
	Domain         string `env:"HEYY_DOMAIN" yaml:"domain" placeholder:"NAME" help:"Public domain. Serves HTTPS on port 443 with a certificate of its own, and sends port 80 there."`
	PublicURL      string `name:"public-url" env:"HEYY_PUBLIC_URL" yaml:"public_url" placeholder:"URL" help:"Address people open, if neither domain nor listen says it."`
	AcmeEmail      string `name:"acme-email" env:"HEYY_ACME_EMAIL" yaml:"acme_email" placeholder:"ADDRESS" help:"Where the certificate authority may write about problems."`
	AcmeCA         string `name:"acme-ca" env:"HEYY_ACME_CA" yaml:"acme_ca" placeholder:"URL" help:"Another ACME directory than that of Let's Encrypt."`
	Database       Secret `env:"HEYY_DATABASE" yaml:"database" placeholder:"URL" help:"postgres://user:password@host/name. Empty: SQLite in the data folder."`
	SMTP           Secret `name:"smtp" env:"HEYY_SMTP" yaml:"smtp" placeholder:"URL" help:"smtp://user:password@host:587 or smtps://user:password@host. Empty: sign-in codes appear in the terminal."`
	MailFrom       string `env:"HEYY_MAIL_FROM" yaml:"mail_from" placeholder:"ADDRESS" help:"Sender of mail. With a domain: heyy@ that domain."`

	Media Media `embed:"" prefix:"media-" envprefix:"HEYY_MEDIA_" yaml:"media"`
	Log   Log   `embed:"" prefix:"log-" envprefix:"HEYY_LOG_" yaml:"log"`

	DrainTimeout  time.Duration `env:"HEYY_DRAIN_TIMEOUT" yaml:"drain_timeout" default:"10s" placeholder:"TIME" help:"How long to wait for people to finish when stopping."`
	MetricsListen string        `env:"HEYY_METRICS_LISTEN" yaml:"metrics_listen" placeholder:"HOST:PORT" help:"Port of its own for /metrics. Empty: the main port, for this machine only."`
}

// Media says where audio enters and leaves the machine.
type Media struct {
	SignalPort int    `env:"SIGNAL_PORT" yaml:"signal_port" default:"7880" placeholder:"PORT" help:"Audio signalling, on loopback only; people reach it through our own port."`
	TCPPort    int    `name:"tcp-port" env:"TCP_PORT" yaml:"tcp_port" default:"7881" placeholder:"PORT" help:"Audio over TCP, for networks without UDP."`
	UDPPorts   string `name:"udp-ports" env:"UDP_PORTS" yaml:"udp_ports" default:"7882-7883" placeholder:"FROM-TO" help:"Audio over UDP, one port for each processor core."`
	IP         string `name:"ip" env:"IP" yaml:"ip" placeholder:"ADDRESS" help:"Address told to people's devices for audio. Empty: found out."`
}

// Log says what is written about the house's own doings.
type Log struct {
	Level string `env:"LEVEL" yaml:"level" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error."`
	JSON  bool   `name:"json" env:"JSON" yaml:"json" help:"One JSON object for each line."`
}

// Default is what stands without file, environment and flags. Every default is
// written once, in the tags above.
func Default() Config {
	var c Config
	setDefaults(&c)
	return c
}

// Loopback reports whether only this machine can reach the main port.
func (c Config) Loopback() bool {
	if c.Domain != "" {
		return false
	}
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && loopbackHost(host)
}

// Public reports whether the configuration names a place on the internet, where
// a sign-in code in a terminal helps nobody.
func (c Config) Public() bool {
	if c.Domain != "" {
		return true
	}
	u, err := url.Parse(c.PublicURL)
	return err == nil && u.Scheme == "https" && !loopbackHost(u.Hostname())
}

// URL is the address people open, without a slash at its end. With port 0 in
// Listen, put the port that was given there first.
func (c Config) URL() string {
	switch {
	case c.PublicURL != "":
		return strings.TrimSuffix(c.PublicURL, "/")
	case c.Domain != "":
		return "https://" + c.Domain
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "http://" + c.Listen
	}
	// "Every address" is no address to open; this machine is one of them. And
	// passkeys know localhost, not 127.0.0.1.
	if ip := net.ParseIP(host); host == "" || ip != nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	if port == "80" {
		return "http://" + bracket(host)
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Sender is the address mail comes from: MailFrom, or heyy@ the domain.
func (c Config) Sender() string {
	if c.MailFrom == "" && c.Domain != "" {
		return "Heyy <heyy@" + c.Domain + ">"
	}
	return c.MailFrom
}

// MediaIP is the address told to people's devices for audio: Media.IP, or
// loopback if nobody else can come, or the address of the interface that leads
// out. Nothing is sent to find that one.
func (c Config) MediaIP() (string, error) {
	if c.Media.IP != "" {
		return c.Media.IP, nil
	}
	if c.Loopback() {
		return "127.0.0.1", nil
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && c.Domain == "" {
		if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
			return ip.String(), nil
		}
	}
	// Connecting a UDP socket only asks the routing table. The addresses are
	// those set aside for documentation.
	for _, far := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		conn, err := net.Dial("udp", far)
		if err != nil {
			continue
		}
		ip := conn.LocalAddr().(*net.UDPAddr).IP
		_ = conn.Close()
		return ip.String(), nil
	}
	return "", fmt.Errorf("media.ip: no network interface leads out of this machine; give the address people reach it at")
}

// UDPRange is the first and the last port of Media.UDPPorts.
func (m Media) UDPRange() (from, to int, err error) {
	a, b, both := strings.Cut(m.UDPPorts, "-")
	if !both {
		b = a
	}
	from, err1 := strconv.Atoi(strings.TrimSpace(a))
	to, err2 := strconv.Atoi(strings.TrimSpace(b))
	if err1 != nil || err2 != nil || from < 0 || to > 65535 || from > to {
		return 0, 0, fmt.Errorf("media.udp_ports: %q is not a range of ports; write it like 7882-7883", m.UDPPorts)
	}
	return from, to, nil
}

// Slog is the level for log/slog; Info where Level says nothing known.
func (l Log) Slog() slog.Level {
	return levels[l.Level]
}

var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
}

func loopbackHost(host string) bool {
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func bracket(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
