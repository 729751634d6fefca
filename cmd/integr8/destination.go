package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"integr8/pipeline/hit"
)

// checkDestination gives the form of an offer's destination that is stored,
// and refuses one through which no transaction_id would reach the advertiser.
// It warns of macros that nobody fills.
func (a *app) checkDestination(written string, withoutTransactionID bool) (string, error) {
	destination, err := hit.NormalizeDestination(written)
	if err != nil {
		return "", withHint(err, "a destination looks like https://shop.example/landing?clickid={transaction_id}")
	}
	if !hasTransactionID(destination) && !withoutTransactionID {
		return "", withHint(
			errors.New("the destination lacks {transaction_id}: the advertiser could not say which click converted, and every postback would be refused"),
			"add it under the name that the advertiser expects, such as ?clickid={transaction_id}; "+
				"if its conversions come without clicks only, pass --allow-missing-transaction-id")
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

func hasTransactionID(destination string) bool {
	return slices.Contains(hit.Macros(destination), hit.ParamTransactionID)
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
