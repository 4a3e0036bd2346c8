package notify

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// IsPublic is isPublic, for tests.
func IsPublic(ip netip.Addr) bool { return isPublic(ip) }

// SendDue sends what is due now and returns when all requests are answered.
func (s *Service) SendDue(ctx context.Context) error {
	for {
		jobs, err := s.claim(ctx)
		if err == nil {
			err = s.postpone(ctx)
		}
		if err != nil || len(jobs) == 0 {
			return err
		}
		var all sync.WaitGroup
		for _, j := range jobs {
			all.Go(func() { s.process(ctx, j) })
		}
		all.Wait()
	}
}

// QuietUntil is Settings.quietUntil, for tests.
func QuietUntil(st Settings, now time.Time) time.Time { return st.quietUntil(now) }

// SendMails sends the mails that are due now.
func (s *Service) SendMails(ctx context.Context) error {
	for {
		done, err := s.sendMails(ctx)
		if err != nil || done == 0 {
			return err
		}
	}
}

// MailedKinds are the kinds that have a line in a digest.
func MailedKinds() (kinds []string) {
	for _, k := range append(slices.Clone(table), missedCall) {
		if k.Mail {
			kinds = append(kinds, string(k.Kind))
		}
	}
	return kinds
}
