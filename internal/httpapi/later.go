package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/fault"
)

var errLater = fault.New(fault.Unavailable, "server.not_ready", "Not ready yet.")

func (a *API) homeOperations() {
	register(a, member, huma.Operation{
		OperationID: "find-towns", Method: http.MethodGet, Path: "/api/towns",
		Summary: "Towns by the beginning of their name, in any script",
	}, func(ctx context.Context, in *struct {
		Q        string `query:"q" maxLength:"200" required:"true"`
		Language string `query:"language" enum:"en,it,zh" default:"en" doc:"Of the names in the answer"`
	}) (*body[Towns], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "set-home", Method: http.MethodPut, Path: "/api/me/home",
		Summary: "Say where you live; four times a day at most, and later changes show late",
	}, func(ctx context.Context, in *struct {
		Body struct {
			Town string `json:"town" maxLength:"20" doc:"Id of a town that was found"`
		}
	}) (*body[Me], error) {
		return nil, errLater
	})
}

func (a *API) photoOperations() {
	register(a, member, huma.Operation{
		OperationID: "add-photo", Method: http.MethodPost, Path: "/api/me/photos",
		Summary: "Add a photo: JPEG, PNG or WebP up to 12 MiB and 16 megapixels; nobody sees it until you reveal it",
	}, func(ctx context.Context, in *image) (*body[Me], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "remove-photo", Method: http.MethodDelete, Path: "/api/me/photos/{photo}",
		Summary: "Take a photo away, from everywhere",
	}, func(ctx context.Context, in *struct {
		Photo string `path:"photo" format:"uuid"`
	}) (*body[Me], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "see-photo", Method: http.MethodGet, Path: "/api/photos/{photo}",
		Summary: "A photo of your own, or one revealed to you", Responses: binary("The photo", "image/jpeg"),
	}, func(ctx context.Context, in *struct {
		Photo  string `path:"photo" format:"uuid"`
		Ticket string `query:"ticket" maxLength:"200" required:"true"`
	}) (*huma.StreamResponse, error) {
		return nil, errLater
	})
	register(a, anyone, huma.Operation{
		OperationID: "see-aura", Method: http.MethodGet, Path: "/api/people/{person}/aura",
		Summary: "A still of somebody's aura, for notifications and link previews", Responses: binary("The aura", "image/png"),
	}, func(ctx context.Context, in *struct {
		OfPerson
		Size int `query:"size" minimum:"64" maximum:"512" default:"256" doc:"Pixels"`
	}) (*huma.StreamResponse, error) {
		return nil, errLater
	})
}

func (a *API) verificationOperations() {
	register(a, member, huma.Operation{
		OperationID: "read-verification", Method: http.MethodGet, Path: "/api/me/verification",
		Summary: "Where you stand with being verified",
	}, func(ctx context.Context, _ *struct{}) (*body[Verification], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "start-verification", Method: http.MethodPost, Path: "/api/me/verification",
		Summary: "Get words to say and a pose to take; good for 15 minutes",
	}, func(ctx context.Context, _ *struct{}) (*body[Verification], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "say-phrase", Method: http.MethodPut, Path: "/api/me/verification/{task}/phrase",
		Summary: "Hand in the words, spoken; 5 to 30 seconds of Ogg/Opus",
	}, func(ctx context.Context, in *struct {
		Task string `path:"task" format:"uuid"`
		sound
	}) (*body[Verification], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "take-pose", Method: http.MethodPut, Path: "/api/me/verification/{task}/selfie",
		Summary: "Hand in the selfie; with both in, moderators decide",
	}, func(ctx context.Context, in *struct {
		Task string `path:"task" format:"uuid"`
		image
	}) (*body[Verification], error) {
		return nil, errLater
	})
}

func (a *API) discoverOperations() {
	register(a, member, huma.Operation{
		OperationID: "discover", Method: http.MethodGet, Path: "/api/discover",
		Summary: "Who fits you, and whom you fit; the same people until you choose",
	}, func(ctx context.Context, in *struct {
		Most int `query:"most" minimum:"1" maximum:"20" default:"20"`
	}) (*body[Deck], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "choose", Method: http.MethodPut, Path: "/api/discover/{person}",
		Summary: "Like or pass; the other learns of a like only if it is mutual, and never of a pass",
	}, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Choice string `json:"choice" enum:"like,pass"`
		}
	}) (*body[Chosen], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "undo-choice", Method: http.MethodPost, Path: "/api/discover/undo",
		Summary: "Take the last choice back, within ten minutes; a match stays",
	}, func(ctx context.Context, _ *struct{}) (*body[DiscoverCard], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "heard", Method: http.MethodPut, Path: "/api/discover/{person}/heard", DefaultStatus: http.StatusNoContent,
		Summary: "Say how much of an intro you let play; only the order of what comes learns from it",
	}, func(ctx context.Context, in *struct {
		OfPerson
		Body struct {
			Share float64 `json:"share" minimum:"0" maximum:"1"`
		}
	}) (*none, error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "count-people", Method: http.MethodGet, Path: "/api/discover/counts",
		Summary: "How many people wishes would leave, before you keep them",
	}, func(ctx context.Context, in *struct {
		Meet         []string `query:"meet" maxItems:"10" maxLength:"100"`
		From         int      `query:"from" minimum:"18" maximum:"120" default:"18"`
		To           int      `query:"to" minimum:"18" maximum:"120" default:"120"`
		Intents      []string `query:"intents" maxItems:"10" maxLength:"100"`
		Languages    []string `query:"languages" maxItems:"100" maxLength:"100"`
		Interests    []string `query:"interests" maxItems:"100" maxLength:"100"`
		VerifiedOnly bool     `query:"verified_only"`
	}) (*body[Counts], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "set-bell", Method: http.MethodPut, Path: "/api/discover/bell", DefaultStatus: http.StatusNoContent,
		Summary: "Be told once when somebody new fits",
	}, func(ctx context.Context, in *struct {
		Body struct {
			On bool `json:"on"`
		}
	}) (*none, error) {
		return nil, errLater
	})
}

func (a *API) matchOperations() {
	register(a, member, huma.Operation{
		OperationID: "list-matches", Method: http.MethodGet, Path: "/api/matches",
		Summary: "Whom you like and who likes you",
	}, func(ctx context.Context, _ *struct{}) (*body[Matches], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "end-match", Method: http.MethodDelete, Path: "/api/matches/{person}", DefaultStatus: http.StatusNoContent,
		Summary: "End a match, for both and for good",
	}, func(ctx context.Context, in *OfPerson) (*none, error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "offer-reveal", Method: http.MethodPut, Path: "/api/matches/{person}/reveal",
		Summary: "Offer your photos; when both have, both open at the same moment",
	}, func(ctx context.Context, in *OfPerson) (*body[Match], error) {
		return nil, errLater
	})
	register(a, member, huma.Operation{
		OperationID: "withdraw-reveal", Method: http.MethodDelete, Path: "/api/matches/{person}/reveal",
		Summary: "Take your photos back; then the other's close, too",
	}, func(ctx context.Context, in *OfPerson) (*body[Match], error) {
		return nil, errLater
	})
}
