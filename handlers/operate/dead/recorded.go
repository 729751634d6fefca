package dead

import (
	"cmp"

	"integr8/handlers/operate/history"
	"integr8/pipeline/redact"
)

// recordedReceipts is how many receipts of a command the history holds.
const recordedReceipts = 20

// historyActs are the acts by their events.
var historyActs = map[EventKind]history.Act{WasReplayed: history.Replay, WasDiscarded: history.Discard, WasUndone: history.Undo, WasNoted: history.Note}

// EventOf returns the event of an act by its name in the history.
func EventOf(what history.Act) EventKind {
	for event, act := range historyActs {
		if act == what {
			return event
		}
	}
	return ""
}

// Recorded returns the command of an act as the history holds it: what was ordered. What
// came of each letter is in its events.
//
// The text of a filter is redacted, although the requests and errors that hold it are.
func (a Act) Recorded() history.Change {
	filter := a.Order.Filter
	filter.TokenDigest = filter.TokenDigest.Short()
	filter.Text, _ = redact.Redactor{}.Text(filter.Text)
	filter.IDs = filter.IDs[:min(len(filter.IDs), recordedReceipts)]
	return history.Change{
		Noun:      history.DeadLetters,
		ObjectID:  a.ID.String(),
		AccountID: filter.AccountID,
		Act:       historyActs[cmp.Or(a.Order.Event, a.Event)],
		New:       history.Fields{"filter": filter, "dead_letters": a.Order.Letters, "note": a.Note},
	}
}
