package apitypes

import (
	"heyy/internal/people/account"
	"heyy/internal/rooms/roomchat"
)

// RoomReaction is one of roomchat.Reactions.
type RoomReaction string

// RoomMessage is a message in a room as a viewer sees it.
type RoomMessage struct {
	ID        string `json:"id"`
	Person    Person `json:"person"`
	Text      string `json:"text" doc:"Empty if deleted"`
	At        int64  `json:"at" doc:"No two in a room have the same: their order"`
	Deleted   string `json:"deleted,omitempty" enum:"author,host,co_host" doc:"By whom"`
	Mentioned bool   `json:"mentioned,omitempty" doc:"The asking person is"`
}

// ToRoomMessage converts a message for a viewer.
func ToRoomMessage(m roomchat.Message, viewer account.ID, people People) RoomMessage {
	return RoomMessage{
		ID: string(m.ID), Person: named(m.By, people), Text: m.Text, At: m.At.UnixMilli(), Deleted: m.Deleted, Mentioned: m.For(viewer).Mentioned,
	}
}

// RoomMessageEvent, on room:<id>: somebody wrote. Whoever is mentioned is told so, and nobody else.
type RoomMessageEvent struct {
	Type    string      `json:"type" enum:"message"`
	Message RoomMessage `json:"message"`
}

// RoomMessageDeletedEvent, on room:<id>: a message is gone.
type RoomMessageDeletedEvent struct {
	Type    string `json:"type" enum:"message_deleted"`
	ID      string `json:"id"`
	Deleted string `json:"deleted" enum:"author,host,co_host"`
}

// ReactionEvent, on room:<id>: somebody shows an emoji.
type ReactionEvent struct {
	Type     string       `json:"type" enum:"reaction"`
	PersonID string       `json:"person_id"`
	Emoji    RoomReaction `json:"emoji"`
}

// ReactionsEvent, on room:<id>, at most once a second: how many people show which emoji. For
// applause it is those of the last three seconds.
type ReactionsEvent struct {
	Type   string          `json:"type" enum:"reactions"`
	Counts []ReactionCount `json:"counts"`
}

// ReactionCount is the number of people who show an emoji.
type ReactionCount struct {
	Emoji  RoomReaction `json:"emoji"`
	People int          `json:"people"`
}

// CaptionEvent, on room:<id>: a line of what somebody on stage says. A later one of the same
// person and line stands for it. Nothing keeps it.
type CaptionEvent struct {
	Type     string `json:"type" enum:"caption"`
	PersonID string `json:"person_id"`
	Line     int    `json:"line"`
	Text     string `json:"text"`
	Final    bool   `json:"final,omitempty" doc:"It changes no more"`
}
