package notify

import (
	"context"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/db"
	"heyy/internal/base/mail"
	"heyy/internal/meet/call"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/room"
	"heyy/internal/talk/message"
)

// Profiles reads names and languages; see package profile.
type Profiles interface {
	GetMany(ctx context.Context, ids ...account.ID) (map[account.ID]profile.Profile, error)
}

// Calls reads a call as one of its people sees it; see package call.
type Calls interface {
	Get(ctx context.Context, who account.ID, c call.ID) (call.Call, error)
}

// Chats reads chats as one of their people sees them; see package message.
type Chats interface {
	Chat(ctx context.Context, by, other account.ID) (message.Chat, error)
	Get(ctx context.Context, a, b account.ID, n int64) (message.Message, error)
	UnreadChats(ctx context.Context, by account.ID, since time.Time) (int, error)
	UnreadFrom(ctx context.Context, by account.ID, since time.Time, most int) ([]message.UnreadOf, error)
}

// Follows reads who follows somebody; see package follow.
type Follows interface {
	FollowersOf(ctx context.Context, q db.Querier, of, after account.ID, limit int) ([]account.ID, error)
}

// Rooms reads rooms; see package room.
type Rooms interface {
	Card(ctx context.Context, r room.ID) (_ room.Room, isShown, wasShown bool, err error)
	Audience(ctx context.Context, r room.Room, among []account.ID) (room.Audience, error)
	Get(ctx context.Context, viewer account.ID, r room.ID) (room.Room, error)
}

// Presence knows who does not want to be disturbed; see package presence.
type Presence interface {
	// IsUndisturbed reports whether do not disturb is on for who, and its end; zero: it has none.
	IsUndisturbed(ctx context.Context, q db.Querier, who account.ID) (on bool, until time.Time, err error)
	// IsOnline reports whether who has Heyy open somewhere.
	IsOnline(ctx context.Context, q db.Querier, who account.ID) (bool, error)
}

// Config is the configuration of a Service.
type Config struct {
	Profiles Profiles
	Calls    Calls
	Chats    Chats
	Follows  Follows
	Rooms    Rooms
	Clubs    Clubs
	Events   Events
	Replays  Replays
	Presence Presence // nil: everybody may be disturbed
	Key      []byte   // secret of this installation: the VAPID keys and topics come from it
	Subject  string   // contact for push services: an https: URL, or "mailto:" and an address
	Now      func() time.Time
	Wake     func() // wakes the relay of the outbox, after commits with facts; nil: nobody

	Mail      mail.Transport // nil: there are no mails
	Budget    Budget         // of mails
	URL       string         // that people open, for links in mails
	MailAfter time.Duration  // from the first news to a digest; 0: digestAfter

	// AllowLoopback lets endpoints be on this machine, at any port. For tests only.
	AllowLoopback bool
	RootCAs       *x509.CertPool // nil: those of the system
	Resolver      *net.Resolver  // nil: that of the system
}

// Service manages notifications. Create it with New; Run sends pushes, RunMail mails.
type Service struct {
	db   *db.DB
	log  *slog.Logger
	cfg  Config
	http *http.Client

	wake     chan struct{} // a push is due
	mailWake chan struct{} // a mail is

	vapidPublic, vapidPrivate string // base64url

	hosts  hosts
	pushes *prometheus.CounterVec
	mails  *prometheus.CounterVec
}

// New returns a Service. It is a prometheus.Collector of its own metrics.
func New(d *db.DB, log *slog.Logger, c Config) (*Service, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wake == nil {
		c.Wake = func() {}
	}
	if c.Resolver == nil {
		c.Resolver = net.DefaultResolver
	}
	if c.MailAfter == 0 {
		c.MailAfter = digestAfter
	}
	key, err := vapidKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	s := &Service{
		db: d, log: log, cfg: c, wake: make(chan struct{}, 1), mailWake: make(chan struct{}, 1),
		vapidPublic:  base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		vapidPrivate: base64.RawURLEncoding.EncodeToString(key.Bytes()),
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heyy_pushes_total", Help: "Requests to push services, by what came of them.",
		}, []string{"result"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heyy_notification_mails_total", Help: "Mails of notifications given to the mail server, by what came of them.",
		}, []string{"result"}),
	}
	s.hosts.init()
	s.http = s.client()
	for _, r := range results {
		s.pushes.WithLabelValues(string(r)) // shows as 0 from the start
	}
	for _, r := range []result{sent, failed} {
		s.mails.WithLabelValues(string(r))
	}
	return s, nil
}

// Describe implements prometheus.Collector.
func (s *Service) Describe(to chan<- *prometheus.Desc) {
	s.pushes.Describe(to)
	s.mails.Describe(to)
}

// Collect implements prometheus.Collector.
func (s *Service) Collect(to chan<- prometheus.Metric) {
	s.pushes.Collect(to)
	s.mails.Collect(to)
}

// PublicKey returns the VAPID key that browsers subscribe with: an uncompressed point of
// P-256 in base64url.
func (s *Service) PublicKey() string { return s.vapidPublic }

// vapidKey derives the VAPID key pair from a secret: it must stay the same for as long as
// subscriptions live, on all nodes, and be kept like the other secrets.
func vapidKey(secret []byte) (*ecdh.PrivateKey, error) {
	for n := byte(0); ; n++ {
		key, err := ecdh.P256().NewPrivateKey(mac(secret, "vapid", string(n)))
		if err == nil || n == 255 { // a hash is no scalar with a chance of 2^-32
			return key, err
		}
	}
}

func mac(secret []byte, words ...string) []byte {
	h := hmac.New(sha256.New, secret)
	for _, w := range words {
		_, _ = h.Write([]byte(w + "\x00")) // a hash never fails
	}
	return h.Sum(nil)
}

func tlsConfig(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

func (s *Service) poke() { poke(s.wake) }

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
