package dead

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/outcome"
)

// HistoryLine is a line of a dead letter's history: an event of the record, or a fact
// from the hit's row.
type HistoryLine struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	// Event is received, decided, or an EventKind.
	Event   string          `json:"event"`
	By      string          `json:"by,omitempty"`
	Note    string          `json:"note,omitempty"`
	Act     *uuid.UUID      `json:"act,omitempty"`
	Account int64           `json:"account_id"`
	From    *int64          `json:"from_account_id,omitempty"`
	Outcome outcome.Outcome `json:"outcome,omitempty"`
	Reason  outcome.Reason  `json:"reason,omitempty"`
	Error   string          `json:"error,omitempty"`
	Attempt int             `json:"attempts,omitempty"`
}

// Decision is the outcome of a hit as its row holds it.
type Decision struct {
	At        time.Time       `db:"decided_at"`
	AccountID int64           `db:"account_id"`
	Outcome   outcome.Outcome `db:"outcome"`
	Reason    outcome.Reason  `db:"reason"`
}

// historyOf returns what is known of a dead letter's life, in order of time. When a
// program of an earlier version changed the letter without adding an event, the last
// death and the status come from the letter itself. decision is that of the hit; nil
// when the hit has no row.
func historyOf(letter Letter, events []Event, decision *Decision) []HistoryLine {
	lines := []HistoryLine{{At: letter.ReceivedAt, Event: "received", What: "received"}}
	for _, event := range events {
		lines = append(lines, LineOf(event))
	}
	if !slices.ContainsFunc(events, func(e Event) bool { return e.Event == Died }) {
		lines = append(lines, LineOf(Event{At: letter.DiedAt, Event: Died, AccountID: letter.AccountID,
			Outcome: letter.Outcome, Reason: letter.Reason, Error: letter.Error}))
	}
	if StatusAfter(events) != letter.Status {
		lines = append(lines, LineOf(Event{At: letter.StatusAt, Event: EventKind(letter.Status), AccountID: letter.AccountID}))
	}
	resolved := func(e Event) bool { return e.Event == WasResolved && e.Outcome != "" }
	if decision != nil && decision.At.After(letter.DiedAt) && !slices.ContainsFunc(events, resolved) {
		lines = append(lines, HistoryLine{At: decision.At, Event: "decided", Account: decision.AccountID,
			Outcome: decision.Outcome, Reason: decision.Reason, What: fmt.Sprintf("decided anew: %s %s", decision.Outcome, decision.Reason)})
	}
	slices.SortStableFunc(lines, func(a, b HistoryLine) int { return a.At.Compare(b.At) })
	return lines
}

// LineOf returns the line of an event.
func LineOf(e Event) HistoryLine {
	return HistoryLine{At: e.At, Event: string(e.Event), What: describe(e), By: e.By, Note: e.Note, Act: e.Act,
		Account: e.AccountID, From: e.FromAccountID, Outcome: e.Outcome, Reason: e.Reason, Error: e.Error, Attempt: e.Attempts}
}

func describe(e Event) string {
	became := string(e.Outcome)
	if e.Reason != outcome.NoReason {
		became += ", " + string(e.Reason)
	}
	switch e.Event {
	case Died:
		return "died: " + became
	case CopyDied:
		return "a copy of the hit died, and the letter stays discarded: " + became
	case WasResolved:
		return "resolved: " + cmp.Or(became, "its hit came to another outcome")
	case WasMoved:
		return fmt.Sprintf("moved from account %s to account %d", accountText(*e.FromAccountID), e.AccountID)
	case WasUndone:
		return "the discarding was undone"
	default:
		return string(e.Event)
	}
}

// accountText writes an account, or a dash when none is known.
func accountText(account int64) string {
	if account == 0 {
		return "-"
	}
	return strconv.FormatInt(account, 10)
}
