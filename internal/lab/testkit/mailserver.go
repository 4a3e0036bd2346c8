package testkit

import (
	"bufio"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"time"
)

// MailServer speaks as much SMTP as a client without TLS needs, on this machine.
type MailServer struct {
	Addr string

	t     T
	mu    sync.Mutex
	l     net.Listener // nil: it is down
	open  map[net.Conn]bool
	rcpt  string
	slow  time.Duration
	mails []Letter
}

// Letter is a mail that the server took.
type Letter struct {
	To      string
	Subject string
	Text    string
	Header  netmail.Header
}

// NewMailServer starts one. Stop it at the end.
func NewMailServer(t T) *MailServer {
	m := &MailServer{t: t, Addr: "127.0.0.1:0", rcpt: "250 ok", open: map[net.Conn]bool{}}
	m.Start()
	return m
}

// Start lets it accept connections, at the same address again.
func (m *MailServer) Start() {
	l, err := net.Listen("tcp", m.Addr)
	if err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.l, m.Addr = l, l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			m.mu.Lock()
			m.open[c] = true
			m.mu.Unlock()
			go m.serve(c)
		}
	}()
}

// Stop refuses connections, and ends those that are open.
func (m *MailServer) Stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.l != nil {
		_ = m.l.Close()
	}
	m.l = nil
	for c := range m.open {
		_ = c.Close()
	}
}

// Answer sets the reply to each recipient, such as "550 no such user".
func (m *MailServer) Answer(rcpt string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rcpt = rcpt
}

// Slow lets it wait before it takes a mail.
func (m *MailServer) Slow(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slow = d
}

// Letters returns what it took, the oldest first.
func (m *MailServer) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Letter(nil), m.mails...)
}

func (m *MailServer) serve(c net.Conn) {
	defer func() {
		_ = c.Close()
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.open, c)
	}()
	in := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 test")
	var to string
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(verb, "EHLO"):
			say("250-test\r\n250 8BITMIME")
		case strings.HasPrefix(verb, "RCPT"):
			_, address, _ := strings.Cut(line, "<")
			to, _, _ = strings.Cut(address, ">")
			m.mu.Lock()
			answer := m.rcpt
			m.mu.Unlock()
			say(answer)
		case verb == "DATA":
			say("354 go on")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(line)
			}
			if err := m.keep(to, text.String()); err != nil {
				m.t.Errorf("a mail cannot be read: %v in %s", err, text.String())
			}
			say("250 ok")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (m *MailServer) keep(to, text string) error {
	m.mu.Lock()
	slow := m.slow
	m.mu.Unlock()
	time.Sleep(slow)
	read, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		return err
	}
	l := Letter{To: to, Header: read.Header}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil {
		return err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(read.Body))
	if err != nil {
		return err
	}
	l.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, l)
	return nil
}
