package fanout

import (
	"context"
	"errors"

	"heyy/internal/base/fault"
	"heyy/internal/base/outbox"
	"heyy/internal/edge/apitypes"
	"heyy/internal/meet/call"
	"heyy/internal/meet/discovery"
	"heyy/internal/meet/follow"
	"heyy/internal/meet/matchmaking"
	"heyy/internal/people/account"
	"heyy/internal/people/photo"
	"heyy/internal/people/verification"
	"heyy/internal/talk/card"
	"heyy/internal/talk/notify"
)

// matched sends each of the two the other's person.
func (f *Fanout) matched(ctx context.Context, m discovery.Matched) error {
	people, err := f.people.People(ctx, m.A, m.B)
	if err != nil {
		return err
	}
	if len(people) < 2 {
		return outbox.ErrGone // one of the accounts is deleted
	}
	return both(m.A, m.B, func(to, other account.ID) error {
		return f.out.PublishTo(string(to), apitypes.MatchedEvent{Type: "matched", Person: apitypes.ToPerson(people[other])})
	})
}

func (f *Fanout) matchEnded(m discovery.Ended) error {
	return both(m.A, m.B, func(to, other account.ID) error {
		return f.out.PublishTo(string(to), apitypes.MatchEndedEvent{Type: "match_ended", PersonID: string(other)})
	})
}

// followChanged tells the devices of the follower what the two are now, unless somebody else
// ended it, and the other if they have a new follower, or if it changes whether they are
// friends: nobody is told that they were unfollowed, removed or blocked. The lobby tells the
// follower of the other's room for followers now, or no more.
func (f *Fanout) followChanged(ctx context.Context, c follow.Changed) (err error) {
	if c.Self {
		err = f.bondChanged(ctx, c.By, c.Other)
	}
	rooms, failed := f.rooms.RoomsForFollowers(ctx, c.Other)
	err = errors.Join(err, failed)
	f.queueCards(rooms...)
	if c.Mutual {
		err = errors.Join(err, f.bondChanged(ctx, c.Other, c.By))
	}
	if c.Follows {
		err = errors.Join(err, f.out.PublishTo(string(c.Other), apitypes.FollowersEvent{Type: "followers"}))
	}
	return err
}

// cardsChanged tells the two to read their cards again; what is hidden only the person who did it,
// for their other windows.
func (f *Fanout) cardsChanged(c card.Changed) error {
	err := f.out.PublishTo(string(c.By), apitypes.CardsEvent{Type: "cards"})
	if !c.Hidden {
		err = errors.Join(err, f.out.PublishTo(string(c.Other), apitypes.CardsEvent{Type: "cards"}))
	}
	return err
}

func (f *Fanout) bondChanged(ctx context.Context, to, other account.ID) error {
	now, err := f.follows.Bonds(ctx, to, other)
	if err != nil {
		return err
	}
	return f.out.PublishTo(string(to), apitypes.BondEvent{Type: "bond", PersonID: string(other), Following: now[other].Follows, Friend: now[other].Friend})
}

// revealChanged tells both to read the match again; the event has no content, because
// each of them may see something else.
func (f *Fanout) revealChanged(r photo.RevealChanged) error {
	return both(r.A, r.B, func(to, other account.ID) error {
		return f.out.PublishTo(string(to), apitypes.MatchChangedEvent{Type: "match_changed", PersonID: string(other)})
	})
}

func (f *Fanout) somebodyFits(s discovery.SomebodyFits) error {
	return f.out.PublishTo(string(s.Account), apitypes.FitsEvent{Type: "fits"})
}

func (f *Fanout) callAlert(r matchmaking.Alerted) error {
	return f.out.PublishTo(string(r.Account), apitypes.CallFitsEvent{Type: "call_fits"})
}

// verified tells a person to read their own account again.
func (f *Fanout) verified(d verification.Decided) error {
	return f.out.PublishTo(string(d.Account), apitypes.MeChangedEvent{Type: "me_changed"})
}

// callChanged tells the sides for whom a call changed to read it again, with the seq that
// each of them sees. A call is deleted with the account of either side.
func (f *Fanout) callChanged(ctx context.Context, c call.Changed) error {
	var failed error
	for _, to := range c.Recipients {
		seen, err := f.calls.Get(ctx, to, c.Call)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		failed = errors.Join(failed, f.out.PublishTo(string(to), apitypes.CallEvent{Type: "call", CallID: string(c.Call), Seq: seen.Seq}))
	}
	return failed
}

func (f *Fanout) queueChanged(c matchmaking.Changed) error {
	return f.out.PublishTo(string(c.Account), apitypes.QueueEvent{Type: "queue"})
}

// notificationsChanged tells all devices of a person to read their notifications again.
func (f *Fanout) notificationsChanged(c notify.Changed) error {
	return f.out.PublishTo(string(c.Account), apitypes.NotificationsEvent{Type: "notifications"})
}

func both(a, b account.ID, tell func(to, other account.ID) error) error {
	return errors.Join(tell(a, b), tell(b, a))
}
