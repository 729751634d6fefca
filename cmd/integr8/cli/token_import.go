package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/redact"
)

type tokenImportCommand struct {
	output
	Account int64 `required:"" placeholder:"ID" help:"Account that the token speaks for."`
	Offer   int64 `placeholder:"ID" help:"Make it an offer-level token, which converts this offer only."`
	tokenPurpose

	Force bool `help:"Import it even where it is easier to guess than a token should be."`

	// Argument only catches those who would give the token as one.
	Argument string `arg:"" optional:"" hidden:"" help:"Not taken: the token is read from standard input."`
}

// Validate refuses a token on the command line, and does not repeat it.
func (c *tokenImportCommand) Validate() error {
	if c.Argument != "" {
		return errors.New("a token is not taken as an argument, where the shell's history and the list of processes keep it: " +
			"pipe it in, or run the command without it and be asked")
	}
	return nil
}

// Run stores the digest of a token.
func (c *tokenImportCommand) Run(ctx context.Context, inv *invocation) error {
	secure, err := inv.readSecret(ctx, "Token: ")
	if err != nil {
		return err
	}
	tokens, err := inv.tokens()
	if err != nil {
		return err
	}
	return printing(c.output, inv, tokenTable).one(tokens.Import(ctx,
		reference.TokenImport{Account: c.Account, Offer: c.Offer, Purpose: c.For, Secure: secure, Force: c.Force}))
}

// readSecret reads a secret from standard input: all of it, or on a terminal
// one line that is not shown. It stops when ctx ends, and leaves the terminal as
// it was.
func (inv *invocation) readSecret(ctx context.Context, prompt string) (string, error) {
	if file, ok := inv.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		before, err := term.GetState(int(file.Fd()))
		if err != nil {
			return "", fmt.Errorf("read from the terminal: %w", err)
		}
		fmt.Fprint(inv.stderr, prompt)
		typed, err := unlessEnded(ctx, func() ([]byte, error) { return term.ReadPassword(int(file.Fd())) })
		fmt.Fprintln(inv.stderr)
		if err = errors.Join(err, term.Restore(int(file.Fd()), before)); err != nil {
			return "", fmt.Errorf("read from the terminal: %w", err)
		}
		return strings.TrimSpace(string(typed)), nil
	}
	piped, err := unlessEnded(ctx, func() ([]byte, error) {
		return io.ReadAll(io.LimitReader(inv.stdin, 2*redact.DefaultMaxValueBytes))
	})
	if err != nil {
		return "", fmt.Errorf("read from standard input: %w", err)
	}
	return strings.TrimSpace(string(piped)), nil
}

// unlessEnded reads something that cannot be interrupted, and leaves it behind when
// ctx ends first.
func unlessEnded(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := read()
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
