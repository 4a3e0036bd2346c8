package apitypes

import (
	"time"

	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/room"
)

// Language is the code of a supported language, one of language.All; Category is one of
// room.Categories.
type (
	Language string
	Category string
)

// Voice is the measured features of a person's voice, from which clients draw the aura.
type Voice struct {
	PitchHz    float64 `json:"pitch_hz" doc:"Median fundamental frequency in Hz"`
	Brightness float64 `json:"brightness" minimum:"0" maximum:"1"`
	Tempo      float64 `json:"tempo" minimum:"0" maximum:"1"`
	Energy     float64 `json:"energy" minimum:"0" maximum:"1"`
}

// Person is a person as every member may see them.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Resident bool   `json:"resident" doc:"A synthetic voice that lives here, not a member"`
	Verified bool   `json:"verified" doc:"A moderator has heard and seen that they are real"`
	Voice    *Voice `json:"voice,omitempty"`
}

// Member is a person in a room.
type Member struct {
	Person   Person `json:"person"`
	Role     string `json:"role" enum:"host,co_host,speaker,listener"`
	Seat     int    `json:"seat,omitempty" doc:"1 to seats; none: listens"`
	Muted    bool   `json:"muted"`
	CanSpeak bool   `json:"can_speak" doc:"May take a free seat"`
	Present  bool   `json:"present" doc:"False: has left, or was removed"`
}

// Card is a room as the lobby shows it.
type Card struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  Category `json:"category"`
	Language  Language `json:"language"`
	Seq       int64    `json:"seq"`
	CreatedAt int64    `json:"created_at"`
	Host      Person   `json:"host"`
	Seats     int      `json:"seats"`
	Speakers  []Person `json:"speakers"`
	Listeners int      `json:"listeners"`
}

// Room is a room as a viewer sees it.
type Room struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  Category `json:"category"`
	Language  Language `json:"language"`
	Seq       int64    `json:"seq"`
	CreatedAt int64    `json:"created_at"`
	EndedAt   int64    `json:"ended_at,omitempty"`
	EndReason string   `json:"end_reason,omitempty" enum:"host,empty"`
	Host      Person   `json:"host"`
	Seats     int      `json:"seats"`
	Listeners int      `json:"listeners"`
	Members   []Member `json:"members" doc:"All who sit, by seat, then the 200 listeners who came last"`
	You       *Member  `json:"you,omitempty" doc:"The asking person, if they are here"`
}

// People maps accounts to persons. A deleted account is missing, and is converted to a
// person without a name.
type People = map[account.ID]profile.Person

// ToPerson converts a person.
func ToPerson(p profile.Person) Person {
	w := Person{ID: string(p.ID), Name: p.Name, Resident: p.Resident, Verified: p.Verified}
	if v := p.Voice; v != nil {
		w.Voice = &Voice{PitchHz: v.PitchHz, Brightness: v.Brightness, Tempo: v.Tempo, Energy: v.Energy}
	}
	return w
}

// ToMember converts a member.
func ToMember(m room.Member, people People) Member {
	return Member{Person: named(m.Account, people), Role: string(m.Role), Seat: m.Seat, Muted: m.Muted, CanSpeak: m.CanSpeak, Present: m.Present}
}

// named converts the person of an account, or only the id if people lacks it.
func named(who account.ID, people People) Person {
	p, ok := people[who]
	if !ok {
		p.ID = who
	}
	return ToPerson(p)
}

// ToCard converts a room for the lobby.
func ToCard(r room.Room, people People) Card {
	c := Card{
		ID: string(r.ID), Title: r.Title, Category: Category(r.Category), Language: Language(r.Language), Seq: r.Seq,
		CreatedAt: r.CreatedAt.UnixMilli(), Host: named(r.Host, people), Seats: r.Seats, Listeners: r.Listeners, Speakers: []Person{},
	}
	for _, m := range r.Members {
		if m.Seat != 0 {
			c.Speakers = append(c.Speakers, named(m.Account, people))
		}
	}
	return c
}

// ToRoom converts a room for viewer; You is the viewer, if present.
func ToRoom(r room.Room, viewer account.ID, people People) Room {
	w := Room{
		ID: string(r.ID), Title: r.Title, Category: Category(r.Category), Language: Language(r.Language), Seq: r.Seq,
		CreatedAt: r.CreatedAt.UnixMilli(), EndedAt: Millis(r.EndedAt), EndReason: string(r.EndReason),
		Host: named(r.Host, people), Seats: r.Seats, Listeners: r.Listeners, Members: make([]Member, 0, len(r.Members)),
	}
	for _, m := range r.Members {
		one := ToMember(m, people)
		w.Members = append(w.Members, one)
		if m.Account == viewer && m.Present {
			w.You = &one
		}
	}
	return w
}

// In returns the accounts whose persons ToCard and ToRoom need.
func In(rooms ...room.Room) []account.ID {
	seen := map[account.ID]bool{}
	var ids []account.ID
	add := func(a account.ID) {
		if !seen[a] {
			seen[a] = true
			ids = append(ids, a)
		}
	}
	for _, r := range rooms {
		add(r.Host)
		for _, m := range r.Members {
			add(m.Account)
		}
	}
	return ids
}

// Millis is a moment on the wire; 0 is none.
func Millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// List is never null on the wire.
func List(keys []string) []string {
	if keys == nil {
		return []string{}
	}
	return keys
}
