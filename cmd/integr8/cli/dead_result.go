package cli

import (
	"fmt"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/outcome"
)

// deadResultTable writes what replay, discard, undo and note did, or would do.
func deadResultTable(t *table, work *dead.Work) {
	verb, result := work.Verb(), &work.Result
	switch {
	case result.DryRun:
		deadReasonTable(t, result.Reasons)
		t.row()
		t.row(fmt.Sprintf("%s would be %s.%s", operate.Counted(result.Chosen-result.Undecodable-result.Resolved, "dead letter"), verb, skippedText(result)))
	case result.Chosen == 0 && work.Named:
		t.row(fmt.Sprintf("Nothing was %s: none of the dead letters named is %s. integr8 dead show ID says how each stands.", verb, neededState(result)))
	default:
		t.row(fmt.Sprintf("%s %s.%s", operate.Share(result.Done(), result.Chosen, "dead letter", "was", "were"), verb, skippedText(result)))
	}
	deadEnds(t, result)
}

// deadEnds writes what became of replayed hits, what was not brought back, and how
// discarded letters are.
func deadEnds(t *table, result *dead.Result) {
	becameTable(t, result)
	for _, state := range result.NotUndone {
		t.row(fmt.Sprintf("%s %s", operate.Count(state.Letters, "of those named", "is", "are"), whyNotUndone(state.State)))
	}
	if result.Expiring > 0 {
		t.row(fmt.Sprintf("%s kept no longer: the next housekeeping deletes what is not replayed before. See: integr8 retention show",
			operate.Count(result.Expiring, "of them", "is", "are")))
	}
	if result.Done() > 0 && result.Discarded != nil {
		t.row("To bring back what was discarded: integr8 dead undo --act " + result.Act.String())
	}
}

// neededState is the state that a letter must be in when it is named.
func neededState(result *dead.Result) string {
	if result.Undone != nil {
		return "discarded"
	}
	return "open"
}

// skippedText says what of a replay was left out, or will be in vain.
func skippedText(r *dead.Result) string {
	text := ""
	if r.Undecodable > 0 {
		text += fmt.Sprintf(" %s no hit (reason undecodable) and cannot be replayed.", operate.Count(r.Undecodable, "", "holds", "hold"))
	}
	if r.Resolved > 0 {
		text += fmt.Sprintf(" %s resolved already, by a good end of the hit, and nothing was published.", operate.Count(r.Resolved, "", "is", "are"))
	}
	if r.Stand > 0 {
		text += fmt.Sprintf(" %d of them will be refused again: the record does not allow to decide anew, and integr8 dead show ID says why.", r.Stand)
	}
	return text
}

// becameTable writes a line an end of replayed hits.
func becameTable(t *table, result *dead.Result) {
	for _, end := range result.Became {
		what := string(end.Outcome)
		if end.DiedAgain {
			what = "died again: " + what
		}
		if end.Reason != outcome.NoReason {
			what += ", " + string(end.Reason)
		}
		t.row(fmt.Sprintf("%6d  %s", end.Hits, what))
		if end.Hint != "" {
			t.row("        " + end.Hint)
		}
	}
	if left := result.OnTheWay; left != nil && *left > 0 {
		t.row(fmt.Sprintf("%6d  still on the way: integr8 dead list --status replayed shows what is not heard of", *left))
	}
}
