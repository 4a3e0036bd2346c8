package apitypes

import "heyy/internal/talk/presence"

// RoomLink is a room that the viewer may join.
type RoomLink struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Presence: the state of a friend, online or in a room.
type Presence struct {
	PersonID string    `json:"person_id"`
	State    string    `json:"state" enum:"offline,online,in_room,do_not_disturb"`
	Room     *RoomLink `json:"room,omitempty" doc:"Of in_room"`
}

// ToPresence converts how a friend is there.
func ToPresence(p presence.Presence) Presence {
	w := Presence{PersonID: string(p.Account), State: string(p.State)}
	if p.Room.ID != "" {
		w.Room = &RoomLink{ID: string(p.Room.ID), Title: p.Room.Title}
	}
	return w
}

// PresenceEvent, on me:<account>: how a friend is there now.
type PresenceEvent struct {
	Type string `json:"type" enum:"presence"`
	Presence
}
