package bot

import (
	"context"
	"fmt"
	"net/http"
)

// Club is a club as the lists show it, with its rules if it was read by itself.
type Club struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Role         string `json:"role"` // of the bot; "": none
	Members      int    `json:"members"`
	RulesVersion int64  `json:"rules_version"`
}

// ClubPlan describes a club to found.
type ClubPlan struct {
	Name     string `json:"name"`
	About    string `json:"about,omitempty"`
	Rules    string `json:"rules,omitempty"`
	Category string `json:"category"`
	Language string `json:"language"`
	Entry    string `json:"entry"` // open, request or invite
}

// Event is a scheduled event as the bot sees it.
type Event struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Host     Person        `json:"host"`
	State    string        `json:"state"` // planned, live, over or cancelled
	StartsAt int64         `json:"starts_at"`
	Minutes  int           `json:"minutes"`
	Weekly   bool          `json:"weekly"`
	RoomID   string        `json:"room_id"` // of a live one
	Goers    int           `json:"goers"`
	People   []Participant `json:"people"` // only of GetEvent: who takes part; for the host also who was asked
}

// Participant is somebody who was asked to take part in an event.
type Participant struct {
	Person Person `json:"person"`
	Answer string `json:"answer"` // none, accepted or declined
}

// EventPlan describes an event to plan.
type EventPlan struct {
	Title    string `json:"title"`
	About    string `json:"about,omitempty"`
	Category string `json:"category"`
	Language string `json:"language"`
	Shape    string `json:"shape,omitempty"`
	Zone     string `json:"zone"`
	StartsAt int64  `json:"starts_at"`
	Minutes  int    `json:"minutes"`
	Weekly   bool   `json:"weekly,omitempty"`
	Club     string `json:"club,omitempty"`
}

// MyClubs returns the clubs that the bot belongs to or follows.
func (c *Client) MyClubs(ctx context.Context) ([]Club, error) {
	var out struct {
		Clubs []Club `json:"clubs"`
	}
	err := c.read(ctx, "/api/me/clubs", &out)
	return out.Clubs, err
}

// FoundClub founds a club.
func (c *Client) FoundClub(ctx context.Context, p ClubPlan) (Club, error) {
	var made Club
	if err := c.do(ctx, http.MethodPost, "/api/clubs", p, &made); err != nil {
		return Club{}, fmt.Errorf("bot: found a club: %w", err)
	}
	return made, nil
}

// JoinClub makes the bot a member who accepts the rules as they are. A member stays one.
func (c *Client) JoinClub(ctx context.Context, club string) error {
	var now Club
	if err := c.read(ctx, "/api/clubs/"+club, &now); err != nil {
		return err
	}
	body := struct {
		Rules int64 `json:"rules_version,omitempty"`
	}{now.RulesVersion}
	return c.command(ctx, http.MethodPost, "/api/clubs/"+club+"/join", body)
}

// MyEvents returns the events that the bot hosts, takes part in or goes to.
func (c *Client) MyEvents(ctx context.Context) ([]Event, error) {
	var out struct {
		Events []Event `json:"events"`
	}
	err := c.read(ctx, "/api/events?mine=true&limit=100", &out)
	return out.Events, err
}

// GetEvent returns an event with the people who take part.
func (c *Client) GetEvent(ctx context.Context, event string) (e Event, err error) {
	err = c.read(ctx, "/api/events/"+event, &e)
	return e, err
}

// PlanEvent plans an event that the bot hosts.
func (c *Client) PlanEvent(ctx context.Context, p EventPlan) (e Event, err error) {
	if err = c.do(ctx, http.MethodPost, "/api/events", p, &e); err != nil {
		return Event{}, fmt.Errorf("bot: plan an event: %w", err)
	}
	return e, nil
}

// StartEvent opens the room of an event, or returns the one that is open.
func (c *Client) StartEvent(ctx context.Context, event string) (room string, err error) {
	var out struct {
		Room string `json:"room_id"`
	}
	err = c.do(ctx, http.MethodPost, "/api/events/"+event+"/start", nil, &out)
	if Code(err) == "command.applied" { // the reply with the room was lost
		err = c.do(ctx, http.MethodPost, "/api/events/"+event+"/start", nil, &out)
	}
	if err != nil {
		return "", fmt.Errorf("bot: start event %s: %w", event, err)
	}
	return out.Room, nil
}

// AskToSpeakAt asks a person to be a speaker of an event.
func (c *Client) AskToSpeakAt(ctx context.Context, event, person string) error {
	body := struct {
		Part string `json:"part"`
	}{"speaker"}
	return c.command(ctx, http.MethodPut, "/api/events/"+event+"/people/"+person, body)
}

// AcceptPart accepts an invitation to take part in an event.
func (c *Client) AcceptPart(ctx context.Context, event string) error {
	return c.command(ctx, http.MethodPut, "/api/events/"+event+"/answer", accepted)
}

// GoTo says that the bot goes to an event.
func (c *Client) GoTo(ctx context.Context, event string) error {
	return c.command(ctx, http.MethodPut, "/api/events/"+event+"/going", nil)
}

// Hand is a hand in the queue of a room, as its hosts see it.
type Hand struct {
	Person  Person `json:"person"`
	Invited bool   `json:"invited"`
}

// Hands returns the queue of hands of a room that the bot leads.
func (c *Client) Hands(ctx context.Context, room string) ([]Hand, error) {
	var out struct {
		Hands []Hand `json:"hands"`
	}
	err := c.read(ctx, "/api/rooms/"+room+"/hands", &out)
	return out.Hands, err
}

// RaiseHand raises the bot's hand, with a note for the hosts.
func (c *Client) RaiseHand(ctx context.Context, room, about string) error {
	body := struct {
		About string `json:"about,omitempty"`
	}{about}
	_, err := c.change(ctx, http.MethodPut, room, "hand", body)
	return err
}

// LowerHand takes the bot's hand down.
func (c *Client) LowerHand(ctx context.Context, room string) error {
	_, err := c.change(ctx, http.MethodDelete, room, "hand", nil)
	return err
}

// Invite asks a member to speak.
func (c *Client) Invite(ctx context.Context, room, person string) error {
	_, err := c.change(ctx, http.MethodPost, room, "people/"+person+"/invite", nil)
	return err
}

// AcceptInvitation accepts an invitation to speak, and takes the first free seat.
func (c *Client) AcceptInvitation(ctx context.Context, room string) error {
	_, err := c.change(ctx, http.MethodPut, room, "invitation", accepted)
	return err
}

var accepted = struct {
	Accept bool `json:"accept"`
}{true}

func (c *Client) read(ctx context.Context, path string, out any) error {
	if err := c.do(ctx, http.MethodGet, path, nil, out); err != nil {
		return fmt.Errorf("bot: read %s: %w", path, err)
	}
	return nil
}

// command sends a command whose reply is of no use. One that was applied has succeeded.
func (c *Client) command(ctx context.Context, method, path string, body any) error {
	err := c.do(ctx, method, path, body, nil)
	if err != nil && Code(err) != "command.applied" {
		return fmt.Errorf("bot: %s %s: %w", method, path, err)
	}
	return nil
}
