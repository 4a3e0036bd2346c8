package notify

import (
	"slices"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// Kind is the type of a notification, such as a match or a missed call.
type Kind string

// The kinds, each with an entry in table.
const (
	Match        Kind = "match"         // two people like each other
	Message      Kind = "message"       // a match wrote; it is unread in the chat, and not in the notification centre
	MomentAnswer Kind = "moment_answer" // a match answered a moment by voice: a message of its own kind
	CallRing     Kind = "call_ring"     // a match calls, or somebody in the same room
	CallProposal Kind = "call_proposal" // the queue proposes a call, or somebody who fits is looking for one
	Fits         Kind = "fits"          // the alert of Discover
	HappyHour    Kind = "happy_hour"    // one begins for which the person said that they come
	FollowedLive Kind = "live"          // somebody whom the person follows has opened a room
	ClubRequest  Kind = "club_request"  // somebody asks to join a club that the person leads
	ClubAnswer   Kind = "club_answer"   // the answer to such a request of the person's
	Event        Kind = "event"         // of an event to which the person goes, or is asked to
	Replay       Kind = "replay"        // a room that the person hosted, spoke in or went to can be heard again
	Card         Kind = "card"          // somebody offers their card, or has answered the person's
	NewDevice    Kind = "new_device"    // a sign-in in a browser that has not signed in before
	Verification Kind = "verification"  // a moderator decided
	Safety       Kind = "safety"        // an operator decided about a report of this person's

	digest Kind = "more" // stands for several, in pushes only
)

// spec is everything that is particular to a kind.
type spec struct {
	Kind    Kind
	Default bool            // pushed until the person says otherwise
	Urgency webpush.Urgency // of RFC 8030: whether a phone that saves its battery is woken
	TTL     time.Duration   // from the fact, after which a push about it is useless
	Live    bool            // of this moment: never held back or bundled, dropped in quiet hours, not counted by the cap
	Mail    bool            // waits for hours: mailed to who takes no pushes; has a line in language.Digest
	Always  bool            // about the safety of the account: also in quiet hours and over the cap
	Gap     time.Duration   // at least, between two pushes of a bundle
	Bundle  bundle          // what is told as one: several unseen ones of the kind, or of a person
	URL     string          // what a click opens, a path of the client
}

// bundle says which notifications share a push, "3 new matches".
type bundle int

const (
	single   bundle = iota // each has its own
	ofKind                 // all of the kind
	ofPerson               // all of the kind about one person
)

// chatsURL has the path of a chat below it, by the other's account.
const chatsURL = "/chats"

// roomsURL has the path of a room below it.
const roomsURL = "/rooms"

// clubsURL has the path of a club below it.
const clubsURL = "/clubs"

// eventsURL has the path of an event below it.
const eventsURL = "/events"

// replaysURL has the path of a replay below it.
const replaysURL = "/replays"

// table has the kinds in the order in which clients list them.
var table = []spec{
	{Kind: CallRing, Default: true, Urgency: webpush.UrgencyHigh, TTL: 30 * time.Second, Live: true, URL: "/call"},
	{Kind: CallProposal, Default: true, Urgency: webpush.UrgencyHigh, TTL: 10 * time.Minute, Live: true, URL: "/call"},
	{Kind: Match, Default: true, Urgency: webpush.UrgencyNormal, TTL: 24 * time.Hour, Bundle: ofKind, Mail: true, URL: chatsURL},
	{Kind: Message, Default: true, Urgency: webpush.UrgencyNormal, TTL: 24 * time.Hour, Gap: 5 * time.Minute, Bundle: ofPerson, Mail: true, URL: chatsURL},
	{Kind: MomentAnswer, Default: true, Urgency: webpush.UrgencyNormal, TTL: 24 * time.Hour, Gap: 5 * time.Minute, Bundle: ofPerson, Mail: true, URL: chatsURL},
	{Kind: Fits, Default: true, Urgency: webpush.UrgencyLow, TTL: 12 * time.Hour, Bundle: ofKind, Mail: true, URL: "/discover"},
	{Kind: HappyHour, Default: true, Urgency: webpush.UrgencyNormal, TTL: 30 * time.Minute, URL: "/call"},
	{Kind: FollowedLive, Default: true, Urgency: webpush.UrgencyNormal, TTL: 30 * time.Minute, URL: roomsURL},
	{Kind: Event, Default: true, Urgency: webpush.UrgencyNormal, TTL: 30 * time.Minute, URL: eventsURL},
	{Kind: ClubRequest, Default: true, Urgency: webpush.UrgencyNormal, TTL: 24 * time.Hour, Gap: 10 * time.Minute, Bundle: ofKind, Mail: true, URL: clubsURL},
	{Kind: ClubAnswer, Default: true, Urgency: webpush.UrgencyNormal, TTL: 3 * 24 * time.Hour, Mail: true, URL: clubsURL},
	{Kind: Replay, Default: true, Urgency: webpush.UrgencyNormal, TTL: 24 * time.Hour, Mail: true, URL: replaysURL},
	{Kind: Card, Default: true, Urgency: webpush.UrgencyNormal, TTL: 24 * time.Hour, Mail: true, URL: "/me/cards"},
	{Kind: Verification, Default: true, Urgency: webpush.UrgencyNormal, TTL: 3 * 24 * time.Hour, Mail: true, URL: "/me"},
	{Kind: Safety, Default: true, Urgency: webpush.UrgencyNormal, TTL: 3 * 24 * time.Hour, Mail: true, URL: "/notifications"},
	{Kind: NewDevice, Default: true, Urgency: webpush.UrgencyHigh, TTL: 3 * 24 * time.Hour, Gap: 10 * time.Minute, Bundle: ofKind, Always: true, URL: "/me"},
}

// digestSpec is that of the push that stands for several.
var digestSpec = spec{Kind: digest, Urgency: webpush.UrgencyLow, TTL: 12 * time.Hour, URL: "/"}

// specOf returns the entry of a kind. ok is false for a row of a kind that is gone.
func specOf(k Kind) (spec, bool) {
	if k == digest {
		return digestSpec, true
	}
	i := slices.IndexFunc(table, func(s spec) bool { return s.Kind == k })
	if i < 0 {
		return spec{}, false
	}
	return table[i], true
}

// Kinds are the keys of all kinds.
var Kinds = keysOf(table)

func keysOf(all []spec) []string {
	keys := make([]string, len(all))
	for i, s := range all {
		keys[i] = string(s.Kind)
	}
	return keys
}

// missedCall is the entry of a ring that is over: news like others.
var missedCall = spec{Kind: CallRing, Urgency: webpush.UrgencyNormal, TTL: missedTTL, Mail: true, URL: "/call"}

// spec returns the entry for a piece of news.
func (n news) spec() spec {
	if n.Kind == CallRing && n.Outcome == Missed {
		return missedCall
	}
	k, _ := specOf(n.Kind)
	return k
}

// priority orders the queue: smaller is sent first.
func (s spec) priority() int {
	return slices.Index([]webpush.Urgency{webpush.UrgencyHigh, webpush.UrgencyNormal, webpush.UrgencyLow}, s.Urgency)
}

// tag returns the tag of the push for a piece of news: it replaces one with the same tag.
func (s spec) tag(n news) string {
	switch s.Bundle {
	case ofKind:
		return string(s.Kind)
	case ofPerson:
		return string(s.Kind) + ":" + string(n.About)
	}
	return n.Source
}

// Outcome says how something that was open ended.
type Outcome string

// Of calls, of verifications, of requests to clubs, and what happens to an event or a replay.
const (
	Open     Outcome = ""
	Answered Outcome = "answered" // by this person, on any device
	Declined Outcome = "declined" // by this person; of a verification: by a moderator, of a request: by an admin
	Missed   Outcome = "missed"
	Approved Outcome = "approved"

	Exchanged Outcome = "exchanged" // of a card: the other has given theirs, too

	Soon      Outcome = "soon"
	Begins    Outcome = "begins"
	Started   Outcome = "started"
	Moved     Outcome = "moved"
	Cancelled Outcome = "cancelled"
	Invited   Outcome = "invited"

	Ready  Outcome = "ready"  // of a replay: its host can publish it
	Kept   Outcome = "kept"   // of a replay: the person's voice is in it
	Opened Outcome = "opened" // of a replay: it is published
)

// Outcomes are all values of Outcome but Open.
var Outcomes = []string{string(Answered), string(Declined), string(Missed), string(Approved), string(Exchanged),
	string(Soon), string(Begins), string(Started), string(Moved), string(Cancelled), string(Invited), string(Ready), string(Kept), string(Opened)}

// How long a push about the end of a call is worth sending: a missed call is news for a
// day, that it was answered only while a device may still ring.
const (
	missedTTL = 24 * time.Hour
	overTTL   = time.Minute
)
