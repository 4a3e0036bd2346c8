package fanout

import (
	"context"
	"errors"

	"heyy/internal/account"
	"heyy/internal/call"
	"heyy/internal/discovery"
	"heyy/internal/match"
	"heyy/internal/photo"
	"heyy/internal/verification"
	"heyy/internal/wire"
)

// matched tells each of the two who the other is.
func (f *Fanout) matched(ctx context.Context, m discovery.Matched) error {
	people, err := f.people.People(ctx, m.A, m.B)
	if err != nil {
		return err
	}
	return both(m.A, m.B, func(to, other account.ID) error {
		return f.out.Tell(string(to), wire.MatchedEvent{Type: "matched", Person: wire.ToPerson(people[other])})
	})
}

func (f *Fanout) matchEnded(m discovery.Ended) error {
	return both(m.A, m.B, func(to, other account.ID) error {
		return f.out.Tell(string(to), wire.MatchEndedEvent{Type: "match_ended", PersonID: string(other)})
	})
}

// revealChanged says only that there is something to read: what each sees
// depends on who asks.
func (f *Fanout) revealChanged(r photo.RevealChanged) error {
	return both(r.A, r.B, func(to, other account.ID) error {
		return f.out.Tell(string(to), wire.MatchChangedEvent{Type: "match_changed", PersonID: string(other)})
	})
}

func (f *Fanout) somebodyFits(s discovery.SomebodyFits) error {
	return f.out.Tell(string(s.Account), wire.FitsEvent{Type: "fits"})
}

// verified says only that there is something to read about oneself.
func (f *Fanout) verified(d verification.Decided) error {
	return f.out.Tell(string(d.Account), wire.MeChangedEvent{Type: "me_changed"})
}

// called tells those who see a call otherwise than before, with the number
// under which each sees it.
func (f *Fanout) called(ctx context.Context, c call.Changed) error {
	var failed error
	for _, to := range c.Tell {
		seen, err := f.calls.Look(ctx, to, c.Call)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		failed = errors.Join(failed, f.out.Tell(string(to), wire.CallEvent{Type: "call", CallID: string(c.Call), Seq: seen.Seq}))
	}
	return failed
}

func (f *Fanout) queued(c match.Changed) error {
	return f.out.Tell(string(c.Account), wire.QueueEvent{Type: "queue"})
}

func both(a, b account.ID, tell func(to, other account.ID) error) error {
	return errors.Join(tell(a, b), tell(b, a))
}
