package wire

// MemberEvent, on room:<id>: a member is otherwise than before.
type MemberEvent struct {
	Type   string `json:"type" enum:"member"`
	Seq    int64  `json:"seq"`
	At     int64  `json:"at"`
	Cause  string `json:"cause" enum:"joined,left,sat,stood,muted,unmuted,moved_back,let_sit,removed"`
	Member Member `json:"member"`
}

// RoomEndedEvent, on room:<id>: the room is over.
type RoomEndedEvent struct {
	Type string `json:"type" enum:"ended"`
	Seq  int64  `json:"seq"`
	At   int64  `json:"at"`
	Why  string `json:"why" enum:"host,empty"`
}

// CardEvent, on lobby: a room is new, or otherwise than before.
type CardEvent struct {
	Type string `json:"type" enum:"card"`
	Card Card   `json:"card"`
}

// CardEndedEvent, on lobby: a room is over.
type CardEndedEvent struct {
	Type   string `json:"type" enum:"ended"`
	RoomID string `json:"room_id"`
	Seq    int64  `json:"seq"`
}

// SignedOutEvent, on me:<account>: a session of this person ended.
type SignedOutEvent struct {
	Type    string `json:"type" enum:"signed_out"`
	Session string `json:"session"`
}

// MatchedEvent, on me:<account>: this person likes you, and you like them.
type MatchedEvent struct {
	Type   string `json:"type" enum:"matched"`
	Person Person `json:"person"`
}

// MatchChangedEvent, on me:<account>: read the matches again; somebody offered
// or took back their photos.
type MatchChangedEvent struct {
	Type     string `json:"type" enum:"match_changed"`
	PersonID string `json:"person_id"`
}

// MatchEndedEvent, on me:<account>: a match is over.
type MatchEndedEvent struct {
	Type     string `json:"type" enum:"match_ended"`
	PersonID string `json:"person_id"`
}

// FitsEvent, on me:<account>: the bell rang; somebody new fits.
type FitsEvent struct {
	Type string `json:"type" enum:"fits"`
}

// MeChangedEvent, on me:<account>: read yourself again; a moderator decided.
type MeChangedEvent struct {
	Type string `json:"type" enum:"me_changed"`
}

// CallEvent, on me:<account>: read the call again if its seq is newer than
// yours; ringing, proposals and every change of state come this way.
type CallEvent struct {
	Type   string `json:"type" enum:"call"`
	CallID string `json:"call_id"`
	Seq    int64  `json:"seq"`
}

// QueueEvent, on me:<account>: how it stands with you and the queue is
// otherwise than before; read the lounge again.
type QueueEvent struct {
	Type string `json:"type" enum:"queue"`
}

// Events are all live events, for the contract.
var Events = []any{
	MemberEvent{}, RoomEndedEvent{}, CardEvent{}, CardEndedEvent{}, SignedOutEvent{},
	MatchedEvent{}, MatchChangedEvent{}, MatchEndedEvent{}, FitsEvent{}, MeChangedEvent{},
	CallEvent{}, QueueEvent{},
}
