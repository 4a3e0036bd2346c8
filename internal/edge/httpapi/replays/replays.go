package replays

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/base/blob"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/rooms/club"
	"heyy/internal/rooms/replay"
	"heyy/internal/rooms/room"
)

// InReplay names the replay that an operation is about; it has the id of its room.
type InReplay struct {
	Replay string `path:"replay" format:"uuid"`
}

func (in InReplay) id() room.ID { return room.ID(in.Replay) }

// Services holds the dependencies of the operations of replays.
type Services struct {
	Replays  *replay.Service
	Clubs    *club.Service
	Profiles *profile.Service
	Blobs    *blob.Store
}

type api struct {
	*httpapi.API
	Services
	exports exports
}

// Register adds the operations of replays.
func Register(core *httpapi.API, s Services) {
	a := &api{API: core, Services: s, exports: exports{of: map[account.ID]time.Time{}}}
	a.voiceOperations()
	a.readOperations()
	a.hostOperations()
}

func (a *api) voiceOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-recording", Method: http.MethodGet, Path: "/api/rooms/{room}/recording",
		Summary: "Whether your voice is kept in a room that is recorded and that you're in",
	}, func(ctx context.Context, in *struct {
		Room string `path:"room" format:"uuid"`
	}) (*httpapi.Body[Recording], error) {
		keeps, answered, err := a.Replays.Answer(ctx, httpapi.Actor(ctx), room.ID(in.Room))
		return httpapi.Answer(Recording{Keep: keeps, Answered: answered}), err
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "set-recording", Method: http.MethodPut, Path: "/api/rooms/{room}/recording", DefaultStatus: http.StatusNoContent,
		Summary: "Say whether your voice is kept; if not, what was kept of it is deleted",
	}), func(ctx context.Context, in *struct {
		Room string `path:"room" format:"uuid"`
		Body struct {
			Keep bool `json:"keep"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Replays.Keep(ctx, httpapi.Actor(ctx), room.ID(in.Room), in.Body.Keep)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "withdraw-voice", Method: http.MethodDelete, Path: "/api/replays/{replay}/voice", DefaultStatus: http.StatusNoContent,
		Summary: "Delete your voice from a replay, for everybody and for good",
	}), func(ctx context.Context, in *InReplay) (*httpapi.None, error) {
		return nil, a.Replays.Withdraw(ctx, httpapi.Actor(ctx), in.id())
	})
}

func (a *api) readOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-replays", Method: http.MethodGet, Path: "/api/replays",
		Summary: "Replays, the newest first",
	}, func(ctx context.Context, in *struct {
		httpapi.Page
		Mine bool `query:"mine" doc:"Those of rooms that you hosted or spoke in, also before they are published"`
	}) (*httpapi.Body[Replays], error) {
		return a.list(ctx, replay.Filter{Mine: in.Mine}, in.Page)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-club-replays", Method: http.MethodGet, Path: "/api/clubs/{club}/replays",
		Summary: "The replays of a club's rooms, the newest first",
	}, func(ctx context.Context, in *struct {
		Club string `path:"club" format:"uuid"`
		httpapi.Page
	}) (*httpapi.Body[Replays], error) {
		if _, err := a.Clubs.Get(ctx, httpapi.Actor(ctx), club.ID(in.Club), ""); err != nil {
			return nil, err
		}
		return a.list(ctx, replay.Filter{Club: room.ClubID(in.Club)}, in.Page)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-replay", Method: http.MethodGet, Path: "/api/replays/{replay}",
		Summary: "A replay, with its parts and what stands beside them",
	}, func(ctx context.Context, in *InReplay) (*httpapi.Body[ReplayPage], error) {
		return a.page(ctx, in.id())
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "hear-replay", Method: http.MethodGet, Path: "/api/replays/{replay}/parts/{part}",
		Summary:   "One part of a replay, with its speaker's voice alone",
		Responses: httpapi.Binary("The recording", "audio/ogg"),
	}, func(ctx context.Context, in *struct {
		InReplay
		Part string `path:"part" format:"uuid"`
	}) (*huma.StreamResponse, error) {
		key, err := a.Replays.PartKey(ctx, httpapi.Actor(ctx), in.id(), in.Part)
		if err != nil {
			return nil, err
		}
		return people.SendPassing(ctx, a.Blobs, key, in.Part, replay.ErrNotFound)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "mark-replay", Method: http.MethodPut, Path: "/api/replays/{replay}/mark", DefaultStatus: http.StatusNoContent,
		Summary: "Keep, for yourself, how far you have listened",
	}), func(ctx context.Context, in *struct {
		InReplay
		Body struct {
			At int64 `json:"at" minimum:"0" maximum:"14400000" doc:"Milliseconds since the beginning"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Replays.SetMark(ctx, httpapi.Actor(ctx), in.id(), time.Duration(in.Body.At)*time.Millisecond)
	})
}

func (a *api) list(ctx context.Context, f replay.Filter, in httpapi.Page) (*httpapi.Body[Replays], error) {
	part, err := in.Request()
	if err != nil {
		return nil, err
	}
	by := httpapi.Actor(ctx)
	all, next, err := a.Replays.List(ctx, by, f, part)
	if err != nil {
		return nil, err
	}
	var ids []account.ID
	for _, r := range all {
		ids = append(append(ids, r.Host), r.Speakers...)
	}
	named, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := Replays{Replays: make([]Replay, len(all)), Next: next.String()}
	for i, r := range all {
		out.Replays[i] = toReplay(r, by, named)
	}
	return httpapi.Answer(out), nil
}

func (a *api) page(ctx context.Context, id room.ID) (*httpapi.Body[ReplayPage], error) {
	by := httpapi.Actor(ctx)
	r, parts, lines, err := a.Replays.Get(ctx, by, id)
	if err != nil {
		return nil, err
	}
	ids := append([]account.ID{r.Host}, r.Speakers...)
	for _, l := range lines {
		ids = append(ids, l.Account)
	}
	named, err := a.Profiles.People(ctx, ids...)
	if err != nil {
		return nil, err
	}
	return httpapi.Answer(toPage(r, parts, lines, by, named)), nil
}

func (a *api) hostOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "publish-replay", Method: http.MethodPut, Path: "/api/replays/{replay}/publication",
		Summary: "Host: open a replay to whoever could come into the room, or change how long it is kept",
	}, func(ctx context.Context, in *struct {
		InReplay
		Body struct {
			Days int `json:"days" minimum:"1" maximum:"365" doc:"7, 30, 90 or 365"`
		}
	}) (*httpapi.Body[Replay], error) {
		by := httpapi.Actor(ctx)
		if err := a.Replays.Publish(ctx, by, in.id(), in.Body.Days); err != nil {
			return nil, err
		}
		r, _, _, err := a.Replays.Get(ctx, by, in.id())
		if err != nil {
			return nil, err
		}
		named, err := a.Profiles.People(ctx, append([]account.ID{r.Host}, r.Speakers...)...)
		return httpapi.Answer(toReplay(r, by, named)), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "delete-replay", Method: http.MethodDelete, Path: "/api/replays/{replay}", DefaultStatus: http.StatusNoContent,
		Summary: "Host: delete a replay with all voices",
	}, func(ctx context.Context, in *InReplay) (*httpapi.None, error) {
		return nil, a.Replays.Delete(ctx, httpapi.Actor(ctx), in.id())
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "add-chapter", Method: http.MethodPost, Path: "/api/replays/{replay}/chapters", DefaultStatus: http.StatusCreated,
		Summary: "Host: name what begins at a moment",
	}, func(ctx context.Context, in *struct {
		InReplay
		Body struct {
			At   int64  `json:"at" minimum:"0" maximum:"14400000" doc:"Milliseconds since the beginning"`
			Text string `json:"text" minLength:"1" maxLength:"400" doc:"One line, up to 80 characters"`
		}
	}) (*httpapi.Body[ReplayLine], error) {
		by := httpapi.Actor(ctx)
		l, err := a.Replays.AddChapter(ctx, by, in.id(), time.Duration(in.Body.At)*time.Millisecond, in.Body.Text)
		if err != nil {
			return nil, err
		}
		named, err := a.Profiles.People(ctx, by)
		return httpapi.Answer(toLine(l, by, named)), err
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "remove-replay-line", Method: http.MethodDelete, Path: "/api/replays/{replay}/lines/{line}", DefaultStatus: http.StatusNoContent,
		Summary: "Take a chapter, a link or a message out of a replay: the host any, others what they have written",
	}), func(ctx context.Context, in *struct {
		InReplay
		Line string `path:"line" format:"uuid"`
	}) (*httpapi.None, error) {
		return nil, a.Replays.RemoveLine(ctx, httpapi.Actor(ctx), in.id(), in.Line)
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "export-replay", Method: http.MethodGet, Path: "/api/replays/{replay}/export",
		Summary:   "Host: a folder with one recording for each speaker, all as long as the replay, and what stands beside them",
		Responses: httpapi.Binary("The folder", "application/zip"),
	}, func(ctx context.Context, in *InReplay) (*huma.StreamResponse, error) {
		return a.export(ctx, in.id())
	})
}
