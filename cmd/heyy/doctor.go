package main

import (
	"context"

	"heyy/internal/config"
	"heyy/internal/doctor"
)

type doctorCommand struct {
	Config config.Config `embed:""`
}

// Run looks at everything and exits with 1 if something keeps Heyy from working.
func (d *doctorCommand) Run(ctx context.Context, to std) error {
	all := doctor.Run(ctx, d.Config)
	if err := doctor.Write(to.out, all); err != nil {
		return err
	}
	if doctor.Sick(all) {
		return exitCode(1)
	}
	return nil
}
