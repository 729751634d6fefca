package main

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// deadResult is what replay, discard and undo answer.
type deadResult struct {
	Chosen      int64  `json:"chosen"`
	Done        int64  `json:"-"`
	Replayed    *int64 `json:"replayed,omitempty"`
	Discarded   *int64 `json:"discarded,omitempty"`
	Undone      *int64 `json:"undone,omitempty"`
	Undecodable int64  `json:"undecodable"`
	// Resolved counts those whose hits have come to a good end: a replay leaves
	// them as they are, and an undo leads back to that.
	Resolved int64 `json:"resolved"`
	// Stand counts those that were replayed though their record does not allow to
	// decide anew: see hit.Stands.
	Stand       int64            `json:"stand"`
	DryRun      bool             `json:"dry_run"`
	Interrupted bool             `json:"interrupted"`
	Reasons     []deadReasonView `json:"reasons"`
	// Act is by what undo finds the letters.
	Act uuid.UUID `json:"act"`
	// Warnings are of a replay that will be in vain.
	Warnings []string `json:"warnings,omitempty"`
	// Became is what became of replayed hits while the command waited, the most
	// frequent first, and OnTheWay how many were not heard of by then.
	Became   []deadBecame `json:"became,omitempty"`
	OnTheWay *int64       `json:"on_the_way,omitempty"`
	// NotUndone is, of letters named to undo, how many are in which other state.
	NotUndone []store.DeadStateCount `json:"not_undone,omitempty"`
	// Expiring counts what was undone though its retention is over.
	Expiring int64 `json:"expiring,omitempty"`
}

// deadBecame counts replayed hits with one end.
type deadBecame struct {
	Outcome   attribution.Outcome `json:"outcome"`
	Reason    attribution.Reason  `json:"reason"`
	DiedAgain bool                `json:"died_again"`
	Hits      int64               `json:"hits"`
	Hint      string              `json:"hint"`
}

// end prints the result and returns what keeps the command from success.
func (w *deadWork) end(out output, failed error) error {
	verb, result := w.action.verb, &w.result
	switch w.action.act.Event {
	case store.DeadWasReplayed:
		result.Replayed = &result.Done
	case store.DeadWasDiscarded:
		result.Discarded = &result.Done
	default:
		result.Undone = &result.Done
	}
	if err := out.print(w.app, result, w.table); err != nil {
		return err
	}
	switch {
	case result.Interrupted:
		return withHint(fmt.Errorf("interrupted: %s %s", share(result.Done, result.Chosen, "dead letter", "was", "were"), verb),
			"run the same command again: it does the rest")
	case errors.Is(failed, rabbit.ErrUnroutable):
		return withHint(failed, "the queues are missing: run integr8 topology, then the same command again")
	case failed != nil:
		return withHint(fmt.Errorf("%s %s: %w", share(result.Done, result.Chosen, "dead letter", "was", "were"), verb, failed),
			"mend what is wrong and run the same command again: it does the rest")
	case len(w.choice.IDs) > 0 && result.Undecodable > 0:
		return withHint(fmt.Errorf("%s no hit and cannot be replayed", share(result.Undecodable, result.Chosen, "dead letter", "holds", "hold")),
			"integr8 dead show ID shows what came; integr8 dead discard ID gives it up")
	default:
		return nil
	}
}

func (w *deadWork) table(t *table) {
	verb, result := w.action.verb, &w.result
	switch {
	case result.DryRun:
		deadReasonTable(t, result.Reasons)
		t.row()
		t.row(fmt.Sprintf("%s be %s.%s", count(result.Chosen-result.Undecodable-result.Resolved, "dead letter", "would", "would"), verb, result.skipped()))
	case result.Chosen == 0 && len(w.choice.IDs) > 0:
		t.row(fmt.Sprintf("Nothing was %s: none of the dead letters named is %s. integr8 dead show ID says how each stands.", verb, w.needed()))
	default:
		t.row(fmt.Sprintf("%s %s.%s", share(result.Done, result.Chosen, "dead letter", "was", "were"), verb, result.skipped()))
	}
	w.becameTable(t)
	for _, state := range result.NotUndone {
		t.row(fmt.Sprintf("%s %s", count(state.Letters, "of those named", "is", "are"), whyNotUndone(state.State)))
	}
	if result.Expiring > 0 {
		t.row(fmt.Sprintf("%s kept no longer: the next housekeeping deletes what is not replayed before. See: integr8 retention show",
			count(result.Expiring, "of them", "is", "are")))
	}
	if result.Done > 0 && w.action.act.Event == store.DeadWasDiscarded {
		t.row("To bring back what was discarded: integr8 dead undo --act " + result.Act.String())
	}
}

// needed is the state that a letter must be in when it is named.
func (w *deadWork) needed() string {
	if w.action.act.Event == store.DeadUndone {
		return "discarded"
	}
	return "open"
}

func (r *deadResult) skipped() string {
	text := ""
	if r.Undecodable > 0 {
		text += fmt.Sprintf(" %s no hit (reason undecodable) and cannot be replayed.", count(r.Undecodable, "", "holds", "hold"))
	}
	if r.Resolved > 0 {
		text += fmt.Sprintf(" %s resolved already, by a good end of the hit, and nothing was published.", count(r.Resolved, "", "is", "are"))
	}
	if r.Stand > 0 {
		text += fmt.Sprintf(" %d of them will be refused again: their records do not allow to decide anew, and integr8 dead show ID says why.", r.Stand)
	}
	return text
}
