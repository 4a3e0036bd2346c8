package call

import (
	"encoding/json"
	"time"
)

// view returns the call as side i may see it. Everything that one person can
// learn of the other passes through here.
func (s *state) view(i int) Call {
	c, me, they := s.call, s.sides[i], s.sides[1-i]
	v := Call{
		ID: c.id, Kind: c.kind, State: c.state, Seq: me.seq,
		Me:        Side{Account: me.account, Identity: identityOf(i), Accepted: me.accepted != 0, Muted: me.muted, MicInterrupted: me.micInterrupted, AudioReceived: me.audioReceived != 0},
		Other:     Side{Account: me.other, Identity: identityOf(1 - i), AudioReceived: they.audioReceived != 0},
		Caller:    c.kind == Direct && c.caller == me.account,
		Offered:   c.offered,
		CreatedAt: fromMillis(c.created), DeadlineAt: fromMillis(c.deadline), LiveAt: fromMillis(c.live),
		ChooseBy: fromMillis(c.chooseBy), Choice: me.choice,
		Decided: c.outcome != undecided, Matched: c.outcome == matched,
	}
	if c.state == Ended {
		v.EndedAt, v.EndReason, v.EndedByMe = fromMillis(c.ended), c.endReason, c.endedBy != "" && c.endedBy == me.account
	}
	// The other's acceptance is visible when both have accepted, and of a caller. One
	// that was withdrawn does not count, for either side.
	both := me.accepted != 0 && they.accepted != 0 && me.withdrawn == 0 && they.withdrawn == 0
	v.Other.Accepted = both || c.caller != "" && c.caller == me.other
	v.Other.Muted, v.Other.MicInterrupted = both && they.muted, both && they.micInterrupted
	if err := json.Unmarshal([]byte(c.cards), &v.Cards); err != nil {
		v.Cards = []string{} // a call works without icebreakers
	}
	v.Extensions = s.extensions()
	if c.state == Live {
		v.Me.BackBy, v.Other.BackBy = s.backBy(me), s.backBy(they)
		v.Me.Away, v.Other.Away = me.awaySince != 0, they.awaySince != 0
		v.EndsAt = v.DeadlineAt
		v.ExtendAskedByMe, v.ExtendAskedByOther = me.extendAsks > v.Extensions, they.extendAsks > v.Extensions
	}
	switch v.EndReason {
	case Declined, Expired:
		v.EndReason = Unanswered
	case Blocked:
		if v.EndReason = Left; !both {
			v.EndReason = Unanswered
		}
	}
	if me.withdrawn != 0 { // this side has withdrawn: for it the call ended then
		v.State, v.DeadlineAt = Ended, time.Time{}
		v.EndedAt, v.EndReason, v.EndedByMe = fromMillis(me.withdrawn), Unanswered, me.withdrawal != WithdrawnUnreachable
	}
	return v
}

// backBy returns when a live call ends unless side x reconnects; zero if x is not
// away.
func (s *state) backBy(x side) time.Time {
	if x.awaySince == 0 {
		return time.Time{}
	}
	return fromMillis(min(x.awaySince+AwayTime.Milliseconds(), s.call.deadline))
}

// identityOf returns the participant identity of a side at the media server. It
// is anonymous because the media server tells every participant the identities of
// all, also before both have accepted.
func identityOf(side int) string { return string(rune('a' + side)) }

// fromMillis converts Unix milliseconds of the database; 0 is the zero time.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
