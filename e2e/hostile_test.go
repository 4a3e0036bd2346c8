package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// assault is one kind of hostile request. Each is sent a thousand times, twice:
// the first round fills what is bounded (caches, pools, the descriptors of
// goroutines, which the runtime keeps), and a minute after the second one nothing
// may be more than it was before it.
type assault struct {
	name   string
	strike func(a *attacker, n int)
}

// attacker has a loopback address of its own, so that limits by address affect only
// this attacker.
type attacker struct {
	at    *server
	from  net.IP
	me    *person // with an account, for those who need one
	web   *http.Client
	mu    sync.Mutex
	held  []net.Conn // left open until the end
	codes map[int]int
}

func (s *server) attacker(me *person, number byte) *attacker {
	a := &attacker{at: s, from: net.IPv4(127, 0, 0, number), me: me, codes: map[int]int{}}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: a.from}, Timeout: 10 * time.Second}
	a.web = &http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 16}}
	return a
}

// dial makes a bare connection; nil is none.
func (a *attacker) dial() net.Conn {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: a.from}, Timeout: 10 * time.Second}
	c, err := d.Dial("tcp", "127.0.0.1:"+strconv.Itoa(a.at.port))
	if err != nil {
		return nil
	}
	return c
}

// hold sends something and then neither sends, reads nor closes.
func (a *attacker) hold(says string) {
	c := a.dial()
	if c == nil {
		return
	}
	_, _ = io.WriteString(c, says)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held = append(a.held, c)
}

// open counts the held connections that the server has not closed.
func (a *attacker) open() (n int) {
	for _, c := range a.held {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			n++
		}
	}
	return n
}

// send makes one request; what is answered is counted, and may be anything but
// a fault of the server's.
func (a *attacker) send(method, path, kind, body string, headers ...string) {
	r, err := http.NewRequest(method, "http://localhost:"+strconv.Itoa(a.at.port)+path, strings.NewReader(body))
	if err != nil {
		return
	}
	if a.me != nil {
		r.Header.Set("Authorization", "Bearer "+a.me.token)
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	status := 0
	if resp, err := a.web.Do(r); err == nil {
		status = resp.StatusCode
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.codes[status]++
}

// unfolding is a picture of a few kilobytes that decodes to 16 megapixels.
func unfolding() string {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, image.NewPaletted(image.Rect(0, 0, 4000, 4000), color.Palette{color.Black, color.White})); err != nil {
		panic(err) // it writes to memory
	}
	return b.String()
}

const asJSON = "application/json"

func assaults() []assault {
	picture := unfolding()
	long := `{"` + strings.Repeat("k", 32<<10) + `":[` + strings.TrimSuffix(strings.Repeat("1,", 16000), ",") + "]}"
	same := uuid.NewString()
	return []assault{
		{"a body that never comes", func(a *attacker, n int) {
			paths := []string{"/", "/healthz", "/metrics", "/realtime", "/rtc", "/api/sign-in", "/api/nonsense", "/api/me"}
			a.hold("POST " + paths[n%len(paths)] + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nx")
		}},
		{"half a header", func(a *attacker, _ int) { a.hold("GET / HTTP/1.1\r\nHost: loc") }},
		{"an answer that nobody takes", func(a *attacker, _ int) {
			a.hold(strings.Repeat("GET /api/people/"+uuid.NewString()+"/aura?size=512 HTTP/1.1\r\nHost: localhost\r\n\r\n", 500))
		}},
		{"connections that break off", func(a *attacker, _ int) {
			if c := a.dial(); c != nil {
				_, _ = io.WriteString(c, "POST /api/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{")
				_ = c.(*net.TCPConn).SetLinger(0)
				_ = c.Close()
			}
		}},
		{"a body that is dear to read", func(a *attacker, _ int) { a.send("POST", "/api/sign-in/code", asJSON, long) }},
		{"codes for everybody", func(a *attacker, n int) {
			a.send("POST", "/api/sign-in/code", asJSON, fmt.Sprintf(`{"email":"a%d@example.org","language":"en"}`, n),
				"X-Forwarded-For", fmt.Sprintf("203.0.113.%d", n%250))
		}},
		{"guesses", func(a *attacker, n int) {
			a.send("POST", "/api/sign-in", asJSON, fmt.Sprintf(`{"email":"anna@example.org","code":"%06d","bearer":true}`, n))
		}},
		{"auras of nobody", func(a *attacker, n int) {
			a.send("GET", fmt.Sprintf("/api/people/%s/aura?size=%d", uuid.NewString(), 64+n%449), "", "")
		}},
		{"strangers", func(a *attacker, _ int) { a.send("GET", "/api/people/"+uuid.NewString(), "", "") }},
		{"one key for all", func(a *attacker, _ int) {
			a.send("PATCH", "/api/me", asJSON, `{"paused":false}`, "Idempotency-Key", same)
		}},
		{"commands without end", func(a *attacker, _ int) { a.send("PATCH", "/api/me", asJSON, `{"paused":false}`) }},
		{"pictures that unfold", func(a *attacker, _ int) { a.send("POST", "/api/me/photos", "image/png", picture) }},
		{"uploads that are nothing", func(a *attacker, _ int) {
			a.send("PUT", "/api/me/clips/0?prompt=best_sound", "audio/ogg", "OggS"+strings.Repeat("x", 60<<10))
		}},
		{"uploads that never come", func(a *attacker, _ int) {
			a.hold("POST /api/me/photos HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + a.me.token + "\r\nIdempotency-Key: " + uuid.NewString() +
				"\r\nContent-Type: image/jpeg\r\nContent-Length: 12000000\r\n\r\nx")
		}},
		{"sockets that say nothing", func(a *attacker, _ int) {
			a.hold("GET /realtime HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " + a.me.token + "\r\n\r\n")
		}},
		{"audio without a pass", func(a *attacker, _ int) {
			a.send("GET", "/rtc?access_token=nonsense", "", "", "Connection", "Upgrade", "Upgrade", "websocket")
		}},
	}
}

// state is the figures that must return to what they were.
type state struct {
	live, routines, files float64 // bytes in use, goroutines, open files
	rows                  map[string]int
}

// figures reads /metrics of the server.
func (s *server) figures(t testing.TB) map[string]float64 {
	t.Helper()
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Accept-Encoding", "identity") // a compressor is a megabyte, and counted
	r, err := web.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	all := map[string]float64{}
	lines := bufio.NewScanner(r.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			all[name] = n
		}
	}
	for _, name := range []string{"go_gc_heap_live_bytes", "go_goroutines", "process_open_fds", "go_gc_duration_seconds_count"} {
		if _, ok := all[name]; !ok {
			t.Fatalf("there is no %s", name)
		}
	}
	return all
}

// settled returns the state after two garbage collections, which reading it triggers.
func (s *server) settled(t *testing.T, db rows) state {
	t.Helper()
	begin := s.figures(t)["go_gc_duration_seconds_count"]
	var f map[string]float64
	eventually(t, time.Minute, "garbage is collected", func() bool {
		f = s.figures(t)
		return f["go_gc_duration_seconds_count"] >= begin+2
	})
	return state{f["go_gc_heap_live_bytes"], f["go_goroutines"], f["process_open_fds"], db.counts(t)}
}

// within reports whether a figure is what it was: within 5 %, or a little more for small
// numbers.
func within(was, is, little float64) bool { return is <= was*1.05+little }

// holds reports whether memory, goroutines and files are what they were.
func (s state) holds(now state) bool {
	return within(s.live, now.live, 0) && within(s.routines, now.routines, 8) && within(s.files, now.files, 8)
}

func TestAThousandHostileRequestsOfEachKindLeaveNothing(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("open files are counted by /proc alone")
	}
	// Reached by a name, so that limits are on as they are in public. Collecting
	// often makes what is alive known sooner.
	t.Setenv("GOGC", "20")
	s := start(t, "--public-url", "http://heyy.test")
	db := openRows(t, s)
	kinds := assaults()
	names := make([]string, len(kinds))
	for i := range names {
		names[i] = "Attacker"
	}
	people := s.people(t, "hostile", append(names, "Anna")...)
	anna := people[len(people)-1]
	attackers := make([]*attacker, len(kinds))
	storm := func(times int) {
		var all sync.WaitGroup
		for i, k := range kinds {
			a := attackers[i]
			var next atomic.Int64
			for range 8 {
				all.Go(func() {
					for n := next.Add(1); n <= int64(times); n = next.Add(1) {
						k.strike(a, int(n))
					}
				})
			}
		}
		all.Wait()
	}
	part := func() {
		for _, a := range attackers {
			a.web.CloseIdleConnections()
			for _, c := range a.held {
				_ = c.Close()
			}
			a.held = nil
		}
	}
	defer part()
	for i := range attackers {
		attackers[i] = s.attacker(people[i], byte(10+i))
	}
	const times = 1000
	storm(times)
	part()
	time.Sleep(5 * time.Second)
	before := s.settled(t, db)

	// The honest are served meanwhile.
	stop, served := make(chan struct{}), make(chan [2]int)
	go func() {
		good, bad := 0, 0
		for {
			select {
			case <-stop:
				served <- [2]int{good, bad}
				return
			case <-time.After(200 * time.Millisecond):
			}
			if r, err := anna.send("GET", "/api/me", "", ""); err == nil && r.status == http.StatusOK {
				good++
			} else {
				bad++
			}
		}
	}()
	begin := time.Now()
	storm(times)
	close(stop)
	if n := <-served; n[0] == 0 || n[1] > 0 {
		t.Errorf("somebody honest is served %d times and %d times not", n[0], n[1])
	}
	peak := s.figures(t)["process_resident_memory_bytes"]
	t.Logf("the storm took %s; %.0f MB of memory at its end", time.Since(begin).Round(time.Second), peak/(1<<20))
	for i, k := range kinds {
		t.Logf("%-28s %v", k.name, attackers[i].codes)
		for _, fault := range []int{http.StatusInternalServerError, http.StatusBadGateway} {
			if n := attackers[i].codes[fault]; n > 0 {
				t.Errorf("%s: %d answers of %d", k.name, n, fault)
			}
		}
	}
	if peak > 800<<20 {
		t.Errorf("%.0f MB of memory", peak/(1<<20))
	}
	for _, a := range attackers {
		a.web.CloseIdleConnections()
	}
	// The attackers hold what they hold: it is the server that must let go, within a
	// minute. A machine that other tests keep busy gets two more.
	var after state
	for begun := time.Now(); ; time.Sleep(15 * time.Second) {
		if time.Since(begun) < time.Minute {
			time.Sleep(time.Minute)
		}
		after = s.settled(t, db)
		if before.holds(after) || time.Since(begun) > 3*time.Minute {
			break
		}
	}
	t.Logf("alive %.1f and %.1f MB, %.0f and %.0f goroutines, %.0f and %.0f files", before.live/(1<<20), after.live/(1<<20),
		before.routines, after.routines, before.files, after.files)
	if !before.holds(after) {
		t.Errorf("memory, goroutines or files stay behind: %+v, then %+v", before, after)
		for i, k := range kinds {
			if n := attackers[i].open(); n > 0 {
				t.Errorf("%s: %d connections are open still", k.name, n)
			}
		}
	}
	for _, table := range slices.Sorted(maps.Keys(after.rows)) {
		most := float64(before.rows[table])
		switch table {
		case "commands": // each person has a share of those, for a day
			most += 700 * float64(len(kinds))
		case "sign_in_codes", "sign_in_mailboxes": // and each address, for an hour
			most += 200
		case "loose_blobs": // what lost a race for the last place, until it is swept
			most += 20
		case "photos":
			most = 4 * float64(len(kinds))
		}
		if !within(most, float64(after.rows[table]), 0) {
			t.Errorf("%d rows of %s, and %d before", after.rows[table], table, before.rows[table])
		}
	}
}
