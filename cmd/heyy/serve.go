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
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/config"
	"heyy/internal/db"
	"heyy/internal/event"
	"heyy/internal/fanout"
	"heyy/internal/httpapi"
	"heyy/internal/id"
	"heyy/internal/match"
	"heyy/internal/media"
	"heyy/internal/realtime"
	"heyy/internal/room"
	"heyy/internal/safety"
	"heyy/internal/ticket"
	"heyy/web"
)

type serveCommand struct {
	Config config.Config `embed:""`
}

func (s *serveCommand) Run(ctx context.Context, to std) error {
	return serve(ctx, s.Config, to, nil)
}

// extra runs beside the server once it takes requests.
type extra func(ctx context.Context, h *house, base string, log *slog.Logger) error

// serve is the one place where the parts are put together. It returns when ctx
// has ended and everything has stopped.
func serve(ctx context.Context, c config.Config, to std, beside extra) error {
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

	var relay *event.Relay
	wake := func() { relay.Wake() } // set below, before the first request
	h, err := openHouse(ctx, c, to.out, log, wake)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	if h.db.Engine == db.SQLite {
		node = "one" // nobody shares it: after a crash there is no lease to wait for
	}

	// Audio. The server reports comings and goings to a loopback port of ours.
	hooks, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = hooks.Close() }()
	ip, err := c.MediaIP()
	if err != nil {
		return err
	}
	engine, err := media.Embed(ctx, media.Config{
		SignalPort: c.Media.SignalPort, TCPPort: c.Media.TCPPort, UDPPorts: c.Media.UDPPorts, IP: ip,
		Key: mediaKey, Secret: h.secrets.Media, HookURL: "http://" + hooks.Addr().String() + "/",
		Verbose: c.Log.Slog() <= slog.LevelDebug,
	}, log)
	if err != nil {
		return err
	}
	voices := media.NewVoices(engine.URL(), mediaKey, h.secrets.Media)

	rooms := room.New(h.db, voices, wake, time.Now, log)
	calls := call.New(h.db, log, call.Config{
		Voices: voices, Pairs: pairs{h.people}, Elsewhere: elsewhere(rooms.LeaveAll), Now: time.Now, Wake: wake,
	})
	queue := match.New(h.db, h.people, proposals{calls}, node, log, match.Config{Now: time.Now, Wake: wake})
	h.parting = []safety.Part{queue.Part, calls.Part}
	api := httpapi.New(httpapi.Deps{
		DB: h.db, Accounts: h.accounts, Safety: h.safety, Towns: h.towns, Regions: h.regions, Profiles: h.profiles, Photos: h.photos,
		Discovery: h.people, Verification: h.verify, Queue: queue, Calls: calls, Rooms: rooms, Blobs: h.blobs, Inbox: h.inbox, Passes: voices,
		Tickets: ticket.New(h.secrets.key("tickets"), time.Now), Key: h.secrets.key("commands"),
		Log: log, Origins: origins(c, ip), Secure: c.Domain != "" || c.Public(),
	})
	var tell *fanout.Fanout
	live, err := realtime.New(realtime.Rules{
		Who: api.Who,
		MayHear: func(ctx context.Context, person, channel string) error {
			return tell.MayHear(ctx, account.ID(person), channel)
		},
	}, log)
	if err != nil {
		return err
	}
	tell = fanout.New(live, rooms, calls, h.profiles, log)
	relay = event.NewRelay(h.db, log, node, tell.Take, onCalls(calls, queue, log))
	audio := everyRoom{rooms: rooms, calls: calls}
	gate, err := voices.Gate(audio.Admit, log)
	if err != nil {
		return err
	}

	var draining atomic.Bool
	site := httpapi.Site{
		API: api, Realtime: live.Handler(), Gate: gate, Client: web.Dist(),
		Ready: func(ctx context.Context) error {
			if draining.Load() {
				return errors.New("stopping")
			}
			return h.db.PingContext(ctx)
		},
	}
	if c.MetricsListen == "" {
		site.Metrics = promhttp.Handler()
	}

	// Stopping has two steps. When ctx ends, people are let go: nothing new is
	// ready, audio drains. When that is over or has taken too long, work ends.
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
		defer context.AfterFunc(work, cancel)() // a part failed: there is nothing to wait for
		return engine.Run(stop, c.DrainTimeout)
	})
	g.Go(func() error { return relay.Run(work) })
	g.Go(func() error { return tell.Run(work) })
	g.Go(func() error { return h.letters.Run(work) })
	g.Go(func() error { return h.people.Run(work) })
	g.Go(func() error { return queue.Run(work) })
	g.Go(func() error { return (&worker{house: h, rooms: rooms, calls: calls, node: node, log: log}).Run(work) })
	listen(work, g, voices.Hooks(audio, log), hooks, log)
	if c.MetricsListen != "" {
		l, err := net.Listen("tcp", c.MetricsListen)
		if err != nil {
			return fmt.Errorf("metrics: %w", err)
		}
		listen(work, g, promhttp.Handler(), l, log)
	}
	if c.Domain != "" {
		if listener, err = secured(work, g, c, listener, log); err != nil {
			return err
		}
	}
	listen(work, g, site.Handler(), listener, log)
	g.Go(func() error {
		<-work.Done()
		bye, cancel := context.WithTimeout(context.WithoutCancel(work), hangupTime)
		defer cancel()
		return live.Stop(bye)
	})
	log.Info("ready", "url", c.URL(), "took", time.Since(start).Round(time.Millisecond))
	if beside != nil {
		g.Go(func() error { // these leave first: draining waits for everybody
			leaving, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(work, cancel)()
			return beside(leaving, h, c.URL(), log)
		})
	}
	greet(to.out, c, h)
	return g.Wait()
}

// greet tells a person at a terminal what they can do now.
func greet(w io.Writer, c config.Config, h *house) {
	codes := "by mail"
	if h.inbox != nil {
		codes = "here, and at " + c.URL() + "/dev/inbox"
	}
	_, _ = fmt.Fprintf(w, "\n  Heyy is at   %s\n  Sign-in codes appear %s.\n  Stop with Ctrl-C.\n\n", c.URL(), codes)
}

const mediaKey = "heyy"

func listenOn(c config.Config) string {
	if c.Domain != "" {
		return ":443"
	}
	return c.Listen
}

// origins is where our own pages can come from.
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

// hangupTime is how long open requests and sockets get at the very end.
const hangupTime = 3 * time.Second

// listen serves h on l until work ends.
func listen(work context.Context, g *errgroup.Group, h http.Handler, l net.Listener, log *slog.Logger) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-work.Done()
		bye, cancel := context.WithTimeout(context.WithoutCancel(work), hangupTime)
		defer cancel()
		if err := server.Shutdown(bye); err != nil {
			return server.Close()
		}
		return nil
	})
}
