package events

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/meet/call"
	"heyy/internal/meet/follow"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/schedule"
)

// InEvent names the event that an operation is about.
type InEvent struct {
	Event string `path:"event" format:"uuid"`
}

func (in InEvent) id() schedule.ID { return schedule.ID(in.Event) }

// InEventPerson names a person, too.
type InEventPerson struct {
	InEvent
	Person string `path:"person" format:"uuid"`
}

// After is the query of a list whose next item is first.
type After struct {
	After string `query:"after" maxLength:"200" doc:"The next of the page before; none: from the next event on"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// Services holds the dependencies of the operations of events.
type Services struct {
	Events   *schedule.Service
	Clubs    *club.Service
	Calls    *call.Service
	Follows  *follow.Service
	Profiles *profile.Service
}

type api struct {
	*httpapi.API
	Services
}

// Register adds the operations of events.
func Register(core *httpapi.API, s Services) {
	a := &api{API: core, Services: s}
	a.readOperations()
	a.hostOperations()
	a.goerOperations()
	a.calendarOperations()
	// Nobody without an account sees an event, so programs that show links are told nothing of it.
	core.Previews("/events/", nil)
}

func (a *api) readOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: "/api/events",
		Summary: "Events that are not over, the next first",
	}, func(ctx context.Context, in *struct {
		After
		Mine bool `query:"mine" doc:"Those that you host, take part in or go to"`
	}) (*httpapi.Body[Events], error) {
		return a.list(ctx, schedule.Filter{Mine: in.Mine}, in.After)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-events", Method: http.MethodGet, Path: "/api/clubs/{club}/events",
		Summary: "The events of a club that are not over, the next first",
	}, func(ctx context.Context, in *struct {
		Club string `path:"club" format:"uuid"`
		After
	}) (*httpapi.Body[Events], error) {
		if _, err := a.Clubs.Get(ctx, httpapi.Actor(ctx), club.ID(in.Club), ""); err != nil {
			return nil, err
		}
		return a.list(ctx, schedule.Filter{Club: club.ID(in.Club)}, in.After)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-event", Method: http.MethodGet, Path: "/api/events/{event}",
		Summary: "An event, who takes part, and who goes of the people you know",
	}, func(ctx context.Context, in *InEvent) (*httpapi.Body[EventPage], error) {
		return a.page(ctx, in.id())
	})
}

func (a *api) list(ctx context.Context, f schedule.Filter, in After) (*httpapi.Body[Events], error) {
	part, err := httpapi.Page{Before: in.After, Limit: in.Limit}.Request()
	if err != nil {
		return nil, err
	}
	all, next, err := a.Events.Upcoming(ctx, httpapi.Actor(ctx), f, part)
	if err != nil {
		return nil, err
	}
	ids := make([]account.ID, len(all))
	for i, e := range all {
		ids[i] = e.Host
	}
	hosts, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return httpapi.Answer(toEvents(all, next, hosts)), nil
}

// page reads an event with its people.
func (a *api) page(ctx context.Context, id schedule.ID) (*httpapi.Body[EventPage], error) {
	by := httpapi.Actor(ctx)
	e, err := a.Events.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	part, err := a.Events.People(ctx, by, id)
	if err != nil {
		return nil, err
	}
	following, err := a.Follows.AllFollowing(ctx, by)
	if err != nil {
		return nil, err
	}
	friends, err := a.Follows.Friends(ctx, by)
	if err != nil {
		return nil, err
	}
	known, err := a.Events.Known(ctx, by, id, append(following, friends...))
	if err != nil {
		return nil, err
	}
	ids := append([]account.ID{e.Host}, known...)
	for _, p := range part {
		ids = append(ids, p.Account)
	}
	people, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := EventPage{Event: toEvent(e, people[e.Host]), People: []EventPerson{}, Known: []apitypes.Person{}}
	for _, p := range part {
		if who, ok := people[p.Account]; ok {
			out.People = append(out.People, EventPerson{Person: apitypes.ToPerson(who), Part: string(p.Part), Answer: string(p.Answer)})
		}
	}
	named := map[account.ID]bool{}
	for _, who := range known {
		if p, ok := people[who]; ok && !named[who] {
			named[who] = true
			out.Known = append(out.Known, apitypes.ToPerson(p))
		}
	}
	return httpapi.Answer(out), nil
}

func (a *api) hostOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "plan-event", Method: http.MethodPost, Path: "/api/events", DefaultStatus: http.StatusCreated,
		Summary: "Plan a room for later and host it",
	}, func(ctx context.Context, in *struct {
		Body struct {
			EventPlan
			Club string `json:"club,omitempty" format:"uuid" doc:"Plans it in a club; for its members"`
		}
	}) (*httpapi.Body[EventPage], error) {
		e, err := a.Events.Plan(ctx, httpapi.Actor(ctx), club.ID(in.Body.Club), in.Body.plan())
		if err != nil {
			return nil, err
		}
		return a.page(ctx, e.ID)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "edit-event", Method: http.MethodPut, Path: "/api/events/{event}",
		Summary: "Host: change an event; who goes is told of another time",
	}, func(ctx context.Context, in *struct {
		InEvent
		Body EventPlan
	}) (*httpapi.Body[EventPage], error) {
		if _, err := a.Events.Edit(ctx, httpapi.Actor(ctx), in.id(), in.Body.plan()); err != nil {
			return nil, err
		}
		return a.page(ctx, in.id())
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "cancel-event", Method: http.MethodPost, Path: "/api/events/{event}/cancel", DefaultStatus: http.StatusNoContent,
		Summary: "Host: cancel an event, of a weekly one all dates; who goes is told",
	}, func(ctx context.Context, in *InEvent) (*httpapi.None, error) {
		return nil, a.Events.Cancel(ctx, httpapi.Actor(ctx), in.id())
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "start-event", Method: http.MethodPost, Path: "/api/events/{event}/start",
		Summary: "Host and co-hosts: open the room of an event; who goes is told. Of a live event: its room",
	}, func(ctx context.Context, in *InEvent) (*httpapi.Body[EventStart], error) {
		if err := a.Calls.NotTalking(ctx, httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		r, err := a.Events.Start(ctx, httpapi.Actor(ctx), in.id())
		return httpapi.Answer(EventStart{RoomID: string(r)}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "invite-to-event", Method: http.MethodPut, Path: "/api/events/{event}/people/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Host: ask somebody to be a co-host or to speak",
	}, func(ctx context.Context, in *struct {
		InEventPerson
		Body struct {
			Part string `json:"part" enum:"co_host,speaker"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Events.Invite(ctx, httpapi.Actor(ctx), in.id(), account.ID(in.Person), schedule.Part(in.Body.Part))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "uninvite-from-event", Method: http.MethodDelete, Path: "/api/events/{event}/people/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "Host: take an invitation back; nobody is told",
	}, func(ctx context.Context, in *InEventPerson) (*httpapi.None, error) {
		return nil, a.Events.Uninvite(ctx, httpapi.Actor(ctx), in.id(), account.ID(in.Person))
	})
}

func (a *api) goerOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "answer-event-invitation", Method: http.MethodPut, Path: "/api/events/{event}/answer", DefaultStatus: http.StatusNoContent,
		Summary: "Accept or decline to take part",
	}, func(ctx context.Context, in *struct {
		InEvent
		Body struct {
			Accept bool `json:"accept"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Events.Answer(ctx, httpapi.Actor(ctx), in.id(), in.Body.Accept)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "go-to-event", Method: http.MethodPut, Path: "/api/events/{event}/going", DefaultStatus: http.StatusNoContent,
		Summary: "Go to an event: be reminded and told when it starts, of a weekly one each time",
	}, func(ctx context.Context, in *InEvent) (*httpapi.None, error) {
		return nil, a.Events.Go(ctx, httpapi.Actor(ctx), in.id())
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "not-go-to-event", Method: http.MethodDelete, Path: "/api/events/{event}/going", DefaultStatus: http.StatusNoContent,
		Summary: "Not go after all",
	}, func(ctx context.Context, in *InEvent) (*httpapi.None, error) {
		return nil, a.Events.Withdraw(ctx, httpapi.Actor(ctx), in.id())
	})
}
