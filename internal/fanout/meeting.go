package fanout

import (
	"context"
	"errors"

	"heyy/internal/account"
	"heyy/internal/discovery"
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

func both(a, b account.ID, tell func(to, other account.ID) error) error {
	return errors.Join(tell(a, b), tell(b, a))
}
