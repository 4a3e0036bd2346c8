package httpapi

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"heyy/internal/account"
	"heyy/internal/fault"
)

const cookieName = "heyy_session"

type sessionKey struct{}

// session is who asks, or nil.
func session(ctx context.Context) *account.Session {
	s, _ := ctx.Value(sessionKey{}).(*account.Session)
	return s
}

// who is the acting person. Operations for members are only run for one.
func who(ctx context.Context) account.ID {
	if s := session(ctx); s != nil {
		return s.Account
	}
	return ""
}

// tokenOf finds the session token of a request.
func tokenOf(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	if c, err := r.Cookie(cookieName); err == nil {
		return c.Value
	}
	return ""
}

// withSession finds out who asks. A token that is worth nothing (any more) is
// nobody; operations that need somebody say so.
func (a *API) withSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := tokenOf(r)
		if token == "" {
			next.ServeHTTP(w, r)
			return
		}
		s, err := a.Accounts.Who(r.Context(), token)
		switch {
		case err == nil:
			r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, &s))
		case fault.KindOf(err) == fault.Unauthorized:
			if c, cerr := r.Cookie(cookieName); cerr == nil && c.Value == token {
				http.SetCookie(w, a.cookie("", -1))
			}
		default:
			a.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// cookie is the session cookie; age is in seconds, -1 deletes it.
func (a *API) cookie(token string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: a.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// Who answers for a socket's request: a signed-in member.
func (a *API) Who(r *http.Request) (string, error) {
	s, err := a.Accounts.Who(r.Context(), tokenOf(r))
	if err != nil {
		return "", err
	}
	if !s.Complete {
		return "", errIncomplete
	}
	return string(s.Account), nil
}

var (
	errSignIn     = fault.New(fault.Unauthorized, "session.none", "Please sign in.")
	errIncomplete = fault.New(fault.Forbidden, "account.incomplete", "Finish signing up first.")
	errOrigin     = fault.New(fault.Forbidden, "request.origin", "This came from another site.")
)

// sameOrigin turns away what another site makes a browser send: every socket,
// and every request that changes something. Programs send no Origin and carry
// no cookies of ours by themselves.
func (a *API) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
		if (socket || changes(r)) && !a.ours(r) {
			a.fail(w, r, errOrigin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) ours(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" {
		for _, ok := range a.Origins {
			if o == ok {
				return true
			}
		}
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

func changes(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// peer is the address at the other end of the connection.
func peer(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return ip.Unmap()
}

// local reports whether the request comes from this machine itself, not
// through a proxy that stands on it.
func local(r *http.Request) bool {
	return peer(r).IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
