package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"heyy/internal/base/db/dbtest"
	"heyy/internal/base/id"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/apitest"
	"heyy/internal/edge/httpapi/events"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
)

// figure is what /metrics says of one name.
func figure(t *testing.T, name string) float64 {
	t.Helper()
	all, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}

func TestUploadsAreHeldOnceAndWithinOneBudget(t *testing.T) {
	const people, budget, size = 12, 30 << 20, 12 << 20
	h := apitest.New(t, dbtest.SQLite(t), func(_ *account.Config, d *httpapi.Config) { d.UploadBytes = budget })
	var all []*apitest.Visitor
	for n := range people {
		v := h.Visitor(t)
		v.SignIn(fmt.Sprintf("a%d@example.org", n))
		v.Begin("Anna")
		all = append(all, v)
	}
	body := strings.Repeat("x", size) // found to be no picture when it is whole
	storm := func() {
		var sending sync.WaitGroup
		for _, v := range all {
			for range 2 {
				sending.Go(func() {
					r := v.Ask("POST", "/api/me/photos", body, "Content-Type", "image/jpeg")
					if r.Status == http.StatusServiceUnavailable && r.Header.Get("Retry-After") == "" {
						t.Error("busy, and not for how long")
					}
					if r.Status != http.StatusServiceUnavailable && r.Status != http.StatusUnprocessableEntity {
						t.Errorf("%d %s", r.Status, r.Body)
					}
				})
			}
		}
		sending.Wait()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	storm()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2*people*size*5/4 {
		t.Errorf("%d uploads of %d bytes took %d bytes", 2*people, size, used)
	}

	stop, watched := make(chan struct{}), make(chan float64)
	go func() {
		most := 0.0
		for {
			select {
			case <-stop:
				watched <- most
				return
			case <-time.After(2 * time.Millisecond):
				most = max(most, figure(t, "heyy_upload_bytes"))
			}
		}
	}()
	storm()
	close(stop)
	if most := <-watched; most > budget || most < size {
		t.Errorf("%.0f bytes were held at once, of a budget of %d", most, budget)
	}
	if left := figure(t, "heyy_upload_bytes"); left != 0 {
		t.Errorf("%.0f bytes are still set aside", left)
	}
}

func TestOnePersonHasAShareOfCommandsAndNobodyElseIsTouched(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v, other := h.Visitor(t), h.Visitor(t)
	v.SignIn("anna@example.org")
	v.Begin("Anna")
	other.SignIn("ben@example.org")
	other.Begin("Ben")
	limited := 0
	for range 400 {
		switch r := v.Ask("PATCH", "/api/me", `{"paused":true}`); r.Status {
		case http.StatusOK:
		case http.StatusTooManyRequests:
			limited++
			if r.Header.Get("Retry-After") == "" || !strings.Contains(r.Body, `"rate.limited"`) {
				t.Fatalf("%v %s", r.Header, r.Body)
			}
		default:
			t.Fatalf("%d %s", r.Status, r.Body)
		}
	}
	if limited == 0 || limited > 101 {
		t.Errorf("%d of 400 commands at once are refused", limited)
	}
	other.Want(http.StatusOK, "", "PATCH", "/api/me", `{"paused":true}`)
	v.Want(http.StatusOK, "", "GET", "/api/me", "")

	// Of all those replies, what is kept is bounded, too.
	var kept int
	if err := h.DB.QueryRow(`SELECT COALESCE(SUM(LENGTH(reply)), 0) FROM commands`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if kept == 0 || kept > 2<<20 {
		t.Errorf("%d bytes are kept", kept)
	}
}

func TestOnePersonReadsSoManyStrangers(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	me := v.SignIn("anna@example.org")
	v.Begin("Anna")
	codes := map[int]int{}
	for range 560 {
		codes[v.Ask("GET", "/api/people/"+id.New(), "").Status]++
	}
	if codes[http.StatusNotFound] < 500 || codes[http.StatusTooManyRequests] == 0 {
		t.Errorf("560 strangers: %v", codes)
	}
	v.Want(http.StatusOK, "", "GET", "/api/people/"+me.ID, "") // oneself, and whom one has just seen
}

// A calendar of many dates is most of a megabyte, and whoever has its address reads it.
func TestACalendarIsReadSoOften(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	anybody := h.Visitor(t)
	owner, _ := h.Member(t, "Anna")
	other, _ := h.Member(t, "Ben")
	address := func(of *apitest.Visitor) string {
		var link events.EventCalendarLink
		of.Want(http.StatusCreated, "", "POST", "/api/me/calendar", "").Into(t, &link)
		return link.URL[strings.Index(link.URL, "/api/"):]
	}
	read := func(path string) (limited int) {
		for range 40 {
			switch r := anybody.Ask("GET", path, ""); r.Status {
			case http.StatusOK:
			case http.StatusTooManyRequests:
				limited++
				if r.Header.Get("Retry-After") == "" || !strings.Contains(r.Body, `"rate.limited"`) {
					t.Fatalf("%v %s", r.Header, r.Body)
				}
			default:
				t.Fatalf("%d %s", r.Status, r.Body)
			}
		}
		return limited
	}
	if limited := read(address(owner)); limited < 8 || limited > 10 {
		t.Errorf("%d of 40 readings at once are refused", limited)
	}
	if limited := read(address(owner)); limited < 38 {
		t.Errorf("another address of the same calendar is refused %d times of 40", limited)
	}
	owner.Want(http.StatusOK, "", "GET", "/api/events?mine=true", "")
	anybody.Want(http.StatusOK, "", "GET", address(other), "")
}

func TestOnePersonTriesSoManyPicturesAndRecordings(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	v := h.Visitor(t)
	v.SignIn("anna@example.org")
	v.Begin("Anna")
	for _, c := range []struct {
		method, path, kind, code string
		share                    int
	}{
		{"POST", "/api/me/photos", "image/png", "photo.too_many_tries", 20},
		{"PUT", "/api/me/verification/" + id.New() + "/selfie", "image/png", "photo.too_many_tries", 0}, // the same share
		{"PUT", "/api/me/clips/0?prompt=best_sound", "audio/ogg", "voice.too_many_tries", 40},
		{"PUT", "/api/me/verification/" + id.New() + "/phrase", "audio/ogg", "voice.too_many_tries", 0},
	} {
		limited := 0
		for range c.share + 10 {
			if r := v.Ask(c.method, c.path, "nothing of the kind", "Content-Type", c.kind); strings.Contains(r.Body, c.code) {
				limited++
			}
		}
		if limited < 8 || limited > 10 {
			t.Errorf("%s: %d of %d tries are refused", c.path, limited, c.share+10)
		}
	}
}

// hold begins an upload as v, sends the first bytes of it, and no more.
func hold(v *apitest.Visitor, path, network string, declared, sent int) {
	v.T.Helper()
	c, err := net.Dial("tcp", v.At.Listener.Addr().String())
	if err != nil {
		v.T.Fatal(err)
	}
	v.T.Cleanup(func() { _ = c.Close() })
	at, err := url.Parse(v.At.URL)
	if err != nil {
		v.T.Fatal(err)
	}
	cookies := ""
	for _, k := range v.HTTP.Jar.Cookies(at) {
		cookies += k.Name + "=" + k.Value + "; "
	}
	_, err = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: http://localhost:8080\r\nCookie: %s\r\nX-Forwarded-For: %s\r\n"+
		"Idempotency-Key: %s\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n%s", path, cookies, network, id.New(), declared, strings.Repeat("x", sent))
	if err != nil {
		v.T.Fatal(err)
	}
}

// held waits until so many bytes are set aside for uploads, and no more.
func held(t *testing.T, want float64) {
	t.Helper()
	got := -1.0
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got = figure(t, "heyy_upload_bytes"); got == want {
			return
		}
	}
	t.Fatalf("%.0f bytes are held, want %.0f", got, want)
}

// crowd are members whose networks count, and are what X-Forwarded-For says.
func crowd(t *testing.T, budget int64, people int) (all []*apitest.Visitor) {
	t.Helper()
	h := apitest.New(t, dbtest.SQLite(t), func(c *account.Config, d *httpapi.Config) {
		c.LocalOnly, d.UploadBytes = false, budget
		d.Proxies = httpapi.Proxies{netip.MustParsePrefix("127.0.0.0/8")}
	})
	for n := range people {
		v := h.Visitor(t)
		v.SignIn(fmt.Sprintf("a%d@example.org", n))
		v.Begin("Anna")
		all = append(all, v)
	}
	return all
}

// send tries to upload something that is no picture: 422 says that it was let in.
func send(v *apitest.Visitor, network string) int {
	v.T.Helper()
	return v.Ask("POST", "/api/me/photos", strings.Repeat("x", 50<<10), "Content-Type", "image/png", "X-Forwarded-For", network).Status
}

// Memory is for what has come, not for what somebody says will come.
func TestUploadsThatAreOnlyDeclaredShutNobodyOut(t *testing.T) {
	const declared = 12 << 20
	all := crowd(t, 0, 5)
	for _, v := range all[:4] {
		hold(v, "/api/nothing", "192.0.2.1", declared, 1000)
		hold(v, "/api/me/photos", "192.0.2.1", declared, 1000)
	}
	const nothing, photo = 4 << 10, 256 << 10 // the first step of a command, and of an upload
	held(t, 4*nothing+4*photo)
	if got := send(all[4], "198.51.100.1"); got != http.StatusUnprocessableEntity {
		t.Errorf("an honest upload gets %d", got)
	}
	held(t, 4*nothing+4*photo)
}

func TestOneAccountAndOneNetworkHaveAShareOfUploads(t *testing.T) {
	const most = 12 << 20 // a quarter of the budget
	all := crowd(t, 4*most, 4)
	const here, there = "192.0.2.1", "198.51.100.1"
	hold(all[0], "/api/me/photos", here, most, 3<<20)
	held(t, most)
	if got := send(all[0], there); got != http.StatusServiceUnavailable {
		t.Errorf("one account has more than a quarter: %d", got)
	}
	if got := send(all[2], here); got != http.StatusUnprocessableEntity {
		t.Errorf("another account of this network gets %d", got)
	}
	hold(all[1], "/api/me/photos", here, most, 3<<20)
	held(t, 2*most)
	if got := send(all[2], "192.0.2.200"); got != http.StatusServiceUnavailable {
		t.Errorf("one network has more than a half: %d", got)
	}
	if got := send(all[3], there); got != http.StatusUnprocessableEntity {
		t.Errorf("another network gets %d", got)
	}
}

// Content-Length that lies is answered, or the connection ends; other members
// are served meanwhile.
func TestALyingLengthHoldsNobodyUp(t *testing.T) {
	h := apitest.New(t, dbtest.SQLite(t))
	anna, bob := h.Visitor(t), h.Visitor(t)
	anna.SignIn("anna@example.org")
	anna.Begin("Anna")
	bob.SignIn("bob@example.org")
	bob.Begin("Bob")
	cookies := anna.HTTP.Jar.Cookies(mustURL(t, h.URL))
	body := apitest.Recording(t)
	for _, says := range []int{len(body) * 2, 10, 1 << 40, -1} {
		conn, err := net.Dial("tcp", h.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = fmt.Fprintf(conn, "PUT /api/me/clips/0?prompt=best_sound HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nIdempotency-Key: %s\r\nContent-Type: audio/ogg\r\nContent-Length: %d\r\n\r\n",
			h.Listener.Addr(), cookies[0], id.New(), says)
		_, _ = conn.Write([]byte(body))
		bob.Want(http.StatusOK, "", "GET", "/api/me", "")
		_ = conn.(*net.TCPConn).CloseWrite() // what was promised never comes
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			if resp.StatusCode < 400 {
				t.Errorf("Content-Length %d: %s", says, resp.Status)
			}
			_ = resp.Body.Close()
		}
		_ = conn.Close()
	}
	var me people.Me
	anna.Want(http.StatusOK, "", "GET", "/api/me", "").Into(t, &me)
	if len(me.Clips) != 0 {
		t.Errorf("%+v", me.Clips)
	}
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
