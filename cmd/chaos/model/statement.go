package model

import (
	"regexp"

	"integr8/cmd/chaos/ledger"
)

// statements are parameters with which a request says what its conversion is. Each has
// the reason for which the hit does not convert unless the parameter says that it is an
// approved conversion.
var statements = map[string]string{
	"status":              "unsupported_status",
	"Conversion-Status":   "unsupported_status",
	"event_name":          "unsupported_event",
	"goalId":              "unsupported_event",
	"new_rejected_reason": "unsupported_status",
}

// Statements lists the names of those parameters.
func Statements() []string {
	return []string{"status", "Conversion-Status", "event_name", "goalId", "new_rejected_reason"}
}

// unsupported returns the reason for which a statement of the request forbids its
// conversion; empty when none does. The drills send one statement at most. A negative
// amount counts before a statement, as a status does before an event.
func unsupported(r ledger.Request) string {
	for _, name := range []string{"revenue", "payout"} {
		if negative.MatchString(r.Get(name)) {
			return "unsupported_status"
		}
	}
	for name, reason := range statements {
		switch value := r.Get(name); {
		case value == "", name != "new_rejected_reason" && (value == "approved" || value == "sale"):
		default:
			return reason
		}
	}
	return ""
}

// negative matches an amount that takes a conversion back, with any terms.
var negative = regexp.MustCompile(`^-[0-9.]*[1-9]`)
