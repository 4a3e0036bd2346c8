package apitypes

import (
	"math"
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

// Rounded returns v to ten hertz and to tenths: enough for an aura, and what many people
// share. The exact numbers are those of one card. nil stays nil.
func (v *Voice) Rounded() *Voice {
	if v == nil {
		return nil
	}
	tenth := func(x float64) float64 { return math.Round(x*10) / 10 }
	return &Voice{PitchHz: math.Round(v.PitchHz/10) * 10, Brightness: tenth(v.Brightness), Tempo: tenth(v.Tempo), Energy: tenth(v.Energy)}
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
	Person      Person `json:"person"`
	NewHere     bool   `json:"new_here,omitempty" doc:"Has the badge of this name: their account is less than a week old"`
	Role        string `json:"role" enum:"host,co_host,speaker,listener"`
	Seat        int    `json:"seat,omitempty" doc:"1 to seats; none: listens"`
	Muted       bool   `json:"muted"`
	MutedByHost bool   `json:"muted_by_host,omitempty" doc:"Muted by a host: cannot open the microphone by themselves"`
	ChatMuted   bool   `json:"chat_muted,omitempty" doc:"By a host: cannot write in the chat"`
	Hand        int64  `json:"hand,omitempty" doc:"The hand is up since this seq of the room: the order of the queue"`
	CanSpeak    bool   `json:"can_speak" doc:"May take a free seat"`
	Present     bool   `json:"present" doc:"False: has left, or was removed"`
	Voice       int64  `json:"voice,omitempty" minimum:"1" maximum:"4294967295" doc:"With a seat: the number that stands for this person in the room's audio, as the decimal identity at the media server and as the CSRC of packets"`
}

// Entry holds the conditions of entering a room.
type Entry struct {
	Access       string `json:"access" enum:"open,followers,club,link,pin" doc:"Who comes in: everybody, who follow the host, who belong to the club, whoever has the address, who know the PIN"`
	Capacity     int    `json:"capacity,omitempty" doc:"The most people here; missing: any number"`
	WomenOnly    bool   `json:"women_only,omitempty"`
	VerifiedOnly bool   `json:"verified_only,omitempty"`
}

// ToEntry converts what a room asks.
func ToEntry(e room.Entry) Entry {
	return Entry{Access: string(e.Access), Capacity: e.Capacity, WomenOnly: e.WomenOnly, VerifiedOnly: e.VerifiedOnly}
}

// InClub names the club in which a room was opened.
type InClub struct {
	ID   string `json:"id"`
	Name string `json:"name"`
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
	Shape     string   `json:"shape" enum:"lounge,stage"`
	Seats     int      `json:"seats"`
	Club      *InClub  `json:"club,omitempty" doc:"In which it was opened; not told of one that people only come to by a link"`
	Speakers  []Person `json:"speakers"`
	Listeners int      `json:"listeners"`
	AllTalk   bool     `json:"all_talk,omitempty" doc:"Everybody here has a seat; of a Room, its audience is false"`
	Recorded  bool     `json:"recorded,omitempty" doc:"The voices of those who agree are kept for a replay"`
	Entry
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
	EndReason string   `json:"end_reason,omitempty" enum:"host,next_room,empty,no_host"`
	Host      Person   `json:"host"`
	Shape     string   `json:"shape" enum:"lounge,stage" doc:"On a stage nobody speaks unasked"`
	Seats     int      `json:"seats"`
	Locked    []int    `json:"locked" doc:"Seats that only hosts take"`
	Hands     string   `json:"hands" enum:"open,followed,off" doc:"Who may raise a hand: everybody, whom the host follows, nobody"`
	Link      string   `json:"link,omitempty" doc:"Pinned by hosts; https"`
	Chat      string   `json:"chat" enum:"on,off"`
	Slow      int      `json:"slow_seconds,omitempty" doc:"Between two messages of one person; hosts do not wait"`
	Invited   bool     `json:"invited,omitempty" doc:"The asking person is asked to speak, and has not answered"`
	Shared    bool     `json:"shared,omitempty" doc:"Anybody with the link can listen"`
	Recorded  bool     `json:"recorded,omitempty" doc:"The voices of those who agree are kept for a replay"`
	Club      *InClub  `json:"club,omitempty" doc:"In which it was opened; not told of one that people only come to by a link"`
	InClub    bool     `json:"in_club,omitempty" doc:"It was opened in a club, whether or not that is named"`
	Crowded   bool     `json:"crowded,omitempty" doc:"More listen than are listed: only those whose hand is up are"`
	Entry
	Audience  bool     `json:"audience" doc:"False: everybody here has a seat"`
	Gate      string   `json:"gate,omitempty" enum:"followers,club,pin,full" doc:"What stands between the asking person and the room; but with full, who is there is not told"`
	Listeners int      `json:"listeners"`
	Members   []Member `json:"members" doc:"All who sit, by seat, then the listeners who came last"`
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
	out := Member{Person: named(m.Account, people), NewHere: people[m.Account].New, Role: string(m.Role), Seat: m.Seat, Muted: m.Muted, MutedByHost: m.MutedByHost, ChatMuted: m.ChatMuted, Hand: m.Hand, CanSpeak: m.CanSpeak, Present: m.Present}
	if m.Seat != 0 { // the voices of listeners are told to nobody
		out.Voice = int64(m.Voice)
	}
	return out
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
		CreatedAt: r.CreatedAt.UnixMilli(), Host: named(r.Host, people), Shape: string(r.Shape), Seats: r.Seats, Listeners: r.Listeners, Speakers: []Person{}, Club: toInClub(r),
		Entry: ToEntry(r.Entry), AllTalk: !r.Audience, Recorded: r.Recorded,
	}
	for _, m := range r.Members {
		if m.Seat != 0 {
			c.Speakers = append(c.Speakers, named(m.Account, people))
		}
	}
	return c
}

func toInClub(r room.Room) *InClub {
	if r.ClubName == "" {
		return nil
	}
	return &InClub{ID: string(r.Club), Name: r.ClubName}
}

// ToRoom converts a room for viewer; You is the viewer, if present.
func ToRoom(r room.Room, viewer account.ID, people People) Room {
	w := Room{
		ID: string(r.ID), Title: r.Title, Category: Category(r.Category), Language: Language(r.Language), Seq: r.Seq,
		CreatedAt: r.CreatedAt.UnixMilli(), EndedAt: Millis(r.EndedAt), EndReason: string(r.EndReason),
		Host: named(r.Host, people), Shape: string(r.Shape), Seats: r.Seats, Locked: r.Locked(), Hands: string(r.Hands), Link: r.Link, Chat: string(r.Chat.Chat), Slow: r.Chat.Slow,
		Shared: r.Shared, Recorded: r.Recorded, Crowded: r.Crowded, Club: toInClub(r), Listeners: r.Listeners, Members: make([]Member, 0, len(r.Members)),
		Entry: ToEntry(r.Entry), Audience: r.Audience, InClub: r.Club != "", Gate: string(r.Gate),
	}
	for _, m := range r.Members {
		one := ToMember(m, people)
		w.Members = append(w.Members, one)
		if m.Account == viewer && m.Present {
			w.You, w.Invited = &one, m.Invited
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
