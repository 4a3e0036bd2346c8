package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/fault"
)

var errLater = fault.New(fault.Unavailable, "server.not_ready", "Not ready yet.")

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
