// Command heyy is the one program of Heyy: the server, the demo with residents, and the
// operator's commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"heyy/internal/base/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	var code exitCode
	switch {
	case err == nil:
	case errors.As(err, &code):
		os.Exit(int(code))
	default:
		// Errors of some libraries have several lines; print one.
		fmt.Fprintln(os.Stderr, "heyy: "+strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// exitCode is an error that sets the exit status and prints nothing.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// std holds the output streams of a command: results to out, logs to err.
type std struct{ out, err io.Writer }

type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run Heyy."`
	Demo    demoCommand    `cmd:"" help:"Run Heyy with residents: synthetic members who talk in four rooms."`
	Admin   adminCommand   `cmd:"" help:"Commands for operators."`
	Doctor  doctorCommand  `cmd:"" help:"Check what Heyy needs, and say how to fix problems."`
	Bench   benchCommand   `cmd:"" help:"Measure this program on this machine."`
	OpenAPI openAPICommand `cmd:"" name:"openapi" help:"Print the OpenAPI description of the HTTP API."`
}

// run is main without globals.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("heyy"),
		kong.Description("A voice-first place to meet people."),
		kong.UsageOnError(),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { exited = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std{out, errOut}),
		config.SettingsFile(),
	)
	if err != nil {
		return err
	}
	if len(args) > 0 && args[0] == "help" { // as other programs are asked: heyy help admin
		args = append(args[1:], "--help")
	}
	command, err := parser.Parse(args)
	if exited >= 0 { // --help
		return nil
	}
	if err != nil {
		return err
	}
	return command.Run()
}
