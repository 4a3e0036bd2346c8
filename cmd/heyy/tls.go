package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"

	"github.com/caddyserver/certmagic"
	"golang.org/x/sync/errgroup"

	"heyy/internal/base/config"
	"heyy/internal/edge/httpapi"
)

// withTLS wraps the main listener in TLS, with a certificate that is obtained and renewed
// automatically, and redirects port 80 to it.
func withTLS(work context.Context, g *errgroup.Group, c config.Config, bounds httpapi.Bounds, l net.Listener, log *slog.Logger) (net.Listener, error) {
	var magic *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return magic, nil },
	})
	context.AfterFunc(work, cache.Stop)
	magic = certmagic.New(cache, certmagic.Config{Storage: &certmagic.FileStorage{Path: filepath.Join(c.Data, "certificates")}})
	directory := c.AcmeCA
	if directory == "" {
		directory = certmagic.LetsEncryptProductionCA
	}
	issuer := certmagic.NewACMEIssuer(magic, certmagic.ACMEIssuer{CA: directory, Email: c.AcmeEmail, Agreed: true})
	magic.Issuers = []certmagic.Issuer{issuer}

	plain, err := net.Listen("tcp", ":80")
	if err != nil {
		return nil, fmt.Errorf("port 80 is needed to prove the domain and to redirect people to HTTPS: %w", err)
	}
	plain = httpapi.Bound(plain, bounds)
	serveOn(work, g, issuer.HTTPChallengeHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+c.Domain+r.URL.RequestURI(), http.StatusMovedPermanently)
	})), plain, log)
	// In the background: requests that come before the certificate wait for it.
	if err := magic.ManageAsync(work, []string{c.Domain}); err != nil {
		return nil, fmt.Errorf("certificate for %s: %w", c.Domain, err)
	}
	conf := magic.TLSConfig()
	conf.MinVersion = tls.VersionTLS12
	conf.NextProtos = append([]string{"h2", "http/1.1"}, conf.NextProtos...)
	return tls.NewListener(l, conf), nil
}
