package cli

import (
	"cmp"
	"context"

	"integr8/handlers/operate"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/token"
)

type secretCommand struct {
	List   secretListCommand   `cmd:"" help:"List the service secrets that processes have had, by fingerprint: which signs since when, which were seen when, and which INTEGR8_SECRET holds here."`
	Retire secretRetireCommand `cmd:"" help:"Say that processes may do without a secret: it is lost, or its clicks are older than any attribution window. Its ids are then refused."`
}

func (inv *invocation) secrets() (secrets.Secrets, error) {
	db, err := inv.store()
	return secrets.Secrets{Store: db}, err
}

type secretListCommand struct{ output }

// Run lists the known secrets.
func (c *secretListCommand) Run(ctx context.Context, inv *invocation) error {
	known, err := inv.secrets()
	if err != nil {
		return err
	}
	if keys, err := inv.settings.keys(); err == nil { // the list is of use without one
		known.Own = keys.Fingerprints()
	}
	return printing(c.output, inv, secretTable).list(known.List(ctx))
}

func secretTable(all ...secrets.Listed) func(*table) {
	return func(t *table) {
		t.row("FINGERPRINT", "HERE", "SIGNS SINCE", "LAST SIGNED", "LAST SEEN", "RETIRED")
		for _, secret := range all {
			t.row(secret.Fingerprint, cmp.Or(secret.Here, "-"), clockOrDash(secret.SignsSince), clockOrDash(secret.LastSigned),
				operate.Clock(secret.LastSeen), clockOrDash(secret.RetiredAt))
		}
	}
}

type secretRetireCommand struct {
	output
	Fingerprint token.Fingerprint `arg:"" help:"The secret's fingerprint, as secret list prints it."`
	Force       bool              `help:"Retire it although a process had it just now."`
}

// Run retires a secret.
func (c *secretRetireCommand) Run(ctx context.Context, inv *invocation) error {
	known, err := inv.secrets()
	if err != nil {
		return err
	}
	return printing(c.output, inv, retiredTable).one(known.Retire(ctx, c.Fingerprint, c.Force))
}

func retiredTable(all ...secrets.Secret) func(*table) {
	return func(t *table) {
		for _, retired := range all {
			t.row("Retired secret", retired.Fingerprint)
		}
	}
}
