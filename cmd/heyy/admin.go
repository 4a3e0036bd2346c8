package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"heyy/internal/base/config"
	"heyy/internal/people/account"
)

type adminCommand struct {
	Token     tokenCommand     `cmd:"" help:"Print bearer tokens for residents made on the spot, for load and tests."`
	Residents residentsCommand `cmd:"" help:"Tell the residents of the demo to leave."`
	Verify    verifyCommand    `cmd:"" help:"Decide who is verified."`
	Reports   reportsCommand   `cmd:"" help:"Read what people report, and decide."`
	Hours     hoursCommand     `cmd:"" help:"Plan happy hours, in which everybody looks for calls."`
}

type tokenCommand struct {
	Config config.Config `embed:""`
	Name   string        `default:"Visitor" help:"What they are called; from the second on, with a number."`
	Key    string        `default:"token" help:"The same key and number are the same resident."`
	Count  int           `default:"1" help:"How many."`
}

func (t *tokenCommand) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, t.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	type line struct {
		Account string `json:"account"`
		Token   string `json:"token"`
	}
	lines := json.NewEncoder(to.out)
	for i := range t.Count {
		name := t.Name
		if i > 0 {
			name = fmt.Sprintf("%s %d", t.Name, i+1)
		}
		who, err := a.accounts.EnsureResident(ctx, account.ResidentPlan{Key: fmt.Sprintf("%s/%d", t.Key, i), Name: name, BirthDate: "1990-01-01", Language: "en"})
		if err != nil {
			return err
		}
		token, err := a.accounts.IssueToken(ctx, who, "Command line")
		if err != nil {
			return err
		}
		if err := lines.Encode(line{string(who), token}); err != nil {
			return err
		}
	}
	return nil
}

// openQuiet opens the app for a command, without a server and without development mails in
// the terminal.
func openQuiet(ctx context.Context, c config.Config, to std) (*app, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return openApp(ctx, c, io.Discard, slog.New(slog.NewTextHandler(to.err, nil)), func() {})
}
