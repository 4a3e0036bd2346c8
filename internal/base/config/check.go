package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Check returns the first mistake in one line: which setting, what is wrong, what to
// change. It looks at the file system but opens no connection.
//
// The method is not called Validate because kong would call that itself, also for doctor,
// which must start with a broken configuration and report it.
func (c Config) Check() error {
	for _, check := range []func(Config) error{
		checkData, checkListen, checkDomain, checkPublicURL, checkPlainHTTP, checkACME,
		checkDatabase, checkSMTP, checkMailFrom, checkMailHourly, checkPush, checkMedia, checkAudience, checkPorts, checkRest,
	} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

func checkData(c Config) error {
	if strings.TrimSpace(c.Data) == "" {
		return fmt.Errorf("data: no folder is named; give one, such as ./data")
	}
	if s, err := os.Stat(c.Data); err == nil && !s.IsDir() {
		return fmt.Errorf("data: %s is a file; name a folder", c.Data)
	}
	return nil
}

func checkListen(c Config) error {
	if _, err := hostPort("listen", c.Listen); err != nil {
		return err
	}
	if c.MetricsListen != "" {
		if _, err := hostPort("metrics_listen", c.MetricsListen); err != nil {
			return err
		}
	}
	_, err := c.Proxies()
	return err
}

func hostPort(key, s string) (port int, err error) {
	_, p, err := net.SplitHostPort(s)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is not an address to listen at; write it like localhost:8080", key, s)
	}
	port, err = strconv.Atoi(p)
	if err != nil || port < 0 || port > 65535 {
		return 0, fmt.Errorf("%s: %q is not a port; use a number up to 65535", key, p)
	}
	return port, nil
}

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func checkDomain(c Config) error {
	switch d := c.Domain; {
	case d == "":
		return nil
	case strings.Contains(d, "/") || strings.Contains(d, ":"):
		return fmt.Errorf("domain: %q is more than a name; leave out scheme, port and path, such as heyy.example.org", d)
	case loopbackHost(d) || net.ParseIP(d) != nil:
		return fmt.Errorf("domain: nobody issues certificates for %q; use a public name, or leave domain empty and set listen", d)
	case !domainName.MatchString(d) || len(d) > 253:
		return fmt.Errorf("domain: %q is not a public name; write it in lower case like heyy.example.org (xn-- form for other scripts)", d)
	}
	return nil
}

func checkPublicURL(c Config) error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return fmt.Errorf("public_url: this is not an address people can open; write it like https://heyy.example.org")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("public_url: Heyy lives at the root of its address; leave out everything after %s://%s", u.Scheme, u.Host)
	}
	if c.Domain != "" && (u.Scheme != "https" || u.Hostname() != c.Domain) {
		return fmt.Errorf("public_url: it says %s while domain says %s; remove public_url", c.PublicURL, c.Domain)
	}
	return nil
}

func checkPlainHTTP(c Config) error {
	if c.Domain != "" || c.Loopback() || c.AllowPlainHTTP {
		return nil
	}
	return fmt.Errorf("listen: %s would carry voices and sign-ins over plain HTTP beyond this machine; set domain for HTTPS, or allow_plain_http if a proxy in front does TLS", c.Listen)
}

func checkACME(c Config) error {
	if c.AcmeEmail != "" {
		if _, err := mail.ParseAddress(c.AcmeEmail); err != nil {
			return fmt.Errorf("acme_email: %q is not a mail address; write it like you@example.org, or leave it empty", c.AcmeEmail)
		}
	}
	if c.AcmeCA != "" {
		u, err := url.Parse(c.AcmeCA)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return fmt.Errorf("acme_ca: %q is not an ACME directory; it begins with https://, and empty means Let's Encrypt", c.AcmeCA)
		}
	}
	return nil
}

// checkDatabase does not pass on the error of url.Parse, which may quote the password;
// checkSMTP neither.
func checkDatabase(c Config) error {
	if c.Database == "" {
		return nil
	}
	u, err := url.Parse(c.Database.Reveal())
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return fmt.Errorf("database: this is not a PostgreSQL address; write it like postgres://user:password@host/name, or leave it empty for SQLite")
	}
	if strings.Trim(u.Path, "/") == "" {
		return fmt.Errorf("database: the address names no database; write it like postgres://user:password@host/name")
	}
	return nil
}

func checkSMTP(c Config) error {
	if c.SMTP == "" {
		if c.Public() {
			return fmt.Errorf("smtp: a public Heyy must be able to send sign-in codes; set it like smtp://user:password@host:587")
		}
		return nil
	}
	u, err := url.Parse(c.SMTP.Reveal())
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return fmt.Errorf("smtp: this is not a mail server; write it like smtp://user:password@host:587 or smtps://user:password@host, with special characters in the password as %%-codes")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("smtp: nothing may follow the host and port; write / ? # in a password as %%2F %%3F %%23")
	}
	return nil
}

func checkMailFrom(c Config) error {
	if c.MailFrom == "" {
		if c.SMTP != "" && c.Domain == "" {
			return fmt.Errorf("mail_from: mail needs a sender; set it like \"Heyy <heyy@example.org>\"")
		}
		return nil
	}
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		return fmt.Errorf("mail_from: %q is not a mail address; write it like \"Heyy <heyy@example.org>\"", c.MailFrom)
	}
	return nil
}

// minMailHourly is the least hourly limit at which every part of mail.Budget still allows
// some mails.
const minMailHourly = 50

func checkMailHourly(c Config) error {
	if c.MailHourly < minMailHourly {
		return fmt.Errorf("mail_hourly: %d mails an hour are too few to sign people in; give %d or more", c.MailHourly, minMailHourly)
	}
	return nil
}

func checkPush(c Config) error {
	if c.Push.AllowLoopbackForTests && !c.LocalOnly() {
		return fmt.Errorf("push.allow_loopback_for_tests: it lets members call every port of this machine through push subscriptions; it is for tests that serve this machine alone")
	}
	if c.Push.MailAfterForTests < 0 || c.Push.MailAfterForTests > 0 && !c.LocalOnly() {
		return fmt.Errorf("push.mail_after_for_tests: it emails people about what they have had no time to see; it is for tests that serve this machine alone")
	}
	contact := c.Push.Contact
	if contact == "" {
		return nil
	}
	if address, ok := strings.CutPrefix(contact, "mailto:"); ok {
		if a, err := mail.ParseAddress(address); err == nil && a.Address == address {
			return nil
		}
	} else if u, err := url.Parse(contact); err == nil && u.Scheme == "https" && u.Hostname() != "" {
		return nil
	}
	return fmt.Errorf("push.contact: %q is neither a mail address nor a page; write it like mailto:you@example.org or https://example.org/contact", contact)
}

// maxUDPPorts catches mistyped ranges: each port is an open socket, and more of them than
// processor cores are useless.
const maxUDPPorts = 256

func checkMedia(c Config) error {
	for _, p := range []struct {
		key  string
		port int
	}{{"media.signal_port", c.Media.SignalPort}, {"media.tcp_port", c.Media.TCPPort}} {
		if p.port < 0 || p.port > 65535 {
			return fmt.Errorf("%s: %d is not a port; use a number up to 65535", p.key, p.port)
		}
	}
	from, to, err := c.Media.UDPRange()
	if err != nil {
		return err
	}
	if to-from >= maxUDPPorts {
		return fmt.Errorf("media.udp_ports: %s is %d ports, but one for each processor core is enough; narrow it", c.Media.UDPPorts, to-from+1)
	}
	if c.Media.IP == "" {
		return nil
	}
	ip := net.ParseIP(c.Media.IP)
	switch {
	case ip == nil:
		return fmt.Errorf("media.ip: %q is not an IP address; give the one people reach this machine at", c.Media.IP)
	case ip.IsUnspecified() || ip.IsMulticast():
		return fmt.Errorf("media.ip: nobody can be reached at %s; give the address people reach this machine at", c.Media.IP)
	case ip.IsLoopback() && !c.Loopback():
		return fmt.Errorf("media.ip: %s is this machine itself, where nobody else can reach it; give the address people reach it at", c.Media.IP)
	}
	return nil
}

func checkAudience(c Config) error {
	a := c.Audience
	if a.Port < 0 || a.Port > 65535 {
		return fmt.Errorf("audience.port: %d is not a port; use a number up to 65535", a.Port)
	}
	if from, to, err := c.Media.UDPRange(); err == nil && a.Port != 0 && from <= a.Port && a.Port <= to {
		return fmt.Errorf("audience.port: port %d is already given to media.udp_ports; use another", a.Port)
	}
	for _, n := range []struct {
		key  string
		most int
	}{{"audience.per_room", a.PerRoom}, {"audience.per_address", a.PerAddress}, {"audience.large_from", a.LargeFrom}} {
		if n.most < 1 {
			return fmt.Errorf("%s: %d is too few; use a number from 1", n.key, n.most)
		}
	}
	return nil
}

func checkPorts(c Config) error {
	taken := map[int]string{}
	claim := func(key string, port int) error {
		if other, twice := taken[port]; twice && port != 0 {
			return fmt.Errorf("%s: port %d is already given to %s; use another", key, port, other)
		}
		taken[port] = key
		return nil
	}
	if c.Domain != "" {
		taken[443], taken[80] = "HTTPS", "HTTP"
	} else if port, err := hostPort("listen", c.Listen); err == nil {
		taken[port] = "listen"
	}
	if c.MetricsListen != "" {
		port, err := hostPort("metrics_listen", c.MetricsListen)
		if err != nil {
			return err
		}
		if err := claim("metrics_listen", port); err != nil {
			return err
		}
	}
	if err := claim("media.signal_port", c.Media.SignalPort); err != nil {
		return err
	}
	if err := claim("media.tcp_port", c.Media.TCPPort); err != nil {
		return err
	}
	return claim("audience.port", c.Audience.Port)
}

func checkRest(c Config) error {
	if _, known := levels[c.Log.Level]; !known {
		return fmt.Errorf("log.level: %q is not a log level; choose debug, info, warn or error", c.Log.Level)
	}
	if c.DrainTimeout < 0 || c.DrainTimeout > time.Hour {
		return fmt.Errorf("drain_timeout: %s is out of range; use something between 0s and 1h", c.DrainTimeout)
	}
	return nil
}
