package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"
)

// tb is the part of testing.TB that helpers use, for tests and scripts.
type tb interface {
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

// server is one heyy process after another on the same data and ports.
type server struct {
	data   string
	port   int // of everything but audio
	signal int // of the media server, on loopback
	udp    int // of audio
	args   []string

	cmd  *exec.Cmd
	log  *record
	gone chan struct{} // closed when the process has ended

	opening sync.Mutex
	db      *sql.DB // see rows
}

// record keeps the log of a process and reports when it is ready.
type record struct {
	mu    sync.Mutex
	text  bytes.Buffer
	ready chan struct{}
	said  bool
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text.Write(b)
	if !r.said && bytes.Contains(r.text.Bytes(), []byte("msg=ready")) {
		r.said = true
		close(r.ready)
	}
	return len(b), nil
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// start runs a server on fresh data until the test ends.
func start(t testing.TB, args ...string) *server {
	t.Helper()
	s := &server{data: t.TempDir(), port: freeTCP(t), signal: freeTCP(t), udp: freeUDP(t)}
	s.args = append([]string{
		"serve", "--data", s.data, "--listen", "localhost:" + strconv.Itoa(s.port),
		"--media-signal-port", strconv.Itoa(s.signal), "--media-tcp-port", strconv.Itoa(freeTCP(t)),
		"--media-udp-ports", strconv.Itoa(s.udp), "--audience-port", "0",
	}, args...)
	s.run(t)
	t.Cleanup(func() {
		s.kill()
		if s.db != nil {
			_ = s.db.Close()
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", s.log)
		}
	})
	return s
}

// run starts the process and waits until it takes requests.
func (s *server) run(t tb) {
	s.cmd = heyy(s.args...)
	s.cmd.Dir = s.data
	s.log = &record{ready: make(chan struct{})}
	s.cmd.Stderr = s.log
	gone := make(chan struct{})
	s.gone = gone
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start: %v", err)
	}
	cmd := s.cmd
	go func() {
		_ = cmd.Wait()
		close(gone)
	}()
	select {
	case <-s.log.ready:
	case <-gone:
		t.Fatalf("the server ended at its start:\n%s", s.log)
	case <-time.After(20 * time.Second):
		t.Fatalf("the server is not ready after 20 s:\n%s", s.log)
	}
}

// kill ends the process as a power cut would.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.gone
}

// freeze suspends the process (SIGSTOP).
func (s *server) freeze(t tb) {
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatalf("SIGSTOP: %v", err)
	}
}

// rows returns the database, to be read.
func (s *server) rows(t tb) *sql.DB {
	s.opening.Lock()
	defer s.opening.Unlock()
	if s.db == nil {
		var err error
		if s.db, err = readRows(s.data); err != nil {
			t.Fatalf("the rows: %v", err)
		}
	}
	return s.db
}

// terminate asks the process to end; see gone.
func (s *server) terminate(t tb) {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v", err)
	}
}

// url returns the origin of the client.
func (s *server) url() string { return "http://localhost:" + strconv.Itoa(s.port) }

func (s *server) socketURL() string { return "ws" + strings.TrimPrefix(s.url(), "http") }

// secret returns the key that signs audio tokens; only the operator can read it.
func (s *server) secret(t tb) string {
	text, err := os.ReadFile(filepath.Join(s.data, "secrets.json"))
	if err != nil {
		t.Fatalf("secrets: %v", err)
	}
	var secrets struct{ Media string }
	if err := json.Unmarshal(text, &secrets); err != nil {
		t.Fatalf("secrets: %v", err)
	}
	return secrets.Media
}

// atMedia returns who is connected to a room by the media server's own list, and whether
// they can publish.
func (s *server) atMedia(t tb, room string) map[string]bool {
	token, err := auth.NewAccessToken(mediaKey, s.secret(t)).SetVideoGrant(&auth.VideoGrant{RoomAdmin: true, Room: room}).ToJWT()
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	ctx, err := twirp.WithHTTPRequestHeaders(context.Background(), http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		t.Fatalf("sign: %v", err)
	}
	media := livekit.NewRoomServiceProtobufClient("http://127.0.0.1:"+strconv.Itoa(s.signal), http.DefaultClient)
	list, err := media.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: room})
	var missing twirp.Error
	if errors.As(err, &missing) && missing.Code() == twirp.NotFound {
		return nil
	}
	if err != nil {
		t.Fatalf("ask the media server: %v", err)
	}
	canPublish := map[string]bool{}
	for _, p := range list.GetParticipants() {
		if p.State != livekit.ParticipantInfo_DISCONNECTED {
			canPublish[p.Identity] = p.GetPermission().GetCanPublish()
		}
	}
	return canPublish
}

const mediaKey = "heyy"

// people creates accounts; key distinguishes them from those of other calls.
func (s *server) people(t tb, key string, names ...string) []*person {
	out, err := output(heyy("admin", "token", "--data", s.data, "--key", key, "--count", strconv.Itoa(len(names))))
	if err != nil {
		t.Fatalf("make accounts: %v", err)
	}
	lines := json.NewDecoder(strings.NewReader(out))
	all := make([]*person, len(names))
	for i, name := range names {
		var line struct{ Account, Token string }
		if err := lines.Decode(&line); err != nil {
			t.Fatalf("make accounts: %v in %q", err, out)
		}
		all[i] = &person{t: t, at: s, name: name, id: line.Account, token: line.Token}
	}
	return all
}

// heyy returns a command of the binary, without the environment's settings.
func heyy(args ...string) *exec.Cmd {
	c := exec.Command(binary, args...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "HEYY_") {
			c.Env = append(c.Env, e)
		}
	}
	return c
}

func output(c *exec.Cmd) (string, error) {
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return string(out), err
}

// freeTCP and freeUDP return a free port below those that the system gives to outgoing
// connections, of which one could take it before the server does.
func freeTCP(t testing.TB) int {
	t.Helper()
	return freePort(t, func(address string) (io.Closer, error) { return net.Listen("tcp", address) })
}

func freeUDP(t testing.TB) int {
	t.Helper()
	return freePort(t, func(address string) (io.Closer, error) { return net.ListenPacket("udp", address) })
}

func freePort(t testing.TB, take func(address string) (io.Closer, error)) int {
	t.Helper()
	for range 100 {
		port := 10_000 + rand.IntN(20_000)
		held, err := take("127.0.0.1:" + strconv.Itoa(port))
		if err == nil {
			_ = held.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// eventually waits until a condition holds.
func eventually(t tb, within time.Duration, what string, holds func() bool) time.Duration {
	begin := time.Now()
	for !holds() {
		if time.Since(begin) > within {
			t.Fatalf("not within %s: %s", within, what)
		}
		// Soon at first, and within the share of reads of one person later.
		time.Sleep(min(10*time.Millisecond+time.Since(begin)/20, 250*time.Millisecond))
	}
	return time.Since(begin)
}

var web = &http.Client{Timeout: 20 * time.Second}
