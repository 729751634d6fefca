package dead

import (
	"github.com/google/uuid"

	"integr8/pipeline/outcome"
)

// Result is what a replay, a discard, an undo or a note did; before Run, what it would do.
type Result struct {
	Chosen int64 `json:"chosen"`
	// One of Replayed, Discarded, Undone and Noted is set: that of the act.
	Replayed    *int64 `json:"replayed,omitempty"`
	Discarded   *int64 `json:"discarded,omitempty"`
	Undone      *int64 `json:"undone,omitempty"`
	Noted       *int64 `json:"noted,omitempty"`
	Undecodable int64  `json:"undecodable"`
	// Resolved counts the letters whose hits have come to a good end. A replay does not
	// change them, and an undo makes them resolved again.
	Resolved int64 `json:"resolved"`
	// Stand counts the letters that were replayed although their record does not contain
	// enough to decide again: see hit.Stands.
	Stand       int64         `json:"stand"`
	DryRun      bool          `json:"dry_run"`
	Interrupted bool          `json:"interrupted"`
	Reasons     []ReasonCount `json:"reasons"`
	// Act identifies the act for an undo.
	Act uuid.UUID `json:"act"`
	// Warnings say which replayed hits will fail again.
	Warnings []string `json:"warnings,omitempty"`
	// Became lists the outcomes of replayed hits during the wait, the most frequent
	// first. OnTheWay counts the hits without an outcome by then.
	Became   []Became `json:"became,omitempty"`
	OnTheWay *int64   `json:"on_the_way,omitempty"`
	// NotUndone counts by state the named letters that an undo cannot open.
	NotUndone []StateCount `json:"not_undone,omitempty"`
	// Expiring counts the letters that were undone although their retention is over.
	Expiring int64 `json:"expiring,omitempty"`
}

// Became counts replayed hits with the same outcome.
type Became struct {
	Outcome   outcome.Outcome `db:"outcome" json:"outcome"`
	Reason    outcome.Reason  `db:"reason" json:"reason"`
	DiedAgain bool            `db:"died_again" json:"died_again"`
	Hits      int64           `db:"hits" json:"hits"`
	Hint      string          `db:"-" json:"hint"`
}

// Follow completes what a Store has read of what became of replayed hits, by the hints and
// the number of those that are on their way.
func (r *Result) Follow() {
	left := r.Done()
	for i := range r.Became {
		r.Became[i].Hint = r.Became[i].Reason.Hint()
		left -= r.Became[i].Hits
	}
	left = max(left, 0)
	r.OnTheWay = &left
}

// Done returns how many letters were replayed, discarded, undone or noted on.
func (r *Result) Done() int64 {
	for _, done := range []*int64{r.Replayed, r.Discarded, r.Undone, r.Noted} {
		if done != nil {
			return *done
		}
	}
	return 0
}
