// Command integr8 is the whole system in one binary: the receivers, the
// workers, and every command with which an operator sets up and looks after
// them. It only parses, wires and prints; the work is done by the packages
// that it wires.
package main

import (
	"context"
	"os"
)

func main() {
	ctx := untilInterrupted(context.Background())
	os.Exit(run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}
