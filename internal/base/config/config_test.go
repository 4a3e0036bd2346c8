package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// read parses arguments as a command of the binary would.
func read(t *testing.T, args ...string) (Config, error) {
	t.Helper()
	var cli struct {
		Serve struct {
			Config Config `embed:""`
		} `cmd:""`
		Plain struct{} `cmd:""`
	}
	k, err := kong.New(&cli, SettingsFile(), kong.Name("heyy"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(append([]string{"serve"}, args...))
	return cli.Serve.Config, err
}

// inFolder moves the test into an empty folder with this heyy.yaml, if any.
func inFolder(t *testing.T, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if text == "" {
		return
	}
	if err := os.WriteFile("heyy.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDefaultsAreWrittenOnce(t *testing.T) {
	inFolder(t, "")
	c, err := read(t)
	if err != nil {
		t.Fatal(err)
	}
	if c != Default() {
		t.Errorf("kong says %+v, Default says %+v", c, Default())
	}
	if err := c.Check(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	if !c.Loopback() || c.Public() || c.URL() != "http://localhost:8080" {
		t.Errorf("loopback %v, public %v, url %s", c.Loopback(), c.Public(), c.URL())
	}
	if ip, err := c.MediaIP(); err != nil || ip != "127.0.0.1" {
		t.Errorf("media ip %s, %v", ip, err)
	}
	if c.DrainTimeout != 10*time.Second || c.Media.SignalPort != 7880 {
		t.Errorf("drain %s, signal port %d", c.DrainTimeout, c.Media.SignalPort)
	}
}

func TestLaterLayersWin(t *testing.T) {
	inFolder(t, "listen: localhost:2000\nmedia:\n  tcp_port: 2001\n  udp_ports: 2002\ndrain_timeout: 20s\nlog:\n  json: true\n  level: warn\n")
	t.Setenv("HEYY_MEDIA_TCP_PORT", "3001")
	t.Setenv("HEYY_DRAIN_TIMEOUT", "30s")
	t.Setenv("HEYY_LOG_JSON", "false")
	c, err := read(t, "--drain-timeout=40s")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ what, got, want string }{
		{"default", fmt.Sprint(c.Media.SignalPort), "7880"},
		{"file over default", c.Listen, "localhost:2000"},
		{"file over default, below a group", c.Media.UDPPorts, "2002"},
		{"environment over file", fmt.Sprint(c.Media.TCPPort), "3001"},
		{"environment over file, false", fmt.Sprint(c.Log.JSON), "false"},
		{"file, untouched by its neighbour", c.Log.Level, "warn"},
		{"flag over environment over file", c.DrainTimeout.String(), "40s"},
	} {
		if x.got != x.want {
			t.Errorf("%s: %s, want %s", x.what, x.got, x.want)
		}
	}
}

func TestEveryKeyReachesItsFieldByEveryWay(t *testing.T) {
	value := func(key string) string {
		switch Keys()[key].String() {
		case "int":
			return "4711"
		case "bool":
			return "true"
		case "time.Duration":
			return "47s"
		}
		return "sound"
	}
	show := func(c Config) string { // Secrets hide from %+v
		return fmt.Sprintf("%+v %s %s", c, c.Database.Reveal(), c.SMTP.Reveal())
	}
	for key := range Keys() {
		t.Run(key, func(t *testing.T) {
			text := key + ": " + value(key) + "\n"
			if outer, inner, nested := strings.Cut(key, "."); nested {
				text = outer + ":\n  " + inner + ": " + value(key) + "\n"
			}
			inFolder(t, text)
			file, err := read(t)
			if err != nil {
				t.Fatal(err)
			}
			if file == Default() {
				t.Fatal("the file changes nothing")
			}
			if err := os.Remove("heyy.yaml"); err != nil {
				t.Fatal(err)
			}
			flag, err := read(t, "--"+flagName(key)+"="+value(key))
			if err != nil {
				t.Fatal(err)
			}
			t.Setenv("HEYY_"+strings.ToUpper(strings.ReplaceAll(flagName(key), "-", "_")), value(key))
			env, err := read(t)
			if err != nil {
				t.Fatal(err)
			}
			if show(file) != show(flag) || show(file) != show(env) {
				t.Errorf("file %s\nflag %s\nenv  %s", show(file), show(flag), show(env))
			}
		})
	}
}

func TestFileIsNamedByFlagOrEnvironment(t *testing.T) {
	inFolder(t, "listen: localhost:1\n")
	other := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(other, []byte("listen: localhost:2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := read(t, "--config", other); err != nil || c.Listen != "localhost:2" {
		t.Errorf("flag: %s, %v", c.Listen, err)
	}
	t.Setenv("HEYY_CONFIG", other)
	if c, err := read(t); err != nil || c.Listen != "localhost:2" {
		t.Errorf("environment: %s, %v", c.Listen, err)
	}
	t.Setenv("HEYY_CONFIG", "nowhere.yaml")
	if _, err := read(t); err == nil || err.Error() != "nowhere.yaml: there is no such file; check --config and HEYY_CONFIG" {
		t.Errorf("a named file must exist: %v", err)
	}
}

func TestBrokenFilesEndWithOneLine(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"unknown", "data: d\nlistn: x\n", "heyy.yaml:2: listn is not a setting; did you mean listen?"},
		{"unknown, nothing near", "colour: red\n", "heyy.yaml:1: colour is not a setting; heyy serve --help lists them"},
		{"unknown in a group", "media:\n  signal_prot: 1\n", "heyy.yaml:2: media.signal_prot is not a setting; did you mean media.signal_port?"},
		{"out of its group", "signal_port: 1\n", "heyy.yaml:1: signal_port is not a setting; did you mean media.signal_port?"},
		{"a flag's spelling", "drain-timeout: 1s\n", "heyy.yaml:1: drain-timeout is not a setting; did you mean drain_timeout?"},
		{"twice", "data: a\nlisten: localhost:1\ndata: b\n", "heyy.yaml:3: data is set here a second time; the first is in line 1; keep one"},
		{"twice in a group", "media:\n  ip: 1.1.1.1\n  ip: 1.1.1.1\n", "heyy.yaml:3: media.ip is set here a second time; the first is in line 2; keep one"},
		{"a group twice", "log:\n  json: true\nlog:\n  level: warn\n", "heyy.yaml:3: log is set here a second time; the first is in line 1; keep one"},
		{"no number", "media:\n  tcp_port: many\n", "heyy.yaml:2: media.tcp_port must be a whole number"},
		{"no time", "drain_timeout: 10\n", "heyy.yaml:1: drain_timeout must be a time, such as 10s or 2m"},
		{"no yes", "allow_plain_http: maybe\n", "heyy.yaml:1: allow_plain_http must be true or false"},
		{"a list", "domain: [a, b]\n", "heyy.yaml:1: domain must be one line of text"},
		{"a group that is none", "media: loud\n", "heyy.yaml:1: media holds settings of its own; write them below it, indented"},
		{"a list of all", "- a\n- b\n", "heyy.yaml:1: write each setting as a line like listen: localhost:8080"},
		{"no YAML", "data: d\nsmtp: \"smtp://me:hunter2@mail\nlisten: x\n", "heyy.yaml:2: this is not YAML; check indentation, colons and quotes"},
		{"two documents", "data: a\n---\ndata: b\n", "heyy.yaml:3: a second document begins here; keep everything in one"},
	} {
		t.Run(x.name, func(t *testing.T) {
			inFolder(t, x.text)
			_, err := read(t)
			if err == nil || err.Error() != x.want {
				t.Errorf("\n got %v\nwant %s", err, x.want)
			}
		})
	}
	for _, text := range []string{"", "# nothing yet\n", "data:\n", "media:\n", "---\ndata: d\n"} {
		inFolder(t, text)
		if _, err := read(t); err != nil {
			t.Errorf("%q is refused: %v", text, err)
		}
	}
}

func TestBrokenConfigurationsEndWithOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	public := func(c *Config) { c.Domain, c.SMTP = "heyy.example.org", "smtp://u:p@mail.example.org:587" }
	for _, x := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no data", func(c *Config) { c.Data = " " }, "data: no folder is named; give one, such as ./data"},
		{"data is a file", func(c *Config) { c.Data = file }, "data: " + file + " is a file; name a folder"},
		{"listen without port", func(c *Config) { c.Listen = "localhost" }, `listen: "localhost" is not an address to listen at; write it like localhost:8080`},
		{"listen at a name for a port", func(c *Config) { c.Listen = "localhost:http" }, `listen: "http" is not a port; use a number up to 65535`},
		{"listen too high", func(c *Config) { c.Listen = "localhost:70000" }, `listen: "70000" is not a port; use a number up to 65535`},
		{"metrics without port", func(c *Config) { c.MetricsListen = "9090" }, `metrics_listen: "9090" is not an address to listen at; write it like localhost:8080`},
		{"plain HTTP for all", func(c *Config) { c.Listen = ":8080" }, "listen: :8080 would carry voices and sign-ins over plain HTTP beyond this machine; set domain for HTTPS, or allow_plain_http if a proxy in front does TLS"},
		{"plain HTTP for a network", func(c *Config) { c.Listen = "192.168.1.5:8080" }, "listen: 192.168.1.5:8080 would carry voices and sign-ins over plain HTTP beyond this machine; set domain for HTTPS, or allow_plain_http if a proxy in front does TLS"},
		{"domain with scheme", func(c *Config) { c.Domain = "https://heyy.example.org" }, `domain: "https://heyy.example.org" is more than a name; leave out scheme, port and path, such as heyy.example.org`},
		{"domain localhost", func(c *Config) { c.Domain = "localhost" }, `domain: nobody issues certificates for "localhost"; use a public name, or leave domain empty and set listen`},
		{"domain an address", func(c *Config) { c.Domain = "203.0.113.7" }, `domain: nobody issues certificates for "203.0.113.7"; use a public name, or leave domain empty and set listen`},
		{"domain without dot", func(c *Config) { c.Domain = "heyy" }, `domain: "heyy" is not a public name; write it in lower case like heyy.example.org (xn-- form for other scripts)`},
		{"domain in capitals", func(c *Config) { c.Domain = "Heyy.example.org" }, `domain: "Heyy.example.org" is not a public name; write it in lower case like heyy.example.org (xn-- form for other scripts)`},
		{"public without mail", func(c *Config) { c.Domain = "heyy.example.org" }, "smtp: a public Heyy must be able to send sign-in codes; set it like smtp://user:password@host:587"},
		{"public behind a proxy without mail", func(c *Config) { c.PublicURL = "https://heyy.example.org" }, "smtp: a public Heyy must be able to send sign-in codes; set it like smtp://user:password@host:587"},
		{"public url without scheme", func(c *Config) { c.PublicURL = "heyy.example.org" }, "public_url: this is not an address people can open; write it like https://heyy.example.org"},
		{"public url with path", func(c *Config) { c.PublicURL = "https://example.org/heyy" }, "public_url: Heyy lives at the root of its address; leave out everything after https://example.org"},
		{"public url against domain", func(c *Config) { public(c); c.PublicURL = "https://other.example.org" }, "public_url: it says https://other.example.org while domain says heyy.example.org; remove public_url"},
		{"acme email", func(c *Config) { c.AcmeEmail = "me" }, `acme_email: "me" is not a mail address; write it like you@example.org, or leave it empty`},
		{"acme ca", func(c *Config) { c.AcmeCA = "letsencrypt" }, `acme_ca: "letsencrypt" is not an ACME directory; it begins with https://, and empty means Let's Encrypt`},
		{"another database", func(c *Config) { c.Database = "mysql://u:hunter2@h/d" }, "database: this is not a PostgreSQL address; write it like postgres://user:password@host/name, or leave it empty for SQLite"},
		{"unreadable database", func(c *Config) { c.Database = "postgres://u:hun%ter2@h/d" }, "database: this is not a PostgreSQL address; write it like postgres://user:password@host/name, or leave it empty for SQLite"},
		{"database without name", func(c *Config) { c.Database = "postgres://u:hunter2@h" }, "database: the address names no database; write it like postgres://user:password@host/name"},
		{"mail over http", func(c *Config) { c.SMTP = "https://u:hunter2@h" }, "smtp: this is not a mail server; write it like smtp://user:password@host:587 or smtps://user:password@host, with special characters in the password as %-codes"},
		{"mail password unescaped", func(c *Config) { c.SMTP = "smtp://u:hunter/2@h" }, "smtp: this is not a mail server; write it like smtp://user:password@host:587 or smtps://user:password@host, with special characters in the password as %-codes"},
		{"mail with a path", func(c *Config) { c.SMTP = "smtp://u:hunter2@h/x" }, "smtp: nothing may follow the host and port; write / ? # in a password as %2F %3F %23"},
		{"mail without sender", func(c *Config) { c.SMTP = "smtp://h" }, `mail_from: mail needs a sender; set it like "Heyy <heyy@example.org>"`},
		{"hardly any mail", func(c *Config) { c.MailHourly = 49 }, "mail_hourly: 49 mails an hour are too few to sign people in; give 50 or more"},
		{"sender is none", func(c *Config) { public(c); c.MailFrom = "Heyy" }, `mail_from: "Heyy" is not a mail address; write it like "Heyy <heyy@example.org>"`},
		{"signal port", func(c *Config) { c.Media.SignalPort = -1 }, "media.signal_port: -1 is not a port; use a number up to 65535"},
		{"tcp port", func(c *Config) { c.Media.TCPPort = 65536 }, "media.tcp_port: 65536 is not a port; use a number up to 65535"},
		{"udp ports", func(c *Config) { c.Media.UDPPorts = "some" }, `media.udp_ports: "some" is not a range of ports; write it like 7882-7883`},
		{"udp ports backwards", func(c *Config) { c.Media.UDPPorts = "7883-7882" }, `media.udp_ports: "7883-7882" is not a range of ports; write it like 7882-7883`},
		{"udp ports without end", func(c *Config) { c.Media.UDPPorts = "10000-20000" }, "media.udp_ports: 10000-20000 is 10001 ports, but one for each processor core is enough; narrow it"},
		{"media ip a name", func(c *Config) { c.Media.IP = "heyy.example.org" }, `media.ip: "heyy.example.org" is not an IP address; give the one people reach this machine at`},
		{"media ip nowhere", func(c *Config) { c.Media.IP = "0.0.0.0" }, "media.ip: nobody can be reached at 0.0.0.0; give the address people reach this machine at"},
		{"media ip loopback in public", func(c *Config) { public(c); c.Media.IP = "127.0.0.1" }, "media.ip: 127.0.0.1 is this machine itself, where nobody else can reach it; give the address people reach it at"},
		{"audience port", func(c *Config) { c.Audience.Port = 65536 }, "audience.port: 65536 is not a port; use a number up to 65535"},
		{"audience where speakers are", func(c *Config) { c.Audience.Port = 7883 }, "audience.port: port 7883 is already given to media.udp_ports; use another"},
		{"audience where audio over TCP is", func(c *Config) { c.Audience.Port = 7881 }, "audience.port: port 7881 is already given to media.tcp_port; use another"},
		{"no audience", func(c *Config) { c.Audience.PerRoom = 0 }, "audience.per_room: 0 is too few; use a number from 1"},
		{"no listener from an address", func(c *Config) { c.Audience.PerAddress = -1 }, "audience.per_address: -1 is too few; use a number from 1"},
		{"one port twice", func(c *Config) { c.Media.TCPPort = 8080 }, "media.tcp_port: port 8080 is already given to listen; use another"},
		{"one port twice within media", func(c *Config) { c.Media.TCPPort = 7880 }, "media.tcp_port: port 7880 is already given to media.signal_port; use another"},
		{"audio where HTTPS is", func(c *Config) { public(c); c.Media.TCPPort = 443 }, "media.tcp_port: port 443 is already given to HTTPS; use another"},
		{"a proxy by name", func(c *Config) { c.TrustedProxies = "nginx" }, `trusted_proxies: "nginx" is neither an address nor a network; write it like 127.0.0.1, 10.0.0.0/8`},
		{"everybody a proxy", func(c *Config) { c.TrustedProxies = "127.0.0.1, 0.0.0.0/0" }, "trusted_proxies: with 0.0.0.0/0 anybody could claim any address; name the proxies alone"},
		{"a contact that is none", func(c *Config) { c.Push.Contact = "me" }, `push.contact: "me" is neither a mail address nor a page; write it like mailto:you@example.org or https://example.org/contact`},
		{"a contact with a name", func(c *Config) { c.Push.Contact = "mailto:Me <me@example.org>" }, `push.contact: "mailto:Me <me@example.org>" is neither a mail address nor a page; write it like mailto:you@example.org or https://example.org/contact`},
		{"mails at once, in public", func(c *Config) { public(c); c.Push.MailAfterForTests = time.Second }, "push.mail_after_for_tests: it emails people about what they have had no time to see; it is for tests that serve this machine alone"},
		{"mails before", func(c *Config) { c.Push.MailAfterForTests = -1 }, "push.mail_after_for_tests: it emails people about what they have had no time to see; it is for tests that serve this machine alone"},
		{"pushes inside, in public", func(c *Config) { public(c); c.Push.AllowLoopbackForTests = true }, "push.allow_loopback_for_tests: it lets members call every port of this machine through push subscriptions; it is for tests that serve this machine alone"},
		{"pushes inside, at home", func(c *Config) {
			c.Listen, c.AllowPlainHTTP, c.Push.AllowLoopbackForTests = ":8080", true, true
		}, "push.allow_loopback_for_tests: it lets members call every port of this machine through push subscriptions; it is for tests that serve this machine alone"},
		{"log level", func(c *Config) { c.Log.Level = "loud" }, `log.level: "loud" is not a log level; choose debug, info, warn or error`},
		{"drain timeout", func(c *Config) { c.DrainTimeout = -time.Second }, "drain_timeout: -1s is out of range; use something between 0s and 1h"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := Default()
			x.change(&c)
			err := c.Check()
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Error() != x.want {
				t.Errorf("\n got %v\nwant %s", err, x.want)
			}
			if strings.Contains(err.Error(), "hunter") || strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("tells a secret, or is more than a line: %v", err)
			}
		})
	}
}

func TestGoodConfigurations(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*Config)
		url    string
		media  string // "" for whatever leads out
	}{
		{"loopback by number", func(c *Config) { c.Listen = "127.0.0.1:0" }, "http://localhost:0", "127.0.0.1"},
		{"loopback, six", func(c *Config) { c.Listen = "[::1]:80" }, "http://localhost", "127.0.0.1"},
		{"a domain", func(c *Config) { c.Domain, c.SMTP = "heyy.example.org", "smtps://u:p%2F@mail" }, "https://heyy.example.org", ""},
		{"behind a proxy", func(c *Config) {
			c.PublicURL, c.SMTP, c.MailFrom, c.Media.IP = "https://heyy.example.org/", "smtp://mail", "a@example.org", "203.0.113.7"
			c.Listen, c.AllowPlainHTTP = "0.0.0.0:8080", true
		}, "https://heyy.example.org", "203.0.113.7"},
		{"in the home network", func(c *Config) { c.Listen, c.AllowPlainHTTP = "192.168.1.5:8080", true }, "http://192.168.1.5:8080", "192.168.1.5"},
		{"PostgreSQL by socket", func(c *Config) { c.Database = "postgres:///heyy?host=/run/postgresql" }, "http://localhost:8080", "127.0.0.1"},
		{"any ports", func(c *Config) { c.Media.SignalPort, c.Media.TCPPort, c.Media.UDPPorts = 0, 0, "0" }, "http://localhost:8080", "127.0.0.1"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := Default()
			x.change(&c)
			if err := c.Check(); err != nil {
				t.Fatal(err)
			}
			if c.URL() != x.url {
				t.Errorf("url %s, want %s", c.URL(), x.url)
			}
			ip, err := c.MediaIP()
			if x.media != "" && (err != nil || ip != x.media) {
				t.Errorf("media ip %s, %v; want %s", ip, err, x.media)
			}
		})
	}
}

func TestPushServicesAreToldWhomToReach(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"mailto:operator@heyy.invalid": func(*Config) {},
		"https://example.org/contact":  func(c *Config) { c.Push.Contact, c.AcmeEmail = "https://example.org/contact", "a@example.org" },
		"mailto:push@example.org":      func(c *Config) { c.Push.Contact = "mailto:push@example.org" },
		"mailto:a@example.org":         func(c *Config) { c.AcmeEmail, c.MailFrom = "Ann <a@example.org>", "b@example.org" },
		"mailto:b@example.org":         func(c *Config) { c.MailFrom = "Heyy <b@example.org>" },
		"mailto:heyy@heyy.example.org": func(c *Config) { c.Domain = "heyy.example.org" },
		"https://heyy.example.org":     func(c *Config) { c.PublicURL = "https://heyy.example.org" },
	} {
		c := Default()
		change(&c)
		if got := c.PushSubject(); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
}

func TestOnlyWhereNobodyElseComesInIsEverybodyTheOperator(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*Config)
		alone  bool
	}{
		{"as it comes", func(*Config) {}, true},
		{"by number", func(c *Config) { c.Listen = "127.0.0.1:8080" }, true},
		{"opened by its own name", func(c *Config) { c.PublicURL = "http://localhost:8080" }, true},
		{"behind a proxy on this machine", func(c *Config) { c.PublicURL = "https://heyy.example.org" }, false},
		{"behind one that is trusted", func(c *Config) { c.TrustedProxies = "127.0.0.1" }, false},
		{"in the home network", func(c *Config) { c.Listen = "192.168.1.5:8080" }, false},
		{"a domain", func(c *Config) { c.Domain = "heyy.example.org" }, false},
	} {
		c := Default()
		x.change(&c)
		if got := c.LocalOnly(); got != x.alone {
			t.Errorf("%s: %v", x.name, got)
		}
	}
}

func TestProxiesAreNetworks(t *testing.T) {
	c := Default()
	c.TrustedProxies = "127.0.0.1, ::1 10.1.2.3/8,fd00::/8"
	all, err := c.Proxies()
	if got := fmt.Sprint(all); err != nil || got != "[127.0.0.1/32 ::1/128 10.0.0.0/8 fd00::/8]" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestARangeOfOnePortIsAPort(t *testing.T) {
	for said, want := range map[string]string{"8392-8392": "8392", "8392": "8392", "7882-7883": "7882-7883", "0": "0"} {
		if got := (Media{UDPPorts: said}).UDP(); got != want {
			t.Errorf("%s is given on as %s", said, got)
		}
	}
}

func TestSecretsRedactThemselves(t *testing.T) {
	c := Default()
	c.SMTP, c.Database = "smtp://me:hunter2@mail", "postgres://me:hunter2@host/d"
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "config", c, "smtp", c.SMTP)
	slog.New(slog.NewTextHandler(&log, nil)).Info("started", "config", c, "smtp", c.SMTP)
	coded, err := json.Marshal([]any{c.SMTP, c})
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(coded) + fmt.Sprint(c, c.SMTP, &c) + fmt.Sprintf("%v %+v %#v %s %q %x %X %d %10s", c, c, c, c.SMTP, c.SMTP, c.SMTP, c.SMTP, c.SMTP, c.SMTP)
	if strings.Contains(all, "hunter2") || strings.Contains(strings.ToLower(all), fmt.Sprintf("%x", "hunter2")) {
		t.Errorf("the secret is out: %s", all)
	}
	if !strings.Contains(all, "(hidden)") || c.SMTP.Reveal() != "smtp://me:hunter2@mail" {
		t.Error("a secret says that it is there, and reveals itself when asked")
	}
	if s := Secret("").String(); s != "" {
		t.Errorf("no secret looks like %q", s)
	}
}

func FuzzFile(f *testing.F) {
	f.Add("listen: localhost:1\nmedia:\n  ip: 1.1.1.1\n")
	f.Add("a: &x {b: *x}\n<<: *x\n? [1]\n: 2\n")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := parse([]byte(text))
		if err != nil && strings.ContainsRune(err.Error(), '\n') {
			t.Errorf("more than a line: %q", err)
		}
		for name := range values {
			known := false
			for key := range Keys() {
				known = known || flagName(key) == name
			}
			if !known {
				t.Errorf("%q is no flag", name)
			}
		}
	})
}
