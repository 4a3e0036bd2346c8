package call

import (
	"strings"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/people/account"
)

// ID is the id of a call.
type ID string

// roomPrefix distinguishes rooms of calls from other rooms at the media server.
const roomPrefix = "call:"

// Room returns the name of the call's room at the media server.
func (c ID) Room() string { return roomPrefix + string(c) }

// FromRoom returns the call that a room of the media server belongs to; ok is
// false for rooms that are not of calls.
func FromRoom(room string) (c ID, ok bool) {
	rest, ok := strings.CutPrefix(room, roomPrefix)
	return ID(rest), ok
}

// Kind is the origin of a call: the queue, or a match who rings.
type Kind string

const (
	Match  Kind = "match"  // proposed to both people by the queue
	Direct Kind = "direct" // one person rings the other, a match or somebody in the same room
)

// State is the progress of a call.
type State string

// The states in their order. Each but Ended has a deadline.
const (
	Proposed   State = "proposed"   // waits for both people to accept
	Connecting State = "connecting" // both accepted and may speak; audio is being set up
	Live       State = "live"       // both receive audio; the time of the call runs
	Ended      State = "ended"
)

// EndReason is the reason for the end of a call.
type EndReason string

// Declined, Expired and Blocked are internal: view replaces them by Unanswered or
// Left.
const (
	Declined   EndReason = "declined"
	Expired    EndReason = "expired"     // not accepted before the deadline
	Left       EndReason = "left"        // one person hung up
	Blocked    EndReason = "blocked"     // one person blocked or reported the other
	Lost       EndReason = "lost"        // one person's connection was gone for AwayTime
	TimeUp     EndReason = "time"        // the time of the call was over
	NoAudio    EndReason = "never_heard" // the two did not both receive audio before the deadline
	Cancelled  EndReason = "cancelled"   // direct: the caller stopped ringing
	Busy       EndReason = "busy"        // direct: the callee was in another call
	Unanswered EndReason = "nothing"     // as shown to people: declined or not answered
)

// Withdrawal is the reason for which one side has left a proposal that is still open for the
// other. The other side sees an open proposal until its deadline.
type Withdrawal string

const (
	NotWithdrawn         Withdrawal = ""
	WithdrawnDeclined    Withdrawal = "declined"
	WithdrawnBlocked     Withdrawal = "blocked"
	WithdrawnUnreachable Withdrawal = "unheard" // direct: the callee's privacy setting forbids this ring
)

// Choice is the decision of one person about the other after a call.
type Choice string

const (
	Heart Choice = "heart"
	Pass  Choice = "pass"
)

// Durations and limits of calls.
const (
	AnswerTime      = 15 * time.Second // for both to accept a proposal
	RingTime        = 30 * time.Second // for the callee to accept a direct call
	connectTime     = 20 * time.Second // from both having accepted to both receiving audio
	LiveTime        = 7 * time.Minute
	ExtendTime      = 3 * time.Minute  // one extension, granted when both ask
	AwayTime        = 59 * time.Second // from the last sign of a connection to the end of the call; with the period of the sweep a minute
	reconcileTime   = 5 * time.Second  // the period of Reconcile
	chooseTime      = 24 * time.Hour
	syncTimeout     = 3 * time.Second // for requests to the media server
	missedTime      = 7 * 24 * time.Hour
	keptTime        = 30 * 24 * time.Hour // from the end of a call to the deletion of its rows
	missedMost      = 50
	ringsWindow     = 10 * time.Minute // within which at most ringsMax rings of the same person may stay unanswered
	ringsMax        = 3                // see ringsWindow
	offersWindow    = time.Hour        // within which at most offersMax offers of one person may stay unanswered,
	offersMax       = 5                // to whomever they go,
	offersPairMax   = 3                // and within offersPairTime to the same person; one within ringsWindow
	offersPairTime  = 24 * time.Hour   // see offersPairMax
	offersHeardMax  = 3                // unanswered offers that ring at one person within ringsWindow; more ring at nobody's
	refusedPairTime = 12 * time.Hour   // for which two people are not proposed to each other again after one of them refused a proposal
	suspendFirst    = 5 * time.Second  // suspension from the queue after the first refused proposal;
	suspendMax      = 10 * time.Minute // doubled with each further one up to this,
	suspendReset    = 6 * time.Hour    // and reset after so long without one
)

// Call is one call as one of its two people sees it.
type Call struct {
	ID                 ID
	Kind               Kind
	State              State
	Seq                int64 // grows by one with each change that this person sees
	Me                 Side
	Other              Side
	Caller             bool      // direct: this person is the caller
	Offered            bool      // direct: the two are no match, and the caller rang from a room in which both are
	CreatedAt          time.Time // when the call was proposed
	DeadlineAt         time.Time // proposed: accept by; connecting: receive audio by; live: EndsAt; zero: ended
	LiveAt             time.Time // when both received audio; zero: not yet, or never
	EndsAt             time.Time // only of a live call
	ExtendAskedByMe    bool      // this person asked for an extension that the other has not answered
	ExtendAskedByOther bool      // the other did
	Extensions         int       // the number of extensions granted
	Cards              []string  // icebreakers, in the same order for both
	EndedAt            time.Time
	EndReason          EndReason // never Declined, Expired or Blocked, see view
	EndedByMe          bool      // this person caused the end
	ChooseBy           time.Time // the deadline for both choices; zero: no choice is open
	Choice             Choice    // of this person; "": none yet
	Decided            bool      // both have chosen, or ChooseBy has passed
	Matched            bool      // both gave a heart
}

// Side is one of the two people, as far as the viewer may know.
type Side struct {
	Account        account.ID
	Identity       string    // participant identity at the media server: anonymous, "a" or "b"
	Accepted       bool      // of the other: shown once both have accepted, or if the other is the caller
	Muted          bool      // the person muted their microphone
	MicInterrupted bool      // another call or program uses the microphone
	AudioReceived  bool      // the person's client has received the other's audio
	Away           bool      // in a live call: without a connection now
	BackBy         time.Time // away: the call ends at this time unless the person reconnects
}

// Feedback is one person's private rating of the other. It is shown to
// nobody.
type Feedback struct {
	Kind    *bool `json:"kind,omitempty"`
	OnTopic *bool `json:"on_topic,omitempty"`
	Safe    *bool `json:"safe,omitempty"`
}

// Proposal is two people who are asked whether they want to talk.
type Proposal struct {
	A, B   account.ID
	Shared []string // interests that both have, for the icebreakers
}

// Missed is a direct call that its callee did not accept.
type Missed struct {
	Call ID
	By   account.ID
	At   time.Time
}

var (
	errNotFound    = fault.New(fault.NotFound, "call.not_found", "This call is over.")
	errEnded       = fault.New(fault.Gone, "call.ended", "This call is over.")
	errBusy        = fault.New(fault.Conflict, "call.busy", "You're already in a call.")
	errExcluded    = fault.New(fault.Conflict, "call.apart", "We won't pair you two again.")
	errSelf        = fault.New(fault.Invalid, "call.self", "You can't call yourself.")
	errNotMatched  = fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.") // the same fault as for an unknown account, so that it reveals nothing
	errRings       = fault.New(fault.TooMany, "call.rings", "You've called a few times just now. Give them a little time.")
	errNotAccepted = fault.New(fault.Conflict, "call.not_accepted", "You haven't both said yes yet.")
	errNotLive     = fault.New(fault.Conflict, "call.not_live", "You two aren't connected yet.")
	errNotEnded    = fault.New(fault.Conflict, "call.not_ended", "You can choose after the call.")
	errNoChoice    = fault.New(fault.Conflict, "call.no_choice", "There's nothing left to choose after this call.")
	errDecided     = fault.New(fault.Conflict, "call.decided", "You've already chosen.")
	errChoice      = fault.At("body.choice", "call.choice_unknown", "Choose heart or pass.")
)
