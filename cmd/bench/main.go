// Command bench measures how fast hits become conversions and what that
// costs, beside the broker's own limit and beside a pipeline on the stock
// parts, in one run on servers of its own.
//
// # How a sustained rate is found
//
// By a closed loop with an eye on the backlog: many connections send as fast
// as they are answered, but all pause while any hit that was accepted some
// 200 ms ago cannot be read from the database yet. Whichever side is slower
// sets the pace, nothing piles up, and what is counted is what goes through:
// HTTP answers on one side, commits by Postgres' own record on the other. A
// rate that is offered regardless of the answers (an open loop) serves for
// latency, with the time of each request counted from the moment it was due.
//
// # What is compared
//
// Contenders take turns, round by round, each on emptied tables, in fresh
// processes, with the same clicks to match, so that what the machine does
// besides meets all alike. After each measurement every hit that was accepted
// must have its outcome and every postback its conversion, or the run fails.
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on the next one has its usual effect: it kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// commandLine is what bench can be told to do.
type commandLine struct {
	Run  options     `cmd:"" default:"withargs" help:"Measure, on servers of its own, and write the page."`
	Code codeCommand `cmd:"" help:"Compare the Go benchmarks with those of another commit."`

	StockReceive stockReceiveCommand `cmd:"" hidden:"" help:"The baseline's receiver."`
	StockWork    stockWorkCommand    `cmd:"" hidden:"" help:"The baseline's worker."`
	Bare         bareCommand         `cmd:"" hidden:"" help:"A handler that redirects and does nothing else."`
}

// output is where the commands write.
type output struct{ stdout, stderr io.Writer }

// run carries out one command line and gives the exit code: 2 for bad usage,
// 1 for a failure.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	exited, code := false, 0
	parser, err := kong.New(&commandLine{},
		kong.Name("bench"),
		kong.Description("How fast hits become conversions, and what that costs."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { exited, code = true, status }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&output{stdout, stderr}),
	)
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 1
	}
	command, err := parser.Parse(args)
	if exited {
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "bench: %v\nTry: bench --help\n", err)
		return 2
	}
	switch err := command.Run(); {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "bench: interrupted")
		return 1
	default:
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 1
	}
}
