package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"
)

// usageError makes the program exit with exitUsage, as for a command line that
// cannot be read.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// asksPeople reports whether there is a person to ask: standard input is a
// terminal.
func (inv *invocation) asksPeople() bool {
	file, ok := inv.stdin.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// confirm asks a person, whose answer is no unless it is yes, and returns at once
// with ctx's error when ctx ends. Call it only where asksPeople.
func (inv *invocation) confirm(ctx context.Context, question string) (bool, error) {
	fmt.Fprintf(inv.stderr, "%s [y/N] ", printable(question))
	type reply struct {
		text string
		err  error
	}
	typed := make(chan reply, 1)
	go func() { // a read of a terminal cannot be interrupted; the program ends without it
		text, err := bufio.NewReader(inv.stdin).ReadString('\n')
		typed <- reply{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(inv.stderr)
		return false, ctx.Err()
	case got := <-typed:
		if got.err != nil {
			return false, fmt.Errorf("read the answer to %q: %w", question, got.err)
		}
		word := strings.ToLower(strings.TrimSpace(got.text))
		return word == "y" || word == "yes", nil
	}
}
