package failure

import (
	"errors"
	"strings"
)

// hinted is an error that says what to do next.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// WithHint adds one line that says what to do next; nil stays nil. It changes
// neither the class nor the text of the error.
func WithHint(err error, hint string) error {
	if err == nil {
		return nil
	}
	return hinted{err, hint}
}

// Hint returns the hint of an error, or "" when it has none. Of several hints it returns
// the outermost.
func Hint(err error) string {
	var found hinted
	if !errors.As(err, &found) {
		return ""
	}
	return found.hint
}

// OneLine returns the text of an error with its lines joined by "; ". An error that
// errors.Join made has several lines.
func OneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
