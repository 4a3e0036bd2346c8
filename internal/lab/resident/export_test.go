package resident

import "time"

// Speaks is for tests.
var Speaks = speaks

// Next is next, for tests.
func (e Event) Next(now time.Time) (time.Time, error) { return e.next(now) }
