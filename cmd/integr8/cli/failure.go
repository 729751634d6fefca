package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/retention"
	"integr8/pipeline/failure"
	"integr8/sql/store"
)

// fail prints the error as one line, and a hint as another, and returns the
// exit code.
func fail(stderr io.Writer, code int, err error, parsed *kong.Context) int {
	fmt.Fprintf(stderr, "integr8: %s\n", printable(failure.OneLine(err)))
	if hint := hintOf(err, parsed); hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", printable(hint))
	}
	return code
}

func hintOf(err error, parsed *kong.Context) string {
	var missing *reference.NotFoundError
	var usage *kong.ParseError
	var short *retention.TooShortError
	var schema *store.SchemaError
	var late *overdue
	switch hint := failure.Hint(err); {
	case hint != "":
		return hint
	case errors.As(err, &late) && store.IsCancelled(err):
		return "the database was busy with it: give it more time with --timeout, or try again later"
	case errors.As(err, &missing):
		return listHint(missing)
	case errors.As(err, &short):
		return short.Hint()
	case errors.As(err, &schema):
		return schema.Hint()
	case errors.As(err, &usage):
		if selected := usage.Context.Selected(); selected != nil {
			return "see: " + selected.FullPath() + " --help"
		}
		return "see: integr8 --help"
	case store.MayLackMigration(err):
		return "the schema may be older than this binary: run integr8 migrate"
	case failure.Of(err) == failure.Outage:
		return "a server cannot be reached, hangs or refuses: integr8 doctor says which"
	default:
		return ""
	}
}

// listHint names the command that shows what there is instead.
func listHint(missing *reference.NotFoundError) string {
	switch {
	case missing.Object == reference.AccountObject:
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
func (inv *invocation) redact(err error) error {
	return redactedError{err, inv.hideSecrets(err.Error())}
}

func (inv *invocation) hideSecrets(text string) string {
	for _, secret := range inv.settings.secrets() {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}
