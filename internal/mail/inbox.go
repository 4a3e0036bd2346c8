package mail

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// kept is how many letters an Inbox remembers.
const kept = 50

// Inbox is where letters go in development: it remembers the last 50 and
// writes a line for each, and nothing leaves the machine.
type Inbox struct {
	mu   sync.Mutex
	out  io.Writer
	now  func() time.Time
	mail []Received
}

// Received is a letter in the Inbox.
type Received struct {
	Mail
	At time.Time
}

// NewInbox makes an empty inbox that tells of each letter on out.
func NewInbox(out io.Writer) *Inbox { return &Inbox{out: out, now: time.Now} }

// Deliver keeps m.
func (i *Inbox) Deliver(_ context.Context, m Mail) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.mail) == kept {
		i.mail = append(i.mail[:0], i.mail[1:]...)
	}
	i.mail = append(i.mail, Received{m, i.now()})
	if _, err := fmt.Fprintf(i.out, "mail to %s: %s\n", m.To, m.Subject); err != nil {
		return fmt.Errorf("tell of a mail: %w", err)
	}
	return nil
}

// All are the letters it remembers, newest first.
func (i *Inbox) All() []Received {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make([]Received, 0, len(i.mail))
	for n := len(i.mail) - 1; n >= 0; n-- {
		all = append(all, i.mail[n])
	}
	return all
}
