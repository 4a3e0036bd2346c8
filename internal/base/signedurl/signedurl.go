package signedurl

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"heyy/internal/base/fault"
)

// TTL is the longest validity of a ticket. Expiry is aligned to full minutes, so that URLs
// repeat and browsers can cache what they open.
const TTL = 5 * time.Minute

// Signer creates and checks tickets. Create it with New.
type Signer struct {
	key []byte
	now func() time.Time
}

// New returns a Signer; key is this installation's secret, now may be nil for time.Now.
func New(key []byte, now func() time.Time) *Signer {
	if now == nil {
		now = time.Now
	}
	return &Signer{key: key, now: now}
}

// Sign returns a ticket for viewer and resource, valid for TTL. It needs no URL escaping.
func (s *Signer) Sign(viewer, resource string) string { return s.SignFor(viewer, resource, TTL) }

// SignFor is Sign with another validity than TTL.
func (s *Signer) SignFor(viewer, resource string, ttl time.Duration) string {
	until := strconv.FormatInt(s.now().Truncate(time.Minute).Add(ttl).Unix(), 36)
	return until + "." + s.seal(viewer, resource, until)
}

// Check returns ticket.wrong if the ticket belongs to another viewer or resource, and
// ticket.stale if it has expired.
func (s *Signer) Check(viewer, resource, ticket string) error {
	until, seal, ok := strings.Cut(ticket, ".")
	end, err := strconv.ParseInt(until, 36, 64)
	if !ok || err != nil || !hmac.Equal([]byte(seal), []byte(s.seal(viewer, resource, until))) {
		return fault.New(fault.NotFound, "ticket.wrong", "This link isn't for your account.")
	}
	if s.now().Unix() >= end {
		return fault.New(fault.Gone, "ticket.stale", "This link has expired. Open it again from where you found it.")
	}
	return nil
}

// seal returns the HMAC of the three, truncated to 144 bits. None of them may contain a
// line feed, the separator.
func (s *Signer) seal(viewer, resource, until string) string {
	h := hmac.New(sha256.New, s.key)
	_, _ = h.Write([]byte(viewer + "\n" + resource + "\n" + until)) // a hash never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}
