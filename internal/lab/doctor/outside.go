package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
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
		return []Finding{oneAddress(c), ok(check, "%s must be passed on to %s by the proxy in front, WebSockets included.", c.URL(), c.Listen)}
	case c.Loopback():
		return []Finding{ok(check, "Only this machine can come in.")}
	}
	return []Finding{warn(check, "Set domain, or put a proxy with HTTPS in front and set public_url.", "Browsers give no microphone to pages over plain HTTP, except on localhost; people can listen at %s and not speak.", c.URL())}
}

// oneAddress checks whether the addresses of people behind a proxy are known.
func oneAddress(c config.Config) Finding {
	const check = "proxy"
	if c.TrustedProxies == "" {
		return warn(check, "Set trusted_proxies to the address of the proxy, such as 127.0.0.1.",
			"A proxy stands in front and is not trusted, so all people share one address: a few who ask too often lock everybody out of signing in.")
	}
	return ok(check, "%s may say whom it speaks for.", c.TrustedProxies)
}

func names(ctx context.Context, c config.Config) []Finding {
	const check = "domain"
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	ips, err := net.DefaultResolver.LookupIP(ctx, "ip", c.Domain)
	var missing *net.DNSError
	switch {
	case errors.As(err, &missing) && missing.IsNotFound:
		return []Finding{bad(check, "Add an A record (and AAAA for IPv6) for it that leads to this machine.", "The internet knows no address of %s.", c.Domain)}
	case err != nil:
		return []Finding{bad(check, "Check that this machine reaches its name servers (/etc/resolv.conf).", "The address of %s cannot be asked for: %v.", c.Domain, err)}
	}
	told, err := c.MediaIP()
	if err != nil {
		told = ""
	}
	var all []string
	for _, ip := range ips {
		if local(ip) || ip.String() == told {
			return []Finding{ok(check, "%s leads to this machine (%s).", c.Domain, ip)}
		}
		all = append(all, ip.String())
	}
	return []Finding{warn(check, "If that is a router or a cloud's address that passes ports on to here, all is well. Else correct the A record.", "%s leads to %s, which is not an address of this machine.", c.Domain, strings.Join(all, ", "))}
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
		return bad(check, "Let the user who runs Heyy read "+dir+".", "The certificates cannot be read: %s.", why(err))
	}
	if newest == nil {
		return ok(check, "There is none for %s yet; it is got at the first start.", domain)
	}
	left := newest.NotAfter.Sub(now)
	const do = "Start Heyy and look at what it says about renewing; port 80 must be reachable from the internet."
	switch {
	case left <= 0:
		return bad(check, do, "That of %s ran out on %s.", domain, newest.NotAfter.Format(time.DateOnly))
	case left < renewBy:
		return warn(check, do, "That of %s runs out on %s and should have been renewed.", domain, newest.NotAfter.Format(time.DateOnly))
	}
	return ok(check, "That of %s is good until %s.", domain, newest.NotAfter.Format(time.DateOnly))
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
		return bad(check, "Check host, port, user and password in smtp. Many networks block port 25; use 587 or 465.", "The mail server does not let us in: %v.", err)
	}
	return ok(check, "The mail server lets us in. Mail comes from %s.", c.Sender())
}
