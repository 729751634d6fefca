// Command integr8 is the whole system in one binary: the receivers, the
// workers, and every command with which an operator sets up and looks after
// them. Package cli holds the commands.
package main

import (
	"context"
	"os"

	"integr8/cmd/integr8/cli"
)

func main() {
	ctx := cli.UntilInterrupted(context.Background())
	os.Exit(cli.Run(ctx, os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}
