package me

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"heyy/internal/edge/httpapi"
	"heyy/internal/media/audio"
	"heyy/internal/people/profile"
	"heyy/internal/people/verification"
)

// phraseLeast is how long four words take, said without hurry.
const phraseLeast = 1500 * time.Millisecond

// Verification is the state of the asking person's verification.
type Verification struct {
	State     string   `json:"state" enum:"none,started,waiting,approved,declined"`
	ID        string   `json:"id,omitempty" doc:"Of the task, while started"`
	Phrase    []string `json:"phrase,omitempty" doc:"Keys of the words to say"`
	Pose      string   `json:"pose,omitempty" doc:"Key of the pose to take"`
	ExpiresAt int64    `json:"expires_at,omitempty"`
	Said      bool     `json:"said" doc:"The words are in"`
	Posed     bool     `json:"posed" doc:"The selfie is in"`
	Why       string   `json:"why,omitempty" doc:"Key of the reason, when declined"`
}

// OfTask names a verification.
type OfTask struct {
	Task string `path:"task" format:"uuid"`
}

func (a *api) verificationOperations() {
	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "read-verification", Method: http.MethodGet, Path: "/api/me/verification",
		Summary: "Where you stand with being verified",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Verification], error) {
		return a.verification(a.Verification.State(ctx, httpapi.Actor(ctx)))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "start-verification", Method: http.MethodPost, Path: "/api/me/verification",
		Summary: "Get words to say and a pose to take; good for 15 minutes",
	}, func(ctx context.Context, _ *struct{}) (*httpapi.Body[Verification], error) {
		if _, err := a.Verification.Start(ctx, httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		return a.verification(a.Verification.State(ctx, httpapi.Actor(ctx)))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "say-phrase", Method: http.MethodPut, Path: "/api/me/verification/{task}/phrase",
		Summary: "Hand in the words, spoken: up to 30 seconds of mono Ogg/Opus",
	}, func(ctx context.Context, in *struct {
		OfTask
		httpapi.Sound
	}) (*httpapi.Body[Verification], error) {
		if err := a.Budgets.TakeRecording(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		clip, err := a.Profiles.ProcessRecording(ctx, in.Data(), audio.Limits{Least: phraseLeast, Most: profile.MaxClip})
		if err != nil {
			return nil, err
		}
		return a.verification(a.Verification.Submit(ctx, httpapi.Actor(ctx), verification.ID(in.Task), verification.Evidence{Voice: &clip}))
	})

	httpapi.Register(a.API, httpapi.Member, huma.Operation{
		OperationID: "take-pose", Method: http.MethodPut, Path: "/api/me/verification/{task}/selfie",
		Summary: "Hand in the selfie; with both in, moderators decide",
	}, func(ctx context.Context, in *struct {
		OfTask
		httpapi.Image
	}) (*httpapi.Body[Verification], error) {
		if err := a.Budgets.TakePhoto(httpapi.Actor(ctx)); err != nil {
			return nil, err
		}
		selfie, err := a.Photos.Process(ctx, in.Data())
		if err != nil {
			return nil, err
		}
		return a.verification(a.Verification.Submit(ctx, httpapi.Actor(ctx), verification.ID(in.Task), verification.Evidence{Selfie: &selfie}))
	})
}

func (a *api) verification(s verification.State, err error) (*httpapi.Body[Verification], error) {
	if err != nil {
		return nil, err
	}
	v := Verification{State: string(s.Status), Said: s.Said, Posed: s.Posed, Why: s.Why}
	if t := s.Task; t != nil {
		v.ID, v.Phrase, v.Pose, v.ExpiresAt = string(t.ID), t.Phrase, t.Pose, t.ExpiresAt.UnixMilli()
	}
	return httpapi.Answer(v), nil
}
