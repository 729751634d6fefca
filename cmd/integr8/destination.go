package main

import (
	"fmt"
	"strings"

	"integr8/pipeline/hit"
)

// checkDestination returns the form of an offer's destination that is stored,
// and refuses one through which a transaction_id would not come back whole.
// It warns of macros that nothing fills.
func (a *app) checkDestination(written string, withoutTransactionID bool) (string, error) {
	destination, err := hit.NormalizeDestination(written)
	if err != nil {
		return "", withHint(err, "a destination looks like https://shop.example/landing?clickid={transaction_id}")
	}
	if err := hit.CheckReturn(destination); err != nil && !withoutTransactionID {
		return "", withHint(fmt.Errorf("%w; every postback for this offer would be refused", err),
			"write it as the whole value of the parameter that the advertiser expects, such as ?clickid={transaction_id}; "+
				"if the offer's conversions come without clicks only, pass --allow-missing-transaction-id")
	}
	if unknown := unknownMacros(destination); len(unknown) > 0 {
		a.warn("%s will be left empty in the destination: there is no such macro", strings.Join(unknown, ", "))
	}
	return destination, nil
}

// warn tells on stderr what does not stop the command.
func (a *app) warn(format string, arguments ...any) {
	fmt.Fprintf(a.stderr, "warning: %s\n", printable(fmt.Sprintf(format, arguments...)))
}

func unknownMacros(destination string) []string {
	var unknown []string
	for _, name := range hit.Macros(destination) {
		if !hit.KnownMacro(name) {
			unknown = append(unknown, "{"+name+"}")
		}
	}
	return unknown
}
