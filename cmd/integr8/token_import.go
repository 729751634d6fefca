package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"integr8/pipeline/hit"
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
func (c *tokenImportCommand) Run(ctx context.Context, app *app) error {
	secure, err := app.readSecret(ctx, "Token: ")
	if err != nil {
		return err
	}
	if err := checkImported(secure); err != nil {
		return err
	}
	if err := c.checkStrength(secure); err != nil {
		return err
	}
	db, err := app.store()
	if err != nil {
		return err
	}
	token, err := db.ImportToken(ctx, c.Account, c.Offer, c.For, hit.DigestOf(secure))
	if err != nil {
		return err
	}
	view := viewToken(token)
	return c.print(app, view, tokenTable(view))
}

// minImportedToken is the shortest token that can still be found where it
// does not belong, and that cannot be guessed in an afternoon.
const minImportedToken = 8

func checkImported(secure string) error {
	switch {
	case len(secure) < minImportedToken:
		return fmt.Errorf("the token has fewer than %d characters: too few for a secret", minImportedToken)
	case len(secure) > hit.DefaultMaxValueBytes:
		return fmt.Errorf("the token is longer than %d bytes", hit.DefaultMaxValueBytes)
	case strings.ContainsFunc(secure, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the token holds a space, a second line or a character outside ASCII")
	}
	return nil
}

// checkStrength refuses a token that can be guessed. The error says nothing of
// the token but the estimate.
func (c *tokenImportCommand) checkStrength(secure string) error {
	bits := guessingBits(secure)
	if c.Force || bits >= minGuessingBits {
		return nil
	}
	return withHint(fmt.Errorf("the token can be guessed: it is worth about %.0f bits of guessing, and %d are wanted", bits, minGuessingBits),
		"give the advertiser a generated one (integr8 token create), or add --force while the old URLs are still in use")
}

// readSecret reads a secret from standard input: all of it, or on a terminal
// one line that is not shown. It stops when ctx ends, and leaves the terminal as
// it was.
func (a *app) readSecret(ctx context.Context, prompt string) (string, error) {
	if file, ok := a.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		before, err := term.GetState(int(file.Fd()))
		if err != nil {
			return "", fmt.Errorf("read the token: %w", err)
		}
		fmt.Fprint(a.stderr, prompt)
		typed, err := unlessEnded(ctx, func() ([]byte, error) { return term.ReadPassword(int(file.Fd())) })
		fmt.Fprintln(a.stderr)
		if err = errors.Join(err, term.Restore(int(file.Fd()), before)); err != nil {
			return "", fmt.Errorf("read the token: %w", err)
		}
		return strings.TrimSpace(string(typed)), nil
	}
	piped, err := unlessEnded(ctx, func() ([]byte, error) {
		return io.ReadAll(io.LimitReader(a.stdin, 2*hit.DefaultMaxValueBytes))
	})
	if err != nil {
		return "", fmt.Errorf("read the token from standard input: %w", err)
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
