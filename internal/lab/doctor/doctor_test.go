package doctor

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"heyy/internal/base/config"
	"heyy/internal/base/db"
	"heyy/internal/base/db/dbtest"
)

// TestMain is also another program: see hold.
func TestMain(m *testing.M) {
	if network := os.Getenv("HEYY_TEST_HOLD"); network != "" {
		var l io.Closer
		var addr net.Addr
		var err error
		if network == "udp" {
			var c net.PacketConn
			if c, err = net.ListenPacket("udp", "127.0.0.1:0"); err == nil {
				l, addr = c, c.LocalAddr()
			}
		} else {
			var c net.Listener
			if c, err = net.Listen("tcp", "127.0.0.1:0"); err == nil {
				l, addr = c, c.Addr()
			}
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(addr)
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test is over
		_ = l.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// hold starts a program of this name that holds a port, and says which.
func hold(t *testing.T, name, network string) (number, pid int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link)
	cmd.Env = append(os.Environ(), "HEYY_TEST_HOLD="+network)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := net.SplitHostPort(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	number, err = strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return number, cmd.Process.Pid
}

// quiet is a configuration in a folder of its own that takes any free port.
func quiet(t *testing.T) config.Config {
	t.Helper()
	c := config.Default()
	c.Data = filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(c.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	c.Listen = "127.0.0.1:0"
	c.Media.SignalPort, c.Media.TCPPort, c.Media.UDPPorts = 0, 0, "0"
	return c
}

// find is the finding of a check; it must be of this level and say this.
func find(t *testing.T, all []Finding, check string, level Level, says string) {
	t.Helper()
	for _, f := range all {
		if f.Check != check {
			continue
		}
		if f.Level != level || !strings.Contains(f.Says+" "+f.Do, says) {
			t.Errorf("%s: %s, %q, %q; want %s with %q", check, f.Level, f.Says, f.Do, level, says)
		}
		if (f.Level == OK) != (f.Do == "") {
			t.Errorf("%s is %s, and to do is %q", check, f.Level, f.Do)
		}
		return
	}
	t.Errorf("no finding %q in %+v", check, all)
}

func TestAHealthyHouse(t *testing.T) {
	c := quiet(t)
	all := Run(t.Context(), c)
	for _, f := range all {
		if f.Level != OK && f.Check != "client" { // tests run without it
			t.Errorf("%+v", f)
		}
	}
	find(t, all, "database", OK, "the file will be created at the first start")
	find(t, all, "audio address", OK, "127.0.0.1")
	left, err := os.ReadDir(c.Data)
	if err != nil || len(left) != 0 {
		t.Errorf("left in the data folder: %v, %v", left, err)
	}
}

func TestABrokenConfigurationIsAFinding(t *testing.T) {
	c := quiet(t)
	c.Listen = "0.0.0.0:8080"
	all := Run(t.Context(), c)
	find(t, all, "setting listen", Bad, "would carry voices and sign-ins over plain HTTP")
	find(t, all, "clock", OK, "")
	if !Unhealthy(all) {
		t.Error("not sick")
	}
}

func TestPortsThatAreTaken(t *testing.T) {
	c := quiet(t)
	theirs, pid := hold(t, "squatter", "tcp")
	ours, _ := hold(t, "heyy", "tcp")
	c.Listen = "127.0.0.1:" + strconv.Itoa(theirs)
	c.Media.SignalPort = ours
	all := Run(t.Context(), c)
	find(t, all, fmt.Sprintf("port tcp %d", theirs), Bad, fmt.Sprintf("squatter (process %d) is using it, and Heyy needs it for people", pid))
	find(t, all, fmt.Sprintf("port tcp %d", ours), OK, "The running Heyy")

	theirs, _ = hold(t, "squatter", "udp")
	c.Media.UDPPorts = strconv.Itoa(theirs)
	find(t, audio(c), fmt.Sprintf("port udp %d", theirs), Bad, "Stop squatter. Choose another port with --media-udp-ports.")
	ours, _ = hold(t, "heyy", "udp")
	c.Media.UDPPorts = strconv.Itoa(ours)
	find(t, audio(c), fmt.Sprintf("port udp %d", ours), OK, "The running Heyy")
}

func TestPortsThatCannotBeHad(t *testing.T) {
	p := port{"tcp", "192.0.2.7", 8080, "people", "--listen"}
	_, err := net.Listen("tcp", p.addr())
	if err == nil {
		t.Fatal("this machine has an address set aside for documentation")
	}
	find(t, []Finding{p.taken(err)}, "port tcp 8080", Bad, "192.0.2.7 isn't an address of this machine")
	low := port{"tcp", "", 443, "HTTPS", ""}
	find(t, []Finding{low.taken(os.NewSyscallError("bind", syscall.EACCES))}, "port tcp 443", Bad, "setcap cap_net_bind_service=+ep")
	find(t, []Finding{low.taken(errors.New("nobody knows"))}, "port tcp 443", Bad, "A domain needs exactly this port")
}

func TestPacketsComeByTheAddressPeopleAreTold(t *testing.T) {
	c := quiet(t)
	c.Listen, c.AllowPlainHTTP = "0.0.0.0:0", true
	c.Media.IP = "127.0.0.2" // another of this machine's own
	all := audio(c)
	if all[1].Level != OK || !strings.Contains(all[1].Says, "packets arrive through 127.0.0.2") {
		t.Errorf("%+v", all)
	}
	// An address nobody answers at; the packets go nowhere.
	c.Media.IP = "192.0.2.7"
	all = audio(c)
	if all[1].Level != Warn || !strings.Contains(all[1].Says, "packets to 192.0.2.7 don't come back in") {
		t.Errorf("%+v", all)
	}
	c.Media.IP, c.Domain, c.SMTP = "10.1.2.3", "heyy.example.org", "smtp://mail"
	find(t, audio(c), "audio address", Warn, "can't be reached from the internet")
}

func TestDataFolders(t *testing.T) {
	c := quiet(t)
	find(t, data(c), "data folder", OK, "safely on disk after")
	find(t, data(c), "free space", OK, "The data folder's disk has")
	if err := os.Chmod(c.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	find(t, data(c), "privacy", Warn, "chmod 700")

	good := c.Data
	c.Data = filepath.Join(good, "deep", "er")
	find(t, data(c), "data folder", OK, "will be created at the first start")
	if _, err := os.Stat(filepath.Join(good, "deep")); err == nil {
		t.Error("doctor made the folder")
	}
	file := filepath.Join(good, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Data = filepath.Join(file, "data")
	find(t, data(c), "data folder", Bad, "")

	// A folder nothing can be written to. Root may write to any but a few.
	c.Data = t.TempDir()
	if os.Getuid() == 0 {
		c.Data = "/proc"
	} else if err := os.Chmod(c.Data, 0o500); err != nil {
		t.Fatal(err)
	}
	find(t, data(c), "data folder", Bad, "Nothing can be written to")
	c.Data = filepath.Join(c.Data, "data")
	find(t, data(c), "data folder", Bad, "can't be created")
}

func TestDatabaseFiles(t *testing.T) {
	c := quiet(t)
	d, err := db.Open(t.Context(), c.Data, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	find(t, database(t.Context(), c), "database", OK, "the file is intact") // while it is in use
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Data, "heyy.db"), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	find(t, database(t.Context(), c), "database", Bad, "restore a backup")
}

func TestDeadLettersAreNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if found := deadLetters(t.Context(), d); len(found) > 0 {
			t.Errorf("of none: %+v", found)
		}
		for n, why := range []string{"not now", "the gateway is closed"} {
			if _, err := d.Exec(`INSERT INTO outbox_dead_letters (listener, n, scope, seq, kind, data, error, tries, created_at, died_at)
				VALUES ('notify', $1, 's', 1, 'k', '{}', $2, 3, 0, 0)`, n, why); err != nil {
				t.Fatal(err)
			}
		}
		find(t, deadLetters(t.Context(), d), "outbox", Warn, "the listener notify couldn't process: 2. The last one failed with: The gateway is closed.")
	})
}

func TestPostgres(t *testing.T) {
	c := quiet(t)
	c.Database = config.Secret(dbtest.PostgresURL(t))
	all := database(t.Context(), c)
	find(t, all, "database", OK, "PostgreSQL")
	find(t, all, "clocks", OK, "agree")
}

func TestPostgresThatIsNotThere(t *testing.T) {
	c := quiet(t)
	c.Database = "postgres://me:hunter2@127.0.0.1:1/heyy"
	all := database(t.Context(), c)
	find(t, all, "database", Bad, "PostgreSQL does not answer")
	if strings.Contains(fmt.Sprint(all), "hunter2") {
		t.Errorf("tells the password: %v", all)
	}
}

func TestClocks(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	find(t, []Finding{judge(now, 0)}, "clock", OK, "runs evenly")
	find(t, []Finding{judge(time.Unix(0, 0).UTC(), 0)}, "clock", Bad, "1970-01-01")
	find(t, []Finding{judge(now, -time.Second)}, "clock", Warn, "jumped by -1s during the check")
	find(t, []Finding{compare(200*time.Millisecond, 10*time.Millisecond)}, "clocks", OK, "")
	find(t, []Finding{compare(-3*time.Second, 0)}, "clocks", Warn, "3s apart")
	find(t, []Finding{compare(9*time.Second, 2*time.Second)}, "clocks", Bad, "8s apart")
	find(t, []Finding{compare(3*time.Second, 6*time.Second)}, "clocks", OK, "") // nobody can tell
}

func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	find(t, []Finding{certificate(filepath.Join(dir, "none"), "heyy.example.org", now)}, "certificate", OK, "none for heyy.example.org yet")
	put(t, dir, "other.example.org", now.Add(90*24*time.Hour))
	find(t, []Finding{certificate(dir, "heyy.example.org", now)}, "certificate", OK, "none for heyy.example.org yet")
	put(t, dir, "heyy.example.org", now.Add(60*24*time.Hour))
	find(t, []Finding{certificate(dir, "heyy.example.org", now)}, "certificate", OK, "is valid until")
	find(t, []Finding{certificate(dir, "heyy.example.org", now.Add(55*24*time.Hour))}, "certificate", Warn, "should have been renewed")
	find(t, []Finding{certificate(dir, "heyy.example.org", now.Add(61*24*time.Hour))}, "certificate", Bad, "expired on")
}

// put lays a certificate where the server keeps them.
func put(t *testing.T, dir, domain string, until time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{domain}, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(dir, "certificates", "acme", domain)
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(at, domain+".crt"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// nameServer answers every question for an IPv4 address with ip, or with "there
// is no such name".
func nameServer(t *testing.T, ip net.IP) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			end := 12 + bytes.IndexByte(buf[12:n], 0) + 5
			answer := append([]byte{}, buf[:end]...)
			copy(answer[2:12], []byte{0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0})
			if ip != nil {
				answer[3] = 0x80
				if answer[end-3] == 1 { // A
					answer[7] = 1
					answer = append(append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4), ip.To4()...)
				}
			}
			if _, err := conn.WriteTo(answer, from); err != nil {
				return
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = before; _ = conn.Close() })
}

func TestDomains(t *testing.T) {
	c := quiet(t)
	c.Domain, c.SMTP, c.Media.IP = "heyy.example.org", "smtp://mail", "203.0.113.7"
	for _, x := range []struct {
		name  string
		ip    net.IP
		level Level
		says  string
	}{
		{"nowhere", nil, Bad, "no address for heyy.example.org"},
		{"here", net.IPv4(127, 0, 0, 1), OK, "points to this machine"},
		{"where audio is", net.IPv4(203, 0, 113, 7), OK, "points to this machine"},
		{"elsewhere", net.IPv4(203, 0, 113, 8), Warn, "points to 203.0.113.8"},
	} {
		t.Run(x.name, func(t *testing.T) {
			nameServer(t, x.ip)
			find(t, names(t.Context(), c), "domain", x.level, x.says)
		})
	}
}

func TestAddressesWithoutADomain(t *testing.T) {
	c := quiet(t)
	find(t, address(t.Context(), c), "address", OK, "Only this machine")
	c.Listen, c.AllowPlainHTTP = "0.0.0.0:8080", true
	find(t, address(t.Context(), c), "address", Warn, "people can listen but not speak")
	c.PublicURL = "https://heyy.example.org"
	find(t, address(t.Context(), c), "address", OK, "The proxy in front must pass")
	find(t, address(t.Context(), c), "proxy", Warn, "everyone seems to come from one address")
	c.TrustedProxies = "10.0.0.0/8"
	find(t, address(t.Context(), c), "proxy", OK, "10.0.0.0/8")
}

func TestFewFilesAreNamed(t *testing.T) {
	// A process of its own: this one may have raised its limit for good.
	shell := exec.Command("sh", "-c", "ulimit -n 256 && exec sleep 60")
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shell.Process.Kill(); _ = shell.Wait() })
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		n, known := filesOf(shell.Process.Pid)
		if known && n == 256 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it may open 256 files, and %d, %v is read", n, known)
		}
	}
	if f := fewOr(256, "A program"); f.Level != Warn || !strings.Contains(f.Do, "LimitNOFILE") {
		t.Errorf("%+v", f)
	}
	if f := files(quiet(t)); !strings.Contains(f.Says, "may open") {
		t.Errorf("%+v", f)
	}
}

// postOffice speaks enough SMTP to let somebody in, or greets and closes.
func postOffice(t *testing.T, open bool) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	serve := func(c net.Conn) {
		defer func() { _ = c.Close() }()
		say := func(s string) { _, _ = fmt.Fprint(c, s+"\r\n") }
		if !open {
			say("554 we are closed")
			return
		}
		say("220 post")
		lines := bufio.NewScanner(c)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "QUIT") {
				say("221 bye")
				return
			}
			say("250 fine")
		}
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

func TestMail(t *testing.T) {
	c := quiet(t)
	find(t, []Finding{letters(t.Context(), c)}, "mail", OK, "/dev/inbox")
	c.MailFrom = "heyy@example.org"
	c.SMTP = config.Secret("smtp://" + postOffice(t, true))
	find(t, []Finding{letters(t.Context(), c)}, "mail", Warn, "links in emails lead to http://localhost")
	c.PublicURL = "https://heyy.example-host.net"
	find(t, []Finding{letters(t.Context(), c)}, "mail", OK, "lets Heyy in")
	for _, server := range []string{
		"smtp://me:hunter2@" + postOffice(t, false),
		"smtp://me:hunter2@" + postOffice(t, true), // it knows no way to sign in
		"smtp://me:hunter2@127.0.0.1:1",
	} {
		c.SMTP = config.Secret(server)
		f := letters(t.Context(), c)
		find(t, []Finding{f}, "mail", Bad, "doesn't let Heyy in")
		if strings.Contains(fmt.Sprint(f), "hunter2") {
			t.Errorf("tells the password: %v", f)
		}
	}
}

func TestThePushContactMustReachSomebody(t *testing.T) {
	contact := func(contact string) []Finding {
		c := quiet(t)
		c.Domain, c.Push.Contact = "heyy.example-host.net", contact
		return []Finding{pushContact(c)}
	}
	for _, good := range []string{"", "mailto:eva@heyy-people.net", "https://heyy-people.net/contact", "https://8.8.8.8/", "mailto:eva@xn--hey-ema.net"} {
		find(t, contact(good), "push contact", OK, "Push services are told")
	}
	for _, wrong := range []string{
		"mailto:eva@example.org", "mailto:eva@mail.example.com", "mailto:eva@localhost", "mailto:eva@server.local", "https://localhost/", "https://heyy.test/x", "https://10.0.0.1/",
		"https://[::1]/", "mailto:eva@heyy.invalid", "mailto:eva@EXAMPLE.org.", "https://intranet/",
	} {
		f := contact(wrong)
		find(t, f, "push contact", Warn, wrong)
		if !strings.Contains(f[0].Do, "push.contact") {
			t.Errorf("it says to do %q", f[0].Do)
		}
	}
	find(t, []Finding{pushContact(quiet(t))}, "push contact", OK, "some will refuse") // nobody else comes there
}

func TestClient(t *testing.T) {
	find(t, []Finding{client(fstest.MapFS{".keep": {}})}, "client", Bad, "make build")
	find(t, []Finding{client(fstest.MapFS{"index.html": {}})}, "client", OK, "built in")
}

func TestWrite(t *testing.T) {
	for _, x := range []struct {
		all  []Finding
		want string
	}{
		{[]Finding{ok("a", "Well.")}, "ok    a                      Well.\n\nHeyy can work.\n"},
		{[]Finding{warn("a", "Do.", "Hm.")}, "warn  a                      Hm.\n                             -> Do.\n\nHeyy can work. Look at the warnings.\n"},
		{[]Finding{bad("a", "Do.", "No."), ok("b", "Well.")}, "bad   a                      No.\n                             -> Do.\nok    b                      Well.\n\nOne thing keeps Heyy from working.\n"},
	} {
		var b strings.Builder
		if err := Write(&b, x.all); err != nil || b.String() != x.want {
			t.Errorf("%v\n%s\nwant\n%s", err, b.String(), x.want)
		}
	}
}
