package chats

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"heyy/internal/base/blob"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
	"heyy/internal/talk/search"
)

// Services holds the dependencies of the operations of chats.
type Services struct {
	Messages *message.Service
	Moments  Moments
	Blobs    *blob.Store
	Search   *search.Service
	Profiles *profile.Service
	// EndMatch ends the match of two people.
	EndMatch func(ctx context.Context, by, other account.ID) error
	// Typing tells to that by is typing.
	Typing func(by, to account.ID) error
}

// Moments reads moments; see package moment.
type Moments interface {
	Get(ctx context.Context, by account.ID, of moment.ID) (moment.Moment, error)
}

// Chat is a chat as one of the two sees it.
type Chat struct {
	Person apitypes.Person   `json:"person"`
	At     int64             `json:"at" doc:"Of the newest message, or of the beginning"`
	Asked  string            `json:"asked,omitempty" enum:"mine,theirs" doc:"A request without an answer: whose; none: the chat is open"`
	Until  int64             `json:"until,omitempty" doc:"When a request without an answer is over"`
	Match  bool              `json:"match" doc:"It is of a match, and ends with it"`
	Last   *apitypes.Message `json:"last,omitempty" doc:"None: nobody has written yet"`
	Marks
}

// Marks are the counters of a chat: its seq, unread messages and read marks.
type Marks struct {
	Seq        int64  `json:"seq" doc:"Grows with each new or changed message"`
	Unread     int    `json:"unread"`
	ReadN      int64  `json:"read_n" doc:"How far you have read"`
	TheirReadN *int64 `json:"their_read_n,omitempty" doc:"How far they have read; none: one of you hides it"`
}

// Chats are a page of chats.
type Chats struct {
	Chats  []Chat `json:"chats"`
	Next   string `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
	Unread int    `json:"unread" doc:"In all chats together"`
}

// Messages are a page of the messages of a chat, the newest first.
type Messages struct {
	Messages []apitypes.Message `json:"messages"`
	Next     string             `json:"next,omitempty" doc:"Send it as before for the rest; none: this is the end"`
	Newer    bool               `json:"newer" doc:"There are newer messages than these"`
	Marks
}

// MessageChanges are the messages that a client missed.
type MessageChanges struct {
	Messages []apitypes.Message `json:"messages" maxItems:"100" doc:"In the order of their seq, each as it is now"`
	Heard    []int64            `json:"heard" maxItems:"100" doc:"The n of the newest voice messages that were listened to; this is no part of seq"`
	Marks
}

type api struct {
	*httpapi.API
	Services
	views  *people.Views
	typing typing
}

// Register adds the operations of chats.
func Register(core *httpapi.API, s Services, views *people.Views) {
	a := &api{API: core, Services: s, views: views, typing: newTyping()}
	a.chatOperations()
	a.messageOperations()
	a.voiceOperations()
	a.searchOperation()
	a.requestOperations()
}

func toMarks(c message.Chat) Marks {
	m := Marks{Seq: c.Seq, Unread: c.Unread, ReadN: c.ReadN}
	if c.TheirReadN >= 0 {
		m.TheirReadN = &c.TheirReadN
	}
	return m
}

func toMessages(all []message.Message, viewer account.ID) []apitypes.Message {
	out := make([]apitypes.Message, len(all))
	for i, m := range all {
		out[i] = apitypes.ToMessage(m, viewer)
	}
	return out
}

func (a *api) chats(ctx context.Context, viewer account.ID, all []message.Chat) ([]Chat, error) {
	others := make([]account.ID, len(all))
	for i, c := range all {
		others[i] = c.Other
	}
	known, err := a.Profiles.People(ctx, others...)
	if err != nil {
		return nil, err
	}
	out := make([]Chat, 0, len(all))
	for _, c := range all {
		p, ok := known[c.Other]
		if !ok {
			continue // the account was deleted meanwhile
		}
		one := Chat{Person: apitypes.ToPerson(p), At: c.At.UnixMilli(), Match: c.Matched, Asked: string(c.Asked), Marks: toMarks(c)}
		if c.Asked != message.AskedNobody {
			one.Until = c.AskedAt.Add(message.RequestTime).UnixMilli()
		}
		if c.Last != nil {
			last := apitypes.ToMessage(*c.Last, viewer)
			one.Last = &last
		}
		out = append(out, one)
	}
	return out, nil
}

func (a *api) chatOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-chats", Method: http.MethodGet, Path: "/api/chats",
		Summary: "Your chats, the one with the newest message first",
	}, func(ctx context.Context, in *httpapi.Page) (*httpapi.Body[Chats], error) {
		by := httpapi.Actor(ctx)
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		all, next, err := a.Services.Messages.Chats(ctx, by, part)
		if err != nil {
			return nil, err
		}
		out := Chats{Next: next.String()}
		if out.Chats, err = a.chats(ctx, by, all); err != nil {
			return nil, err
		}
		out.Unread, err = a.Services.Messages.Unread(ctx, by)
		return httpapi.Answer(out), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-chat", Method: http.MethodGet, Path: "/api/chats/{person}",
		Summary: "Your chat with somebody",
	}, func(ctx context.Context, in *people.OfPerson) (*httpapi.Body[Chat], error) {
		by := httpapi.Actor(ctx)
		c, err := a.Services.Messages.Chat(ctx, by, account.ID(in.Person))
		if err != nil {
			return nil, err
		}
		out, err := a.chats(ctx, by, []message.Chat{c})
		if err != nil {
			return nil, err
		}
		if len(out) == 0 {
			return nil, message.ErrNone
		}
		return httpapi.Answer(out[0]), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/api/chats/{person}/messages",
		Summary: "Messages of a chat, the newest first",
	}, func(ctx context.Context, in *struct {
		people.OfPerson
		httpapi.Page
		Around int64 `query:"around" minimum:"1" maximum:"1000000000000" doc:"Instead of before: the page with the message of this n in its middle"`
	}) (*httpapi.Body[Messages], error) {
		by := httpapi.Actor(ctx)
		part, err := in.Request()
		if err != nil {
			return nil, err
		}
		var p message.Page
		if in.Around > 0 {
			p, err = a.Services.Messages.Around(ctx, by, account.ID(in.Person), in.Around, in.Limit)
		} else {
			p, err = a.Services.Messages.History(ctx, by, account.ID(in.Person), part)
		}
		return httpapi.Answer(Messages{Messages: toMessages(p.Messages, by), Next: p.Next.String(), Newer: p.Newer, Marks: toMarks(p.Chat)}), err
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "list-message-changes", Method: http.MethodGet, Path: "/api/chats/{person}/changes",
		Summary: "Messages that are new or changed since a seq of the chat; live.too_old: read the messages again",
	}, func(ctx context.Context, in *struct {
		people.OfPerson
		Since int64 `query:"since" minimum:"0" required:"true"`
	}) (*httpapi.Body[MessageChanges], error) {
		by := httpapi.Actor(ctx)
		p, err := a.Services.Messages.Changes(ctx, by, account.ID(in.Person), in.Since)
		return httpapi.Answer(MessageChanges{Messages: toMessages(p.Messages, by), Heard: p.Heard, Marks: toMarks(p.Chat)}), err
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "mark-read", Method: http.MethodPut, Path: "/api/chats/{person}/read", DefaultStatus: http.StatusNoContent,
		Summary: "Say how far you have read; it never goes back",
	}), func(ctx context.Context, in *struct {
		people.OfPerson
		Body struct {
			N int64 `json:"n" minimum:"1"`
		}
	}) (*httpapi.None, error) {
		return nil, a.Services.Messages.MarkRead(ctx, httpapi.Actor(ctx), account.ID(in.Person), in.Body.N)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "tell-typing", Method: http.MethodPut, Path: "/api/chats/{person}/typing", DefaultStatus: http.StatusNoContent,
		Summary: "Say that you are typing; it shows for a few seconds",
	}), func(ctx context.Context, in *people.OfPerson) (*httpapi.None, error) {
		by, to := httpapi.Actor(ctx), account.ID(in.Person)
		if err := a.Services.Messages.Exists(ctx, by, to); err != nil || !a.typing.allow(by) {
			return nil, err
		}
		return nil, a.Typing(by, to)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "show-read-marks", Method: http.MethodPut, Path: "/api/me/read-marks",
		Summary: "Show others how far you have read, and see it of them: after a day, if you have hidden it; or neither, at once",
	}), func(ctx context.Context, in *struct {
		Body struct {
			Shown bool `json:"shown"`
		}
	}) (*httpapi.Body[people.Me], error) {
		if err := a.Services.Messages.ShowReadMarks(ctx, httpapi.Actor(ctx), in.Body.Shown); err != nil {
			return nil, err
		}
		return a.views.Me(ctx)
	})
}

// How often one person may tell that they are typing. A notice shows for longer; the burst
// is for short messages in a row.
const (
	typingEvery  = 2 * time.Second
	typingBurst  = 5
	typingPeople = 10_000 // who typed last
)

// typing bounds how often people tell that they are typing.
type typing struct {
	of *lru.Cache[account.ID, *rate.Limiter]
}

func newTyping() typing {
	of, err := lru.New[account.ID, *rate.Limiter](typingPeople)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return typing{of}
}

func (t typing) allow(by account.ID) bool {
	fresh := rate.NewLimiter(rate.Every(typingEvery), typingBurst)
	known, found, _ := t.of.PeekOrAdd(by, fresh)
	if found {
		return known.Allow()
	}
	return fresh.Allow()
}
