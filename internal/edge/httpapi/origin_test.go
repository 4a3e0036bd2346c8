package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/fstest"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
)

// A socket is a socket however its request is spelled: another site opens none.
func TestAnotherSiteUpgradesNothing(t *testing.T) {
	opened := 0
	socket := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { opened++ })
	h := httpapi.Site{
		API:      httpapi.New(httpapi.Config{Log: slog.New(slog.DiscardHandler), Origins: []string{"http://localhost:8080"}}),
		Realtime: socket, Gate: socket, Client: fstest.MapFS{}, Ready: func(context.Context) error { return nil },
	}.Handler()
	for _, upgrade := range [][]string{{"websocket"}, {"WebSocket"}, {"websocket, h2c"}, {"h2c, websocket"}, {"websocket/13"}, {"h2c", "websocket"}, {""}} {
		for _, path := range []string{"/rtc", "/rtc/v1", "/realtime"} {
			for origin, want := range map[string]int{"https://evil.example": http.StatusForbidden, "null": http.StatusForbidden, "http://localhost:8080": http.StatusOK} {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Header["Connection"], r.Header["Upgrade"] = []string{"Upgrade"}, upgrade
				r.Header.Set("Origin", origin)
				w := httptest.NewRecorder()
				opened = 0
				h.ServeHTTP(w, r)
				if w.Code != want || (opened == 1) != (want == http.StatusOK) {
					t.Errorf("%s, Upgrade: %q, from %s: %d, %d opened", path, upgrade, origin, w.Code, opened)
				}
			}
		}
	}
}

func TestAnotherSiteCannotSignSomebodyIn(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	v.SignIn("anna@example.org")
	for _, header := range [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
		v.Want(http.StatusForbidden, "request.origin", "POST", "/api/sign-in", `{"email":"a@b.cd","code":"1"}`, header[0], header[1])
		v.Want(http.StatusForbidden, "request.origin", "POST", "/api/sign-out", "", header[0], header[1])
	}
	v.Want(http.StatusOK, "", "GET", "/api/me", "")
	u, err := url.Parse(h.URL)
	if err != nil || len(v.HTTP.Jar.Cookies(u)) != 2 { // heyy_session and heyy_browser
		t.Errorf("cookies: %v, %v", v.HTTP.Jar.Cookies(u), err)
	}
}
