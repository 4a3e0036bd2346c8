package chats

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"heyy/internal/base/fault"
	"heyy/internal/edge/apitypes"
	"heyy/internal/edge/httpapi"
	"heyy/internal/edge/httpapi/people"
	"heyy/internal/people/account"
	"heyy/internal/talk/message"
	"heyy/internal/talk/moment"
)

func (a *api) voiceOperations() {
	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "send-voice", Method: http.MethodPut, Path: "/api/chats/{person}/messages/{message}/voice",
		Summary: "Send a voice message of up to two minutes; sending it again changes nothing",
		RequestBody: httpapi.SoundBody(map[string]*huma.Schema{
			"text":   {Type: huma.TypeString, Description: "The text alternative"},
			"reply":  {Type: huma.TypeInteger, Description: "The n of the message it replies to"},
			"moment": {Type: huma.TypeString, Format: "uuid", Description: "The moment of theirs that it answers; left out of the message if that is gone by now"},
		}),
	}), func(ctx context.Context, in *struct {
		OfMessage
		httpapi.SoundForm
	}) (*httpapi.Body[apitypes.Message], error) {
		by := httpapi.Actor(ctx)
		m, err := a.sendVoice(ctx, by, account.ID(in.Person), message.ID(in.Message), &in.SoundForm)
		if err != nil {
			return nil, err
		}
		return httpapi.Answer(apitypes.ToMessage(m, by)), nil
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "hear-voice", Method: http.MethodGet, Path: "/api/chats/{person}/messages/{message}/voice",
		Summary:   "The recording of a voice message; ranges are served",
		Responses: httpapi.Binary("The recording", "audio/ogg"),
	}, func(ctx context.Context, in *OfMessage) (*huma.StreamResponse, error) {
		v, err := a.Services.Messages.Audio(ctx, httpapi.Actor(ctx), account.ID(in.Person), message.ID(in.Message))
		if err != nil {
			return nil, err
		}
		return people.SendPassing(ctx, a.Blobs, v.Key, in.Message, people.ErrNoClip)
	})

	httpapi.Register(a.API, httpapi.Member, httpapi.Repeatable(huma.Operation{
		OperationID: "mark-heard", Method: http.MethodPut, Path: "/api/chats/{person}/messages/{message}/heard", DefaultStatus: http.StatusNoContent,
		Summary: "Say that you have listened to a voice message",
	}), func(ctx context.Context, in *OfMessage) (*httpapi.None, error) {
		return nil, a.Services.Messages.MarkHeard(ctx, httpapi.Actor(ctx), account.ID(in.Person), message.ID(in.Message))
	})
}

// sendVoice decodes a recording only if it may be sent and was not sent before.
func (a *api) sendVoice(ctx context.Context, by, to account.ID, of message.ID, in *httpapi.SoundForm) (message.Message, error) {
	if m, sent, err := a.Services.Messages.Sent(ctx, by, to, of); err != nil || sent {
		return m, err
	}
	sound, fields, err := in.Form("text", "reply", "moment")
	if err != nil {
		return message.Message{}, err
	}
	draft := message.Draft{ID: of, Text: fields["text"]}
	if n := fields["reply"]; n != "" {
		if draft.ReplyTo, err = strconv.ParseInt(n, 10, 64); err != nil || draft.ReplyTo < 0 {
			return message.Message{}, fault.At("body.reply", "request.invalid", "The reply is the n of a message.")
		}
	}
	if draft.Moment, err = a.answered(ctx, by, to, fields["moment"]); err != nil {
		return message.Message{}, err
	}
	if err := a.Services.Messages.MaySpeak(ctx, by, to, draft); err != nil {
		return message.Message{}, err
	}
	if err := a.Budgets.TakeVoice(by); err != nil {
		return message.Message{}, err
	}
	clip, err := a.Profiles.ProcessRecording(ctx, sound, message.VoiceLimits)
	if fault.Is(err, "voice.long") {
		err = message.ErrVoiceLong
	}
	if err != nil {
		return message.Message{}, err
	}
	return a.Services.Messages.SendVoice(ctx, by, to, draft, clip)
}

// answered returns the moment that by answers to to. One that is over by now is no reason to
// lose what was said: then it is a message like others.
func (a *api) answered(ctx context.Context, by, to account.ID, of string) (string, error) {
	if of == "" {
		return "", nil
	}
	if uuid.Validate(of) != nil {
		return "", fault.At("body.moment", "request.invalid", "The moment is named by its id.")
	}
	m, err := a.Moments.Get(ctx, by, moment.ID(of))
	if fault.KindOf(err) == fault.NotFound || err == nil && m.Author != to {
		return "", nil
	}
	return string(m.ID), err
}
