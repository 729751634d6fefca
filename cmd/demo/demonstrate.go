package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// startTimeout bounds how long integr8 may take to become ready.
const startTimeout = 60 * time.Second

// demonstrate sets everything up, shows a conversion, prints the links, and runs until
// ctx or integr8 ends.
func demonstrate(ctx context.Context, chosen options, out io.Writer) (err error) {
	environment := chosen.environment
	for _, name := range []string{"DATABASE_URL", "AMQP_URL"} {
		if lookup(environment, name) == "" {
			return fmt.Errorf("%s is not set: start the demo with `make run`, which starts servers, or name your own", name)
		}
	}
	if err := os.MkdirAll(chosen.Dir, 0o755); err != nil {
		return fmt.Errorf("make the demo's directory: %w", err)
	}
	secret, err := keepSecret(filepath.Join(chosen.Dir, "secret"), lookup(environment, "INTEGR8_SECRET"))
	if err != nil {
		return err
	}
	addresses, err := chooseAddresses()
	if err != nil {
		return err
	}
	shopListener := addresses.shop
	defer func() { _ = shopListener.Close() }() // its server may have done so
	settings := [][2]string{
		{"INTEGR8_ADDR", addresses.doors}, {"INTEGR8_ADMIN_ADDR", addresses.admin}, {"INTEGR8_WEB_ADDR", addresses.web}, {"INTEGR8_SPOOL_DIR", filepath.Join(chosen.Dir, "spool")},
	}
	keepsSecret := lookup(environment, "INTEGR8_SECRET") == ""
	program := program{path: chosen.Integr8, environment: append(environment, "INTEGR8_SECRET="+secret)}
	for _, setting := range settings {
		program.environment = append(program.environment, setting[0]+"="+setting[1])
	}

	fmt.Fprintln(out, "integr8 demo: setting up")
	if err := program.ask(ctx, nil, "migrate"); err != nil {
		return err
	}
	if err := program.ask(ctx, nil, "topology"); err != nil {
		return err
	}
	setup, err := prepare(ctx, program, "http://"+shopListener.Addr().String())
	if err != nil {
		return err
	}

	logPath := filepath.Join(chosen.Dir, "integr8.log")
	server, err := startServer(ctx, program, logPath, "http://"+addresses.admin+"/readyz")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopServer(server)) }()

	tracker := newTracker("http://"+addresses.doors, setup, program)
	shop := serveShop(shopListener, newShop(tracker))
	defer func() { err = errors.Join(err, shop.stop()) }()

	transaction, err := prove(ctx, out, tracker)
	if err != nil {
		return fmt.Errorf("the proof failed: %w", err)
	}
	fresh, err := clicks(ctx, tracker, 3)
	if err != nil {
		return err
	}
	logIn, err := consoleLink(ctx, program)
	if err != nil {
		return err
	}
	printLinks(ctx, out, tracker, transaction, fresh, place{
		logIn: logIn,
		dir:   chosen.Dir, log: logPath, program: chosen.Integr8, databaseURL: lookup(environment, "DATABASE_URL"),
		settings: settings, keepsSecret: keepsSecret,
	})

	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "\nStopping integr8 ...")
		return nil
	case <-server.Ended():
		return server.Died()
	case err := <-shop.failed:
		return err
	}
}

// lookup finds a variable in an environment, in which the last one counts.
func lookup(environment []string, name string) string {
	for i := len(environment) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(environment[i], name+"="); ok {
			return value
		}
	}
	return ""
}
