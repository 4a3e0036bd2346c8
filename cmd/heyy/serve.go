package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"heyy/internal/base/config"
	"heyy/internal/base/db"
	"heyy/internal/base/id"
	"heyy/internal/base/outbox"
	"heyy/internal/base/signedurl"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/fanout"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/contract"
	"heyy/internal/lab/doctor"
	"heyy/internal/live/realtime"
	"heyy/internal/live/sfu"
	"heyy/internal/meet/call"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/safety"
	"heyy/internal/rooms/lobby"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/roomchat"
	"heyy/internal/rooms/schedule"
	"heyy/internal/talk/notify"
	"heyy/internal/talk/presence"
	"heyy/internal/talk/search"
	"heyy/web"
)

type serveCommand struct {
	Config config.Config `embed:""`
}

func (s *serveCommand) Run(ctx context.Context, to std) error {
	return serve(ctx, s.Config, to, nil)
}

// extra is a function that runs beside the server once it accepts requests.
type extra func(ctx context.Context, a *app, base string, log *slog.Logger) error

// serve wires all parts together and runs them; it is the only place that does. It returns
// when ctx has ended and everything has stopped.
func serve(ctx context.Context, c config.Config, to std, companion extra) error {
	if err := c.Check(); err != nil {
		return err
	}
	start := time.Now()
	log := logger(c, to.err)
	node := id.New()

	listener, err := net.Listen("tcp", listenOn(c))
	if err != nil {
		return fmt.Errorf("listen: %w; stop what uses that port, or choose another with --listen", err)
	}
	defer func() { _ = listener.Close() }()
	if c.Domain == "" {
		host, _, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return err
		}
		c.Listen = net.JoinHostPort(host, strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
	}

	if c.Database == "" {
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
		release, err := db.Alone(c.Data)
		if err != nil {
			return err
		}
		defer release()
	}

	var relay *outbox.Relay
	wake := func() { relay.Wake() } // set below, before the first request
	a, err := openApp(ctx, c, to.out, log, wake)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	if a.db.Engine == db.SQLite {
		node = "one" // not shared: the same node takes its lease back after a crash
	}

	// Audio. The media server sends its webhooks to this loopback port.
	hooks, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = hooks.Close() }()
	ip, err := c.MediaIP()
	if err != nil {
		return err
	}
	proxies, err := c.Proxies()
	if err != nil {
		return err
	}
	engine, err := sfu.Embed(ctx, sfu.Config{
		SignalPort: c.Media.SignalPort, TCPPort: c.Media.TCPPort, UDPPorts: c.Media.UDP(), IP: ip,
		Key: mediaKey, Secret: a.secrets.Media, HookURL: "http://" + hooks.Addr().String() + "/",
		Verbose: c.Log.Slog() <= slog.LevelDebug,
	}, log)
	if err != nil {
		return err
	}
	media := sfu.NewSFU(engine.URL(), mediaKey, a.secrets.Media)

	listeners := &audience{log: log}
	tier, err := openTier(c, ip, media, engine.LoopbackRelay(), listeners, log)
	if err != nil {
		return err
	}
	if err := prometheus.Register(tier); err != nil {
		return err
	}
	clock, err := a.db.NewClock(ctx)
	if err != nil {
		return err
	}
	rooms := room.New(a.db, log, room.Config{SFU: media, Listeners: tier, Follows: a.follows.Follows, Clubs: a.clubs, Key: a.secrets.key("rooms"), Now: clock.Now, Wake: wake})
	listeners.rooms = rooms
	found := lobby.New(a.db, rooms, a.profiles, search.Names{})
	roomChats := roomchat.New(a.db, roomchat.Config{Rooms: rooms, Matcher: search.Matcher, Now: clock.Now, Wake: wake})
	events := schedule.New(a.db, schedule.Config{Rooms: rooms, Clubs: a.clubs, Now: time.Now, Wake: wake})
	replays := replay.New(a.db, a.blobRefs, rooms, clock.Now)
	recorder := replay.NewRecorder(replays, media, log)
	var tell *fanout.Fanout // set below, before the first request
	here := presence.New(a.db, log, presence.Config{
		Node: node, Friends: a.follows, Rooms: rooms, Now: time.Now, Wake: wake,
		Tell: func(to account.ID, p presence.Presence) error { return tell.Presence(to, p) },
	})
	if err := here.Begin(ctx); err != nil {
		return err
	}
	calls := call.New(a.db, log, call.Config{
		SFU: media, Pairs: pairs{a.people}, CanRing: here.CanRing(matchmaking.CanRing), Welcomes: matchmaking.Welcomes(a.people, a.follows.AreFriends, time.Now), Rooms: callRooms{rooms}, Now: time.Now, Wake: wake,
	})
	queue := matchmaking.New(a.db, a.people, proposals{calls}, node, log, matchmaking.Config{Now: time.Now, Wake: wake})
	a.separators = []safety.Separate{queue.Separate, calls.Separate, rooms.Separate, events.Separate, replays.Separate}
	a.safety.SetPlaceResolvers(places(a, calls, rooms))
	if err := countReports(ctx, a.safety, log); err != nil {
		return err
	}
	notifications, err := notify.New(a.db, log, notify.Config{
		Profiles: a.profiles, Calls: calls, Chats: a.messages, Follows: a.follows, Rooms: rooms, Clubs: a.clubs, Events: events, Replays: replays, Presence: here, Key: a.secrets.key("push"), Subject: c.PushSubject(), Wake: wake, AllowLoopback: c.Push.AllowLoopbackForTests,
		Mail: a.mailServer, Budget: a.mailBudget, URL: c.URL(), MailAfter: c.Push.MailAfterForTests,
	})
	if err != nil {
		return err
	}
	api := contract.New(httpapi.Config{
		DB: a.db, Log: log, Key: a.secrets.key("commands"), Origins: origins(c, ip), Proxies: proxies, Secure: c.Domain != "" || c.Public(),
	}, contract.Services{
		Accounts: a.accounts, Safety: a.safety, Towns: a.towns, Regions: a.regions, Profiles: a.profiles, Photos: a.photos,
		RoomChats: roomChats, React: func(ctx context.Context, r room.ID, by account.ID, emoji apitypes.RoomReaction, present int) error {
			return tell.React(ctx, r, by, emoji, present)
		},
		Caption:  func(ctx context.Context, r room.ID, c apitypes.CaptionEvent) error { return tell.Caption(ctx, r, c) },
		Messages: a.messages, Moments: a.moments, Cards: a.cards, Search: a.search, Typing: func(by, to account.ID) error { return tell.Typing(by, to) },
		Discovery: a.people, Follows: a.follows, Verification: a.verify, Queue: queue, Calls: calls, Rooms: rooms, Clubs: a.clubs, Lobby: found, Events: events, Replays: replays, Notify: notifications, Presence: here, Blobs: a.blobs, Inbox: a.inbox, Tokens: media, Tier: tier,
		Tickets: signedurl.New(a.secrets.key("tickets"), time.Now),
	})
	live, err := realtime.New(realtime.Rules{
		Authenticate: api.Authenticate,
		CanSubscribe: func(ctx context.Context, person, channel string) error {
			return tell.CanSubscribe(ctx, account.ID(person), channel)
		},
		Connected:    func(person string) { here.Connected(account.ID(person)) },
		Disconnected: func(person string) { here.Disconnected(account.ID(person)) },
	}, log)
	if err != nil {
		return err
	}
	tell = fanout.New(live, fanout.Domains{Rooms: rooms, RoomChats: roomChats, Calls: calls, Messages: a.messages, Moments: a.moments, People: a.profiles, Follows: a.follows}, log)
	relay = outbox.NewRelay(a.db, log, outbox.Config{Node: node, Listeners: []outbox.Listener{
		tell.Listener(), notifications.Listener(), here.Listener(), a.search.Listener(), found.Listener(), onCalls(calls, queue, log), onSignOut(rooms, calls, log), onRooms(rooms, log), onReports(log),
	}})
	for _, metrics := range []prometheus.Collector{relay, notifications} {
		if err := prometheus.Register(metrics); err != nil {
			return err
		}
	}
	audio := mediaRooms{rooms: rooms, calls: calls}
	gate := media.Gate(audio.Admit, engine.LoopbackRelay(), log)

	var draining atomic.Bool
	writes := &cachedCheck{ask: a.db.Writable}
	site := httpapi.Site{
		API: api, Realtime: live.Handler(), Gate: gate, Client: web.Dist(),
		Ready: func(ctx context.Context) error {
			if draining.Load() {
				return errors.New("stopping")
			}
			return writes.check(ctx)
		},
	}
	promauto.NewGaugeFunc(prometheus.GaugeOpts{Name: "heyy_disk_free_bytes", Help: "What may still be written to the disk of the data folder."}, func() float64 {
		free, _ := doctor.FreeSpace(c.Data)
		return float64(free)
	})
	// The live heap is the only metric that shows a leak: others include garbage.
	prometheus.Unregister(collectors.NewGoCollector())
	prometheus.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(
		collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/gc/heap/live:bytes$`)})))
	if c.MetricsListen == "" {
		site.Metrics = promhttp.Handler()
	}

	// Stopping has two steps. When ctx ends, /readyz fails and audio drains. After that, or
	// after the drain timeout, work ends and with it everything else.
	parent, done := context.WithCancel(context.WithoutCancel(ctx))
	defer done()
	g, work := errgroup.WithContext(parent)
	stopped := context.AfterFunc(ctx, func() {
		draining.Store(true)
		log.Info("stopping: letting people finish", "at_most", c.DrainTimeout)
	})
	defer stopped()
	g.Go(func() error {
		defer done()
		stop, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(work, cancel)() // another part failed: do not wait
		return engine.Run(stop, c.DrainTimeout)
	})
	g.Go(func() error { return clock.Run(work, log) })
	g.Go(func() error { return tier.Run(work) })
	g.Go(func() error { return relay.Run(work) })
	g.Go(func() error { return tell.Run(work) })
	g.Go(func() error { return a.mailQueue.Run(work) })
	g.Go(func() error { return a.people.Run(work) })
	g.Go(func() error { return queue.Run(work) })
	g.Go(func() error { return notifications.Run(work) })
	g.Go(func() error { return notifications.RunMail(work) })
	g.Go(func() error { return here.Run(work) })
	g.Go(func() error { return recorder.Run(work) })
	g.Go(func() error {
		return (&worker{app: a, data: c.Data, rooms: rooms, lobby: found, events: events, replays: replays, recorder: recorder, calls: calls, notifications: notifications, here: here, node: node, log: log}).Run(work)
	})
	serveOn(work, g, media.Hooks(audio, log), hooks, log)
	if c.MetricsListen != "" {
		l, err := net.Listen("tcp", c.MetricsListen)
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		serveOn(work, g, httpapi.ByLoopbackName(promhttp.Handler()), l, log)
	}
	bounds := connLimits(c, proxies, log)
	listener = httpapi.Bound(listener, bounds)
	if c.Domain != "" {
		if listener, err = withTLS(work, g, c, bounds, listener, log); err != nil {
			return err
		}
	}
	serveOn(work, g, site.Handler(), listener, log)
	g.Go(func() error {
		<-work.Done()
		bye, cancel := context.WithTimeout(context.WithoutCancel(work), shutdownTimeout)
		defer cancel()
		return live.Stop(bye)
	})
	log.Info("ready", "url", c.URL(), "took", time.Since(start).Round(time.Millisecond))
	if companion != nil {
		g.Go(func() error { // residents leave first, because draining waits for everybody
			leaving, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(work, cancel)()
			return companion(leaving, a, c.URL(), log)
		})
	}
	greet(to.out, c, a)
	return g.Wait()
}

// greet prints the URL and the next steps to the terminal.
func greet(w io.Writer, c config.Config, a *app) {
	codes := "arrive by email"
	if a.inbox != nil {
		codes = "appear here, and at " + c.URL() + "/dev/inbox"
	}
	_, _ = fmt.Fprintf(w, "\n  Heyy is at   %s\n  Sign-in codes %s.\n  Stop with Ctrl-C.\n\n", c.URL(), codes)
}

const mediaKey = "heyy"

func listenOn(c config.Config) string {
	if c.Domain != "" {
		return ":443"
	}
	return c.Listen
}

// origins returns the origins from which the client may be opened.
func origins(c config.Config, ip string) []string {
	all := []string{c.URL()}
	if c.Domain != "" {
		return all
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return all
	}
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if !c.Loopback() {
		hosts = append(hosts, ip)
	}
	for _, host := range hosts {
		all = append(all, (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}).String())
	}
	return all
}

// cachedCheck runs a check at most once per checkInterval and returns the last result in
// between.
type cachedCheck struct {
	ask func(context.Context) error

	mu   sync.Mutex
	when time.Time
	said error
}

const (
	checkInterval = 5 * time.Second
	checkTimeout  = 3 * time.Second
)

func (l *cachedCheck) check(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.when) < checkInterval {
		return l.said
	}
	within, stop := context.WithTimeout(context.WithoutCancel(ctx), checkTimeout)
	defer stop()
	l.said = l.ask(within)
	l.when = time.Now()
	return l.said
}

// connLimits returns the limits of connections, from the limit of open files of this
// process.
func connLimits(c config.Config, proxies httpapi.Proxies, log *slog.Logger) httpapi.Bounds {
	files, known := doctor.Files()
	if !known {
		files = doctor.FewFiles
	}
	if files < doctor.FewFiles {
		log.Warn("this process may open few files, and each connection is one; raise the limit, as heyy doctor says", "files", files)
	}
	b := httpapi.BoundsFor(files)
	b.Exempt, b.Log = proxies, log
	if c.LocalOnly() {
		b.Each = 0 // every client is on this machine
	}
	return b
}

// shutdownTimeout bounds the closing of open requests and sockets at the end.
const shutdownTimeout = 3 * time.Second

// serveOn serves h on l until work ends.
func serveOn(work context.Context, g *errgroup.Group, h http.Handler, l net.Listener, log *slog.Logger) {
	server := httpapi.Server(h, log)
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-work.Done()
		bye, cancel := context.WithTimeout(context.WithoutCancel(work), shutdownTimeout)
		defer cancel()
		if err := server.Shutdown(bye); err != nil {
			return server.Close()
		}
		return nil
	})
}
