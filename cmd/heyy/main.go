// Command heyy is all of Heyy in one program: the server, the demo that fills
// it with voices, and the tools of an operator.
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

	"heyy/internal/config"
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
		// Some libraries tell a story; a person at a terminal gets a line.
		fmt.Fprintln(os.Stderr, "heyy: "+strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(1)
	}
}

// exitCode ends the program without another word.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// std is where a command writes: answers to out, what goes on to err.
type std struct{ out, err io.Writer }

type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run Heyy."`
	Demo    demoCommand    `cmd:"" help:"Run Heyy with residents: synthetic members who talk in four rooms."`
	Admin   adminCommand   `cmd:"" help:"Things only an operator does."`
	Doctor  doctorCommand  `cmd:"" help:"Try what Heyy needs, and say what is wrong and what to do."`
	Bench   benchCommand   `cmd:"" help:"Measure this program on this machine."`
	OpenAPI openAPICommand `cmd:"" name:"openapi" help:"Print the contract of the HTTP API."`
}

// run is main with everything it touches passed in.
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
		config.Layers(),
	)
	if err != nil {
		return err
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
