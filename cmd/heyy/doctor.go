package main

import (
	"context"

	"heyy/internal/base/config"
	"heyy/internal/lab/doctor"
)

type doctorCommand struct {
	Config config.Config `embed:""`
}

// Run runs all checks and exits with 1 if a finding keeps Heyy from working.
func (d *doctorCommand) Run(ctx context.Context, to std) error {
	all := doctor.Run(ctx, d.Config)
	if err := doctor.Write(to.out, all); err != nil {
		return err
	}
	if doctor.Unhealthy(all) {
		return exitCode(1)
	}
	return nil
}
