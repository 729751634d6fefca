package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// deadEvent is a line of a dead letter's story as it is answered: an event of the
// record, or what the hit's row knows.
type deadEvent struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	// Event is received, decided, or one of store.DeadEventKind.
	Event   string              `json:"event"`
	By      string              `json:"by,omitempty"`
	Note    string              `json:"note,omitempty"`
	Act     *uuid.UUID          `json:"act,omitempty"`
	Account int64               `json:"account_id"`
	From    *int64              `json:"from_account_id,omitempty"`
	Outcome attribution.Outcome `json:"outcome,omitempty"`
	Reason  attribution.Reason  `json:"reason,omitempty"`
	Error   string              `json:"error,omitempty"`
	Attempt int                 `json:"attempts,omitempty"`
}

// deadHistory is what is known of a dead letter's life, in order of time. Where a
// program of an earlier version changed the letter without telling, its last
// death and its status are told from the letter itself.
func deadHistory(letter store.DeadLetter, told []store.DeadEvent, story store.Story) []deadEvent {
	events := []deadEvent{{At: letter.ReceivedAt, Event: "received", What: "received"}}
	for _, event := range told {
		events = append(events, viewDeadEvent(event))
	}
	if !slices.ContainsFunc(told, func(e store.DeadEvent) bool { return e.Event == store.DeadDied }) {
		events = append(events, viewDeadEvent(store.DeadEvent{At: letter.DiedAt, Event: store.DeadDied, AccountID: letter.AccountID,
			Outcome: letter.Outcome, Reason: letter.Reason, Error: letter.Error}))
	}
	if store.StatusAfter(told) != letter.Status {
		events = append(events, viewDeadEvent(store.DeadEvent{At: letter.StatusAt, Event: store.DeadEventKind(letter.Status), AccountID: letter.AccountID}))
	}
	resolved := func(e store.DeadEvent) bool { return e.Event == store.DeadWasResolved && e.Outcome != "" }
	for _, traced := range story.Hits {
		if traced.ID == letter.ID && traced.DecidedAt.After(letter.DiedAt) && !slices.ContainsFunc(told, resolved) {
			events = append(events, deadEvent{At: traced.DecidedAt, Event: "decided", Account: traced.AccountID,
				Outcome: traced.Outcome, Reason: traced.Reason, What: fmt.Sprintf("decided anew: %s %s", traced.Outcome, traced.Reason)})
		}
	}
	slices.SortStableFunc(events, func(a, b deadEvent) int { return a.At.Compare(b.At) })
	return events
}

func viewDeadEvent(e store.DeadEvent) deadEvent {
	return deadEvent{At: e.At, Event: string(e.Event), What: describeDeadEvent(e), By: e.By, Note: e.Note, Act: e.Act,
		Account: e.AccountID, From: e.FromAccountID, Outcome: e.Outcome, Reason: e.Reason, Error: e.Error, Attempt: e.Attempts}
}

func describeDeadEvent(e store.DeadEvent) string {
	became := string(e.Outcome)
	if e.Reason != attribution.None {
		became += ", " + string(e.Reason)
	}
	switch e.Event {
	case store.DeadDied:
		return "died: " + became
	case store.DeadCopyDied:
		return "a copy of the hit died, and the letter stays discarded: " + became
	case store.DeadWasResolved:
		return "resolved: " + cmp.Or(became, "its hit came to another outcome")
	case store.DeadMoved:
		return fmt.Sprintf("moved from account %s to account %d", accountOrDash(*e.FromAccountID), e.AccountID)
	case store.DeadUndone:
		return "the discarding was undone"
	default:
		return string(e.Event)
	}
}

// details are what goes with an event, for people.
func (e deadEvent) details() (details [][2]string) {
	for _, detail := range [][2]string{{"by", e.By}, {"note", e.Note}, {"error", e.Error}} {
		if detail[1] != "" {
			details = append(details, detail)
		}
	}
	return details
}

// deadHistoryTable writes a line an event, with what goes with it below.
func deadHistoryTable(t *table, history []deadEvent) {
	for _, event := range history {
		t.row(preciseClock(event.At), event.What)
		for _, detail := range event.details() {
			t.row("", "  "+detail[0]+": "+detail[1])
		}
	}
}

// line is an event with who did it and his note.
func (e deadEvent) line() string {
	line := e.What
	if e.By != "" {
		line += " by " + e.By
	}
	if e.Note != "" {
		line += " (" + e.Note + ")"
	}
	return line
}
