package console

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/trace"
)

// traceShown is the story of an id.
type traceShown struct {
	ID string
	trace.Trace
	// Done says what was just done to a hit; empty when nothing was.
	Done string
}

// step is something that happened, in the order of the story.
type step struct {
	At time.Time
	// One of these is set.
	Click      *trace.Click
	Hit        *trace.Hit
	Conversion *trace.Conversion
	Attempt    *trace.Attempt
}

// Steps are all that happened in an account, by time.
func (t traceShown) Steps(account int64) []step {
	var steps []step
	for _, click := range t.Clicks {
		if click.AccountID == account {
			steps = append(steps, step{At: click.ClickedAt, Click: &click})
		}
	}
	for _, hit := range t.Hits {
		if hit.AccountID == account {
			steps = append(steps, step{At: hit.ReceivedAt, Hit: &hit})
		}
	}
	for _, conversion := range t.Conversions {
		if conversion.AccountID == account {
			steps = append(steps, step{At: conversion.ConvertedAt, Conversion: &conversion})
		}
	}
	for _, attempt := range t.FailedAttempts {
		if attempt.AccountID == account {
			steps = append(steps, step{At: attempt.FailedAt, Attempt: &attempt})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Or(a.At.Compare(b.At), a.place()-b.place()) })
	return steps
}

// place orders what happened in the same moment: a click, its hit, what that made, and what
// failed.
func (s step) place() int {
	switch {
	case s.Click != nil:
		return 0
	case s.Hit != nil:
		return 1
	case s.Conversion != nil:
		return 2
	default:
		return 3
	}
}

func (c *Console) tracePage(v *visit) error {
	id, err := uuid.Parse(v.r.PathValue("id"))
	if err != nil {
		return &badRequest{"That is neither a receipt nor a transaction_id."}
	}
	story, err := c.Traces.Of(v.ctx(), id, v.account())
	if err != nil {
		return err
	}
	return c.render(v, http.StatusOK, "trace", "Trace", traceShown{ID: v.r.PathValue("id"), Trace: story, Done: doneWords[v.query("done")]})
}

// doneWords are what a page says after an act, by the parameter done.
var doneWords = map[string]string{
	"replay":  "Replayed. What becomes of it shows here in a moment.",
	"discard": "Discarded. It can be undone.",
	"undo":    "Undone: it is open again.",
	"note":    "Noted.",
	"none":    "Nothing was done: it was in that state already.",
}
