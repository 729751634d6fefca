package dead

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/redact"
)

// Operator is the person who acts, for the record of who did what and why.
type Operator struct {
	// Name names a person and a place, such as ann@desk.
	Name string
	// Note says why, in at most mostNote characters; it is stored with the event of each
	// letter, without secrets and e-mail addresses.
	Note string
}

// mostNote is in characters.
const mostNote = 500

// act returns the operator's act for one command.
func (o Operator) act(event EventKind) Act {
	note, _ := redact.Redactor{}.Text(strings.TrimSpace(o.Note))
	return Act{ID: uuid.New(), Event: event, By: o.Name, Note: note}
}

// Work is a prepared act on dead letters. It is not safe for concurrent use.
type Work struct {
	// Result is an estimate, with 0 done, until the work is run.
	Result Result
	// Named is set when receipts chose the letters instead of a filter.
	Named bool
	// PerSecond bounds how many letters are worked on a second. Default 0: no bound, but
	// for a replay the pace at which the broker confirms.
	PerSecond float64

	letters Letters
	filter  Filter
	act     Act
	done    int64
	keeper  Keeper
	// behind and swept are those of a Checkpoint.
	behind Cursor
	swept  int64
	// underWay is what an earlier run had under way.
	underWay []Mark
}

// prepare fixes the letters of the act at this moment and counts them. Letters that die
// later do not belong to it. unknown returns the hint for a receipt without a dead
// letter.
func (l Letters) prepare(ctx context.Context, filter Filter, act Act, unknown func(uuid.UUID) string) (*Work, error) {
	if utf8.RuneCountInString(act.Note) > mostNote {
		return nil, reference.Refuse(reference.ErrInvalid, "the note has more than %d characters; nothing was done", mostNote)
	}
	w := &Work{letters: l, filter: filter, act: act, Named: len(filter.IDs) > 0, keeper: unkept{l.Store}}
	now, err := l.Store.Now(ctx)
	if err != nil {
		return nil, err
	}
	if filter.Until.IsZero() || filter.Until.After(now) {
		w.filter.Until = now
	}
	for _, receipt := range filter.IDs {
		letter, err := l.find(ctx, filter.AccountID, receipt)
		switch {
		case err != nil:
			return nil, err
		case letter == nil:
			return nil, failure.WithHint(reference.Refuse(reference.ErrNotFound, "no dead letter %s; nothing was done", receipt), unknown(receipt))
		}
	}
	w.Result.Act = act.ID
	w.countDone()
	w.Result.Reasons, w.Result.Chosen, err = l.Summary(ctx, w.filter)
	w.act.Order = Ordered{Event: act.Event, Filter: w.filter, Letters: w.Result.Chosen}
	return w, err
}

// countDone makes the result show how many letters are done.
func (w *Work) countDone() {
	switch w.act.Event {
	case WasReplayed:
		w.Result.Replayed = &w.done
	case WasDiscarded:
		w.Result.Discarded = &w.done
	case WasNoted:
		w.Result.Noted = &w.done
	default:
		w.Result.Undone = &w.done
	}
}

// stateFor returns the state of the letters that a replay or a discard works on: the
// state in the filter, else open; for letters that are named by receipt, the state in
// named.
func stateFor(filter Filter, named State) State {
	switch {
	case len(filter.IDs) > 0:
		return named
	case filter.State == "":
		return StateOpen
	default:
		return filter.State
	}
}

// Verb returns the act as in "2 dead letters were replayed".
func (w *Work) Verb() string { return VerbOf(historyActs[w.act.Event]) }

// VerbOf is Verb for an act by its name in the history.
func VerbOf(act history.Act) string {
	switch act {
	case history.Replay:
		return "replayed"
	case history.Discard:
		return "discarded"
	case history.Note:
		return "noted"
	default:
		return "brought back"
	}
}

// end returns the error that kept the work from success, with what to do next.
func (w *Work) end(failed error) error {
	done := func() string {
		return operate.Share(w.done, w.Result.Chosen, "dead letter", "was", "were") + " " + w.Verb()
	}
	switch {
	case w.Result.Interrupted:
		return failure.WithHint(fmt.Errorf("interrupted: %s", done()), "run the same command again: it does the rest")
	case errors.Is(failed, rabbit.ErrUnroutable):
		return failure.WithHint(failed, "the queues are missing: run `integr8 topology`, then the same command again")
	case failed != nil:
		return failure.WithHint(fmt.Errorf("%s: %w", done(), failed), "mend what is wrong and run the same command again: it does the rest")
	default:
		return w.Unreplayable()
	}
}

// ErrUnreplayable matches the error of Unreplayable.
var ErrUnreplayable = errors.New("holds no hit")

// unreplayable is that error.
type unreplayable string

func (u unreplayable) Error() string        { return string(u) }
func (u unreplayable) Is(target error) bool { return target == ErrUnreplayable }

// Unreplayable returns an error when a letter that was named by receipt holds no hit
// and so cannot be replayed. A replay's Run returns it as well.
func (w *Work) Unreplayable() error {
	if !w.Named || w.Result.Undecodable == 0 {
		return nil
	}
	return failure.WithHint(unreplayable(operate.Share(w.Result.Undecodable, w.Result.Chosen, "dead letter", "holds", "hold")+" no hit and cannot be replayed"),
		"see what came: `integr8 dead show ID`; or close it: `integr8 dead discard ID`")
}
