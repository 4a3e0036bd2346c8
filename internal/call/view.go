package call

import (
	"encoding/json"
	"time"
)

// view is the call as the side i may see it. All that one of the two can learn
// of the other passes here.
func (s *state) view(i int) Call {
	c, me, they := s.call, s.sides[i], s.sides[1-i]
	v := Call{
		ID: c.id, Kind: c.kind, State: c.state, Seq: me.seq,
		Me:        Side{Account: me.account, Accepted: me.accepted != 0, Muted: me.muted, Taken: me.taken, Hears: me.hears != 0},
		Other:     Side{Account: me.other, Hears: they.hears != 0},
		Caller:    c.kind == Direct && c.caller == me.account,
		CreatedAt: moment(c.created), DeadlineAt: moment(c.deadline), LiveAt: moment(c.live),
		EndedAt: moment(c.ended), EndedWhy: c.why, EndedByMe: c.by != "" && c.by == me.account,
		ChooseBy: moment(c.chooseBy), Choice: me.choice,
		Decided: c.outcome != undecided, Matched: c.outcome == matched,
	}
	// Whether the other said yes shows in both having done so, and in a ring.
	both := me.accepted != 0 && they.accepted != 0
	v.Other.Accepted = both || c.caller != "" && c.caller == me.other
	v.Other.Muted, v.Other.Taken = both && they.muted, both && they.taken
	if err := json.Unmarshal([]byte(c.cards), &v.Cards); err != nil {
		v.Cards = []string{} // a call goes on without icebreakers
	}
	v.MoreGiven = s.given()
	if c.state == Live {
		v.Me.BackBy, v.Other.BackBy = s.backBy(me), s.backBy(they)
		v.Me.Away, v.Other.Away = me.away != 0, they.away != 0
		v.EndsAt = v.DeadlineAt
		v.MoreMine, v.TheyWantMore = me.more > v.MoreGiven, they.more > v.MoreGiven
	}
	switch c.why {
	case Declined, Expired:
		v.EndedWhy = Nothing
	case Blocked:
		if v.EndedWhy = Left; !both {
			v.EndedWhy = Nothing
		}
	}
	return v
}

// backBy is when a live call is over for want of somebody who is away.
func (s *state) backBy(x side) time.Time {
	if x.away == 0 {
		return time.Time{}
	}
	return moment(min(x.away+awayTime.Milliseconds(), s.call.deadline))
}

// moment is what the database says with ms.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
