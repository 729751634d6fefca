// Command demo shows the whole system at work, on this machine alone: it sets
// up a demo account, runs integr8, serves a small shop that plays the
// advertiser, proves that a click becomes a conversion, and prints the links
// to try it by hand. It is what `make run` starts, and it stays until Ctrl-C.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	// integr8 is to end with the demo, even when that is killed. The kernel
	// sees to it, but for the thread that started integr8: this one stays.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// From the first signal on the next one has its usual effect: it kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// options are the command line.
type options struct {
	Dir     string `default:".stack" type:"path" help:"Directory that keeps the service secret and the log."`
	Integr8 string `name:"program" placeholder:"FILE" type:"path" help:"The integr8 program. Default: the one beside this program."`
}

// run is the whole program. It answers 0 after an interrupt, 1 when something
// failed, and 2 for bad usage. environment is what integr8 gets, and more.
func run(ctx context.Context, args, environment []string, stdout, stderr io.Writer) int {
	var chosen options
	exited, exitCode := false, 0
	parser, err := kong.New(&chosen,
		kong.Name("demo"),
		kong.Description("Shows integr8 at work: a demo account, a demo shop, and a proof that a click becomes a conversion."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited, exitCode = true, code }),
	)
	if err != nil {
		fmt.Fprintf(stderr, "demo: %v\n", err)
		return 1
	}
	if _, err := parser.Parse(args); err != nil && !exited {
		fmt.Fprintf(stderr, "demo: %v\n", err)
		return 2
	}
	if exited {
		return exitCode
	}
	if chosen.Integr8 == "" {
		own, err := os.Executable()
		if err != nil {
			fmt.Fprintf(stderr, "demo: find this program: %v\n", err)
			return 1
		}
		chosen.Integr8 = filepath.Join(filepath.Dir(own), "integr8")
	}
	if err := demonstrate(ctx, chosen, environment, stdout); err != nil && ctx.Err() == nil {
		fmt.Fprintf(stderr, "demo: %v\n", err)
		return 1
	}
	return 0
}
