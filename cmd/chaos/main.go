// Command chaos tests under fault that no accepted request is lost and none is counted
// twice. Each drill runs receivers and workers as real processes, sends them a paced
// mixture of all kinds of requests, breaks something meanwhile, and waits until the
// system is quiet. Then an independent checker compares Postgres with the result of a
// single-threaded model for the ledger.
package main

import (
	"context"
	"errors"
	"fmt"

	"integr8/cmd/internal/tool"
)

// commandLine holds the flags of chaos.
type commandLine struct {
	Drill    []string `short:"d" placeholder:"NAME" help:"Only these drills; see --list."`
	List     bool     `help:"List the drills and end."`
	Rate     int      `default:"500" help:"Requests a second."`
	Requests int      `placeholder:"N" help:"Requests of each drill, instead of the drill's own number."`
	Seed     uint64   `placeholder:"N" help:"Repeat the mixture and the moments of the faults of an earlier run; it is printed at the start."`
	Dir      string   `default:".stack-chaos" type:"path" help:"Directory for servers, programs, logs and ledgers."`
}

// errViolated means that a promise was broken. The promise has been printed.
var errViolated = errors.New("a drill did not pass")

func main() { tool.Main(name, description, &commandLine{}) }

const (
	name        = "chaos"
	description = "Prove that no accepted request is lost and none is counted twice, while parts of the system die."
)

// Run lists the drills or runs them.
func (c *commandLine) Run(ctx context.Context, out *tool.Output) error {
	if !c.List {
		return c.run(ctx, out.Stdout, out.Stderr)
	}
	for _, d := range drills() {
		fmt.Fprintf(out.Stdout, "%-24s %s\n", d.name, d.about)
	}
	return nil
}
