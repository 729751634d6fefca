// Package outcome says what can become of a hit, and why: the outcomes, and one
// table of every reason with its texts. It is a package of its own, below all
// others, because doors, workers, rules, the database, metrics and pages share
// these words, and most of them need nothing else of a hit.
package outcome

// Outcome is what became of a hit.
type Outcome string

// The outcomes. Recorded (a click), Converted and Duplicate are final; every
// other one may be decided anew, by a replay or by a click that comes late.
const (
	Recorded  Outcome = "recorded"
	Converted Outcome = "converted"
	Duplicate Outcome = "duplicate"
	// Waiting means that the transaction_id is genuine but its click has not
	// been written yet.
	Waiting Outcome = "waiting"
	// Unmatched means that no click came within the late-click window.
	Unmatched Outcome = "unmatched"
	Rejected  Outcome = "rejected"
	// Failed means that handling kept failing; the hit is a dead letter.
	Failed Outcome = "failed"
)

// All lists the outcomes.
func All() []Outcome {
	return []Outcome{Recorded, Converted, Duplicate, Waiting, Unmatched, Rejected, Failed}
}

// Final reports whether the outcome is never decided anew.
func (o Outcome) Final() bool {
	return o == Recorded || o == Converted || o == Duplicate
}

// Dead reports whether a hit with this outcome is a dead letter, on which an
// operator can act.
func (o Outcome) Dead() bool {
	return o == Rejected || o == Unmatched || o == Failed
}
