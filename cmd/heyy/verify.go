package main

import (
	"context"
	"encoding/json"
	"path/filepath"

	"heyy/internal/base/config"
	"heyy/internal/people/verification"
)

// verifyCommand lists and decides verifications.
type verifyCommand struct {
	List   listVerifications  `cmd:"" help:"Print pending requests and what was sent in, oldest first, one JSON object per line."`
	Decide decideVerification `cmd:"" help:"Approve or decline a request."`
}

type listVerifications struct {
	Config config.Config `embed:""`
}

func (l *listVerifications) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, l.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	all, err := a.verify.ListWaiting(ctx, 100)
	if err != nil {
		return err
	}
	type line struct {
		ID      string   `json:"id"`
		Account string   `json:"account"`
		Words   []string `json:"words"`
		Pose    string   `json:"pose"`
		Voice   string   `json:"voice"`
		Selfie  string   `json:"selfie"`
	}
	lines := json.NewEncoder(to.out)
	for _, v := range all {
		file := func(key string) string { return filepath.Join(l.Config.Data, "blobs", filepath.FromSlash(key)) }
		if err := lines.Encode(line{string(v.ID), string(v.By), v.Phrase, v.Pose, file(v.VoiceKey), file(v.SelfieKey)}); err != nil {
			return err
		}
	}
	return nil
}

type decideVerification struct {
	Config  config.Config `embed:""`
	ID      string        `arg:"" help:"ID of the request."`
	By      string        `required:"" help:"Name of the operator, for the record."`
	Decline string        `help:"Reason to decline: words, pose, unclear, face_hidden, somebody_else, not_live or other. Without it, the request is approved."`
}

func (d *decideVerification) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, d.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	return a.verify.Decide(ctx, verification.ID(d.ID), verification.Verdict{By: d.By, Approve: d.Decline == "", Why: d.Decline})
}
