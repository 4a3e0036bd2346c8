package httpapi

import (
	"context"
	"net/http"
	"strings"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// SessionCookie is the name of the cookie that keeps a session's token.
const SessionCookie = "heyy_session"

type sessionKey struct{}

// Session is the session of a request, or nil.
func Session(ctx context.Context) *account.Session {
	s, _ := ctx.Value(sessionKey{}).(*account.Session)
	return s
}

// Actor is the account that acts, or "". Operations for members are only run for one.
func Actor(ctx context.Context) account.ID {
	if s := Session(ctx); s != nil {
		return s.Account
	}
	return ""
}

// Require fails if whoever asks may not: session.none or account.incomplete.
func Require(ctx context.Context, may Access) error {
	switch s := Session(ctx); {
	case may == Anyone:
	case s == nil:
		return errSignIn
	case may == Member && !s.Complete:
		return errIncomplete
	}
	return nil
}

// tokenOf finds the session token of a request.
func tokenOf(r *http.Request) string {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t
	}
	if c, err := r.Cookie(SessionCookie); err == nil {
		return c.Value
	}
	return ""
}

// withSession finds out who asks. A token that is worth nothing (any more) is
// nobody; operations that need somebody say so. Its cookie stays: a browser may
// have got another one since it sent this request, and would lose that.
func (a *API) withSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := tokenOf(r)
		if token == "" {
			next.ServeHTTP(w, r)
			return
		}
		s, err := a.conf.Accounts.Authenticate(r.Context(), token)
		switch {
		case err == nil && otherAccount(r, s.Account):
			a.fail(w, r, errOtherAccount)
			return
		case err == nil:
			r = r.WithContext(context.WithValue(r.Context(), sessionKey{}, &s))
		case fault.KindOf(err) == fault.Unauthorized:
		default:
			a.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// accountHeader says whom the client takes itself for; on a socket, which
// browsers give no headers, the parameter account does.
const accountHeader = "Heyy-Account"

// otherAccount reports whether the client takes itself for another account than
// its session is of. All tabs of a browser share one cookie: a tab that shows
// one account would act as the other. Signing in is nobody's doing yet.
func otherAccount(r *http.Request, is account.ID) bool {
	if strings.HasPrefix(r.URL.Path, signInPath) {
		return false
	}
	claims := r.Header.Get(accountHeader)
	if claims == "" && r.URL.Path == "/realtime" {
		claims = r.URL.Query().Get("account")
	}
	return claims != "" && claims != string(is)
}

// signInPath begins the paths of operations that nobody is signed in for.
const signInPath = "/api/sign-in"

// Cookie is one of ours, which no script reads; age is in seconds, -1 deletes it.
func (a *API) Cookie(name, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: a.conf.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// Authenticate returns the member that a socket's request acts for.
func (a *API) Authenticate(r *http.Request) (string, error) {
	s, err := a.conf.Accounts.Authenticate(r.Context(), tokenOf(r))
	if err != nil {
		return "", err
	}
	if otherAccount(r, s.Account) {
		return "", errOtherAccount
	}
	if !s.Complete {
		return "", errIncomplete
	}
	return string(s.Account), nil
}

var (
	errSignIn       = fault.New(fault.Unauthorized, "session.none", "You're signed out. Sign in again.")
	errOtherAccount = fault.New(fault.Conflict, "session.other_account", "Someone else signed in with this browser. Reload the page.")
	errIncomplete   = fault.New(fault.Forbidden, "account.incomplete", "Finish signing up first.")
	errOrigin       = fault.New(fault.Forbidden, "request.origin", "This request came from another site. Open Heyy at its own address and try again.")
)

// sameOrigin turns away what another site makes a browser send: every request
// that asks for another protocol, whichever it names and however often, and
// every request that changes something. Programs send no Origin and carry no
// cookies of ours by themselves.
func (a *API) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, upgrades := r.Header["Upgrade"]
		if (upgrades || changes(r)) && !a.ours(r) {
			a.fail(w, r, errOrigin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) ours(r *http.Request) bool {
	if o := r.Header.Get("Origin"); o != "" {
		for _, ok := range a.conf.Origins {
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
