package media

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Admit says whether a person may be in a room under an admission right now,
// and whether they may speak there. An error means no.
type Admit func(ctx context.Context, room, person, admission string) (maySpeak bool, err error)

// Gate is the way to the server's signalling, for /rtc and everything below.
// Each connect and each resume is asked of admit, and goes on with a token made
// anew from its answer: what the old token promised does not matter.
func (v *Voices) Gate(admit Admit, log *slog.Logger) (http.Handler, error) {
	target, err := url.Parse(v.url)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Del("Cookie") // the server has no use for our sessions
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				log.Warn("media: signalling", "err", err)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pass, err := v.read(tokenOf(r))
		if err == nil {
			pass.MaySpeak, err = admit(r.Context(), pass.Room, pass.Person, pass.Admission)
		}
		if err != nil {
			log.Debug("media: refused at the gate", "room", pass.Room, "person", pass.Person, "err", err)
			http.Error(w, "this token opens nothing", http.StatusUnauthorized)
			return
		}
		fresh, err := v.Token(pass)
		if err != nil {
			log.Error("media: gate", "err", err)
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		r = r.Clone(r.Context())
		q := r.URL.Query()
		q.Del("access_token")
		// With "publish" the server would make a second participant of the same
		// person, under a name that no command knows.
		q.Del("publish")
		r.URL.RawQuery = q.Encode()
		r.Header.Set("Authorization", "Bearer "+fresh)
		proxy.ServeHTTP(w, r)
	}), nil
}

// tokenOf finds the token where LiveKit's clients put it.
func tokenOf(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	return r.URL.Query().Get("access_token")
}
