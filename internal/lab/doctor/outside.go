package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"heyy/internal/base/config"
	"heyy/internal/base/mail"
)

const (
	askTime = 10 * time.Second
	// renewBy is when something is wrong with renewing: it begins at a third of
	// a certificate's life, and those of today live 90 days or less.
	renewBy = 10 * 24 * time.Hour
)

// address checks how browsers reach Heyy, and whether they will trust the certificate.
func address(ctx context.Context, c config.Config) []Finding {
	const check = "address"
	switch {
	case c.Domain != "":
		return append(names(ctx, c), certificate(filepath.Join(c.Data, "certificates"), c.Domain, time.Now()))
	case strings.HasPrefix(c.URL(), "https://"):
		return []Finding{oneAddress(c), ok(check, "The proxy in front must pass %s on to %s, WebSockets included.", c.URL(), c.Listen)}
	case c.Loopback():
		return []Finding{ok(check, "Only this machine can connect.")}
	}
	return []Finding{warn(check, "Set domain, or put a proxy with HTTPS in front and set public_url.", "Browsers don't allow the microphone over plain HTTP, except on localhost: at %s, people can listen but not speak.", c.URL())}
}

// oneAddress checks whether the addresses of people behind a proxy are known.
func oneAddress(c config.Config) Finding {
	const check = "proxy"
	if c.TrustedProxies == "" {
		return warn(check, "Set trusted_proxies to the address of the proxy, such as 127.0.0.1.",
			"The proxy in front isn't trusted, so everyone seems to come from one address: a few people who ask too often can lock everyone out of signing in.")
	}
	return ok(check, "%s is trusted to report people's addresses.", c.TrustedProxies)
}

func names(ctx context.Context, c config.Config) []Finding {
	const check = "domain"
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip", c.Domain)
	var missing *net.DNSError
	switch {
	case errors.As(err, &missing) && missing.IsNotFound:
		return []Finding{bad(check, "Add an A record (and AAAA for IPv6) that points to this machine.", "DNS has no address for %s.", c.Domain)}
	case err != nil:
		return []Finding{bad(check, "Check that this machine can reach its name servers (/etc/resolv.conf).", "The address of %s can't be looked up: %v.", c.Domain, err)}
	}
	told, err := c.MediaIP()
	if err != nil {
		told = ""
	}
	var all []string
	for _, ip := range ips {
		if local(ip) || ip.String() == told {
			return []Finding{ok(check, "%s points to this machine (%s).", c.Domain, ip)}
		}
		all = append(all, ip.String())
	}
	return []Finding{warn(check, "If that's a router or a cloud address that forwards ports to this machine, all is well. Otherwise, correct the A record.", "%s points to %s, which isn't an address of this machine.", c.Domain, strings.Join(all, ", "))}
}

// certificate checks the stored certificate of a domain.
func certificate(dir, domain string, now time.Time) Finding {
	const check = "certificate"
	var newest *x509.Certificate
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(name) != ".crt" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return nil
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err == nil && c.VerifyHostname(domain) == nil && (newest == nil || c.NotAfter.After(newest.NotAfter)) {
			newest = c
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return bad(check, "Let the user who runs Heyy read "+dir+".", "The certificates can't be read: %s.", why(err))
	}
	if newest == nil {
		return ok(check, "There's none for %s yet; Heyy gets one at the first start.", domain)
	}
	left := newest.NotAfter.Sub(now)
	const do = "Start Heyy and check what its log says about renewal; port 80 must be reachable from the internet."
	switch {
	case left <= 0:
		return bad(check, do, "The one for %s expired on %s.", domain, newest.NotAfter.Format(time.DateOnly))
	case left < renewBy:
		return warn(check, do, "The one for %s expires on %s and should have been renewed.", domain, newest.NotAfter.Format(time.DateOnly))
	}
	return ok(check, "The one for %s is valid until %s.", domain, newest.NotAfter.Format(time.DateOnly))
}

func letters(ctx context.Context, c config.Config) Finding {
	const check = "mail"
	if c.SMTP == "" {
		return ok(check, "No mail server is set: sign-in codes appear in the terminal and, on this machine, at %s/dev/inbox.", c.URL())
	}
	s, err := mail.NewSMTP(c.SMTP.Reveal(), c.Sender())
	if err != nil {
		return bad(check, "Correct smtp and mail_from.", "%s", sentence(err.Error()))
	}
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	if err := s.Ping(ctx); err != nil {
		return bad(check, "Check the host, port, user and password in smtp. Many networks block port 25; use 587 or 465.", "The mail server doesn't let Heyy in: %v.", err)
	}
	if u, err := url.Parse(c.URL()); err != nil || !findable(u.Hostname()) {
		return warn(check, "Set public_url to the address that people open.", "The mail server lets Heyy in, but links in emails lead to %s, which nobody else can open.", c.URL())
	}
	return ok(check, "The mail server lets Heyy in. Email comes from %s, and its links lead to %s.", c.Sender(), c.URL())
}

// pushContact checks what operators of push services are told: at least one large service
// answers 403 to a contact that cannot be one.
func pushContact(c config.Config) Finding {
	const check = "push contact"
	contact := c.PushSubject()
	host := ""
	if address, is := strings.CutPrefix(contact, "mailto:"); is {
		_, host, _ = strings.Cut(address, "@")
	} else if u, err := url.Parse(contact); err == nil {
		host = u.Hostname()
	}
	if findable(host) {
		return ok(check, "Push services are told %s.", contact)
	}
	const do = "Set push.contact to an address of yours, like mailto:you@your-domain or https://your-domain/contact."
	if !c.Public() {
		return ok(check, "Push services are told %s, and some will refuse pushes. To test pushes: %s", contact, strings.ToLower(do[:1])+do[1:])
	}
	return warn(check, do, "Push services are told %s, where nobody can be reached. Some refuse pushes for it: those people get no notifications.", contact)
}

// findable reports whether a host may be one on the internet: not an example, nor a name or
// address of this machine or network.
func findable(host string) bool {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsGlobalUnicast() && !ip.IsPrivate()
	}
	if !strings.Contains(host, ".") {
		return false
	}
	for _, reserved := range []string{"localhost", "invalid", "test", "example", "example.com", "example.net", "example.org", "local", "internal", "home.arpa"} { // RFC 2606, 6761, 6762, 8375, 9476
		if host == reserved || strings.HasSuffix(host, "."+reserved) {
			return false
		}
	}
	return true
}
