package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/contract"
	"heyy/internal/people/account"
)

func TestLimitsCountWhoStandsBehindTrustedProxies(t *testing.T) {
	trusted := httpapi.Proxies{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		proxies httpapi.Proxies
		said    func(n int) string // X-Forwarded-For of the nth ask
		other   string             // of somebody else
		alone   bool               // somebody else is not limited with them
	}{
		"a client without a proxy":               {nil, func(int) string { return "" }, "", false},
		"an untrusted proxy, or a liar":          {nil, func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }, "203.0.113.8", false},
		"a client behind a trusted proxy":        {trusted, func(int) string { return "203.0.113.7" }, "203.0.113.8", true},
		"a client that invents what is before":   {trusted, func(n int) string { return fmt.Sprintf("198.51.100.%d, 203.0.113.7", n) }, "203.0.113.7, 203.0.113.8", true},
		"a client behind two trusted proxies":    {trusted, func(n int) string { return fmt.Sprintf("198.51.100.%d, 203.0.113.7, 10.1.2.3", n) }, "203.0.113.8, 10.1.2.3", true},
		"a client that claims to be a proxy":     {trusted, func(n int) string { return fmt.Sprintf("10.0.0.%d, 203.0.113.7", n) }, "203.0.113.8", true},
		"a proxy that adds ports":                {trusted, func(n int) string { return fmt.Sprintf("203.0.113.7:%d", 4000+n) }, "203.0.113.8:4000", true},
		"nonsense before a trusted proxy":        {trusted, func(n int) string { return fmt.Sprintf("203.0.113.7, nonsense %d", n) }, "nonsense", false},
		"a household of IPv6 behind a proxy":     {trusted, func(n int) string { return fmt.Sprintf("2001:db8::%x", n+1) }, "2001:db8:0:1::1", true},
		"a trusted proxy that passes nothing on": {trusted, func(int) string { return "" }, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := apitest.New(t, dbtest.SQLite(t), func(a *account.Config, d *httpapi.Config) { a.LocalOnly, d.Proxies = false, c.proxies })
			v := h.Visitor(t)
			ask := func(n int, said string) int {
				var headers []string
				if said != "" {
					headers = []string{"X-Forwarded-For", said}
				}
				return v.Ask("POST", "/api/sign-in/code", fmt.Sprintf(`{"email":"a%d@example.org","language":"en"}`, n), headers...).Status
			}
			limited := 0
			for n := range 25 {
				if ask(n, c.said(n)) == http.StatusTooManyRequests {
					limited++
				}
			}
			if limited == 0 {
				t.Error("25 asks of one client are not limited")
			}
			if got := ask(99, c.other) != http.StatusTooManyRequests; got != c.alone {
				t.Errorf("somebody else is let in: %v, want %v", got, c.alone)
			}
		})
	}
}

func TestFiguresAreForThisMachineOnly(t *testing.T) {
	none := http.NotFoundHandler()
	api := httpapi.New(httpapi.Config{Log: slog.New(slog.DiscardHandler), Origins: []string{"http://localhost:8080"}})
	h := httpapi.Site{API: api, Realtime: none, Gate: none, Client: fstest.MapFS{}, Metrics: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}.Handler()
	apart := httpapi.ByLoopbackName(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for name, c := range map[string]struct {
		peer, host, header string
		main, own          int
	}{
		"this machine":             {"127.0.0.1:4000", "localhost:8080", "", 200, 200},
		"this machine by number":   {"[::1]:4000", "[::1]:8080", "", 200, 200},
		"a page of another site":   {"127.0.0.1:4000", "evil.example:8080", "", 404, 404},
		"a proxy on this machine":  {"127.0.0.1:4000", "localhost", "X-Real-IP", 404, 200},
		"another one":              {"127.0.0.1:4000", "localhost", "X-Forwarded-Proto", 404, 200},
		"another machine":          {"10.0.0.7:4000", "localhost:8080", "", 404, 200},
		"another machine, by name": {"10.0.0.7:4000", "heyy.internal:9090", "", 404, 200},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = c.peer, c.host
		if c.header != "" {
			r.Header.Set(c.header, "203.0.113.7")
		}
		for which, try := range map[string]struct {
			h    http.Handler
			want int
		}{"main port": {h, c.main}, "own port": {apart, c.own}} {
			w := httptest.NewRecorder()
			try.h.ServeHTTP(w, r)
			if w.Code != try.want {
				t.Errorf("%s, %s: %d, want %d", name, which, w.Code, try.want)
			}
		}
	}
}

// serve runs the site as the program does, with the deadline of requests as given.
func serve(t *testing.T, b httpapi.Bounds, whole time.Duration) (addr string) {
	t.Helper()
	api := contract.New(httpapi.Config{Log: slog.New(slog.DiscardHandler), Origins: []string{"http://localhost:8080"}}, contract.Services{})
	s := httpapi.Server(apitest.Site(api), slog.New(slog.DiscardHandler))
	if s.ReadTimeout <= 0 || s.ReadTimeout > 30*time.Second || s.ReadHeaderTimeout <= 0 || s.IdleTimeout <= 0 {
		t.Errorf("deadlines of %s, %s and %s", s.ReadTimeout, s.ReadHeaderTimeout, s.IdleTimeout)
	}
	s.ReadTimeout = whole
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(httpapi.Bound(l, b)) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestABodyThatNobodyReadsHoldsNoConnection(t *testing.T) {
	addr := serve(t, httpapi.Bounds{All: 100}, 100*time.Millisecond)
	for _, path := range []string{"/", "/healthz", "/metrics", "/realtime", "/rtc", "/rtc/v1", "/api/nonsense", "/api/dev/inbox", "/assets/none.js"} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			if method == "POST" && strings.HasPrefix(path, "/api/") {
				continue // it is read, in its own time
			}
			c := dial(t, addr)
			_, _ = fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx", method, path)
			// The answer, then the end: not our deadline.
			if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("%s %s: %v", method, path, err)
			}
		}
	}
}

// open reports whether the server answers on c.
func answers(c net.Conn) bool {
	_, _ = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, a.Body)
	return err == nil && a.StatusCode == http.StatusOK
}

func TestOneAddressHoldsSoManyConnections(t *testing.T) {
	addr := serve(t, httpapi.Bounds{All: 100, Each: 5}, time.Minute)
	var held []net.Conn
	for range 5 {
		c := dial(t, addr)
		if !answers(c) {
			t.Fatal("one within the bound is refused")
		}
		held = append(held, c)
	}
	if answers(dial(t, addr)) {
		t.Error("the sixth is taken")
	}
	_ = held[0].Close()
	again := false
	for end := time.Now().Add(10 * time.Second); !again && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		again = answers(dial(t, addr))
	}
	if !again {
		t.Error("what is closed still counts")
	}

	trusted := serve(t, httpapi.Bounds{All: 8, Each: 5, Exempt: httpapi.Proxies{netip.MustParsePrefix("127.0.0.1/32")}}, time.Minute)
	for n := range 9 {
		if got := answers(dial(t, trusted)); got != (n < 8) {
			t.Errorf("connection %d of a trusted proxy is taken: %v", n+1, got)
		}
	}
}
