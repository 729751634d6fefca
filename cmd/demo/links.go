package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
)

// place holds where things are that a person may want to look at.
type place struct {
	// logIn is a link that logs in to the console.
	logIn       string
	dir         string
	log         string
	program     string
	databaseURL string
	// settings are the settings that the demo gave to integr8, in order: name and value.
	settings [][2]string
	// keepsSecret is set when the service secret is in a file of the directory.
	keepsSecret bool
}

// isOwnStack reports whether the servers are those that devstack keeps in the demo's
// directory. Then devstack can print their addresses in another shell.
func (p place) isOwnStack(ctx context.Context) bool {
	devstack := filepath.Join(filepath.Dir(p.program), "devstack")
	addresses, err := exec.CommandContext(ctx, devstack, "env", "--dir", p.dir).Output()
	return err == nil && bytes.Contains(addresses, []byte(p.databaseURL))
}

// clicks makes n clicks that have not converted yet, one for each printed link.
func clicks(ctx context.Context, t *tracker, n int) ([]string, error) {
	var transactions []string
	for range n {
		clicked, err := get(ctx, t.trackingLink())
		if err != nil {
			return nil, err
		}
		landing, err := url.Parse(clicked.header.Get("Location"))
		if err != nil {
			return nil, fmt.Errorf("read where the tracking link leads: %w", err)
		}
		transactions = append(transactions, landing.Query().Get("clickid"))
	}
	return transactions, nil
}

// printLinks prints what to open and what to paste. fresh are clicks that have not
// converted.
func printLinks(ctx context.Context, out io.Writer, t *tracker, transaction string, fresh []string, at place) {
	fmt.Fprintf(out, `
It works. Open the tracking link, buy something in the shop, and watch what is recorded:

  %s

Or paste these. Each postback has a click of its own: the first time it converts, then it is a duplicate.

`, t.trackingLink())
	quoted := func(what, address string) { fmt.Fprintf(out, "  # %s\n  curl -si '%s'\n", what, address) }
	quoted("a click: the Location leads to the shop and holds the transaction_id", t.trackingLink())
	quoted("S2S postback, global: every offer of the account", t.postback(byGlobal, fresh[0], ""))
	quoted("S2S postback, offer-level: this one offer", t.postback(byOffer, fresh[1], ""))
	fmt.Fprintf(out, "  # image pixel, on the account's tracking domain; the image itself goes nowhere\n  curl -sD- -o /dev/null '%s'\n",
		t.pixel(fresh[2], ""))
	quoted("clickless postback: no click, amounts of its own, and external_transaction_id keeps it from counting twice",
		t.clickless("demo-"+transaction[:12]))

	fmt.Fprintln(out, "\nWhat became of it all:")
	at.printEnvironment(ctx, out)
	for _, command := range []string{
		"trace " + transaction, "report", "report --conflicts", "queues", "dead list", "spool show", "doctor",
	} {
		fmt.Fprintf(out, "  %s %s\n", fromHere(at.program), command)
	}
	if at.keepsSecret {
		fmt.Fprintf(out, "\nThe service secret is kept in %s.", fromHere(at.secretFile()))
	}
	fmt.Fprintf(out, "\nThe log is %s.\n\nThe console, with a link that logs in once, within ten minutes (then: integr8 user link %s):\n\n  %s\n\nCtrl-C stops everything.\n",
		fromHere(at.log), userName, at.logIn)
}

// printEnvironment prints what another shell needs to inspect this system: the servers,
// the secret, and the settings with which commands find the receiver.
func (p place) printEnvironment(ctx context.Context, out io.Writer) {
	if p.isOwnStack(ctx) {
		fmt.Fprintf(out, "\n  eval \"$(go run ./cmd/devstack env --dir %s)\"\n", fromHere(p.dir))
	} else {
		fmt.Fprintln(out, "\n  # with DATABASE_URL and AMQP_URL as they are set here")
	}
	if p.keepsSecret {
		fmt.Fprintf(out, "  export INTEGR8_SECRET=$(cat %s)\n", fromHere(p.secretFile()))
	}
	fmt.Fprint(out, "  export")
	for _, setting := range p.settings {
		fmt.Fprintf(out, " %s=%s", setting[0], fromHere(setting[1]))
	}
	fmt.Fprintln(out)
}

func (p place) secretFile() string { return filepath.Join(p.dir, "secret") }

// fromHere shortens a path relative to the working directory.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(relative) {
		return relative
	}
	return path
}
