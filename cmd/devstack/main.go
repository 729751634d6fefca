// Command devstack gives a checkout its own Postgres and RabbitMQ: real
// servers, on free ports of the loopback interface, with their data, logs and
// passwords in one directory. It installs them where they are missing and
// never touches servers that run already.
//
// What it prints on standard output is meant for a shell to evaluate; all it
// has to tell a person goes to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A closed pipe must not end the program between starting servers and
	// recording them. Caught rather than ignored: servers would inherit the
	// latter.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run carries out one command line and gives the exit code: 2 for bad usage,
// 1 for a failure, and for the command "run" that of the program it ran.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	exited, helpCode := false, 0
	parser, err := kong.New(&commandLine{},
		kong.Name("devstack"),
		kong.Description("A private Postgres and RabbitMQ for this checkout."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited, helpCode = true, code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&output{stdout: stdout, stderr: stderr}),
	)
	if err != nil {
		fmt.Fprintf(stderr, "devstack: %v\n", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exited {
		return helpCode
	}
	if err != nil {
		fmt.Fprintf(stderr, "devstack: %v\nTry: devstack --help\n", err)
		return 2
	}
	err = command.Run()
	var child exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &child):
		return int(child)
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "devstack: interrupted")
		return 130
	default:
		fmt.Fprintf(stderr, "devstack: %v\n", err)
		return 1
	}
}

// output is where the commands write.
type output struct{ stdout, stderr io.Writer }

// say tells a person what is going on.
func (o *output) say(format string, args ...any) {
	fmt.Fprintf(o.stderr, "devstack: "+format+"\n", args...)
}
