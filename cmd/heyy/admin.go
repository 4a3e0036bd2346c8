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
	Token     tokenCommand     `cmd:"" help:"Print bearer tokens of new residents, for load tests."`
	Residents residentsCommand `cmd:"" help:"Manage the residents of a running demo."`
	Verify    verifyCommand    `cmd:"" help:"Review verification requests."`
	Reports   reportsCommand   `cmd:"" help:"Review reports."`
	Hours     hoursCommand     `cmd:"" help:"Plan happy hours: times when everyone looks for calls."`
}

type tokenCommand struct {
	Config config.Config `embed:""`
	Name   string        `default:"Visitor" help:"Name. From the second resident on, a number is added."`
	Key    string        `default:"token" help:"The same key and number give the same resident."`
	Count  int           `default:"1" help:"Number of residents."`
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
