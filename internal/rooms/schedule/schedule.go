package schedule

import (
	"slices"
	"time"

	"heyy/internal/base/fault"
	"heyy/internal/base/language"
	"heyy/internal/base/textrule"
	"heyy/internal/people/account"
	"heyy/internal/rooms/room"
)

// ID is the id of an event.
type ID string

// Limits.
const (
	MaxAhead   = 30 * 24 * time.Hour // from now to a date
	MinAhead   = 5 * time.Minute
	MaxPlanned = 10 // events of one person that are not over
	MaxAbout   = 1000
	MaxInvited = 20 // of one event
	MaxGoers   = 10_000
	MaxGoing   = 200 // events that one person goes to
	MinMinutes = 15
	MaxMinutes = 480

	maxPerDay     = 30  // events that one person plans
	maxInvites    = 100 // of one person at once; a day gives as many again, bit by bit
	maxMoves      = 10  // of one date
	maxMissed     = 3   // dates of a weekly event in a row
	maxInCalendar = 200 // dates
)

// Times.
const (
	StartBefore = 30 * time.Minute // of a date, from when on it can be started
	startLate   = time.Hour        // after it, until when; the end, if that is earlier
	RemindSoon  = 15 * time.Minute // before a date
	remindLate  = 10 * time.Minute // after the moment of a reminder it is none any more
	retention   = 30 * 24 * time.Hour
)

// Accesses lists the doors that the room of an event can have.
var Accesses = []room.Access{room.AccessOpen, room.AccessFollowers, room.AccessClub, room.AccessLink}

// State is the state of an event, a column of events.
type State string

// States.
const (
	Planned   State = "planned"
	Live      State = "live"
	Over      State = "over"
	Cancelled State = "cancelled"
)

// Part is the role of somebody invited to an event, a column of event_people.
type Part string

// Parts.
const (
	CoHost  Part = "co_host"
	Speaker Part = "speaker"
)

// Answer is the answer to such an invitation.
type Answer string

// Answers.
const (
	NoAnswer Answer = "none"
	Accepted Answer = "accepted"
	Declined Answer = "declined"
)

// Plan holds the editable fields of an event.
type Plan struct {
	Title    string
	About    string
	Category string
	Shape    room.Shape
	Language string
	Access   room.Access
	Zone     string // IANA name
	StartsAt time.Time
	Minutes  int
	Weekly   bool
	Recorded bool // its room is
}

// Event is an event as a viewer sees it.
type Event struct {
	ID       ID
	Host     account.ID // "": their account is deleted
	Club     room.ClubID
	ClubName string // "": of a club that people only come to by a link
	Plan
	State     State
	Room      room.ID // of a live event
	Replay    room.ID // of the last date, if it has a published one that the viewer may hear; "": none
	Sequence  int
	UpdatedAt time.Time
	Goers     int
	wall      string
	reminded  int
	moves     int
	missed    int

	Going    bool // the viewer
	Part     Part // of the viewer; "": they are not invited
	Answer   Answer
	CanStart bool
}

// closes is when an event can be started no more.
func (e Event) closes() time.Time {
	return e.StartsAt.Add(min(startLate, time.Duration(e.Minutes)*time.Minute))
}

func (e Event) ends() time.Time { return e.StartsAt.Add(time.Duration(e.Minutes) * time.Minute) }

// isLedBy reports whether somebody may start an event: its host, and who has accepted to be a
// co-host. A room for followers is for those of whoever opens it, so that only the host opens
// one. e was read for them.
func (e Event) isLedBy(who account.ID) bool {
	return who == e.Host || e.Part == CoHost && e.Answer == Accepted && e.Access != room.AccessFollowers
}

// startable returns nil if an event that its viewer leads can be started now.
func (e Event) startable(now time.Time) error {
	switch {
	case e.State == Cancelled || e.State == Over || !now.Before(e.closes()):
		return errOver
	case now.Before(e.StartsAt.Add(-StartBefore)):
		return errEarly
	}
	return nil
}

// Invited is somebody who was asked to take part.
type Invited struct {
	Account account.ID
	Part    Part
	Answer  Answer
}

func (p Plan) checked() (_ Plan, err error) {
	if p.Title, err = room.CheckTitle(p.Title); err != nil {
		return p, err
	}
	if p.About != "" {
		if p.About, err = textrule.Text("body.about", p.About, MaxAbout); err != nil {
			return p, err
		}
	}
	if p.Shape == "" {
		p.Shape = room.Lounge
	}
	if p.Access == "" {
		p.Access = room.AccessOpen
	}
	p.StartsAt = p.StartsAt.Truncate(time.Minute).Local() // as rows are read, to compare plans
	_, known := textrule.Zone(p.Zone)
	switch {
	case !slices.Contains(room.Categories, p.Category):
		return p, fault.At("body.category", "room.category_unknown", "This topic isn't on the list. Choose another.")
	case !language.Known(p.Language):
		return p, fault.At("body.language", "language.unknown", "This language isn't on the list. Choose another.")
	case p.Shape != room.Lounge && p.Shape != room.Stage:
		return p, fault.At("body.shape", "event.shape_unknown", "This isn't on the list.")
	case !slices.Contains(Accesses, p.Access):
		return p, fault.At("body.access", "room.access_unknown", "This isn't on the list.")
	case !known:
		return p, fault.At("body.zone", "event.zone_unknown", "This time zone isn't known.")
	case p.Minutes < MinMinutes || p.Minutes > MaxMinutes:
		return p, fault.At("body.minutes", "event.minutes", "An event lasts 15 minutes to 8 hours.")
	}
	return p, nil
}

// isAhead checks a new date.
func (p Plan) isAhead(now time.Time) error {
	switch {
	case p.StartsAt.Before(now.Add(MinAhead).Truncate(time.Minute)):
		return errTooSoon
	case p.StartsAt.After(now.Add(MaxAhead)):
		return errTooFar
	}
	return nil
}

// Faults that commands and reads return.
var (
	errNotFound   = fault.New(fault.NotFound, "event.not_found", "This event doesn't exist.")
	errTooSoon    = fault.At("body.starts_at", "event.too_soon", "Choose a time at least five minutes from now.")
	errTooFar     = fault.At("body.starts_at", "event.too_far", "You can plan up to 30 days ahead.")
	errPlanned    = fault.New(fault.TooMany, "event.planned_many", "You've planned a lot of events. Cancel one first.")
	errPlannedDay = fault.New(fault.TooMany, "event.planned_day", "You've planned a lot of events today. Try again tomorrow.")
	errHostOnly   = fault.New(fault.Forbidden, "event.host_only", "Only the host can do this.")
	errOver       = fault.New(fault.Conflict, "event.over", "This event is over.")
	errLive       = fault.New(fault.Conflict, "event.live", "This event has started.")
	errEarly      = fault.New(fault.Conflict, "event.early", "You can start half an hour before the time.")
	errMoved      = fault.New(fault.TooMany, "event.moved_many", "You've moved this event a lot. Plan a new one instead.")
	errFull       = fault.New(fault.Conflict, "event.full", "This event is full.")
	errGoing      = fault.New(fault.TooMany, "event.going_many", "You're going to a lot of events. Leave one out first.")
	errInvited    = fault.New(fault.Conflict, "event.invited_many", "You've invited enough people to this event.")
	errInvitedDay = fault.New(fault.TooMany, "event.invited_day", "You've invited a lot of people today. Try again later.")
	errNoClub     = fault.At("body.access", "room.club_missing", "This event isn't in a club.")
	errNotInvited = fault.New(fault.Conflict, "event.not_invited", "You have no invitation to this event any more.")
	errSelf       = fault.New(fault.Conflict, "event.self", "You're hosting this event already.")
	errUnknown    = fault.New(fault.NotFound, "person.unknown", "This person isn't here any more.")
	errNoCalendar = fault.New(fault.NotFound, "event.calendar_gone", "This calendar address doesn't work any more.")
)
