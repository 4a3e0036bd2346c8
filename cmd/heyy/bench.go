package main

import (
	"context"
	"os"

	"heyy/internal/bench"
)

type benchCommand struct {
	Name      string `arg:"" enum:"join,room,start" help:"join: from pressing join to the first audio. room: what listeners cost. start: from nothing to ready."`
	JSON      bool   `name:"json" help:"One JSON object instead of a table."`
	Joins     int    `placeholder:"N" help:"join: how many."`
	Listeners []int  `placeholder:"N,..." help:"room: crowds, one after another."`
}

// Run measures this very program, as a process of its own.
func (b *benchCommand) Run(ctx context.Context, to std) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	report, err := bench.Run(ctx, b.Name, self, bench.Options{Joins: b.Joins, Listeners: b.Listeners})
	if err != nil {
		return err
	}
	if b.JSON {
		return report.JSON(to.out)
	}
	return report.Table(to.out)
}
