package outcome

import (
	"fmt"
	"strings"
)

// entry is what the table holds of a reason.
type entry struct {
	outcome Outcome
	raisers Raiser
	// ofValue: see Reason.OfValue.
	ofValue bool
	// ofSender and ofReference: see Reason.OfSender and Reason.OfReference.
	ofSender, ofReference bool
	// text is for the sender. Where subject is not empty the text follows the
	// subject that a door names, or else this general one.
	subject, text string
	// hint is for an operator.
	hint string
}

// table holds every reason and is never changed once the package is initialised.
// ordered holds its keys, as they are declared.
var (
	table   = map[Reason]entry{}
	ordered []Reason
)

// door adds a reason for which a door refuses a request. A text for the sender
// that begins with a word in braces names its subject there.
func door(name, text, hint string) Reason {
	e := entry{outcome: Rejected, raisers: Door, text: text, hint: hint}
	if general, rest, named := strings.Cut(text, "}"); named {
		e.subject, e.text = strings.TrimPrefix(general, "{"), rest
	}
	return add(name, e)
}

// value adds a reason for which a door refuses the value of a parameter: see
// Reason.OfValue.
func value(name, text, hint string) Reason {
	return door(name, text, hint).with(func(e *entry) { e.ofValue = true })
}

// rule adds a reason of the rules.
func rule(outcome Outcome, name, hint string) Reason {
	return add(name, entry{outcome: outcome, raisers: Rules, hint: hint})
}

// machinery adds a reason for which a message is given up.
func machinery(name, hint string) Reason {
	return add(name, entry{outcome: Failed, raisers: Machinery, hint: hint})
}

// orRules lets the rules raise a door's reason as well.
func (r Reason) orRules() Reason { return r.with(func(e *entry) { e.raisers |= Rules }) }

// ofSender has doctor name who sends the hits of the reason: see Reason.OfSender.
func (r Reason) ofSender() Reason { return r.with(func(e *entry) { e.ofSender = true }) }

// ofReference has a replay look whether the cause still stands: see Reason.OfReference.
func (r Reason) ofReference() Reason { return r.with(func(e *entry) { e.ofReference = true }) }

func (r Reason) with(change func(*entry)) Reason {
	e := table[r]
	change(&e)
	table[r] = e
	return r
}

func add(name string, e entry) Reason {
	reason := Reason(name)
	if reason.Exists() {
		panic(fmt.Sprintf("the reason %s is declared twice", name))
	}
	table[reason] = e
	ordered = append(ordered, reason)
	return reason
}
