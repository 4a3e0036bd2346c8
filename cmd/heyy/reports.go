package main

import (
	"context"
	"encoding/json"

	"heyy/internal/base/config"
)

// reportsCommand lists, shows and closes reports.
type reportsCommand struct {
	List  listReports `cmd:"" help:"Print open reports, oldest first, one JSON object per line."`
	Show  showReport  `cmd:"" help:"Print one report with the history of both people as JSON."`
	Close closeReport `cmd:"" help:"Close a report with a decision. Whatever it is, the two people stay separated."`
}

type listReports struct {
	Config config.Config `embed:""`
	All    bool          `help:"Include closed reports."`
	Most   int           `default:"500" help:"Maximum number of reports."`
}

func (l *listReports) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, l.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	all, err := a.safety.List(ctx, l.All, l.Most)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(to.out)
	for _, r := range all {
		if err := lines.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

type showReport struct {
	Config config.Config `embed:""`
	ID     string        `arg:"" help:"ID of the report."`
}

func (s *showReport) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, s.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	r, err := a.safety.Get(ctx, s.ID)
	if err != nil {
		return err
	}
	return json.NewEncoder(to.out).Encode(r)
}

type closeReport struct {
	Config   config.Config `embed:""`
	ID       string        `arg:"" help:"ID of the report."`
	By       string        `required:"" help:"Name of the operator, for the record."`
	Decision string        `required:"" help:"Decision and reason in one sentence, for the record."`
}

func (c *closeReport) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, c.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	return a.safety.Close(ctx, c.ID, c.By, c.Decision)
}
