package dead

import (
	"context"
	"fmt"
	"slices"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// warnedCauses is how many causes are named one by one.
const warnedCauses = 10

// warn adds warnings on hits that will fail again. It reads only the first page of
// letters.
func (r *Replay) warn(ctx context.Context) error {
	page, err := r.letters.Store.DeadLetters(ctx, r.filter, OldestFirst, nil, pageSize)
	if err != nil {
		return err
	}
	topics := map[string]bool{}
	for _, letter := range page {
		if h, err := letter.Hit(); err == nil && letter.Status != Resolved {
			topics[h.Kind.Topic()] = true
		}
	}
	unserved := r.unserved(ctx, topics)
	causes, err := r.letters.standingCauses(ctx, page)
	if err != nil {
		return err
	}
	r.Result.Warnings = append(unserved, causes...)
	r.served = len(unserved) == 0
	return nil
}

// unserved returns a warning for each queue of the topics from which no worker takes.
func (r *Replay) unserved(ctx context.Context, topics map[string]bool) (warnings []string) {
	depths, err := r.letters.Broker.Depths(ctx)
	if err != nil {
		return []string{fmt.Sprintf("whether a worker runs cannot be seen: %s", failure.OneLine(err))}
	}
	pauses, err := r.letters.Store.PausedQueues(ctx)
	if err != nil {
		return []string{fmt.Sprintf("whether a queue is paused cannot be seen: %s", failure.OneLine(err))}
	}
	for _, pause := range pauses {
		if topics[pause.Topic] {
			topics[pause.Topic] = false
			warnings = append(warnings, pause.Sentence()+"; what is replayed waits there")
		}
	}
	for topic, depth := range depths {
		if topics[topic] && depth.Consumers == 0 {
			warnings = append(warnings, fmt.Sprintf("no worker takes from the queue %s, so what is replayed waits there: start `integr8 work`", depth.Queue))
		}
	}
	slices.Sort(warnings)
	return warnings
}

// StandingCauses returns sentences on the letters that match the filter and whose hits
// would die again if they were replayed now, as far as the record or the reference data
// shows it. It reads only the first page of letters, and the reference data when needed.
func (l Letters) StandingCauses(ctx context.Context, filter Filter) ([]string, error) {
	page, err := l.Store.DeadLetters(ctx, filter, OldestFirst, nil, pageSize)
	if err != nil {
		return nil, err
	}
	return l.standingCauses(ctx, page)
}

// standingCauses returns a warning for each cause of death that still exists, as far as
// the record or the reference data shows it.
func (l Letters) standingCauses(ctx context.Context, page []Letter) ([]string, error) {
	var snapshot *attribution.Snapshot
	if slices.ContainsFunc(page, func(letter Letter) bool { return letter.Reason.OfReference() }) {
		var err error
		if snapshot, err = l.Store.LoadSnapshot(ctx); err != nil {
			return nil, err
		}
	}
	counts := map[string]int{}
	for _, letter := range page {
		h, err := letter.Hit()
		if err != nil || letter.Status == Resolved {
			continue
		}
		if cause := l.standingCause(snapshot, letter, h); cause != "" {
			counts[cause]++
		}
	}
	var warnings []string
	for cause, n := range counts {
		warnings = append(warnings, fmt.Sprintf("%s will die again, because %s", operate.Counted(n, "hit"), cause))
	}
	slices.Sort(warnings)
	if more := len(warnings) - warnedCauses; more > 0 {
		warnings = append(warnings[:warnedCauses], operate.Count(more, "more cause", "stands", "stand"))
	}
	if len(warnings) > 0 && len(page) == pageSize {
		warnings = append(warnings, fmt.Sprintf("only the %d letters that died first were checked", pageSize))
	}
	return warnings, nil
}

// standingCause returns why a hit will die again; empty when that is not known.
func (l Letters) standingCause(snapshot *attribution.Snapshot, letter Letter, h *hit.Hit) string {
	stands := h.Stands()
	switch {
	case stands != "":
		return stands
	case referenceCauses[letter.Reason] != nil:
		return referenceCauses[letter.Reason](snapshot, letter, h)
	case letter.Reason == outcome.UnverifiedTransactionID && !l.Keys.IsZero():
		if h.Recheck(l.Keys); h.Refusal == outcome.UnverifiedTransactionID {
			return "no secret in this program's INTEGR8_SECRET verifies the transaction_id"
		}
	}
	return ""
}
