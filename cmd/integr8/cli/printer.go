package cli

import (
	"integr8/handlers/operate/reference"
)

// printer prints what a use case returned: to people in a table, or as JSON.
type printer[T any] struct {
	output
	inv   *invocation
	table func(...T) func(*table)
}

// printing makes a printer. rows writes one object or a list of them.
func printing[T any](out output, inv *invocation, rows func(...T) func(*table)) printer[T] {
	return printer[T]{out, inv, rows}
}

// one prints an object.
func (p printer[T]) one(object T, err error) error {
	if err != nil {
		return err
	}
	return p.print(p.inv, object, p.table(object))
}

// list prints objects.
func (p printer[T]) list(objects []T, err error) error {
	if err != nil {
		return err
	}
	return p.print(p.inv, objects, p.table(objects...))
}

// changed prints an object that was made or changed, after the warnings.
func (p printer[T]) changed(object T, warnings reference.Warnings, err error) error {
	for _, warning := range warnings {
		p.inv.warn("%s", p.inv.hideSecrets(warning))
	}
	return p.one(object, err)
}
