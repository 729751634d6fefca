package dead

import (
	"context"

	"github.com/google/uuid"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// Detail is one dead letter with all that is known of it.
type Detail struct {
	Listed
	History []HistoryLine `json:"history"`
	// Stands says why a replay cannot change the door's refusal; empty when it can, or
	// when there was none.
	Stands string `json:"stands,omitempty"`
	// Hit is the hit that a replay publishes; null when the letter holds none.
	Hit *hit.Hit `json:"hit"`
	// Payload is the message in base64 when it holds no hit.
	Payload []byte `json:"payload,omitempty"`
}

// Show returns the dead letter of a receipt; with an account, only where that has it. Its
// error for a receipt without one matches reference.ErrNotFound and has a hint.
func (l Letters) Show(ctx context.Context, account int64, receipt uuid.UUID) (Detail, error) {
	letter, err := l.find(ctx, account, receipt)
	if err != nil {
		return Detail{}, err
	}
	if letter == nil {
		return Detail{}, failure.WithHint(reference.Refuse(reference.ErrNotFound, "no dead letter %s", receipt), traceInstead(receipt))
	}
	decision, err := l.Store.DecisionOf(ctx, receipt)
	if err != nil {
		return Detail{}, err
	}
	events, err := l.Store.DeadEvents(ctx, receipt)
	if err != nil {
		return Detail{}, err
	}
	retention, err := l.Store.DeadRetention(ctx)
	if err != nil {
		return Detail{}, err
	}
	return detailOf(*letter, events[receipt], decision, retention), nil
}

func detailOf(letter Letter, events []Event, decision *Decision, retention Retention) Detail {
	detail := Detail{Listed: listed(letter, retention), History: historyOf(letter, events, decision)}
	if h, err := letter.Hit(); err != nil {
		detail.Payload = letter.Payload
	} else {
		detail.Hit, detail.Stands = h, h.Stands()
	}
	return detail
}
