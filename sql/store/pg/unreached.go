package pg

import (
	"errors"
	"fmt"
)

// unreachedError means that the database could not be reached.
type unreachedError struct{ cause error }

func (e unreachedError) Error() string { return "reach the database: " + e.cause.Error() }
func (e unreachedError) Unwrap() error { return e.cause }

// Unreached marks the error of a connection that could not be made. It does not mark an
// error twice, so that the text says it once.
func Unreached(err error) error {
	var marked unreachedError
	if err == nil || errors.As(err, &marked) {
		return err
	}
	return unreachedError{err}
}

// unreachedFor is Unreached for an attempt that was ended for a reason.
func unreachedFor(reason, err error) error {
	var marked unreachedError
	if errors.As(err, &marked) {
		err = marked.cause
	}
	return unreachedError{fmt.Errorf("%w: %w", reason, err)}
}
