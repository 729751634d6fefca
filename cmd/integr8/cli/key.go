package cli

import (
	"context"
	"errors"
	"fmt"

	"integr8/handlers/operate"
	"integr8/handlers/operate/keys"
)

type keyCommand struct {
	Create keyCreateCommand `cmd:"" help:"Create a key and print it, once: only its SHA-256 is stored."`
	List   keyListCommand   `cmd:"" help:"List keys by their first characters, with role and last use."`
	Revoke keyRevokeCommand `cmd:"" help:"Make a key open nothing any more, at once."`
}

func (inv *invocation) apiKeys() (keys.Keys, error) {
	db, err := inv.store()
	return keys.Keys{Store: db}, err
}

type keyCreateCommand struct {
	output
	Account  int64     `placeholder:"ID" xor:"owner" help:"The only account that the key opens."`
	Operator bool      `xor:"owner" help:"Make it an operator's key, which opens all accounts, queues and audit."`
	Role     keys.Role `default:"read" enum:"read,operate,admin" help:"read looks, operate also acts on dead letters and, of all accounts, pauses queues, admin also creates and edits reference data, and sees tokens."`
	Name     string    `required:"" placeholder:"NAME" help:"What the key is for, for people."`
}

// Validate demands an owner: a key that opens all accounts is no default.
func (c *keyCreateCommand) Validate() error {
	if c.Account == 0 && !c.Operator {
		return errors.New("name the key's --account, or pass --operator for a key that opens all accounts")
	}
	return nil
}

// Run creates a key.
func (c *keyCreateCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.apiKeys()
	if err != nil {
		return err
	}
	return printing(c.output, inv, keySheet).one(use.Create(ctx, keys.NewKey{Account: c.Account, Role: c.Role, Name: c.Name}))
}

// keySheet has all of each key, with the key itself.
func keySheet(all ...keys.Key) func(*table) {
	return func(t *table) {
		for _, key := range all {
			t.row("id", key.ID)
			t.row("opens", accountInWords(key.AccountID))
			t.row("role", key.Role)
			t.row("key", key.Key)
			t.row()
			t.row("Keep the key now: it cannot be shown again.")
		}
	}
}

// accountInWords writes what somebody sees; nil is all.
func accountInWords(account *int64) string {
	if account == nil {
		return "all accounts"
	}
	return fmt.Sprintf("account %d", *account)
}

type keyListCommand struct {
	output
	ofAccounts
	Operator bool `help:"Only operators' keys."`
	Current  bool `help:"Only those that are not revoked."`
}

// Run lists keys.
func (c *keyListCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.apiKeys()
	if err != nil {
		return err
	}
	return printing(c.output, inv, keyTable).list(use.List(ctx, keys.Filter{Account: c.Account, Operator: c.Operator, Current: c.Current}))
}

type keyRevokeCommand struct {
	output
	ofAccount
	ID int64 `arg:"" help:"Number of the key."`
}

// Run revokes a key.
func (c *keyRevokeCommand) Run(ctx context.Context, inv *invocation) error {
	use, err := inv.apiKeys()
	if err != nil {
		return err
	}
	return printing(c.output, inv, keyTable).one(use.Revoke(ctx, c.Account, c.ID))
}

func keyTable(all ...keys.Key) func(*table) {
	return func(t *table) {
		t.row("ID", "OPENS", "ROLE", "KEY", "NAME", "CREATED", "LAST USED", "REVOKED")
		for _, key := range all {
			t.row(key.ID, accountInWords(key.AccountID), key.Role, key.Prefix+"...", long(key.Name), operate.Clock(key.CreatedAt), timeText(key.LastUsedAt), timeText(key.RevokedAt))
		}
	}
}
