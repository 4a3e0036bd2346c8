package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config holds the settings shared by all commands that use the data folder or serve. The
// yaml tag is the name in the file; kong derives the flag from the field, and env names the
// environment variable.
type Config struct {
	File File `name:"config" env:"HEYY_CONFIG" yaml:"-" placeholder:"FILE" help:"Settings file. Default: heyy.yaml, if it exists."`

	Data           string `env:"HEYY_DATA" yaml:"data" default:"./data" placeholder:"FOLDER" help:"Folder for the database, recordings and certificates."`
	Listen         string `env:"HEYY_LISTEN" yaml:"listen" default:"localhost:8080" placeholder:"HOST:PORT" help:"Address to listen on without a domain."`
	AllowPlainHTTP bool   `name:"allow-plain-http" env:"HEYY_ALLOW_PLAIN_HTTP" yaml:"allow_plain_http" help:"Serve plain HTTP beyond this machine, for example behind a proxy that does TLS."`
	Domain         string `env:"HEYY_DOMAIN" yaml:"domain" placeholder:"NAME" help:"Public domain. Serves HTTPS on port 443 with its own certificate, and redirects port 80 to it."`
	PublicURL      string `name:"public-url" env:"HEYY_PUBLIC_URL" yaml:"public_url" placeholder:"URL" help:"URL that people open, if it differs from domain or listen."`
	TrustedProxies string `env:"HEYY_TRUSTED_PROXIES" yaml:"trusted_proxies" placeholder:"NETWORKS" help:"Reverse proxies, such as 127.0.0.1 or 10.0.0.0/8, separated by commas. The addresses of clients are read from their X-Forwarded-For."`
	AcmeEmail      string `name:"acme-email" env:"HEYY_ACME_EMAIL" yaml:"acme_email" placeholder:"ADDRESS" help:"Contact address for the certificate authority."`
	AcmeCA         string `name:"acme-ca" env:"HEYY_ACME_CA" yaml:"acme_ca" placeholder:"URL" help:"ACME directory to use instead of Let's Encrypt."`
	Database       Secret `env:"HEYY_DATABASE" yaml:"database" placeholder:"URL" help:"postgres://user:password@host/name. Empty: SQLite in the data folder."`
	SMTP           Secret `name:"smtp" env:"HEYY_SMTP" yaml:"smtp" placeholder:"URL" help:"smtp://user:password@host:587 or smtps://user:password@host. Empty: sign-in codes appear in the terminal."`
	MailFrom       string `env:"HEYY_MAIL_FROM" yaml:"mail_from" placeholder:"ADDRESS" help:"Sender of emails. Default with a domain: heyy@ that domain."`
	MailHourly     int    `name:"mail-hourly" env:"HEYY_MAIL_HOURLY" yaml:"mail_hourly" default:"3600" placeholder:"COUNT" help:"Maximum number of emails per hour, as the mail server allows."`

	Push     Push     `embed:"" prefix:"push-" envprefix:"HEYY_PUSH_" yaml:"push"`
	Media    Media    `embed:"" prefix:"media-" envprefix:"HEYY_MEDIA_" yaml:"media"`
	Audience Audience `embed:"" prefix:"audience-" envprefix:"HEYY_AUDIENCE_" yaml:"audience"`
	Log      Log      `embed:"" prefix:"log-" envprefix:"HEYY_LOG_" yaml:"log"`

	DrainTimeout  time.Duration `env:"HEYY_DRAIN_TIMEOUT" yaml:"drain_timeout" default:"10s" placeholder:"TIME" help:"Time to let people finish when stopping."`
	MetricsListen string        `env:"HEYY_METRICS_LISTEN" yaml:"metrics_listen" placeholder:"HOST:PORT" help:"Separate address for /metrics. Empty: the main port, for requests from this machine only."`
}

// Push holds the settings of notifications that are pushed to browsers.
type Push struct {
	Contact               string `env:"CONTACT" yaml:"contact" placeholder:"CONTACT" help:"Where operators of push services can reach you: mailto:you@example.org, or an https URL. Default: acme_email, else the sender of emails, else the public URL."`
	AllowLoopbackForTests bool   `name:"allow-loopback-for-tests" env:"ALLOW_LOOPBACK_FOR_TESTS" yaml:"allow_loopback_for_tests" help:"For tests only: send pushes to services on this machine. Members could then make the server call any of its ports."`

	MailAfterForTests time.Duration `name:"mail-after-for-tests" env:"MAIL_AFTER_FOR_TESTS" yaml:"mail_after_for_tests" placeholder:"TIME" help:"For tests only: email what waits after this time instead of some hours."`
}

// Media holds the addresses and ports of audio.
type Media struct {
	SignalPort int    `env:"SIGNAL_PORT" yaml:"signal_port" default:"7880" placeholder:"PORT" help:"Audio signalling, on loopback only; clients reach it through the main port."`
	TCPPort    int    `name:"tcp-port" env:"TCP_PORT" yaml:"tcp_port" default:"7881" placeholder:"PORT" help:"Audio over TCP, for networks without UDP."`
	UDPPorts   string `name:"udp-ports" env:"UDP_PORTS" yaml:"udp_ports" default:"7882-7883" placeholder:"FROM-TO" help:"Audio over UDP, one port per processor core."`
	IP         string `name:"ip" env:"IP" yaml:"ip" placeholder:"ADDRESS" help:"Address announced to clients for audio. Empty: detected."`
}

// Audience holds the settings of the listening tier: the audio of people who only listen.
type Audience struct {
	Port       int `env:"PORT" yaml:"port" default:"7884" placeholder:"PORT" help:"Audio for listeners, over UDP, and over TCP for networks without UDP."`
	PerRoom    int `env:"PER_ROOM" yaml:"per_room" default:"5000" placeholder:"COUNT" help:"Listeners in one room at most."`
	PerAddress int `env:"PER_ADDRESS" yaml:"per_address" default:"200" placeholder:"COUNT" help:"Listeners from one address at most; an office or a school is one. No limit for this machine."`
	LargeFrom  int `env:"LARGE_FROM" yaml:"large_from" default:"100" placeholder:"COUNT" help:"From so many listeners in a room, or up to a quarter more, audio is sent to them in packets of 60 ms instead of 20, which costs a third and comes 40 ms later."`
}

// Log holds the settings of logging.
type Log struct {
	Level string `env:"LEVEL" yaml:"level" default:"info" placeholder:"LEVEL" help:"Log level: debug, info, warn or error."`
	JSON  bool   `name:"json" env:"JSON" yaml:"json" help:"Log one JSON object per line."`
}

// Default returns the settings without file, environment and flags. Each default is written
// once, in the tags of Config.
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

// Public reports whether the server is meant for the internet: it has a domain, or an https
// URL. Sign-in codes in the terminal are then no substitute for mail.
func (c Config) Public() bool {
	if c.Domain != "" {
		return true
	}
	u, err := url.Parse(c.PublicURL)
	return err == nil && u.Scheme == "https" && !loopbackHost(u.Hostname())
}

// URL returns the base URL that people open, without a trailing slash. If Listen has port
// 0, replace it by the actual port first.
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
	// 0.0.0.0 cannot be opened, and passkeys (WebAuthn) accept localhost but
	// not 127.0.0.1.
	if ip := net.ParseIP(host); host == "" || ip != nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	if port == "80" {
		return "http://" + bracket(host)
	}
	return "http://" + net.JoinHostPort(host, port)
}

// LocalOnly reports whether only clients on this machine can connect, neither remotely nor
// through a proxy. All requests then have one address, the operator's own, so limits per
// address make no sense.
func (c Config) LocalOnly() bool {
	if !c.Loopback() || c.TrustedProxies != "" {
		return false
	}
	u, err := url.Parse(c.PublicURL)
	return err == nil && (c.PublicURL == "" || loopbackHost(u.Hostname()))
}

// Proxies parses TrustedProxies.
func (c Config) Proxies() (all []netip.Prefix, err error) {
	for _, s := range strings.FieldsFunc(c.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(s)
		if err != nil {
			ip, err := netip.ParseAddr(s)
			if err != nil || ip.Zone() != "" {
				return nil, fmt.Errorf("trusted_proxies: %q is neither an address nor a network; write it like 127.0.0.1, 10.0.0.0/8", s)
			}
			network = netip.PrefixFrom(ip, ip.BitLen())
		}
		if network.Bits() == 0 {
			return nil, fmt.Errorf("trusted_proxies: with %s anybody could claim any address; name the proxies alone", s)
		}
		if network.Addr().Is4In6() {
			return nil, fmt.Errorf("trusted_proxies: write %q as the IPv4 address it is", s)
		}
		all = append(all, network.Masked())
	}
	return all, nil
}

// Sender returns the From address of mails: MailFrom, or heyy@ the domain.
func (c Config) Sender() string {
	if c.MailFrom == "" && c.Domain != "" {
		return "Heyy <heyy@" + c.Domain + ">"
	}
	return c.MailFrom
}

// PushSubject returns the contact for push services: Push.Contact, or what else reaches the
// operator. One large service refuses pushes without a valid one.
func (c Config) PushSubject() string {
	if c.Push.Contact != "" {
		return c.Push.Contact
	}
	for _, address := range []string{c.AcmeEmail, c.Sender()} {
		if a, err := mail.ParseAddress(address); err == nil {
			return "mailto:" + a.Address
		}
	}
	if u := c.URL(); strings.HasPrefix(u, "https://") {
		return u
	}
	return "mailto:operator@heyy.invalid" // a place of one machine; services that look will refuse it
}

// MediaIP returns the address announced to clients for audio (ICE candidates): Media.IP,
// else loopback if only this machine can connect, else the address of the interface with
// the default route. It sends no packet to find it.
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
	// Connecting a UDP socket only consults the routing table. The addresses are
	// documentation prefixes (RFC 5737, RFC 3849).
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

// UDP returns UDPPorts as LiveKit parses it: a range of one port is written as a port.
func (m Media) UDP() string {
	if from, to, err := m.UDPRange(); err == nil && from == to {
		return strconv.Itoa(from)
	}
	return m.UDPPorts
}

// UDPRange returns the first and the last port of UDPPorts.
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

// Slog returns the level for log/slog; Info if Level is unknown.
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
