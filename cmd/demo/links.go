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

// place says where things are that a person may want to look at.
type place struct {
	dir         string
	log         string
	program     string
	databaseURL string
}

// isOwnStack reports whether the servers in use are those that devstack keeps
// in the demo's directory, so that it can name them again in another shell.
func (p place) isOwnStack(ctx context.Context) bool {
	devstack := filepath.Join(filepath.Dir(p.program), "devstack")
	addresses, err := exec.CommandContext(ctx, devstack, "env", "--dir", p.dir).Output()
	return err == nil && bytes.Contains(addresses, []byte(p.databaseURL))
}

// clicks makes n clicks that have not converted yet, one for each link that is
// printed.
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

// printLinks prints what to open and what to paste. fresh are clicks that
// have not converted.
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
	if at.isOwnStack(ctx) {
		fmt.Fprintf(out, "\n  eval \"$(go run ./cmd/devstack env --dir %s)\"\n  export INTEGR8_SECRET=$(cat %s)\n",
			fromHere(at.dir), fromHere(filepath.Join(at.dir, "secret")))
	} else {
		fmt.Fprintln(out, "\n  # with DATABASE_URL and AMQP_URL as they are set here")
	}
	integr8 := fromHere(at.program)
	fmt.Fprintf(out, "  %s trace %s\n", integr8, transaction)
	fmt.Fprintf(out, "  %s report\n  %s report --conflicts\n  %s queues\n  %s dead list\n", integr8, integr8, integr8, integr8)
	fmt.Fprintf(out, "\nThe service secret is kept in %s, the log is %s. Ctrl-C stops everything.\n",
		fromHere(filepath.Join(at.dir, "secret")), fromHere(at.log))
}

// fromHere shortens a path for people who stand in the same directory.
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
