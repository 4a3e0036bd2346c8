package e2e

import (
	"bufio"
	"bytes"
	"compress/flate"
	wire "encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/encoding/protowire"
)

// bomb is a compressed WebSocket frame that decompresses to 1 GB.
var bomb = sync.OnceValue(func() []byte {
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	zeros := make([]byte, 1<<20)
	for range 1 << 10 {
		_, _ = z.Write(zeros)
	}
	_ = z.Flush()
	return wsFrame(0xc2, bytes.TrimSuffix(packed.Bytes(), []byte{0, 0, 0xff, 0xff}))
})

// wsFrame is a masked WebSocket frame; the mask is zero.
func wsFrame(first byte, payload []byte) []byte {
	head := []byte{first, 0x80 | 127}
	head = wire.BigEndian.AppendUint64(head, uint64(len(payload)))
	return append(append(head, 0, 0, 0, 0), payload...)
}

// upgraded returns a connection upgraded to a WebSocket, and the extensions that the
// server accepted.
func upgraded(t *testing.T, s *server, path, token string) (net.Conn, string) {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("localhost", strconv.Itoa(s.port)))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n", path, token)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%s: %s", path, r.Status)
	}
	return c, r.Header.Get("Sec-WebSocket-Extensions")
}

// uses is the resource usage of the server's process.
type uses struct{ peak, memory, goroutines, files int }

var gauge = regexp.MustCompile(`(?m)^(go_goroutines|process_resident_memory_bytes) (\S+)$`)

func (s *server) uses(t *testing.T) (u uses) {
	t.Helper()
	r, err := web.Get(s.url() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range gauge.FindAllSubmatch(text, -1) {
		n, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			t.Fatal(err)
		}
		switch string(m[1]) {
		case "go_goroutines":
			u.goroutines = int(n)
		default:
			u.memory = int(n) >> 20
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(status[bytes.Index(status, []byte("VmHWM:")):]), "VmHWM: %d kB", &u.peak); err != nil {
		t.Fatal(err)
	}
	u.peak >>= 10
	u.files = s.descriptors(t)
	return u
}

// descriptors returns the number of open files and sockets without the database's: its
// pool keeps some open for each connection that was ever needed at once.
func (s *server) descriptors(t *testing.T) (n int) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid)
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range all {
		target, err := os.Readlink(filepath.Join(dir, fd.Name()))
		if err == nil && !strings.HasPrefix(target, filepath.Join(s.data, "heyy.db")) {
			n++
		}
	}
	return n
}

// Regression: a compressed frame of 1 MB that decompresses to 1 GB cost 2 GB of memory.
func TestABombInASocketCostsNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "bomb", "Mallory")
	room := p[0].open("Boom")
	boom := bomb() // packing it takes its time
	media := p[0].admitted(room)
	for _, c := range []struct {
		path, token string
		times       int
	}{{"/rtc", media, 20}, {"/realtime", p[0].token, 200}} {
		before := s.uses(t)
		for range c.times {
			func() {
				conn, extensions := upgraded(t, s, c.path, c.token)
				defer func() { _ = conn.Close() }()
				if extensions != "" {
					t.Fatalf("%s agrees to %s", c.path, extensions)
				}
				_, _ = conn.Write(boom) // it may hang up before all of it is there
				if _, err := io.Copy(io.Discard, conn); isTimeout(err) {
					t.Fatalf("%s does not hang up", c.path)
				}
			}()
		}
		after := s.uses(t)
		t.Logf("%s: %+v became %+v", c.path, before, after)
		if grown := after.peak - before.peak; grown > 100 {
			t.Errorf("%s: %d bombs cost %d MB of memory", c.path, c.times, grown)
		}
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error) //nolint:errorlint // as it comes from the connection
	return ok && e.Timeout()
}

// The connections of one person are limited, and their resources are released.
func TestConnectionsOfOnePersonAreFewAndGivenBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "many", "Mallory")
	room := p[0].open("Many")
	media := p[0].admitted(room)
	open := func(path string, header http.Header, times int) (refused int) {
		t.Helper()
		for range times {
			conn, r, err := websocket.DefaultDialer.Dial(s.socketURL()+path, header)
			if err == nil {
				defer func() { _ = conn.Close() }()
			} else if refused++; r == nil || r.StatusCode != http.StatusTooManyRequests {
				t.Fatalf("%.9s: %v", path, err)
			}
		}
		return refused
	}
	bearer := http.Header{"Authorization": {"Bearer " + p[0].token}}
	open("/rtc?access_token="+media, nil, 1)
	open("/realtime", bearer, 1)
	before := s.uses(t)

	if refused := open("/realtime", bearer, 64); refused != 32 {
		t.Errorf("of 64 sockets for live events %d are refused", refused)
	}
	eventually(t, 10*time.Second, "sockets are given back", func() bool {
		now := s.uses(t)
		return now.files <= before.files+2 && now.goroutines <= before.goroutines+10
	})
	if open("/realtime", bearer, 1) != 0 {
		t.Error("their places stay taken")
	}

	// The newest of one person's connections to audio ends those before it.
	open("/rtc?access_token="+media, nil, 64)
	eventually(t, 10*time.Second, "connections to audio are given back", func() bool { return s.uses(t).files <= before.files+2 })
	if open("/rtc?access_token="+media, nil, 1) != 0 {
		t.Error("their places stay taken")
	}
}

// A client that sends without end is slowed by TCP back-pressure; the server buffers
// nothing.
func TestAFloodOfSignalsIsReadSlowly(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.people(t, "flood", "Mallory")
	room := p[0].open("Flood")
	conn, _ := upgraded(t, s, "/rtc", p[0].admitted(room))
	defer func() { _ = conn.Close() }()
	before := s.uses(t)
	go func() { _, _ = io.Copy(io.Discard, conn) }()
	message := wsFrame(0x82, protowire.AppendBytes(protowire.AppendTag(nil, 1023, protowire.BytesType), make([]byte, 60_000))) // of a kind nobody knows
	_ = conn.SetWriteDeadline(time.Now().Add(3 * time.Second))
	sent := 0
	for {
		n, err := conn.Write(message)
		sent += n
		if err != nil {
			break
		}
	}
	after := s.uses(t)
	t.Logf("%d KB got through in 3 s; %+v became %+v", sent>>10, before, after)
	if sent > 16<<20 {
		t.Errorf("%d MB of nonsense were read within 3 s", sent>>20)
	}
	if after.peak-before.peak > 100 {
		t.Errorf("they cost %d MB of memory", after.peak-before.peak)
	}
}
