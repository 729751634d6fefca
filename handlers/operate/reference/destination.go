package reference

import (
	"fmt"
	"strings"

	"integr8/pipeline/failure"
	"integr8/pipeline/link"
)

// LostReturn says why no click through a destination can convert; empty when one can.
func LostReturn(destination string) string {
	if err := link.CheckReturn(destination); err != nil {
		return "no click can convert: " + failure.OneLine(err)
	}
	return ""
}

// UnfilledMacros names the macros of a destination that nothing fills; empty without any.
func UnfilledMacros(destination string) string {
	if unknown := link.UnknownMacros(destination); len(unknown) > 0 {
		return "nothing fills " + strings.Join(unknown, ", ") + " in its destination"
	}
	return ""
}

// readDestination returns the stored form of an offer's destination. It refuses a
// destination through which a transaction_id would not come back whole, and warns of
// macros that are never filled.
func readDestination(written string, withoutTransactionID bool) (string, Warnings, error) {
	destination, err := link.Normalize(written)
	if err != nil {
		return "", nil, At("destination", failure.WithHint(Invalid(err), "a destination looks like https://shop.example/landing?clickid={transaction_id}"))
	}
	if err := link.CheckReturn(destination); err != nil && !withoutTransactionID {
		return "", nil, At("destination", failure.WithHint(Invalid(fmt.Errorf("%w; every postback for this offer would be refused", err)),
			"write it as the whole value of the parameter that the advertiser expects, such as ?clickid={transaction_id}; "+
				"if the offer's conversions come without clicks only, pass `--allow-missing-transaction-id`"))
	}
	if unknown := link.UnknownMacros(destination); len(unknown) > 0 {
		return destination, warn("%s will be left empty in the destination: there is no such macro", strings.Join(unknown, ", ")), nil
	}
	return destination, nil, nil
}
