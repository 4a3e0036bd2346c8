package main

import (
	"context"
	"fmt"
	"log/slog"

	"heyy/internal/account"
	"heyy/internal/config"
	"heyy/internal/profile"
	"heyy/internal/resident"
)

type demoCommand struct {
	Config config.Config `embed:""`
}

func (d *demoCommand) Run(ctx context.Context, to std) error {
	return serve(ctx, d.Config, to, residents)
}

// residents moves the cast in and lets them live here until ctx ends.
func residents(ctx context.Context, h *house, base string, log *slog.Logger) error {
	cast, err := resident.Load()
	if err != nil {
		return err
	}
	tokens := map[string]string{}
	for _, r := range cast.Residents {
		if tokens[r.Key], err = moveIn(ctx, h, r); err != nil {
			return fmt.Errorf("resident %s: %w", r.Key, err)
		}
	}
	return resident.Run(ctx, log, resident.Config{BaseURL: base, Cast: cast, Tokens: tokens})
}

// moveIn makes one resident, or finds them as they were left, and signs them in.
func moveIn(ctx context.Context, h *house, r resident.Resident) (token string, err error) {
	who, err := h.accounts.Resident(ctx, account.Plan{Key: r.Key, Name: r.Name, Born: r.Born, Language: r.Language})
	if err != nil {
		return "", err
	}
	// Earlier runs left sessions behind; a resident has one.
	if err := h.accounts.EndAll(ctx, who); err != nil {
		return "", err
	}
	settled := true
	if _, err := h.profiles.Edit(ctx, who, profile.Changes{
		Name: &r.Name, Language: &r.Language, Gender: &r.Gender, Interests: &r.Interests, Intents: &profile.Intents, Settled: &settled,
		Wishes: &profile.Wishes{Meet: profile.Genders, From: 18, To: 120},
	}); err != nil {
		return "", err
	}
	clips, err := h.profiles.Clips(ctx, who)
	if err != nil {
		return "", err
	}
	if len(clips[who]) == 0 {
		intro, err := r.Intro.Bytes()
		if err != nil {
			return "", err
		}
		if _, err := h.profiles.Publish(ctx, who, 0, introPrompt, intro); err != nil {
			return "", err
		}
	}
	return h.accounts.Token(ctx, who, "Resident")
}

// introPrompt is the card that the residents' intros answer.
const introPrompt = "best_sound"

type residentsCommand struct {
	Leave leaveCommand `cmd:"" help:"Sign every resident out; those of a running demo leave and stay away until it starts again."`
}

type leaveCommand struct {
	Config config.Config `embed:""`
}

func (l *leaveCommand) Run(ctx context.Context, to std) error {
	h, err := openQuiet(ctx, l.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	cast, err := resident.Load()
	if err != nil {
		return err
	}
	for _, r := range cast.Residents {
		who, err := h.accounts.Resident(ctx, account.Plan{Key: r.Key, Name: r.Name, Born: r.Born, Language: r.Language})
		if err != nil {
			return err
		}
		if err := h.accounts.EndAll(ctx, who); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(to.out, "%d residents are asked to leave.\n", len(cast.Residents))
	return err
}
