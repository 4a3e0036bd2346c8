package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"heyy/internal/base/mail"
	"heyy/internal/lab/testkit"
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

// server is a mail server on this machine.
func server(t *testing.T) *testkit.MailServer {
	t.Helper()
	m := testkit.NewMailServer(t)
	t.Cleanup(m.Stop)
	return m
}

func TestALetterReachesAServerOnThisMachine(t *testing.T) {
	at := server(t)
	s, err := mail.NewSMTP("smtp://"+at.Addr, "Heyy <heyy@example.org>")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(t.Context(), mail.SignIn("anna@example.org", "zh", "012345", 10)); err != nil {
		t.Fatal(err)
	}
	m := at.Letters()[0]
	if m.To != "anna@example.org" || m.Subject != "012345 是你的 Heyy 验证码" || !strings.Contains(m.Text, "你的验证码是 012345") {
		t.Errorf("%+v", m)
	}
	if m.Header.Get("From") != `"Heyy" <heyy@example.org>` || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Message-Id") == "" || m.Header.Get("Date") == "" {
		t.Errorf("%v", m.Header)
	}
	for name := range m.Header {
		if strings.HasPrefix(name, "List-") {
			t.Errorf("nobody unsubscribes from codes, and there is %s", name)
		}
	}
}

func TestADigestCanBeUnsubscribedFromByThePressOfAButton(t *testing.T) {
	at := server(t)
	s, err := mail.NewSMTP("smtp://"+at.Addr, "heyy@example.org")
	if err != nil {
		t.Fatal(err)
	}
	link := "https://heyy.example/unsubscribe/" + strings.Repeat("a-_9", 25)
	if err := s.Deliver(t.Context(), mail.Digest("anna@example.org", "it", []mail.Waiting{{Kind: "match", N: 1}}, "https://heyy.example", link)); err != nil {
		t.Fatal(err)
	}
	m := at.Letters()[0]
	if m.Header.Get("List-Unsubscribe") != "<"+link+">" || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(m.Text, link) {
		t.Errorf("%v, %s", m.Header, m.Text)
	}
}

func TestTheDigestCountsAndNamesOnlyWhereItMay(t *testing.T) {
	for _, x := range []struct {
		of   mail.Waiting
		says string
	}{
		{mail.Waiting{Kind: "match", N: 1}, "\n- 1 new match\n"},
		{mail.Waiting{Kind: "message", N: 2}, "\n- 2 people wrote to you\n"},
		{mail.Waiting{Kind: "message", N: 100}, "\n- 99+ people wrote to you\n"},
		{mail.Waiting{Kind: "message", N: 1, Names: []string{"Ann"}}, "\n- 1 person wrote to you: Ann\n"},
		{mail.Waiting{Kind: "match", N: 5, Names: []string{"Ann", "Bob", "J. R.", "Di"}}, "\n- 5 new matches: Ann, Bob, J. R. …\n"},
		{mail.Waiting{Kind: "match", N: 1, Names: []string{"evil.example/x\nBcc: y@z.example"}}, "\n- 1 new match: evil example x Bcc: y z example\n"},
		{mail.Waiting{Kind: "fits", N: 1}, "\n- Someone new for you in Discover\n"},
	} {
		m := mail.Digest("a@b.cd", "en", []mail.Waiting{x.of}, "https://heyy.example", "https://heyy.example/unsubscribe/x")
		if !strings.Contains(m.Text, x.says) || strings.ContainsAny(m.Text, "{}") || strings.ContainsAny(m.Subject, "{}0123456789") {
			t.Errorf("%+v: %s\n%s", x.of, m.Subject, m.Text)
		}
	}
	one := mail.Digest("a@b.cd", "zh", []mail.Waiting{{Kind: "message", N: 2, Names: []string{"安", "小波"}}}, "u", "v")
	if !strings.Contains(one.Text, "\n- 2 人给你发了消息：安、小波\n") {
		t.Errorf("in Chinese: %s", one.Text)
	}
}

func TestTheMailAboutANewDevice(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	d := mail.Device{Name: "Chrome on Android", At: time.Date(2027, 3, 10, 12, 5, 0, 0, time.UTC).In(rome), URL: "https://heyy.example/me"}
	for tag, says := range map[string]string{"en": "10 March 2027, 13:05 (Europe/Rome)", "it": "10/03/2027, 13:05 (Europe/Rome)", "zh": "2027年3月10日 13:05（Europe/Rome）"} {
		m := mail.NewDevice("a@b.cd", tag, d)
		if !strings.Contains(m.Text, says) || !strings.Contains(m.Text, d.Name) || !strings.Contains(m.Text, d.URL) || strings.ContainsAny(m.Text, "{}") || m.Unsubscribe != "" {
			t.Errorf("%s: %+v", tag, m)
		}
	}
	d.Name = "heyy-help.example:80"
	if m := mail.NewDevice("a@b.cd", "en", d); strings.Contains(m.Text, ".example:") {
		t.Errorf("a browser chose a link: %s", m.Text)
	}
	d.Name = ""
	if m := mail.NewDevice("a@b.cd", "en", d); !strings.Contains(m.Text, "Unknown device") {
		t.Errorf("without a name: %s", m.Text)
	}
}

func TestARefusalSaysWhetherToTryAgain(t *testing.T) {
	for answer, permanent := range map[string]bool{"550 5.1.1 no such user anna@example.org": true, "451 4.7.1 later, anna@example.org": false} {
		at := server(t)
		at.Answer(answer)
		s, err := mail.NewSMTP("smtp://"+at.Addr, "heyy@example.org")
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
	at := server(t) // the name leads here, but does not say so
	_, port, err := net.SplitHostPort(at.Addr)
	if err != nil {
		t.Fatal(err)
	}
	host := "127.0.0.1.nip.invalid"
	s, err := mail.NewSMTPOver("smtp://user:word@"+host+":"+port, "heyy@example.org", func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, at.Addr)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(t.Context(), mail.Mail{To: "anna@example.org", Subject: "x", Text: "y"}); err == nil {
		t.Error("it was sent in the open")
	}
	if all := at.Letters(); len(all) > 0 {
		t.Errorf("it was sent in the open: %+v", all)
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

func TestOtherMailsLeaveTheBudgetToCodes(t *testing.T) {
	now := time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC)
	b := mail.NewBudget(400) // a hundred at once
	take := func(warning bool) (n int) {
		for n < 1000 && b.TakeOther(warning, now) {
			n++
		}
		return n
	}
	if n := take(false); n != 25 {
		t.Errorf("%d digests", n)
	}
	if !b.Allows(netip.MustParseAddr("192.0.2.1"), false, now) {
		t.Error("then a stranger gets no code")
	}
	if n := take(true); n < 35 || n > 40 {
		t.Errorf("then %d warnings", n)
	}
	if !b.Allows(netip.MustParseAddr("192.0.2.1"), false, now) {
		t.Error("then somebody from a network that sent nothing gets no code")
	}
	now = now.Add(3 * time.Minute)
	if n := take(false); n != 0 {
		t.Errorf("at little over half of it, %d digests", n)
	}
	now = now.Add(time.Hour)
	if n := take(false); n != 25 {
		t.Errorf("full again, %d digests", n)
	}
}
