package main

import (
	"context"
	"os"
	"time"

	"heyy/internal/lab/bench"
)

type benchCommand struct {
	Name      string        `arg:"" enum:"join,room,start,intro,call,match,discover,realtime" help:"join: time from pressing join to the first audio. room: cost of listeners. start: time from launch to ready. intro: time from sending a recording until it is heard. call: time from a tap to talking, and cost of calls. match: quality of pairing. discover: finding people among very many. realtime: cost of idle clients, speed of messages, return after a cut, a long conversation."`
	JSON      bool          `name:"json" help:"Print one JSON object instead of a table."`
	Joins     int           `placeholder:"N" help:"join: number of joins."`
	Listeners []int         `placeholder:"N,..." help:"room: numbers of listeners to measure."`
	Calls     []int         `placeholder:"N,..." help:"call: numbers of concurrent calls to measure."`
	Profiles  int           `default:"1000000" placeholder:"N" help:"discover: number of profiles."`
	Wait      []int64       `placeholder:"N,..." help:"match: weights of a second of waiting to try."`
	Rates     []float64     `placeholder:"N,..." help:"match: arrivals per second to try."`
	Phases    []string      `placeholder:"NAME,..." help:"realtime: idle, messages, drop, history; default: all."`
	Clients   int           `placeholder:"N" help:"realtime: number of clients."`
	Window    time.Duration `placeholder:"TIME" help:"realtime: how long idle clients and messages are measured."`
	History   int           `placeholder:"N" help:"realtime: number of messages of the long conversation."`
	Postgres  string        `placeholder:"URL" help:"discover, realtime: PostgreSQL server for a test database, instead of SQLite."`
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
	case "realtime":
		report, err = bench.Realtime(ctx, self, bench.RealtimeConfig{Phases: b.Phases, Clients: b.Clients, Window: b.Window, History: b.History, Postgres: b.Postgres})
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
