package events

import (
	"time"

	"heyy/internal/base/page"
	"heyy/internal/edge/apitypes"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/room"
	"heyy/internal/rooms/schedule"
)

// Event is an event as the asking person sees it.
type Event struct {
	ID       string            `json:"id"`
	Host     apitypes.Person   `json:"host"`
	Title    string            `json:"title"`
	About    string            `json:"about"`
	Category apitypes.Category `json:"category"`
	Language apitypes.Language `json:"language"`
	Shape    string            `json:"shape" enum:"lounge,stage"`
	Access   string            `json:"access" enum:"open,followers,club,link"`
	Club     *apitypes.InClub  `json:"club,omitempty" doc:"Not told of one that people only come to by a link"`
	Zone     string            `json:"zone" doc:"IANA name of the host's time zone"`
	StartsAt int64             `json:"starts_at" doc:"Of a weekly event the next date"`
	Minutes  int               `json:"minutes"`
	Weekly   bool              `json:"weekly,omitempty"`
	State    string            `json:"state" enum:"planned,live,over,cancelled"`
	RoomID   string            `json:"room_id,omitempty" doc:"Of a live event"`
	Goers    int               `json:"goers" doc:"How many go, without hosts and speakers"`
	Going    bool              `json:"going,omitempty" doc:"The asking person goes"`
	Part     string            `json:"part,omitempty" enum:"co_host,speaker" doc:"What the asking person is asked to do"`
	Answer   string            `json:"answer,omitempty" enum:"none,accepted,declined" doc:"Their answer"`
	CanStart bool              `json:"can_start,omitempty" doc:"The asking person may start it now"`
	Recorded bool              `json:"recorded,omitempty" doc:"Its room is recorded for a replay"`
	ReplayID string            `json:"replay_id,omitempty" doc:"The replay of the date before, once it is published"`
}

// Events is a page of a list of events.
type Events struct {
	Events []Event `json:"events"`
	Next   string  `json:"next,omitempty"`
}

// EventPerson is somebody who takes part in an event.
type EventPerson struct {
	Person apitypes.Person `json:"person"`
	Part   string          `json:"part" enum:"co_host,speaker"`
	Answer string          `json:"answer" enum:"none,accepted,declined"`
}

// EventPage is an event with its people.
type EventPage struct {
	Event
	People []EventPerson     `json:"people" doc:"Who takes part: for the host everybody who was asked, for others those who have accepted"`
	Known  []apitypes.Person `json:"known" doc:"Of who goes those you follow and your friends; 50 at most"`
}

// EventStart is the room of an event that was started.
type EventStart struct {
	RoomID string `json:"room_id"`
}

// EventCalendar says whether the asking person has a calendar address.
type EventCalendar struct {
	MadeAt int64 `json:"made_at,omitempty" doc:"Missing: there is none"`
}

// EventCalendarLink is the address of a calendar.
type EventCalendarLink struct {
	URL string `json:"url" doc:"For a calendar program; it is told once"`
}

// EventPlan holds the editable fields of an event.
type EventPlan struct {
	Title    string            `json:"title" minLength:"1" maxLength:"400" doc:"One line, up to 80 characters"`
	About    string            `json:"about,omitempty" maxLength:"5000" doc:"Up to 1000 characters"`
	Category apitypes.Category `json:"category"`
	Language apitypes.Language `json:"language"`
	Shape    string            `json:"shape,omitempty" enum:"lounge,stage" doc:"lounge unless given"`
	Access   string            `json:"access,omitempty" enum:"open,followers,club,link" doc:"open unless given"`
	Zone     string            `json:"zone" minLength:"1" maxLength:"64" doc:"IANA name, such as Europe/Rome: weekly dates keep their time of day there"`
	StartsAt int64             `json:"starts_at" minimum:"0" maximum:"4102444800000" doc:"5 minutes to 30 days from now; whole minutes"`
	Minutes  int               `json:"minutes" minimum:"15" maximum:"480"`
	Weekly   bool              `json:"weekly,omitempty"`
	Recorded bool              `json:"recorded,omitempty" doc:"Records its room for a replay"`
}

func (w EventPlan) plan() schedule.Plan {
	return schedule.Plan{
		Title: w.Title, About: w.About, Category: string(w.Category), Language: string(w.Language), Shape: room.Shape(w.Shape), Access: room.Access(w.Access),
		Zone: w.Zone, StartsAt: time.UnixMilli(w.StartsAt), Minutes: w.Minutes, Weekly: w.Weekly, Recorded: w.Recorded,
	}
}

func toEvent(e schedule.Event, host profile.Person) Event {
	out := Event{
		ID: string(e.ID), Host: apitypes.ToPerson(host), Title: e.Title, About: e.About, Category: apitypes.Category(e.Category), Language: apitypes.Language(e.Language),
		Shape: string(e.Shape), Access: string(e.Access), Zone: e.Zone, StartsAt: e.StartsAt.UnixMilli(), Minutes: e.Minutes, Weekly: e.Weekly, State: string(e.State),
		RoomID: string(e.Room), Goers: e.Goers, Going: e.Going, Part: string(e.Part), Answer: string(e.Answer), CanStart: e.CanStart, Recorded: e.Recorded, ReplayID: string(e.Replay),
	}
	if e.ClubName != "" {
		out.Club = &apitypes.InClub{ID: string(e.Club), Name: e.ClubName}
	}
	return out
}

// toEvents shapes a page; an event whose host's account is gone meanwhile is left out.
func toEvents(all []schedule.Event, next page.Cursor, hosts map[account.ID]profile.Person) Events {
	out := Events{Events: make([]Event, 0, len(all)), Next: next.String()}
	for _, e := range all {
		if host, ok := hosts[e.Host]; ok {
			out.Events = append(out.Events, toEvent(e, host))
		}
	}
	return out
}
