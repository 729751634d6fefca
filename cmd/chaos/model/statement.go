package model

import "integr8/cmd/chaos/ledger"

// statements are parameters by which a request says what its conversion is, with
// the reason for which it does not convert when that is not an approved one.
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

// unsupported says why what a request says of its conversion forbids it; empty
// where it does not. The drills send one statement at most.
func unsupported(r ledger.Request) string {
	for name, reason := range statements {
		switch value := r.Get(name); {
		case value == "", name != "new_rejected_reason" && (value == "approved" || value == "sale"):
		default:
			return reason
		}
	}
	return ""
}
