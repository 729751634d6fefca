package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/lib/pq"

	"integr8/pipeline/failure"
	"integr8/sql/store"
)

// hintedError is an error that says what to do next.
type hintedError struct {
	error
	hint string
}

func (e hintedError) Unwrap() error { return e.error }

// withHint adds one line on what to do next; nil stays nil.
func withHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hintedError{err, hint}
}

// fail prints the error as one line, and a hint as another, and answers the
// exit code.
func fail(stderr io.Writer, code int, err error, parsed *kong.Context) int {
	fmt.Fprintf(stderr, "integr8: %s\n", printable(oneLine(err)))
	if hint := hintOf(err, parsed); hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", printable(hint))
	}
	return code
}

// oneLine joins the lines of an error that was made of several.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

func hintOf(err error, parsed *kong.Context) string {
	var hinted hintedError
	var missing *store.NotFoundError
	var usage *kong.ParseError
	var postgres *pq.Error
	var retention *store.RetentionError
	var late *overdue
	switch {
	case errors.As(err, &hinted):
		return hinted.hint
	case errors.As(err, &late) && store.IsCancelled(err):
		return "the database was busy with it: give it more time with --timeout, or try again later"
	case errors.As(err, &missing):
		return listHint(missing)
	case errors.As(err, &retention):
		return retentionHint(retention)
	case errors.As(err, &usage):
		if selected := usage.Context.Selected(); selected != nil {
			return "see: " + selected.FullPath() + " --help"
		}
		return "see: integr8 --help"
	case errors.As(err, &postgres) && postgres.Code.Class() == "42":
		return "the schema may be older than this binary: run integr8 migrate"
	case failure.Of(err) == failure.Outage:
		return "a server cannot be reached, hangs or refuses: integr8 doctor says which"
	default:
		return ""
	}
}

// listHint names the command that shows what there is instead.
func listHint(missing *store.NotFoundError) string {
	switch {
	case missing.Object == store.AccountObject:
		return "integr8 account list shows which there are"
	case missing.Account == 0:
		return fmt.Sprintf("integr8 %s list --account ID shows which an account has", missing.Object)
	default:
		return fmt.Sprintf("integr8 %s list --account %d shows which it has", missing.Object, missing.Account)
	}
}

// redactedError shows its text without secrets and is the same error else.
type redactedError struct {
	error
	text string
}

func (e redactedError) Error() string { return e.text }
func (e redactedError) Unwrap() error { return e.error }

// shortestSecret keeps redact from tearing words apart where the password of a
// development server is a letter or two.
const shortestSecret = 4

// redact is the last guard: whatever an error quotes, no password and no
// service secret leaves in it.
func (a *app) redact(err error) error { return redactedError{err, a.hideSecrets(err.Error())} }

func (a *app) hideSecrets(text string) string {
	for _, secret := range a.settings.secrets() {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
