package httpapi

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// Exchange serves requests of another protocol than commands in JSON, such as WHEP: they have
// bodies of a type of their own, carry no idempotency key, and may come from players that are
// not our client. The session of the request is known, if it has one. pattern is one of
// http.ServeMux, below /api/; media is the type of the body, "" if there is none; limit
// bounds it in bytes. An error is answered with its problem document, another method at the
// same path with 405.
func (a *API) Exchange(pattern, media string, limit int64, do func(w http.ResponseWriter, r *http.Request, body []byte) error) {
	method, path, _ := strings.Cut(pattern, " ")
	if a.methods[path] = append(a.methods[path], method); len(a.methods[path]) == 1 {
		a.exchanges.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", strings.Join(a.methods[path], ", "))
			refusal(r.Context(), http.StatusMethodNotAllowed, "this is not done here").write(w)
		})
	}
	a.exchanges.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := a.TakeFromAnybody(r.Context(), true); err != nil {
			a.fail(w, r, err)
			return
		}
		if is, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "" && is != media {
			refusal(r.Context(), http.StatusUnsupportedMediaType, "this is sent as "+media).write(w)
			return
		}
		body, err := read(w, r, limit, func(int64) error { return nil })
		var big *http.MaxBytesError
		switch {
		case err != nil:
			w.Header().Set("Connection", "close") // otherwise the answer would wait for the rest
			status, says := http.StatusBadRequest, "the request broke off"
			if errors.As(err, &big) {
				status, says = http.StatusRequestEntityTooLarge, "this is too large"
			} else if errors.Is(err, os.ErrDeadlineExceeded) {
				status, says = http.StatusRequestTimeout, "this came too slowly"
			}
			refusal(r.Context(), status, says).write(w)
		case media == "" && len(body) > 0:
			refusal(r.Context(), http.StatusUnprocessableEntity, "this takes no body").write(w)
		default:
			if err := do(w, r, body); err != nil {
				a.fail(w, r, err)
			}
		}
	})
}

// TakeFromAnybody takes one request from the share of who asks: an account, or else a network.
// Operations for Anyone that read the database call it.
func (a *API) TakeFromAnybody(ctx context.Context, command bool) error {
	if who := Actor(ctx); who != "" {
		return a.Budgets.takeRequest(who, command)
	}
	ip := Address(ctx)
	if ip.IsLoopback() { // this machine, or a proxy on it that trusted_proxies does not name
		return nil
	}
	return a.Budgets.takeGuest(Household(ip).String())
}

// Guests are many behind one address, at a school or in a train.
const guestsBurst, guestsEvery, guestsMost = 120, 2 * time.Second, 10_000

// takeGuest takes one request from the share of a network whose people are not signed in.
// These shares are apart from those of accounts: addresses are easily had, and must not push
// accounts out of memory.
func (b *Budgets) takeGuest(network string) error {
	if !limiter(b.guests, network, guestsEvery, guestsBurst).Allow() {
		return ErrTooFast
	}
	return nil
}

// limiter returns the limiter of a key, a new one if there is none.
func limiter(of *lru.Cache[string, *rate.Limiter], key string, every time.Duration, burst int) *rate.Limiter {
	if share, ok := of.Get(key); ok {
		return share
	}
	share := rate.NewLimiter(rate.Every(every), burst)
	if before, had, _ := of.PeekOrAdd(key, share); had {
		return before
	}
	return share
}
