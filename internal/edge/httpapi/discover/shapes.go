package discover

import (
	"heyy/internal/edge/httpapi/people"
)

// Reason is one reason for which a card is shown.
type Reason struct {
	Kind string   `json:"kind" enum:"interests,language,region,intent,voice,new"`
	Keys []string `json:"keys" doc:"Which ones, where there are several"`
}

// DiscoverCard is somebody who fits the asking person, and whom they fit.
type DiscoverCard struct {
	Person  people.PersonCard `json:"person"`
	Age     int               `json:"age" doc:"Years"`
	Intents []string          `json:"intents" doc:"Those the two have in common"`
	Region  *people.Region    `json:"region,omitempty"`
	Reasons []Reason          `json:"reasons" doc:"Up to three, the most telling first"`
	Aura    string            `json:"aura,omitempty" doc:"Address of a still of their aura, for half an hour"`
	Ticket  string            `json:"ticket,omitempty" doc:"To be sent with a choice, within half an hour; missing on one's own card"`
}

// Deck is the list of the next cards, with the likes and the alert of the asking person.
type Deck struct {
	Cards     []DiscoverCard `json:"cards"`
	LikesLeft int            `json:"likes_left" doc:"Within 24 hours; the same for everyone"`
	Limited   bool           `json:"limited" doc:"As many conversations are open as you chose: no likes until one ends or is quiet for two weeks"`
	Alert     bool           `json:"alert" doc:"The asking person will be told when somebody new fits"`
	Thin      *Counts        `json:"thin,omitempty" doc:"There when fewer came than were asked for"`
}

// Counts are about how many people wishes leave, to within five.
type Counts struct {
	People  int            `json:"people" doc:"With these wishes; fewer than five may be 0"`
	Without map[string]int `json:"without" doc:"With one of them dropped: meet, ages, intents, languages, interests, verified_only"`
	Relax   string         `json:"relax,omitempty" doc:"The wish whose dropping helps most, when few are left"`
}

// Chosen is the result of a choice.
type Chosen struct {
	Match     *Match `json:"match,omitempty" doc:"Both like each other"`
	LikesLeft int    `json:"likes_left"`
}

// Undone is the result of an undo: the person of the choice that was taken back.
type Undone struct {
	PersonID string `json:"person_id"`
}

// Match is somebody whom the asking person likes, and who likes them.
type Match struct {
	Person  people.PersonCard `json:"person"`
	Age     int               `json:"age" doc:"Years"`
	Intents []string          `json:"intents"`
	Region  *people.Region    `json:"region,omitempty"`
	At      int64             `json:"at"`
	Reveal  Reveal            `json:"reveal"`
}

// Reveal is the state of the mutual photo reveal of a match.
type Reveal struct {
	Mine     bool           `json:"mine" doc:"The asking person has offered theirs"`
	Theirs   bool           `json:"theirs" doc:"The other has offered theirs"`
	OpenedAt int64          `json:"opened_at,omitempty" doc:"Both have: from this moment on both see"`
	Photos   []people.Photo `json:"photos" doc:"The other's, while open"`
}

// Matches are all of a person, the last first.
type Matches struct {
	Matches []Match `json:"matches"`
	Next    string  `json:"next,omitempty" doc:"The before of the next page; missing on the last"`
}
