package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"heyy/internal/fault"
)

// Life is how long a ticket is good for, at most. Those made within the same
// minute are alike, so that a browser's cache has a use for them.
const Life = 5 * time.Minute

// Office makes tickets and looks at them. Make it with New.
type Office struct {
	key []byte
	now func() time.Time
}

// New makes an office; key is this installation's secret, now may be nil for
// time.Now.
func New(key []byte, now func() time.Time) *Office {
	if now == nil {
		now = time.Now
	}
	return &Office{key: key, now: now}
}

// For is a ticket to what for viewer. It is safe in an address.
func (o *Office) For(viewer, what string) string {
	until := strconv.FormatInt(o.now().Truncate(time.Minute).Add(Life).Unix(), 36)
	return until + "." + o.seal(viewer, what, until)
}

// Check fails with ticket.wrong if the ticket was not made for this viewer and
// this thing, and with ticket.stale if its time is over.
func (o *Office) Check(viewer, what, ticket string) error {
	until, seal, ok := strings.Cut(ticket, ".")
	end, err := strconv.ParseInt(until, 36, 64)
	if !ok || err != nil || !hmac.Equal([]byte(seal), []byte(o.seal(viewer, what, until))) {
		return fault.New(fault.NotFound, "ticket.wrong", "This address is not for you.")
	}
	if o.now().Unix() >= end {
		return fault.New(fault.Gone, "ticket.stale", "This address was good for five minutes. Open it anew from where you found it.")
	}
	return nil
}

// seal is the hash of all three; none of them may contain the separator.
func (o *Office) seal(viewer, what, until string) string {
	h := hmac.New(sha256.New, o.key)
	_, _ = h.Write([]byte(viewer + "\n" + what + "\n" + until)) // a hash never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}
