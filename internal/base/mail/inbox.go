package mail

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"
)

// inboxSize is how many mails an Inbox keeps.
const inboxSize = 50

// Inbox is the Transport of development: it keeps the last inboxSize mails in memory and
// writes a line for each. Nothing leaves the machine.
type Inbox struct {
	mu   sync.Mutex
	out  io.Writer
	now  func() time.Time
	mail []Received
}

// Received is a mail in the Inbox.
type Received struct {
	Mail
	At time.Time
}

// NewInbox returns an empty Inbox that writes a line per mail to out.
func NewInbox(out io.Writer) *Inbox { return &Inbox{out: out, now: time.Now} }

// Deliver stores m, dropping the oldest mail if the Inbox is full.
func (i *Inbox) Deliver(_ context.Context, m Mail) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.mail) == inboxSize {
		i.mail = append(i.mail[:0], i.mail[1:]...)
	}
	i.mail = append(i.mail, Received{m, i.now()})
	if _, err := fmt.Fprintf(i.out, "mail to %s: %s\n", m.To, m.Subject); err != nil {
		return fmt.Errorf("tell of a mail: %w", err)
	}
	return nil
}

// All returns the stored mails, newest first.
func (i *Inbox) All() []Received {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := make([]Received, 0, len(i.mail))
	for n := len(i.mail) - 1; n >= 0; n-- {
		all = append(all, i.mail[n])
	}
	return all
}
