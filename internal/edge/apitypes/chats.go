package apitypes

import (
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
)

// Message is a message as one of the two sees it.
type Message struct {
	ID        string     `json:"id"`
	N         int64      `json:"n" doc:"1, 2, ... in the chat"`
	Mine      bool       `json:"mine"`
	At        int64      `json:"at"`
	Text      string     `json:"text" doc:"Empty if deleted; of a voice message its text alternative, which may be empty"`
	Voice     *ChatVoice `json:"voice,omitempty" doc:"None: a text, or deleted"`
	Moment    string     `json:"moment,omitempty" doc:"The id of the moment that this voice message answers"`
	Reply     *Quote     `json:"reply,omitempty"`
	Edited    bool       `json:"edited"`
	Deleted   bool       `json:"deleted"`
	Reactions []Reaction `json:"reactions" maxItems:"2"`
	Seq       int64      `json:"seq" doc:"Of the chat, when this message changed last"`
}

// Quote is the message that another replies to, as it is now.
type Quote struct {
	N    int64  `json:"n"`
	Mine bool   `json:"mine"`
	Text string `json:"text" doc:"Its beginning; empty if deleted"`

	VoiceMs int `json:"voice_ms,omitempty" doc:"Playing time of a voice message; none: a text, or deleted"`
}

// ChatVoice is the recording of a voice message. Its audio is at the address of the message.
type ChatVoice struct {
	Ms    int   `json:"ms" doc:"Playing time"`
	Peaks []int `json:"peaks" minItems:"64" maxItems:"64" doc:"The loudest of each part, 0 to 255"`
	Heard bool  `json:"heard" doc:"Listened to by the one it was sent to; of your own it is false if one of you hides read marks"`
}

// Reaction is an emoji under a message.
type Reaction struct {
	Emoji string `json:"emoji"`
	Mine  bool   `json:"mine"`
}

// ToMessage converts a message for one of the two.
func ToMessage(m message.Message, viewer account.ID) Message {
	out := Message{
		ID: string(m.ID), N: m.N, Mine: m.By == viewer, At: m.At.UnixMilli(), Text: m.Text, Moment: m.Moment,
		Edited: m.Edited, Deleted: m.Deleted, Reactions: []Reaction{}, Seq: m.Seq,
	}
	if v := m.Voice; v != nil {
		out.Voice = &ChatVoice{Ms: v.Ms, Peaks: make([]int, len(v.Peaks)), Heard: v.Heard && (!out.Mine || v.HeardShown)}
		for i, p := range v.Peaks {
			out.Voice.Peaks[i] = int(p)
		}
	}
	if m.Reply != nil {
		out.Reply = &Quote{N: m.Reply.N, Mine: m.Reply.By == viewer, Text: m.Reply.Text, VoiceMs: m.Reply.VoiceMs}
	}
	for who, emoji := range m.Reactions {
		r := Reaction{Emoji: emoji, Mine: who == viewer}
		if r.Mine { // one's own comes first
			out.Reactions = append([]Reaction{r}, out.Reactions...)
		} else {
			out.Reactions = append(out.Reactions, r)
		}
	}
	return out
}

// MessageEvent, on me:<account>: a message of the chat with a person is new or changed.
type MessageEvent struct {
	Type     string  `json:"type" enum:"message"`
	PersonID string  `json:"person_id"`
	Seq      int64   `json:"seq" doc:"Of the chat. A gap: read /api/chats/{person}/changes"`
	Message  Message `json:"message"`
	Unread   int     `json:"unread" doc:"In this chat"`
}

// ReadEvent, on me:<account>: somebody has read a chat up to message n.
type ReadEvent struct {
	Type     string `json:"type" enum:"read"`
	PersonID string `json:"person_id"`
	Mine     bool   `json:"mine" doc:"The person themselves, perhaps on another device"`
	N        int64  `json:"n"`
	Unread   int    `json:"unread" doc:"In this chat"`
}

// HeardEvent, on me:<account>: somebody has listened to voice message n of a chat.
type HeardEvent struct {
	Type     string `json:"type" enum:"heard"`
	PersonID string `json:"person_id"`
	Mine     bool   `json:"mine" doc:"The person themselves, perhaps on another device"`
	N        int64  `json:"n"`
}

// TypingEvent, on me:<account>: somebody is typing.
type TypingEvent struct {
	Type     string `json:"type" enum:"typing"`
	PersonID string `json:"person_id"`
}
