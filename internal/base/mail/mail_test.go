package mail_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heyy/internal/base/mail"
)

func TestTheSignInMailSaysWhatIsNeeded(t *testing.T) {
	for _, language := range []string{"en", "it", "zh", "", "fr"} {
		m := mail.SignIn("anna@example.org", language, "012345", 10)
		if m.To != "anna@example.org" || !strings.Contains(m.Subject, "012345") || !strings.Contains(m.Subject, "Heyy") {
			t.Errorf("%s: %+v", language, m)
		}
		if !strings.Contains(m.Text, "012345") || !strings.Contains(m.Text, "10") || strings.ContainsAny(m.Text, "{}%") || strings.ContainsAny(m.Subject, "%\n") {
			t.Errorf("%s: %s", language, m.Text)
		}
	}
	if mail.SignIn("a", "fr", "1", 1) != mail.SignIn("a", "en", "1", 1) || mail.SignIn("a", "it", "1", 1) == mail.SignIn("a", "en", "1", 1) {
		t.Error("the languages are mixed up")
	}
}

func TestTheInboxKeepsTheLastFifty(t *testing.T) {
	var terminal bytes.Buffer
	i := mail.NewInbox(&terminal)
	for n := range 60 {
		if err := i.Deliver(t.Context(), mail.Mail{To: "anna@example.org", Subject: fmt.Sprint("number ", n), Text: "secret"}); err != nil {
			t.Fatal(err)
		}
	}
	all := i.All()
	if len(all) != 50 || all[0].Subject != "number 59" || all[49].Subject != "number 10" || all[0].At.IsZero() {
		t.Errorf("%d, first %+v", len(all), all[0])
	}
	if got := terminal.String(); !strings.HasPrefix(got, "mail to anna@example.org: number 0\n") || strings.Count(got, "\n") != 60 || strings.Contains(got, "secret") {
		t.Errorf("the terminal says %.200s", got)
	}
}

// post is a Transport that fails a set number of times.
type post struct {
	mu     sync.Mutex
	fails  int
	forget error
	tries  []time.Time
	got    []mail.Mail
	hold   chan struct{}
}

func (p *post) Deliver(ctx context.Context, m mail.Mail) error {
	if p.hold != nil {
		select {
		case <-p.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries = append(p.tries, time.Now())
	if p.fails != 0 {
		p.fails--
		return p.forget
	}
	p.got = append(p.got, m)
	return nil
}

type final struct{ error }

func (final) Permanent() bool { return true }

func TestAFailedLetterIsTriedAgainForAWhile(t *testing.T) {
	for name, c := range map[string]struct {
		fails     int
		with      error
		tries, in int
	}{
		"once":       {1, errors.New("busy"), 2, 1},
		"for ever":   {-1, errors.New("busy"), 4, 0},
		"no mailbox": {-1, final{errors.New("no such user")}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &post{fails: c.fails, forget: c.with}
				var said bytes.Buffer
				q := mail.NewQueue(p, slog.New(slog.NewTextHandler(&said, nil)))
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- q.Run(ctx) }()
				start := time.Now()
				q.Post(mail.Mail{To: "anna@example.org", Subject: "012345"})
				time.Sleep(10 * time.Minute)
				stop()
				if err := <-done; err != nil {
					t.Error(err)
				}
				if len(p.tries) != c.tries || len(p.got) != c.in {
					t.Errorf("%d tries, %d delivered", len(p.tries), len(p.got))
				}
				if took := p.tries[len(p.tries)-1].Sub(start); took > 2*time.Minute {
					t.Errorf("the last try came after %s, when the code is nearly over", took)
				}
				if s := said.String(); strings.Contains(s, "anna") || strings.Contains(s, "012345") {
					t.Errorf("the log tells: %s", s)
				}
			})
		})
	}
}

func TestPostNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &post{hold: make(chan struct{})}
		q := mail.NewQueue(p, slog.New(slog.DiscardHandler))
		start := time.Now()
		for range 5000 {
			q.Post(mail.Mail{To: "anna@example.org"})
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %s", took)
		}
		close(p.hold)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- q.Run(ctx) }()
		time.Sleep(time.Second)
		stop()
		<-done
		if len(p.got) != 1000 {
			t.Errorf("%d mails waited", len(p.got))
		}
	})
}

func TestWhatWaitsAtTheEndGetsOneTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &post{}
		q := mail.NewQueue(p, slog.New(slog.DiscardHandler))
		for range 7 {
			q.Post(mail.Mail{To: "anna@example.org"})
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if err := q.Run(ctx); err != nil || len(p.got) != 7 {
			t.Errorf("%d delivered, %v", len(p.got), err)
		}

		p = &post{hold: make(chan struct{})} // a server that hangs
		q = mail.NewQueue(p, slog.New(slog.DiscardHandler))
		for range 7 {
			q.Post(mail.Mail{To: "anna@example.org"})
		}
		start := time.Now()
		if err := q.Run(ctx); err != nil || time.Since(start) > 5*time.Second {
			t.Errorf("it took %s, %v", time.Since(start), err)
		}
	})
}

// server speaks as much SMTP as a client without TLS needs. It answers RCPT
// with rcpt, and sends on what it was given.
func server(t *testing.T, rcpt string) (addr string, letters <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c, rcpt, got)
		}
	}()
	return l.Addr().String(), got
}

func serve(c net.Conn, rcpt string, got chan<- string) {
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 test")
	var letter strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(verb, "EHLO"):
			say("250-test\r\n250 8BITMIME")
		case strings.HasPrefix(verb, "RCPT"):
			letter.WriteString(line)
			say(rcpt)
		case verb == "DATA":
			say("354 go on")
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				letter.WriteString(line)
			}
			got <- letter.String()
			say("250 ok")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestALetterReachesAServerOnThisMachine(t *testing.T) {
	addr, letters := server(t, "250 ok")
	s, err := mail.NewSMTP("smtp://"+addr, "Heyy <heyy@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(t.Context(), mail.SignIn("anna@example.org", "zh", "012345", 10)); err != nil {
		t.Fatal(err)
	}
	raw := <-letters
	rcpt, rest, _ := strings.Cut(raw, "\n")
	if !strings.Contains(rcpt, "<anna@example.org>") {
		t.Errorf("it went %s", rcpt)
	}
	m, err := netmail.ReadMessage(strings.NewReader(rest))
	if err != nil {
		t.Fatalf("%v in %s", err, rest)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "012345 是你的 Heyy 验证码" {
		t.Errorf("%q, %v", subject, err)
	}
	if m.Header.Get("From") != `"Heyy" <heyy@example.org>` || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Message-Id") == "" || m.Header.Get("Date") == "" {
		t.Errorf("%v", m.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || !strings.Contains(string(body), "你的验证码是 012345") {
		t.Errorf("%s, %v", body, err)
	}
}

func TestARefusalSaysWhetherToTryAgain(t *testing.T) {
	for answer, permanent := range map[string]bool{"550 5.1.1 no such user anna@example.org": true, "451 4.7.1 later, anna@example.org": false} {
		addr, _ := server(t, answer)
		s, err := mail.NewSMTP("smtp://"+addr, "heyy@example.org")
		if err != nil {
			t.Fatal(err)
		}
		err = s.Deliver(t.Context(), mail.Mail{To: "anna@example.org", Subject: "x", Text: "y"})
		var p interface{ Permanent() bool }
		if err == nil || errors.As(err, &p) != permanent || strings.Contains(err.Error(), "anna") {
			t.Errorf("%s: %v", answer, err)
		}
	}
	s, err := mail.NewSMTP("smtp://127.0.0.1:1", "heyy@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var p interface{ Permanent() bool }
	if err := s.Deliver(t.Context(), mail.Mail{To: "anna@example.org"}); err == nil || errors.As(err, &p) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestElsewhereTLSIsAMust(t *testing.T) {
	// The name leads here, but does not say so.
	addr, letters := server(t, "250 ok")
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	host := "127.0.0.1.nip.invalid"
	s, err := mail.NewSMTPOver("smtp://user:word@"+host+":"+port, "heyy@example.org", func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, addr)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(t.Context(), mail.Mail{To: "anna@example.org", Subject: "x", Text: "y"}); err == nil {
		t.Error("it was sent in the open")
	}
	select {
	case m := <-letters:
		t.Errorf("it was sent in the open: %s", m)
	default:
	}
}

func TestABrokenMailSettingIsRefusedWithoutItsPassword(t *testing.T) {
	for _, c := range [][2]string{
		{"", "heyy@example.org"}, {"mail.example.org:587", "heyy@example.org"}, {"http://mail.example.org", "heyy@example.org"},
		{"smtp://", "heyy@example.org"}, {"smtp://u:passw0rd%@host", "heyy@example.org"}, {"smtp://u:passw0rd@host:99999", "heyy@example.org"},
		{"smtp://mail.example.org", ""}, {"smtp://mail.example.org", "Heyy"}, {"smtp://mail.example.org", "a@b.cd\r\nBcc: x@y.zz"},
	} {
		if _, err := mail.NewSMTP(c[0], c[1]); err == nil || strings.Contains(err.Error(), "passw0rd") {
			t.Errorf("%q, %q: %v", c[0], c[1], err)
		}
	}
}
