package outbox

import "context"

// Sweep is the sweep of a node that holds the lease, now and not within a minute.
func (r *Relay) Sweep(ctx context.Context) error { return r.sweep(ctx) }
