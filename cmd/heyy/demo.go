package main

import (
	"context"
	"fmt"
	"log/slog"

	"heyy/internal/base/config"
	"heyy/internal/lab/resident"
	"heyy/internal/people/account"
	"heyy/internal/people/profile"
)

type demoCommand struct {
	Config config.Config `embed:""`
}

func (d *demoCommand) Run(ctx context.Context, to std) error {
	return serve(ctx, d.Config, to, residents)
}

// residents creates the residents of the cast and runs them until ctx ends.
func residents(ctx context.Context, a *app, base string, log *slog.Logger) error {
	cast, err := resident.Load()
	if err != nil {
		return err
	}
	tokens := map[string]string{}
	for _, r := range cast.Residents {
		if tokens[r.Key], err = moveIn(ctx, a, r); err != nil {
			return fmt.Errorf("resident %s: %w", r.Key, err)
		}
	}
	return resident.Run(ctx, log, resident.Config{BaseURL: base, Cast: cast, Tokens: tokens})
}

// moveIn creates the account and profile of a resident, if missing, and returns a session
// token.
func moveIn(ctx context.Context, a *app, r resident.Resident) (token string, err error) {
	who, err := a.accounts.EnsureResident(ctx, account.ResidentPlan{Key: r.Key, Name: r.Name, BirthDate: r.BirthDate, Language: r.Language})
	if err != nil {
		return "", err
	}
	// End the sessions of earlier runs.
	if err := a.accounts.EndAll(ctx, who); err != nil {
		return "", err
	}
	settled := true
	if _, err := a.profiles.Edit(ctx, who, profile.Changes{
		Name: &r.Name, Language: &r.Language, Gender: &r.Gender, Interests: &r.Interests, Intents: &profile.Intents, Onboarded: &settled,
		Preferences: &profile.Preferences{Meet: profile.Genders, From: 18, To: 120},
	}); err != nil {
		return "", err
	}
	clips, err := a.profiles.Clips(ctx, who)
	if err != nil {
		return "", err
	}
	if len(clips[who]) == 0 {
		intro, err := r.Intro.Bytes()
		if err != nil {
			return "", err
		}
		if _, err := a.profiles.Publish(ctx, who, 0, introPrompt, intro); err != nil {
			return "", err
		}
	}
	return a.accounts.IssueToken(ctx, who, "Resident")
}

// introPrompt is the prompt that the residents' intros answer.
const introPrompt = "best_sound"

type residentsCommand struct {
	Leave leaveCommand `cmd:"" help:"Sign out every resident. In a running demo, they stay away until it restarts."`
}

type leaveCommand struct {
	Config config.Config `embed:""`
}

func (l *leaveCommand) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, l.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	cast, err := resident.Load()
	if err != nil {
		return err
	}
	for _, r := range cast.Residents {
		who, err := a.accounts.EnsureResident(ctx, account.ResidentPlan{Key: r.Key, Name: r.Name, BirthDate: r.BirthDate, Language: r.Language})
		if err != nil {
			return err
		}
		if err := a.accounts.EndAll(ctx, who); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(to.out, "Asked %d residents to leave.\n", len(cast.Residents))
	return err
}
