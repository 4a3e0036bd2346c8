package main

import (
	"context"
	"encoding/json"

	"heyy/internal/base/config"
)

// reportsCommand lists, shows and closes reports.
type reportsCommand struct {
	List  listReports `cmd:"" help:"Print the reports that wait, the oldest first: a line of JSON each."`
	Show  showReport  `cmd:"" help:"Print one report with the history of both people, as a line of JSON."`
	Close closeReport `cmd:"" help:"Close a report with a decision. The two stay apart, whatever it is."`
}

type listReports struct {
	Config config.Config `embed:""`
	All    bool          `help:"Closed ones, too."`
	Most   int           `default:"500" help:"How many at most."`
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
	ID     string        `arg:"" help:"Of the report."`
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
	ID       string        `arg:"" help:"Of the report."`
	By       string        `required:"" help:"Who decides, for the record."`
	Decision string        `required:"" help:"What was decided and why, in a sentence, for the record."`
}

func (c *closeReport) Run(ctx context.Context, to std) error {
	a, err := openQuiet(ctx, c.Config, to)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	return a.safety.Close(ctx, c.ID, c.By, c.Decision)
}
