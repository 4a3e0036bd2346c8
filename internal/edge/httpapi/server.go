package httpapi

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/id"
)

// Site is everything on the main port.
type Site struct {
	API      *API
	Realtime http.Handler // live events
	Gate     http.Handler // audio signalling
	Metrics  http.Handler // for this machine only; nil: on a port of its own
	Ready    func(context.Context) error
	Client   fs.FS // the built client
}

// Handler puts the site together.
func (s Site) Handler() http.Handler {
	a := s.API
	mux := http.NewServeMux()
	mux.Handle("/api/", a)
	mux.Handle("/realtime", s.Realtime)
	mux.Handle("/rtc", s.Gate)
	mux.Handle("/rtc/", s.Gate)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, []byte(`{"ok":true}`)) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Ready(r.Context()); err != nil {
			a.conf.Log.Warn("not ready", "err", err)
			a.fail(w, r, fault.New(fault.Unavailable, "server.not_ready", "This part of Heyy isn't ready yet. Try again in a little while."))
			return
		}
		answer(w, http.StatusOK, []byte(`{"ok":true}`))
	})
	if s.Metrics != nil {
		mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
			if !IsLocal(r) {
				refusal(r.Context(), http.StatusNotFound, "there is nothing at this address").write(w)
				return
			}
			s.Metrics.ServeHTTP(w, r)
		})
	}
	mux.Handle("/", a.files(s.Client))
	guarded := a.sameOrigin(mux)
	return a.withClient(a.withID(a.safely(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := a.forms.Handler(r); pattern != "" {
			a.forms.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	}))))
}

type requestKey struct{}

// requestID names the request in logs and problems.
func requestID(ctx context.Context) string {
	s, _ := ctx.Value(requestKey{}).(string)
	return s
}

func (a *API) withID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rid := id.New()
		h := w.Header()
		h.Set("X-Request-Id", rid)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			// Answers are for one person and moment, as is that a room is not shared: a cache
			// keeps what says nothing else, a 404 too. Recordings and pictures say how long.
			h.Set("Cache-Control", "no-store")
		}
		if a.conf.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		start := time.Now()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, rid)))
		a.conf.Log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("method", r.Method),
			slog.String("path", r.URL.Path), slog.Duration("took", time.Since(start)), slog.String("id", rid))
	})
}

// safely turns a panic into a 500; the connection and the server live on.
func (a *API) safely(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // net/http's own sentinel, always bare
				panic(p)
			}
			a.conf.Log.Error("panic", "request_id", requestID(r.Context()), "panic", p, "stack", string(debug.Stack()))
			refusal(r.Context(), http.StatusInternalServerError, "something broke on our side").write(w)
		}()
		next.ServeHTTP(w, r)
	})
}
