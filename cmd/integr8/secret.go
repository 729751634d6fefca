package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

type secretCommand struct {
	List   secretListCommand   `cmd:"" help:"List the service secrets that processes have had, by fingerprint: which signs since when, which were seen when, and which INTEGR8_SECRET holds here."`
	Retire secretRetireCommand `cmd:"" help:"Say that processes may do without a secret: it is lost, or its clicks are older than any attribution window. Its ids are then refused."`
}

// secretView is a known secret as it is answered.
type secretView struct {
	store.Secret
	// Here says what INTEGR8_SECRET does with it where the command runs:
	// signs, verifies, or nothing.
	Here string `json:"here"`
}

// What a process does with a secret.
const (
	hereSigns    = "signs"
	hereVerifies = "verifies"
	hereNothing  = ""
)

func here(own []hit.Fingerprint, print hit.Fingerprint) string {
	switch slices.Index(own, print) {
	case -1:
		return hereNothing
	case 0:
		return hereSigns
	default:
		return hereVerifies
	}
}

type secretListCommand struct{ output }

// Run lists the known secrets, the newest signer first.
func (c *secretListCommand) Run(ctx context.Context, app *app) error {
	var own []hit.Fingerprint
	if keys, err := app.settings.keys(); err == nil { // the list is of use without one
		own = keys.Fingerprints()
	}
	db, err := app.store()
	if err != nil {
		return err
	}
	secrets, err := db.Secrets(ctx)
	if err != nil {
		return err
	}
	views := make([]secretView, len(secrets))
	for i, secret := range secrets {
		views[i] = secretView{secret, here(own, secret.Fingerprint)}
	}
	return c.print(app, views, func(t *table) {
		t.row("FINGERPRINT", "HERE", "SIGNS SINCE", "LAST SIGNED", "LAST SEEN", "RETIRED")
		for _, view := range views {
			t.row(view.Fingerprint, cmp.Or(view.Here, "-"), clockOrDash(view.SignsSince), clockOrDash(view.LastSigned),
				clock(view.LastSeen), clockOrDash(view.RetiredAt))
		}
	})
}

type secretRetireCommand struct {
	output
	Fingerprint hit.Fingerprint `arg:"" help:"The secret's fingerprint, as secret list prints it."`
	Force       bool            `help:"Retire it although a process had it just now."`
}

// inUse is how long ago a process may have said that it has a secret.
const inUse = 3 * store.SecretsSeenEvery

// Run retires a secret that no running process has.
func (c *secretRetireCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	secrets, err := db.Secrets(ctx)
	if err != nil {
		return err
	}
	now, err := db.Now(ctx)
	if err != nil {
		return err
	}
	for _, secret := range secrets {
		if secret.Fingerprint == c.Fingerprint && now.Sub(secret.LastSeen) < inUse && !c.Force {
			return withHint(fmt.Errorf("a process had the secret %s at %s", secret.Fingerprint, clock(secret.LastSeen)),
				fmt.Sprintf("take it out of INTEGR8_SECRET, restart every process, wait %s, or use --force", inUse))
		}
	}
	retired, err := db.RetireSecret(ctx, c.Fingerprint)
	if err != nil {
		return withHint(err, "list the fingerprints: integr8 secret list")
	}
	return c.print(app, retired, func(t *table) {
		t.row("Retired secret", retired.Fingerprint)
	})
}
