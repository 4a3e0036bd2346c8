package call

import (
	"strings"
	"time"

	"heyy/internal/account"
	"heyy/internal/fault"
)

// ID names a call.
type ID string

// roomPrefix tells rooms of calls from others at the media server.
const roomPrefix = "call:"

// Room is the name of the call's room at the media server.
func (c ID) Room() string { return roomPrefix + string(c) }

// Of is the call whose room this is; ok is false for other rooms.
func Of(room string) (c ID, ok bool) {
	rest, ok := strings.CutPrefix(room, roomPrefix)
	return ID(rest), ok
}

// Kind is how two people came to talk.
type Kind string

// The kinds.
const (
	Match  Kind = "match"  // proposed to both by the queue
	Direct Kind = "direct" // one rings the other; they matched before
)

// State is how far a call is.
type State string

// The states, in their order. Each but the last has a deadline.
const (
	Proposed   State = "proposed"   // both are asked
	Connecting State = "connecting" // both said yes and may speak
	Live       State = "live"       // both hear each other; the clock runs
	Ended      State = "ended"
)

// Why a call ended.
type Why string

// The reasons. Declined, Expired and Blocked are never shown as such: see Call.
const (
	Declined   Why = "declined"
	Expired    Why = "expired"     // not answered in time
	Left       Why = "left"        // hung up
	Blocked    Why = "blocked"     // kept apart
	Lost       Why = "lost"        // lost the connection and did not come back
	Time       Why = "time"        // was over
	NeverHeard Why = "never_heard" // the audio did not come about
	Cancelled  Why = "cancelled"   // direct: rang no longer
	Busy       Why = "busy"        // direct: the other was in a call
	Nothing    Why = "nothing"     // what Declined and Expired look like
)

// Choice is what somebody says of the other after a call.
type Choice string

// The choices.
const (
	Heart Choice = "heart"
	Pass  Choice = "pass"
)

// Times of a call.
const (
	answerTime  = 15 * time.Second // to accept a proposal
	ringTime    = 30 * time.Second // to accept a direct call
	connectTime = 20 * time.Second // from both accepting to both hearing
	liveTime    = 7 * time.Minute
	moreTime    = 3 * time.Minute  // each time both ask
	awayTime    = 59 * time.Second // from the last sign of life; with the sweep's pace a minute
	roundTime   = 5 * time.Second  // between two looks at who is connected
	chooseTime  = 24 * time.Hour
	settleTime  = 3 * time.Second // for the media server to answer
	missedTime  = 7 * 24 * time.Hour
	keptTime    = 30 * 24 * time.Hour // a call that is over
	missedMost  = 50
	ringsTime   = 10 * time.Minute // in which somebody may ring the same person
	ringsMost   = 3                // so many times in vain
)

// Call is one call as one of the two sees it.
type Call struct {
	ID           ID
	Kind         Kind
	State        State
	Seq          int64 // grows by one with each change that this one sees
	Me           Side
	Other        Side
	Caller       bool      // direct: I ring
	CreatedAt    time.Time // proposed then
	DeadlineAt   time.Time // proposed: answer by; connecting: hear by; live: EndsAt; zero: ended
	LiveAt       time.Time // both heard each other first; zero: not (yet)
	EndsAt       time.Time // live only
	MoreMine     bool      // I ask for three more minutes, unanswered
	TheyWantMore bool      // they do
	MoreGiven    int       // how often both asked
	Cards        []string  // icebreakers, in the same order for both
	EndedAt      time.Time
	EndedWhy     Why       // never Declined, Expired or Blocked
	EndedByMe    bool      // it was my doing
	ChooseBy     time.Time // a heart or a pass is awaited of both until then; zero: not
	Choice       Choice    // mine; "": none
	Decided      bool      // both chose, or the day is over
	Matched      bool      // both gave a heart
}

// Side is one of the two, as the viewer may know them.
type Side struct {
	Account  account.ID
	Accepted bool      // of the other's: known once both have, or if they ring
	Muted    bool      // by own wish
	Taken    bool      // another call or program has the microphone
	Hears    bool      // has heard the other
	Away     bool      // live: without a connection right now
	BackBy   time.Time // away: back by then, or the call is over
}

// Feedback is private: it is never shown to anybody the call was with.
type Feedback struct {
	Kind    *bool `json:"kind,omitempty"`
	OnTopic *bool `json:"on_topic,omitempty"`
	Safe    *bool `json:"safe,omitempty"`
}

// Proposal is two people who are asked whether they want to talk.
type Proposal struct {
	A, B   account.ID
	Shared []string // interests of both, for icebreakers
}

// Missed is a direct call that was not taken.
type Missed struct {
	Call ID
	By   account.ID
	At   time.Time
}

// Faults of this package.
var (
	errNone        = fault.New(fault.NotFound, "call.not_found", "There is no such call.")
	errEnded       = fault.New(fault.Gone, "call.ended", "This is over.")
	errBusy        = fault.New(fault.Conflict, "call.busy", "You are in a call already.")
	errApart       = fault.New(fault.Conflict, "call.apart", "You two do not meet again this way.")
	errSelf        = fault.New(fault.Invalid, "call.self", "You cannot call yourself.")
	errUnmatched   = fault.New(fault.NotFound, "call.unmatched", "You can call people whom you matched with.")
	errRings       = fault.New(fault.TooMany, "call.rings", "You have called a few times just now. Leave them a little time.")
	errNotAccepted = fault.New(fault.Conflict, "call.not_accepted", "You two have not both said yes yet.")
	errNotLive     = fault.New(fault.Conflict, "call.not_live", "You two do not hear each other yet.")
	errNotEnded    = fault.New(fault.Conflict, "call.not_ended", "You choose after the call.")
	errNoChoice    = fault.New(fault.Conflict, "call.no_choice", "There is nothing to choose after this call.")
	errDecided     = fault.New(fault.Conflict, "call.decided", "This is decided already.")
	errChoice      = fault.At("body.choice", "call.choice_unknown", "Say heart or pass.")
	errAdmission   = fault.New(fault.Unauthorized, "call.not_admitted", "This admission is over.")
)
