package reference

import (
	"errors"
	"fmt"
)

// The kinds of refusals.
var (
	// ErrNotFound matches when an object that is looked up or referred to does not
	// exist.
	ErrNotFound = errors.New("not found")
	// ErrConflict matches when an object exists already and there can be only one.
	ErrConflict = errors.New("conflict")
	// ErrInvalid matches when a value cannot be stored as it is.
	ErrInvalid = errors.New("invalid")
)

// NotFoundError names the object that does not exist. It matches ErrNotFound.
type NotFoundError struct {
	Object Object
	ID     int64
	// Account is the account that was searched; 0 when all were.
	Account int64
}

// Error is a sentence such as: account 7 has no offer 3.
func (e *NotFoundError) Error() string {
	if e.Account == 0 {
		return fmt.Sprintf("there is no %s %d", e.Object, e.ID)
	}
	return fmt.Sprintf("account %d has no %s %d", e.Account, e.Object, e.ID)
}

// Is makes the error match ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// refusal is an error for people of one of the kinds above.
type refusal struct {
	kind error
	text string
}

func (r refusal) Error() string { return r.text }
func (r refusal) Unwrap() error { return r.kind }

// Refuse returns an error for people that matches one of the kinds above. Its text is
// the sentence alone.
func Refuse(kind error, format string, arguments ...any) error {
	return refusal{kind, fmt.Sprintf(format, arguments...)}
}

// Invalid makes an error for people match ErrInvalid, with its text and its hint; nil stays
// nil.
func Invalid(err error) error {
	if err == nil {
		return nil
	}
	return invalid{err}
}

type invalid struct{ error }

func (i invalid) Unwrap() error        { return i.error }
func (i invalid) Is(target error) bool { return target == ErrInvalid }
