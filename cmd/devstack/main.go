// Command devstack gives a checkout its own Postgres and RabbitMQ: real servers, on
// free ports of the loopback interface, with their data, logs and passwords in one
// directory. It installs them when they are missing and never touches other running
// servers.
//
// Its standard output is for a shell to evaluate; messages for a person go to standard
// error.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"integr8/cmd/internal/tool"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	// A closed pipe must not end the program between starting servers and recording
	// them. The signal is caught and not ignored, because servers would inherit that it
	// is ignored.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	code := tool.Run(ctx, "devstack", "A private Postgres and RabbitMQ for this checkout.", &commandLine{}, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
