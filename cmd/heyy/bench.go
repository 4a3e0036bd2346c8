package main

import (
	"context"
	"os"

	"heyy/internal/lab/bench"
)

type benchCommand struct {
	Name      string    `arg:"" enum:"join,room,start,intro,call,match,discover" help:"join: from pressing join to the first audio. room: what listeners cost. start: from nothing to ready. intro: from sending a recording to its being heard. call: from a tap to talking, and what calls cost. match: who is paired with whom. discover: finding people among very many."`
	JSON      bool      `name:"json" help:"One JSON object instead of a table."`
	Joins     int       `placeholder:"N" help:"join: how many."`
	Listeners []int     `placeholder:"N,..." help:"room: crowds, one after another."`
	Calls     []int     `placeholder:"N,..." help:"call: how many at once, one number after another."`
	Profiles  int       `default:"1000000" placeholder:"N" help:"discover: people to find among."`
	Wait      []int64   `placeholder:"N,..." help:"match: what a second of waiting weighs, one trial after another."`
	Rates     []float64 `placeholder:"N,..." help:"match: people who come per second, in trials."`
	Postgres  string    `placeholder:"URL" help:"discover: a PostgreSQL server to make a database on, instead of SQLite."`
}

// Run runs a benchmark of this program as a child process; discover and match run within
// this process, without a network.
func (b *benchCommand) Run(ctx context.Context, to std) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var report bench.Report
	switch b.Name {
	case "discover":
		report, err = bench.Discover(ctx, b.Profiles, b.Postgres)
	case "match":
		report, err = bench.Match(ctx, bench.MatchConfig{Wait: b.Wait, Rates: b.Rates})
	default:
		report, err = bench.Run(ctx, b.Name, self, bench.Options{Joins: b.Joins, Listeners: b.Listeners, Calls: b.Calls})
	}
	if err != nil {
		return err
	}
	if b.JSON {
		return report.JSON(to.out)
	}
	return report.Table(to.out)
}
