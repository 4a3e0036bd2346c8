package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/verification"
)

// phraseLeast is how long four words take, said without hurry.
const phraseLeast = 1500 * time.Millisecond

// OfTask names a verification.
type OfTask struct {
	Task string `path:"task" format:"uuid"`
}

func (a *API) verificationOperations() {
	register(a, member, huma.Operation{
		OperationID: "read-verification", Method: http.MethodGet, Path: "/api/me/verification",
		Summary: "Where you stand with being verified",
	}, func(ctx context.Context, _ *struct{}) (*body[Verification], error) {
		return a.verification(a.Verification.State(ctx, who(ctx)))
	})

	register(a, member, huma.Operation{
		OperationID: "start-verification", Method: http.MethodPost, Path: "/api/me/verification",
		Summary: "Get words to say and a pose to take; good for 15 minutes",
	}, func(ctx context.Context, _ *struct{}) (*body[Verification], error) {
		if _, err := a.Verification.Start(ctx, who(ctx)); err != nil {
			return nil, err
		}
		return a.verification(a.Verification.State(ctx, who(ctx)))
	})

	register(a, member, huma.Operation{
		OperationID: "say-phrase", Method: http.MethodPut, Path: "/api/me/verification/{task}/phrase",
		Summary: "Hand in the words, spoken: up to 30 seconds of mono Ogg/Opus",
	}, func(ctx context.Context, in *struct {
		OfTask
		sound
	}) (*body[Verification], error) {
		clip, err := a.Profiles.Listen(ctx, in.RawBody, phraseLeast)
		if err != nil {
			return nil, err
		}
		return a.verification(a.Verification.Submit(ctx, who(ctx), verification.ID(in.Task), verification.Evidence{Voice: &clip}))
	})

	register(a, member, huma.Operation{
		OperationID: "take-pose", Method: http.MethodPut, Path: "/api/me/verification/{task}/selfie",
		Summary: "Hand in the selfie; with both in, moderators decide",
	}, func(ctx context.Context, in *struct {
		OfTask
		image
	}) (*body[Verification], error) {
		selfie, err := a.Photos.Look(ctx, in.RawBody)
		if err != nil {
			return nil, err
		}
		return a.verification(a.Verification.Submit(ctx, who(ctx), verification.ID(in.Task), verification.Evidence{Selfie: &selfie}))
	})
}

func (a *API) verification(s verification.State, err error) (*body[Verification], error) {
	if err != nil {
		return nil, err
	}
	v := Verification{State: string(s.Stage), Said: s.Said, Posed: s.Posed, Why: s.Why}
	if t := s.Task; t != nil {
		v.ID, v.Phrase, v.Pose, v.ExpiresAt = string(t.ID), t.Phrase, t.Pose, t.ExpiresAt.UnixMilli()
	}
	return &body[Verification]{v}, nil
}
