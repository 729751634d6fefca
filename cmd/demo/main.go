// Command demo shows the whole system at work on one machine: it sets up a demo
// account, runs integr8, serves a small shop in the role of the advertiser, shows that
// a click becomes a conversion, and prints links for trying it by hand. `make run`
// starts it, and it runs until Ctrl-C.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"integr8/cmd/internal/tool"
)

func main() {
	tool.Main(name, description, &options{environment: os.Environ()})
}

const (
	name        = "demo"
	description = "Shows integr8 at work: a demo account, a demo shop, and a proof that a click becomes a conversion."
)

// options are the command line.
type options struct {
	Dir     string `default:".stack" type:"path" help:"Directory that keeps the service secret and the log."`
	Integr8 string `name:"program" placeholder:"FILE" type:"path" help:"The integr8 program. Default: the one beside this program."`
	// environment is the environment of integr8, and more.
	environment []string
}

// Run demonstrates until an interrupt, which is its normal end.
func (o *options) Run(ctx context.Context, out *tool.Output) error {
	if o.Integr8 == "" {
		own, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		o.Integr8 = filepath.Join(filepath.Dir(own), "integr8")
	}
	err := demonstrate(ctx, *o, out.Stdout)
	if ctx.Err() != nil {
		return nil
	}
	return err
}
