package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"heyy/internal/base/id"
)

// Browser is the cookie that identifies a browser, or a program, before sign-in: a secret
// that binds a sign-in code to the browser that requested it, and a tag (HMAC) for each of
// the last addresses that signed in there. Only this server can verify a tag. Nothing is
// stored per browser.
type Browser struct {
	secret string
	tags   []string
}

const (
	secretLength = 43 // of id.Secret
	tagLength    = 22 // characters: 16 bytes in base64url
	maxTags      = 8  // addresses remembered per browser
)

// ReadBrowser parses the cookie. An invalid one becomes a new Browser.
func ReadBrowser(cookie string) Browser {
	parts := strings.Split(cookie, ".")
	if len(parts[0]) != secretLength || len(parts) > 1+maxTags ||
		slices.ContainsFunc(parts[1:], func(tag string) bool { return len(tag) != tagLength }) {
		return Browser{secret: id.Secret()}
	}
	return Browser{secret: parts[0], tags: parts[1:]}
}

// Cookie returns the value of the cookie.
func (b Browser) Cookie() string { return strings.Join(append([]string{b.secret}, b.tags...), ".") }

// key returns the hash by which rows refer to a browser.
func (b Browser) key() string {
	h := sha256.Sum256([]byte(b.secret))
	return hex.EncodeToString(h[:])
}

// Remember returns b with a tag for email, after email has signed in there.
func (s *Service) Remember(b Browser, email string) Browser {
	tag := s.tag(b, email)
	tags := append([]string{tag}, slices.DeleteFunc(slices.Clone(b.tags), func(t string) bool { return t == tag })...)
	return Browser{b.secret, tags[:min(len(tags), maxTags)]}
}

// isKnown reports whether email has signed in with b before, in constant time.
func (s *Service) isKnown(b Browser, email string) (known bool) {
	tag := s.tag(b, email)
	for _, t := range b.tags {
		known = hmac.Equal([]byte(t), []byte(tag)) || known
	}
	return known
}

func (s *Service) tag(b Browser, email string) string {
	return base64.RawURLEncoding.EncodeToString(s.hash("known browser", b.secret, email)[:16])
}

// hash is an HMAC. Its first word separates domains.
func (s *Service) hash(words ...string) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(strings.Join(words, "\x00")))
	return m.Sum(nil)
}
