package apitypes

import "heyy/internal/rooms/room"

// MemberEvent, on room:<id>: a member changed.
type MemberEvent struct {
	Type   string `json:"type" enum:"member"`
	Seq    int64  `json:"seq"`
	At     int64  `json:"at"`
	Cause  string `json:"cause" enum:"joined,left,sat,stood,muted,unmuted,moved_to_audience,allowed_to_speak,removed,hand_raised,hand_lowered,muted_by_host,allowed_to_unmute,made_co_host,unmade_co_host,made_host,unmade_host,chat_muted,allowed_to_write"`
	Member Member `json:"member"`
}

// ToMemberEvent converts a change of a member. ok is false if their account was deleted
// since and they are not told to have left: then clients read the room again.
func ToMemberEvent(c room.Changed, people People) (e MemberEvent, ok bool) {
	cause := c.Cause
	if cause == room.Excluded {
		cause = room.Left // an exclusion is nobody else's business
	}
	_, known := people[c.Member.Account]
	return MemberEvent{Type: "member", Seq: c.Seq, At: c.At.UnixMilli(), Cause: string(cause), Member: ToMember(c.Member, people)},
		known || !c.Member.Present
}

// RoomEndedEvent, on room:<id>: the room ended.
type RoomEndedEvent struct {
	Type   string `json:"type" enum:"ended"`
	Seq    int64  `json:"seq"`
	At     int64  `json:"at"`
	Reason string `json:"reason" enum:"host,next_room,empty,no_host"`
}

// ToRoomEndedEvent converts the end of a room.
func ToRoomEndedEvent(e room.Ended) RoomEndedEvent {
	return RoomEndedEvent{Type: "ended", Seq: e.Seq, At: e.At.UnixMilli(), Reason: string(e.Reason)}
}

// SharingEvent, on room:<id>: anybody with the link can listen from now on, or no longer.
type SharingEvent struct {
	Type   string `json:"type" enum:"sharing"`
	Seq    int64  `json:"seq"`
	At     int64  `json:"at"`
	Shared bool   `json:"shared"`
}

// ToSharingEvent converts the beginning or end of sharing.
func ToSharingEvent(s room.Sharing) SharingEvent {
	return SharingEvent{Type: "sharing", Seq: s.Seq, At: s.At.UnixMilli(), Shared: s.Shared}
}

// AudienceEvent, on room:<id>: how many listen to a crowded room.
type AudienceEvent struct {
	Type      string `json:"type" enum:"audience"`
	Seq       int64  `json:"seq" doc:"Of the room; this event takes none of its own"`
	Listeners int    `json:"listeners"`
}

// EditedEvent, on room:<id>: what hosts say the room is, what is asked of whoever comes in, or
// whether it is crowded.
type EditedEvent struct {
	Type     string   `json:"type" enum:"edited"`
	Seq      int64    `json:"seq"`
	At       int64    `json:"at"`
	Title    string   `json:"title"`
	Category Category `json:"category"`
	Link     string   `json:"link,omitempty"`
	Chat     string   `json:"chat" enum:"on,off"`
	Slow     int      `json:"slow_seconds,omitempty"`
	Hands    string   `json:"hands" enum:"open,followed,off"`
	Locked   []int    `json:"locked"`
	Crowded  bool     `json:"crowded,omitempty" doc:"Listeners are counted, not listed; if that ended, read the room again"`
	Entry
}

// ToEditedEvent converts a change of what a room is.
func ToEditedEvent(e room.Edited) EditedEvent {
	return EditedEvent{Type: "edited", Seq: e.Seq, At: e.At.UnixMilli(), Title: e.Title, Category: Category(e.Category), Link: e.Link,
		Chat: string(e.Chat), Slow: e.Slow, Hands: string(e.Hands), Locked: e.Locked, Crowded: e.Crowded, Entry: ToEntry(e.Entry)}
}

// InvitedEvent, on me:<account>: a host asks the person to speak. Read the room again.
type InvitedEvent struct {
	Type   string `json:"type" enum:"invited"`
	RoomID string `json:"room_id"`
}

// CardEvent, on lobby: a room is new or changed.
type CardEvent struct {
	Type string `json:"type" enum:"card"`
	Card Card   `json:"card"`
}

// CardGoneEvent, on lobby: a room is no longer listed. A later CardEvent lists it again.
type CardGoneEvent struct {
	Type   string `json:"type" enum:"gone"`
	RoomID string `json:"room_id"`
	Seq    int64  `json:"seq"`
}

// RoomClosedEvent, on me:<account>: the person had to leave a room, and it no longer
// exists for them.
type RoomClosedEvent struct {
	Type   string `json:"type" enum:"room_closed"`
	RoomID string `json:"room_id"`
}

// RoomChangedEvent, on me:<account>: read the room again.
type RoomChangedEvent struct {
	Type   string `json:"type" enum:"room_changed"`
	RoomID string `json:"room_id"`
}

// SignedOutEvent, on me:<account>: a session of the person ended.
type SignedOutEvent struct {
	Type    string `json:"type" enum:"signed_out"`
	Session string `json:"session"`
}

// MatchedEvent, on me:<account>: a match with another person was made.
type MatchedEvent struct {
	Type   string `json:"type" enum:"matched"`
	Person Person `json:"person"`
}

// MatchChangedEvent, on me:<account>: read the matches again; one of the two offered their
// photos or took the offer back.
type MatchChangedEvent struct {
	Type     string `json:"type" enum:"match_changed"`
	PersonID string `json:"person_id"`
}

// MatchEndedEvent, on me:<account>: a match ended.
type MatchEndedEvent struct {
	Type     string `json:"type" enum:"match_ended"`
	PersonID string `json:"person_id"`
}

// BondEvent, on me:<account>: whether the person follows another, and whether the two are
// friends, changed. A match and its end are told by MatchedEvent and MatchEndedEvent alone.
type BondEvent struct {
	Type      string `json:"type" enum:"bond"`
	PersonID  string `json:"person_id"`
	Following bool   `json:"following"`
	Friend    bool   `json:"friend"`
}

// CardsEvent, on me:<account>: an offer of a card or an exchange changed. Read the offers, and
// whatever is on screen, again: it does not say whose, because a block is told by it, too.
type CardsEvent struct {
	Type string `json:"type" enum:"cards"`
}

// FollowersEvent, on me:<account>: somebody follows the person now; read
// /api/me/followers again.
type FollowersEvent struct {
	Type string `json:"type" enum:"followers"`
}

// ChatEvent, on me:<account>: a chat without a match began, was accepted, or ended; read the
// chats again.
type ChatEvent struct {
	Type     string `json:"type" enum:"chat"`
	PersonID string `json:"person_id"`
}

// RequestEvent, on me:<account>: somebody asks for a chat, or takes that back; read
// /api/me/requests again.
type RequestEvent struct {
	Type string `json:"type" enum:"request"`
}

// FitsEvent, on me:<account>: the alert of Discover; a new person fits.
type FitsEvent struct {
	Type string `json:"type" enum:"fits"`
}

// CallFitsEvent, on me:<account>: the alert of Call; a person who fits is in the queue.
// Read /api/call.
type CallFitsEvent struct {
	Type string `json:"type" enum:"call_fits"`
}

// MeChangedEvent, on me:<account>: read /api/me again; a moderator decided on the
// verification.
type MeChangedEvent struct {
	Type string `json:"type" enum:"me_changed"`
}

// CallEvent, on me:<account>: read the call again if its seq is newer than the known one.
// It announces rings, proposals and every change of a call.
type CallEvent struct {
	Type   string `json:"type" enum:"call"`
	CallID string `json:"call_id"`
	Seq    int64  `json:"seq"`
}

// QueueEvent, on me:<account>: the person's status in the queue changed; read /api/call
// again.
type QueueEvent struct {
	Type string `json:"type" enum:"queue"`
}

// NotificationsEvent, on me:<account>: read /api/notifications again; there is news, or some
// was seen on another device.
type NotificationsEvent struct {
	Type string `json:"type" enum:"notifications"`
}

// MomentsEvent, on me:<account>: read /api/moments again; a match posted or removed a moment, or
// the person themselves did on another device.
type MomentsEvent struct {
	Type string `json:"type" enum:"moments"`
}

// Events are all live events, for the contract.
var Events = []any{
	MemberEvent{}, RoomEndedEvent{}, SharingEvent{}, EditedEvent{}, AudienceEvent{}, RoomMessageEvent{}, RoomMessageDeletedEvent{}, ReactionEvent{}, ReactionsEvent{}, CaptionEvent{}, InvitedEvent{}, CardEvent{}, CardGoneEvent{}, RoomClosedEvent{}, RoomChangedEvent{}, SignedOutEvent{},
	MatchedEvent{}, MatchChangedEvent{}, MatchEndedEvent{}, BondEvent{}, FollowersEvent{}, CardsEvent{}, FitsEvent{}, CallFitsEvent{}, MeChangedEvent{},
	CallEvent{}, QueueEvent{}, MessageEvent{}, ReadEvent{}, HeardEvent{}, TypingEvent{},
	NotificationsEvent{}, ChatEvent{}, RequestEvent{}, MomentsEvent{}, PresenceEvent{},
}
