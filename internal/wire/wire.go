package wire

import (
	"time"

	"heyy/internal/account"
	"heyy/internal/profile"
	"heyy/internal/room"
)

// Voice is what was measured of somebody's voice, and draws their aura.
type Voice struct {
	PitchHz    float64 `json:"pitch_hz" doc:"Median fundamental frequency in Hz"`
	Brightness float64 `json:"brightness" minimum:"0" maximum:"1"`
	Tempo      float64 `json:"tempo" minimum:"0" maximum:"1"`
	Energy     float64 `json:"energy" minimum:"0" maximum:"1"`
}

// Person is somebody as any member may see them.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Resident bool   `json:"resident" doc:"A synthetic voice that lives here, not a member"`
	Verified bool   `json:"verified" doc:"A moderator has heard and seen that they are real"`
	Voice    *Voice `json:"voice,omitempty"`
}

// Member is a person in a room.
type Member struct {
	Person Person `json:"person"`
	Role   string `json:"role" enum:"host,speaker,listener"`
	Seat   int    `json:"seat,omitempty" doc:"1 to seats; none: listens"`
	Muted  bool   `json:"muted"`
	MaySit bool   `json:"may_sit"`
	Here   bool   `json:"here" doc:"False: has left, or was removed"`
}

// Card is a room as the lobby shows it.
type Card struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  string   `json:"category" enum:"sport,karaoke,games,music,blind_date,talk,languages,work,local,wellbeing"`
	Language  string   `json:"language" enum:"en,it,zh"`
	Seq       int64    `json:"seq"`
	CreatedAt int64    `json:"created_at"`
	Host      Person   `json:"host"`
	Seats     int      `json:"seats"`
	Speakers  []Person `json:"speakers"`
	Listeners int      `json:"listeners"`
}

// Room is a room as those inside see it.
type Room struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	Category  string   `json:"category" enum:"sport,karaoke,games,music,blind_date,talk,languages,work,local,wellbeing"`
	Language  string   `json:"language" enum:"en,it,zh"`
	Seq       int64    `json:"seq"`
	CreatedAt int64    `json:"created_at"`
	EndedAt   int64    `json:"ended_at,omitempty"`
	EndedWhy  string   `json:"ended_why,omitempty" enum:"host,empty"`
	Host      Person   `json:"host"`
	Seats     int      `json:"seats"`
	Listeners int      `json:"listeners"`
	Members   []Member `json:"members" doc:"All who sit, by seat, then the 200 listeners who came last"`
	You       *Member  `json:"you,omitempty" doc:"The asking person, if they are here"`
}

// People is what is known of persons; those who are gone stand in it without a
// name.
type People = map[account.ID]profile.Person

// ToPerson shapes a person.
func ToPerson(p profile.Person) Person {
	w := Person{ID: string(p.ID), Name: p.Name, Resident: p.Resident, Verified: p.Verified}
	if v := p.Voice; v != nil {
		w.Voice = &Voice{PitchHz: v.PitchHz, Brightness: v.Brightness, Tempo: v.Tempo, Energy: v.Energy}
	}
	return w
}

// ToMember shapes a member whose role is known.
func ToMember(m room.Member, role room.Role, people People) Member {
	p, ok := people[m.Account]
	if !ok {
		p.ID = m.Account
	}
	return Member{Person: ToPerson(p), Role: string(role), Seat: m.Seat, Muted: m.Muted, MaySit: m.MaySit, Here: m.Here}
}

// ToCard shapes a room for the lobby.
func ToCard(r room.Room, people People) Card {
	c := Card{
		ID: string(r.ID), Title: r.Title, Category: r.Category, Language: r.Language, Seq: r.Seq,
		CreatedAt: r.CreatedAt.UnixMilli(), Host: host(r, people), Seats: r.Seats, Listeners: r.Listeners, Speakers: []Person{},
	}
	for _, m := range r.Members {
		if m.Seat != 0 {
			c.Speakers = append(c.Speakers, ToMember(m, r.Role(m), people).Person)
		}
	}
	return c
}

// ToRoom shapes a room for viewer.
func ToRoom(r room.Room, viewer account.ID, people People) Room {
	w := Room{
		ID: string(r.ID), Title: r.Title, Category: r.Category, Language: r.Language, Seq: r.Seq,
		CreatedAt: r.CreatedAt.UnixMilli(), EndedAt: millis(r.EndedAt), EndedWhy: string(r.EndedWhy),
		Host: host(r, people), Seats: r.Seats, Listeners: r.Listeners, Members: make([]Member, 0, len(r.Members)),
	}
	for _, m := range r.Members {
		one := ToMember(m, r.Role(m), people)
		w.Members = append(w.Members, one)
		if m.Account == viewer && m.Here {
			w.You = &one
		}
	}
	return w
}

func host(r room.Room, people People) Person {
	return ToMember(room.Member{Account: r.Host}, room.Host, people).Person
}

// In lists the accounts that a room's shape names.
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

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
