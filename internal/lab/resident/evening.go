package resident

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"heyy/internal/base/textrule"
	"heyy/internal/lab/bot"
)

// evenings is the club and the events of a stage. The goroutine of its host alone uses it. What
// there is already is found on the server by its name or title, so that a restart founds and
// plans nothing twice.
type evenings struct {
	base   string
	tokens map[string]string
	host   string // key
	room   Room
	log    *slog.Logger

	clients map[string]*bot.Client
	done    map[string]bool // what succeeded or was refused in this run, and is not tried again
	club    string          // id; "": none
	looked  time.Time
}

func newEvenings(r Room, c Config, log *slog.Logger) *evenings {
	return &evenings{
		base: c.BaseURL, tokens: c.Tokens, host: r.Host, room: r, log: log,
		clients: map[string]*bot.Client{}, done: map[string]bool{},
	}
}

const (
	arrangeEvery = 20 * time.Second
	// planAhead is the least time from planning an event to its date.
	planAhead = 10 * time.Minute
)

// errMoved means that the host has opened another room, or ended this one.
var errMoved = errors.New("the host has moved on")

// clubID returns the id of the club, which the host founds unless it is there. A club that was
// closed is not founded again in this run.
func (e *evenings) clubID(ctx context.Context, host *bot.Client) (string, error) {
	if e.room.Club == nil || e.done["club"] {
		return e.club, nil
	}
	mine, err := host.MyClubs(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range mine {
		if c.Name == e.room.Club.Name && c.Role == "founder" {
			e.club = c.ID
		}
	}
	if e.club == "" {
		p := bot.ClubPlan{Name: e.room.Club.Name, About: e.room.Club.About, Rules: e.room.Club.Rules, Category: e.room.Category, Language: e.room.Language, Entry: "open"}
		made, err := host.FoundClub(ctx, p)
		if err != nil {
			return "", err
		}
		e.club = made.ID
		e.log.Info("resident: founded a club", "name", p.Name, "id", made.ID)
	}
	e.done["club"] = true
	return e.club, nil
}

// leaveClub goes on without a club that takes no rooms any more.
func (e *evenings) leaveClub() { e.club = "" }

// open returns the room of the event that is live or due; "": there is none. It opens the room.
func (e *evenings) open(ctx context.Context, host *bot.Client) (string, error) {
	events, err := e.mine(ctx, host)
	if err != nil {
		return "", err
	}
	for _, one := range events {
		if !one.isOn(time.Now()) {
			continue
		}
		room, err := host.StartEvent(ctx, one.ID)
		switch code := bot.Code(err); {
		case err == nil:
			return room, nil
		case strings.HasPrefix(code, "event."), strings.HasPrefix(code, "club."):
			e.log.Debug("resident: the event does not start", "title", one.Title, "err", err)
		default:
			return "", err
		}
	}
	return "", nil
}

// dated is an event on the server, with what the cast says of it.
type dated struct {
	bot.Event
	cast Event
}

// isOn reports whether the event should have a room.
func (d dated) isOn(now time.Time) bool {
	begins := time.UnixMilli(d.StartsAt)
	return !now.Before(begins) && now.Before(begins.Add(time.Duration(d.cast.Minutes)*time.Minute))
}

// mine returns the events of the cast that are on the server and not over.
func (e *evenings) mine(ctx context.Context, host *bot.Client) (found []dated, err error) {
	if len(e.room.Events) == 0 {
		return nil, nil
	}
	all, err := host.MyEvents(ctx)
	for _, one := range all {
		for _, planned := range e.room.Events {
			if one.Host.ID == host.ID && one.Title == planned.Title {
				found = append(found, dated{one, planned})
			}
		}
	}
	return found, err
}

// attend does what is due while the host is in a room: lets people up who raise a hand, plans,
// and moves to the room of an event and back (errMoved). Nobody moves while a person who is no
// resident has a seat.
func (e *evenings) attend(ctx context.Context, host *bot.Client, room bot.Room, speakers map[string]bool) error {
	if room.Shape == stageShape {
		if err := letUp(ctx, host, room.ID, speakers); err != nil {
			return err
		}
	}
	if time.Since(e.looked) < arrangeEvery {
		return nil
	}
	e.looked = time.Now()
	if err := e.arrange(ctx, host); err != nil {
		return err
	}
	events, err := e.mine(ctx, host)
	if err != nil || hasGuests(room) {
		return err
	}
	for _, one := range events {
		here := one.State == "live" && one.RoomID == room.ID
		switch on := one.isOn(e.looked); {
		case here && on:
			return nil
		case here:
			if err := host.End(ctx, room.ID); err != nil {
				return err
			}
			return errMoved
		}
	}
	opened, err := e.open(ctx, host)
	if err == nil && opened != "" && opened != room.ID {
		return errMoved
	}
	return err
}

// stageShape is the shape of a room in which the host lets people speak.
const stageShape = "stage"

// letUp asks everybody up who has a hand raised. Of residents these are the speakers: the
// others only raise one for a while.
func letUp(ctx context.Context, host *bot.Client, room string, speakers map[string]bool) error {
	hands, err := host.Hands(ctx, room)
	if err != nil {
		return err
	}
	for _, h := range hands {
		if h.Invited || h.Person.Resident && !speakers[h.Person.ID] {
			continue
		}
		if err := host.Invite(ctx, room, h.Person.ID); err != nil && bot.Code(err) == "" {
			return err
		}
	}
	return nil
}

func hasGuests(room bot.Room) bool {
	for _, m := range room.Members {
		if m.Present && m.Seat != 0 && !m.Person.Resident {
			return true
		}
	}
	return false
}

// arrange plans the events that are not there, and lets the others join the club, take part and
// go to them.
func (e *evenings) arrange(ctx context.Context, host *bot.Client) error {
	if e.club != "" {
		for _, key := range e.room.Club.Members {
			if err := e.once(ctx, "member "+key, key, func(c *bot.Client) error { return c.JoinClub(ctx, e.club) }); err != nil {
				return err
			}
		}
	}
	events, err := e.mine(ctx, host)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, one := range events {
		known[one.Title] = true
	}
	for _, planned := range e.room.Events {
		if known[planned.Title] {
			continue
		}
		one, err := e.plan(ctx, host, planned)
		if err != nil {
			return err
		}
		events = append(events, dated{one, planned})
	}
	for _, one := range events {
		if err := e.fill(ctx, host, one); err != nil {
			return err
		}
	}
	return nil
}

func (e *evenings) plan(ctx context.Context, host *bot.Client, planned Event) (bot.Event, error) {
	at, err := planned.next(time.Now())
	if err != nil {
		return bot.Event{}, err
	}
	one, err := host.PlanEvent(ctx, bot.EventPlan{
		Title: planned.Title, About: planned.About, Category: e.room.Category, Language: e.room.Language, Shape: planned.Shape, Zone: planned.Zone,
		StartsAt: at.UnixMilli(), Minutes: planned.Minutes, Weekly: planned.Weekday != "", Club: e.club,
	})
	if err == nil {
		e.log.Info("resident: planned an event", "title", one.Title, "at", at)
	}
	return one, err
}

// fill asks the speakers of an event, who accept, and lets others say that they go.
func (e *evenings) fill(ctx context.Context, host *bot.Client, one dated) error {
	if one.State != "planned" {
		return nil // nobody is asked who would miss it
	}
	for _, key := range one.cast.Speakers {
		if err := e.once(ctx, one.ID+" speaker "+key, key, func(c *bot.Client) error {
			if err := host.AskToSpeakAt(ctx, one.ID, c.ID); err != nil {
				return err
			}
			return c.AcceptPart(ctx, one.ID)
		}); err != nil {
			return err
		}
	}
	for _, key := range one.cast.Goers {
		if err := e.once(ctx, one.ID+" goes "+key, key, func(c *bot.Client) error { return c.GoTo(ctx, one.ID) }); err != nil {
			return err
		}
	}
	return nil
}

// once does something as a resident, until it has succeeded or was refused. Residents without a
// session do nothing.
func (e *evenings) once(ctx context.Context, what, key string, do func(*bot.Client) error) error {
	if e.done[what] || e.tokens[key] == "" {
		return nil
	}
	c := e.clients[key]
	var err error
	if c == nil {
		if c, err = bot.Dial(ctx, e.base, e.tokens[key]); err == nil {
			e.clients[key] = c
		}
	}
	if err == nil {
		err = do(c)
	}
	if err != nil && bot.Code(err) == "" || bot.Code(err) == "rate.limited" {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err != nil {
		e.log.Debug("resident: refused", "what", what, "err", err)
	}
	e.done[what] = true
	return nil
}

// next returns the next date of an event that is far enough ahead.
func (e Event) next(now time.Time) (time.Time, error) {
	zone, ok := textrule.Zone(e.Zone)
	if !ok {
		return time.Time{}, fmt.Errorf("%s: no time zone %q", e.Title, e.Zone)
	}
	clock, err := time.Parse("15:04", e.At)
	if err != nil {
		return time.Time{}, err
	}
	least := now.Add(planAhead)
	day := least.In(zone)
	for range 8 {
		at := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
		if !at.Before(least) && (e.Weekday == "" || at.Weekday().String() == e.Weekday) {
			return at, nil
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}, fmt.Errorf("%s: no day %q", e.Title, e.Weekday)
}
