package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
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
	"time"

	"heyy/internal/base/db"
)

// Server is a Heyy server: a child process on free ports of this machine.
type Server struct {
	BaseURL string
	Started time.Duration // from starting the process to /readyz saying yes

	binary   string
	data     string
	database string // address of PostgreSQL; "": SQLite in the folder
	ours     bool   // the data folder is ours to remove
	args     []string
	cmd      *exec.Cmd
	exited   chan error
	output   *Tail
}

// Token is an account with a bearer token, for a bot.
type Token struct {
	Account string `json:"account"`
	Token   string `json:"token"`
}

const readyTime = 20 * time.Second

// Start runs `binary serve`. data is its folder; "" is a new one, removed by
// Stop. More are flags after its own.
func Start(ctx context.Context, binary, data string, more ...string) (*Server, error) {
	return startOn(ctx, binary, data, "", more...)
}

// StartOn starts a server with a database of its own: in its folder, or on the PostgreSQL server
// with this URL. d is open beside it; stop ends both and deletes them.
func StartOn(ctx context.Context, binary, postgres string) (s *Server, d *db.DB, stop func() error, err error) {
	database, drop := "", func() error { return nil }
	if postgres != "" {
		if database, drop, err = onServer(ctx, postgres); err != nil {
			return nil, nil, nil, err
		}
	}
	if s, err = startOn(ctx, binary, "", database); err != nil {
		return nil, nil, nil, errors.Join(err, drop())
	}
	if d, err = db.Open(ctx, s.data, database); err != nil {
		return nil, nil, nil, errors.Join(err, s.Stop(), drop())
	}
	return s, d, func() error { return errors.Join(d.Close(), s.Stop(), drop()) }, nil
}

// startOn is Start with a database on PostgreSQL, if one is named.
func startOn(ctx context.Context, binary, data, database string, more ...string) (*Server, error) {
	s := &Server{binary: binary, data: data, database: database}
	if data == "" {
		var err error
		if s.data, err = os.MkdirTemp("", "heyy-bench-"); err != nil {
			return nil, fmt.Errorf("bench: make a data folder: %w", err)
		}
		s.ours = true
	}
	ports, err := FreePorts()
	if err != nil {
		s.remove()
		return nil, fmt.Errorf("bench: find free ports: %w", err)
	}
	s.BaseURL = "http://localhost:" + ports.HTTP
	s.args = append([]string{"serve", "--data", s.data, "--listen", "localhost:" + ports.HTTP,
		"--media-signal-port", ports.Signal, "--media-tcp-port", ports.TCP, "--media-udp-ports", ports.UDP, "--audience-port", "0", "--log-level", "error", "--drain-timeout", "1s"}, more...)
	if database != "" {
		s.args = append(s.args, "--database", database)
	}
	if err := s.Again(ctx); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

// Again starts the process on the same data and ports after Stop or Kill.
func (s *Server) Again(ctx context.Context) error {
	s.output = &Tail{}
	// Not CommandContext: the child is stopped politely, by Stop.
	s.cmd = exec.Command(s.binary, s.args...)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	begun := time.Now()
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("bench: start %s: %w", s.binary, err)
	}
	exited := make(chan error, 1)
	s.exited = exited
	go func(cmd *exec.Cmd) { exited <- cmd.Wait() }(s.cmd)
	client := &http.Client{Timeout: time.Second}
	for {
		resp, err := client.Get(s.BaseURL + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				s.Started = time.Since(begun)
				return nil
			}
		}
		select {
		case err := <-s.exited:
			s.exited <- err
			return fmt.Errorf("bench: the server did not start: %w\n%s", err, s.output)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), s.Kill())
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(begun) > readyTime {
			return errors.Join(fmt.Errorf("bench: the server is not ready after %v\n%s", readyTime, s.output), s.Kill())
		}
	}
}

// PID returns the process id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Output returns the last output of the server.
func (s *Server) Output() string { return s.output.String() }

// Tokens creates count accounts on the server and returns a bearer token for each.
func (s *Server) Tokens(ctx context.Context, count int) ([]Token, error) {
	return s.keyed(ctx, "bench", count)
}

// keyed is Tokens with a key, which distinguishes the accounts from those of other calls.
func (s *Server) keyed(ctx context.Context, key string, count int) ([]Token, error) {
	cmd := exec.CommandContext(ctx, s.binary, "admin", "token", "--data", s.data, "--database", s.database, "--name", "Bench", "--key", key, "--count", strconv.Itoa(count))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("bench: make tokens: %w: %s", err, errs.String())
	}
	tokens := make([]Token, 0, count)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var t Token
		if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
			return nil, fmt.Errorf("bench: read a token: %w", err)
		}
		tokens = append(tokens, t)
	}
	if len(tokens) != count {
		return nil, fmt.Errorf("bench: %d tokens where %d were asked for", len(tokens), count)
	}
	return tokens, nil
}

// Metric returns a figure of the server's metrics, or NaN.
func (s *Server) Metric(name string) float64 {
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Get(s.BaseURL + "/metrics")
	if err != nil {
		return math.NaN()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return math.NaN()
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			if v, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
				return v
			}
		}
	}
	return math.NaN()
}

const stopTime = 15 * time.Second

// Stop stops the server gracefully and removes the data folder that Start created.
func (s *Server) Stop() error {
	defer s.remove()
	return s.halt()
}

// halt stops the server gracefully and keeps its data, for Again.
func (s *Server) halt() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("bench: stop the server: %w", err)
	}
	select {
	case err := <-s.exited:
		s.exited <- err
		if err != nil {
			return fmt.Errorf("bench: the server stopped badly: %w\n%s", err, s.output)
		}
		return nil
	case <-time.After(stopTime):
		return errors.Join(fmt.Errorf("bench: the server did not stop within %v", stopTime), s.Kill())
	}
}

// Kill ends the process at once and keeps its data, for Again.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("bench: kill the server: %w", err)
	}
	err := <-s.exited
	s.exited <- err
	return nil
}

func (s *Server) remove() {
	if s.ours {
		_ = os.RemoveAll(s.data)
	}
}

// Build builds the program into dir and returns its path, for tests. If HEYY_BINARY is
// set, it returns that path instead.
func Build(ctx context.Context, module, dir string) (string, error) {
	if built := os.Getenv("HEYY_BINARY"); built != "" {
		return built, nil
	}
	binary := filepath.Join(dir, "heyy")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/heyy")
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("bench: build: %w\n%s", err, out)
	}
	return binary, nil
}

// Ports are those of a server.
type Ports struct{ HTTP, Signal, TCP, UDP string }

// FreePorts returns distinct free ports. They lie below those that the system gives to
// outgoing connections, of which one could take a port before the server does.
func FreePorts() (Ports, error) {
	var p Ports
	for range 100 {
		from := 10_000 + 5*rand.IntN(4_000)
		if !isFree(from) {
			continue
		}
		p.HTTP, p.Signal, p.TCP = strconv.Itoa(from), strconv.Itoa(from+1), strconv.Itoa(from+2)
		p.UDP = fmt.Sprintf("%d-%d", from+3, from+4) // one socket each, as a two-core machine has
		return p, nil
	}
	return Ports{}, errors.New("no five ports in a row are free")
}

// isFree reports whether five ports in a row are free: three TCP, and two UDP.
func isFree(from int) bool {
	for i := range 5 {
		var held io.Closer
		var err error
		if address := "127.0.0.1:" + strconv.Itoa(from+i); i < 3 {
			held, err = net.Listen("tcp", address)
		} else {
			held, err = net.ListenPacket("udp", address)
		}
		if err != nil {
			return false
		}
		defer func() { _ = held.Close() }()
	}
	return true
}

// Tail keeps the last of what is written to it.
type Tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *Tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - 16<<10; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf)
}
