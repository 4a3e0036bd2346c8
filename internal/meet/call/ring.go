package call

import (
	"context"
	"database/sql"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// Ring rings other, who is a match of by or in the same room. If a match is in a call,
// the new call ends at once as busy and counts as missed by them. Ringing somebody who
// is ringing by accepts that call; ringing again returns the same call. If the other's
// privacy setting forbids it, nothing rings and by sees a call that nobody answers.
//
// A ring in a room of somebody who is no match is an offer. It rings only at who welcomes
// by and is in no call, a few times in ten minutes whoever rings; otherwise by sees a call
// that nobody answers. No word is kept of one that was not answered.
//
// Faults: person.unknown if they are neither a match nor in the same room, call.busy if by
// is in another call, call.rings after too many unanswered rings, call.self, and of an
// offer what Welcomes says of by's own profile.
func (s *Service) Ring(ctx context.Context, by, other account.ID) (_ Call, err error) {
	defer fault.Wrap(&err, "%s rings %s", by, other)
	if by == other {
		return Call{}, errSelf
	}
	var c ID
	var mine, theirs *change
	err = s.db.Tx(ctx, func(tx *sql.Tx) (err error) {
		c, mine, theirs, err = s.ring(ctx, tx, by, other, s.now())
		return err
	})
	if err != nil {
		return Call{}, err
	}
	s.cfg.Wake()
	for _, ch := range []*change{mine, theirs} {
		if ch != nil {
			s.afterCommit(ctx, ch)
		}
	}
	return s.Get(ctx, by, c)
}

// ring also returns the changes of the calls that either of the two was in
// before.
func (s *Service) ring(ctx context.Context, tx *sql.Tx, by, other account.ID, now int64) (_ ID, mine, theirs *change, err error) {
	// Checked before the encounter row is created, since only existing people can have
	// one, and again under its lock: a concurrent block either comes first and is seen
	// here, or comes later and ends the call.
	var offered, excluded bool
	for _, locked := range []bool{false, true} {
		if offered, err = s.isOffer(ctx, tx, by, other); err != nil {
			return "", nil, nil, err
		}
		if !locked {
			if excluded, err = lockPair(ctx, tx, by, other); err != nil {
				return "", nil, nil, err
			}
		}
	}
	was, err := openOf(ctx, tx, by)
	if err != nil {
		return "", nil, nil, err
	}
	if was != "" {
		if mine, err = s.apply(ctx, tx, was, by, now, answer(other)); err != nil {
			return "", nil, nil, err
		}
		switch {
		case mine.st.call.state == Ended: // its deadline had passed
		case mine.st.other().account == other:
			return was, mine, nil, nil
		default:
			return "", nil, nil, errBusy
		}
	}
	if err := limitRings(ctx, tx, by, other, now, offered); err != nil {
		return "", nil, nil, err
	}
	reachable, err := s.cfg.CanRing(ctx, tx, by, other)
	if err != nil {
		return "", nil, nil, err
	}
	if theirs, err = s.cancelUnreachableRing(ctx, tx, other, by, now); err != nil {
		return "", nil, nil, err
	}
	if offered { // also where it is clear: what it says of by's own profile must tell nothing of other
		hears, err := s.hearsOffer(ctx, tx, other, by, now)
		if err != nil {
			return "", nil, nil, err
		}
		reachable = reachable && hears && !excluded
	}
	st, err := newState(Direct, by, other, now, nil)
	if err != nil {
		return "", nil, nil, err
	}
	st.call.caller, st.call.offered = by, offered
	st.call.deadline = now + RingTime.Milliseconds()
	for i := range st.sides {
		switch x := &st.sides[i]; {
		case x.account == by:
			x.accepted = now
		case !reachable:
			x.unreachable(now)
		}
	}
	busy, err := s.create(ctx, tx, st)
	switch {
	case err != nil:
		return "", nil, nil, err
	case busy == by:
		return "", nil, nil, errBusy
	case busy == other && offered: // only a match is told that somebody is in a call
		for i := range st.sides {
			if st.sides[i].account == other {
				st.sides[i].unreachable(now)
			}
		}
		_, err = s.create(ctx, tx, st)
	case busy == other:
		st.call.audioOpen = false
		st.end(Busy, "")
		_, err = s.create(ctx, tx, st)
	}
	return st.call.id, mine, theirs, err
}

// unreachable makes a ring one that this side never hears.
func (x *side) unreachable(now int64) {
	x.withdrawn, x.withdrawal, x.joinID, x.awaySince, x.seq = now, WithdrawnUnreachable, "", 0, 0
}

// isOffer reports whether a ring of by is one of somebody in the same room who is no match.
// Fault: person.unknown if by may not ring other at all.
func (s *Service) isOffer(ctx context.Context, tx *sql.Tx, by, other account.ID) (bool, error) {
	matched, err := s.cfg.Pairs.Matched(ctx, tx, by, other)
	if err != nil || matched {
		return false, err
	}
	if s.cfg.Rooms == nil {
		return false, errNotMatched
	}
	together, err := s.cfg.Rooms.Together(ctx, tx, by, other)
	if err == nil && !together {
		err = errNotMatched
	}
	return true, err
}

// limitRings bounds what by may ring, by by's own unanswered rings alone: it tells nothing of
// other. Who rings from a room is bounded over all people, since everybody in it is there to be
// rung. Fault: call.rings.
func limitRings(ctx context.Context, tx *sql.Tx, by, other account.ID, now int64, offered bool) error {
	var recent, offers, ofPair int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(CASE WHEN s.other_id = $1 AND c.created_at > $2 THEN 1 END),
			COUNT(CASE WHEN c.offered AND c.created_at > $3 THEN 1 END), COUNT(CASE WHEN c.offered AND s.other_id = $1 THEN 1 END)
		FROM call_sides s JOIN calls c ON c.id = s.call_id WHERE s.account_id = $4 AND c.caller_id = $4 AND c.live_at IS NULL AND c.created_at > $5`,
		string(other), now-ringsWindow.Milliseconds(), now-offersWindow.Milliseconds(), string(by), now-offersPairTime.Milliseconds()).Scan(&recent, &offers, &ofPair); err != nil {
		return err
	}
	if recent >= ringsMax || offered && (recent > 0 || offers >= offersMax || ofPair >= offersPairMax) {
		return errRings
	}
	return nil
}

// hearsOffer reports whether an offer of by rings at who. CanRing has locked who's profile, so
// offers to one person are counted one after another.
func (s *Service) hearsOffer(ctx context.Context, tx *sql.Tx, who, by account.ID, now int64) (bool, error) {
	if s.cfg.Welcomes != nil {
		if welcome, err := s.cfg.Welcomes(ctx, tx, who, by); err != nil || !welcome {
			return false, err
		}
	}
	busy, err := openOf(ctx, tx, who)
	if err != nil || busy != "" {
		return false, err
	}
	var heard int
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM call_sides s JOIN calls c ON c.id = s.call_id WHERE s.account_id = $1 AND c.caller_id <> $1
		AND c.offered AND c.live_at IS NULL AND c.created_at > $2 AND COALESCE(s.out_why, '') <> $3`,
		string(who), now-ringsWindow.Milliseconds(), string(WithdrawnUnreachable)).Scan(&heard)
	return heard < offersHeardMax, err
}

// cancelUnreachableRing ends a ring of other that does not reach by, and applies
// the deadlines of other's call, so that by can ring other.
func (s *Service) cancelUnreachableRing(ctx context.Context, tx *sql.Tx, other, by account.ID, now int64) (*change, error) {
	theirs, err := openOf(ctx, tx, other)
	if err != nil || theirs == "" {
		return nil, err
	}
	return s.apply(ctx, tx, theirs, other, now, func(st *state) error {
		if st.call.state == Proposed && st.call.caller == other && st.other().account == by && st.other().withdrawal == WithdrawnUnreachable {
			st.end(Cancelled, "")
		}
		return nil
	})
}
