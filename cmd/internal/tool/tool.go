// Package tool holds what the main functions of the tools share.
package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"
)

// Output is where the commands write.
type Output struct {
	Stdout, Stderr io.Writer
	name           string
}

// Say prints a line for a person on standard error.
func (o *Output) Say(format string, args ...any) {
	fmt.Fprintf(o.Stderr, o.name+": "+format+"\n", args...)
}

// ExitCode is the error of a command that ends the program with its own exit code, and
// has printed the reason itself.
type ExitCode int

// Error implements error.
func (e ExitCode) Error() string { return "the program ended with code " + strconv.Itoa(int(e)) }

// Main runs a program until its end or a signal: the first signal ends the context of
// the commands, the next one has its usual effect and kills the program.
func Main(name, description string, commands any) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, name, description, commands, os.Args[1:], os.Stdout, os.Stderr))
}

// Run runs one command line, with kong's grammar of commands. Their Run methods may
// take a context.Context and an *Output. It returns the exit code: 2 for bad usage, an
// ExitCode, 130 after an interrupt, and 1 for another failure.
func Run(ctx context.Context, name, description string, commands any, args []string, stdout, stderr io.Writer) int {
	out := &Output{Stdout: stdout, Stderr: stderr, name: name}
	exited, code := false, 0
	parser, err := kong.New(commands, kong.Name(name), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { exited, code = true, status }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(out))
	if err != nil {
		out.Say("%v", err)
		return 1
	}
	command, err := parser.Parse(args)
	switch {
	case exited: // by --help
		return code
	case err != nil:
		out.Say("%v\nTry: %s --help", err, name)
		return 2
	}
	err = command.Run()
	var own ExitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &own):
		return int(own)
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		out.Say("interrupted")
		return 130
	default:
		out.Say("%v", err)
		return 1
	}
}
