package listen

import (
	"sync"
	"testing"
	"time"
)

// Each of several requests at once closed the same oldest session, so that one was left over.
func TestRequestsAtOnceLeaveAnOwnerTwoSessions(t *testing.T) {
	e := start(t, Config{PerRoom: 1, PerAddress: 1})
	_, offer := offerOf(t, 1)
	o := Owner{Room: "r", Identity: "ada", JoinID: "j", Account: "account", Address: loopback4}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				if _, _, err := e.Listen(t.Context(), o, time.Time{}, offer); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	e.mu.RLock()
	defer e.mu.RUnlock()
	if n := len(e.owners[o.key()]); n != perOwner || len(e.list) != n || e.halfOpen.len() != n || e.perAddr[loopback4] != n {
		t.Errorf("an owner has %d sessions, of %d with %d places", n, len(e.list), e.halfOpen.len())
	}
}
