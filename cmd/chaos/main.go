// Command chaos proves under fault that no accepted request is lost and none
// is counted twice. Each drill runs receivers and workers as real processes,
// sends them a paced mixture of everything that may come, breaks something
// meanwhile, waits until all is quiet, and has an independent checker compare
// Postgres with what a single-threaded model makes of the ledger.
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

// commandLine is what chaos can be told.
type commandLine struct {
	Drill    []string `short:"d" placeholder:"NAME" help:"Only these drills; see --list."`
	List     bool     `help:"List the drills and end."`
	Rate     int      `default:"500" help:"Requests a second."`
	Requests int      `placeholder:"N" help:"Requests of each drill, instead of the drill's own number."`
	Seed     uint64   `placeholder:"N" help:"Repeat the mixture and the moments of the faults of an earlier run; it is printed at the start."`
	Dir      string   `default:".stack-chaos" type:"path" help:"Directory for servers, programs, logs and ledgers."`
	Race     bool     `help:"Run the processes with the race detector: slower, and a data race fails the drill."`
	Markdown bool     `help:"Print the table in Markdown."`
	Keep     bool     `help:"Keep the logs and ledgers of drills that passed, too."`
}

// errViolated says that a promise was broken; what and where has been told.
var errViolated = errors.New("a drill did not pass")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var command commandLine
	exited, exitCode := false, 0
	parser, err := kong.New(&command, kong.Name("chaos"),
		kong.Description("Prove that no accepted request is lost and none is counted twice, while parts of the system die."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited, exitCode = true, code }))
	if err != nil {
		fmt.Fprintf(stderr, "chaos: %v\n", err)
		return 1
	}
	if _, err = parser.Parse(args); exited {
		return exitCode
	}
	if err != nil {
		fmt.Fprintf(stderr, "chaos: %v\nTry: chaos --help\n", err)
		return 2
	}
	if command.List {
		for _, d := range drills() {
			fmt.Fprintf(stdout, "%-24s %s\n", d.name, d.about)
		}
		return 0
	}
	if err := command.run(ctx, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "chaos: %v\n", err)
		return 1
	}
	return 0
}
