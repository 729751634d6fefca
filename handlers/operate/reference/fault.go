package reference

import (
	"errors"

	"integr8/pipeline/failure"
)

// At says which field of a form an error for people is about, by the field's JSON name. It
// changes neither the text nor the kind of the error; nil stays nil.
func At(field string, err error) error {
	if err == nil {
		return nil
	}
	return located{err, field}
}

type located struct {
	error
	field string
}

func (l located) Unwrap() error { return l.error }

// Fault is one thing that is wrong in a form.
type Fault struct {
	// Field is the JSON name of the field; empty where the fault is of none.
	Field string
	// Text is a sentence without its point, and Hint says what to do.
	Text, Hint string
}

// FaultsOf returns what an error for people says is wrong, each with its field. An object
// that does not exist is a fault of the field that names it.
func FaultsOf(err error) []Fault {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var faults []Fault
		for _, one := range several.Unwrap() {
			faults = append(faults, FaultsOf(one)...)
		}
		return faults
	}
	fault := Fault{Text: err.Error(), Hint: failure.Hint(err)}
	var of located
	var missing *NotFoundError
	switch {
	case errors.As(err, &of):
		fault.Field = of.field
	case errors.As(err, &missing):
		fault.Field = string(missing.Object)
	}
	return []Fault{fault}
}
