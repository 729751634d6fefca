package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"integr8/pipeline/hit"
	"integr8/sql/store"
)

type deadShowCommand struct {
	output
	ID id `arg:"" help:"Receipt of the hit."`
}

// deadDetail is one dead letter as it is answered.
type deadDetail struct {
	deadView
	History []deadEvent `json:"history"`
	// Stands says why a replay cannot undo the door's refusal; empty where it can,
	// or where there was none.
	Stands string `json:"stands,omitempty"`
	// Hit is what a replay publishes; null for what is no hit.
	Hit *hit.Hit `json:"hit"`
	// Payload is what came, in base64, where it is no hit.
	Payload []byte `json:"payload,omitempty"`
}

type deadEvent struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

// Run shows one dead letter.
func (c *deadShowCommand) Run(ctx context.Context, app *app) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	letters, err := db.DeadLetters(ctx, store.DeadFilter{IDs: numbers([]id{c.ID})}, store.NewestDeath, nil, 1)
	if err != nil {
		return err
	}
	if len(letters) == 0 {
		return withHint(fmt.Errorf("no dead letter %s", c.ID), "integr8 trace "+c.ID.String()+" tells what became of the hit")
	}
	story, err := db.Trace(ctx, c.ID.UUID)
	if err != nil {
		return err
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		return err
	}
	detail := deadDetail{deadView: viewDead(letters[0], retention), History: deadHistory(letters[0], story)}
	if detail.Hit, err = replayable(letters[0]); err != nil {
		detail.Payload = letters[0].Payload
	} else {
		detail.Stands = detail.Hit.Stands()
	}
	return c.print(app, detail, detail.table)
}

// deadHistory tells what is known of a dead letter's life, in order of time.
func deadHistory(letter store.DeadLetter, story store.Story) []deadEvent {
	events := []deadEvent{{letter.ReceivedAt, "received"}}
	died := fmt.Sprintf("died: %s, %s", letter.Outcome, letter.Reason)
	if letter.Deaths > 1 {
		died = fmt.Sprintf("died, now %d times: %s, %s", letter.Deaths, letter.Outcome, letter.Reason)
	}
	events = append(events, deadEvent{letter.DiedAt, died})
	if letter.Status != store.DeadOpen {
		events = append(events, deadEvent{letter.StatusAt, string(letter.Status)})
	}
	for _, traced := range story.Hits {
		if traced.ID == letter.ID && traced.DecidedAt.After(letter.DiedAt) {
			events = append(events, deadEvent{traced.DecidedAt, fmt.Sprintf("decided anew: %s %s", traced.Outcome, traced.Reason)})
		}
	}
	slices.SortStableFunc(events, func(a, b deadEvent) int { return a.At.Compare(b.At) })
	return events
}

func (d deadDetail) table(t *table) {
	t.row("receipt", d.ID)
	t.row("status", d.Status)
	t.row("kind", d.Kind)
	t.row("account", accountOrDash(d.AccountID))
	t.row("offer", orDash(d.OfferID))
	t.row("transaction_id", orDash(d.TransactionID))
	t.row("outcome", d.Outcome)
	t.row("reason", d.Reason)
	t.row("what to do", d.Hint)
	if d.Stands != "" {
		t.row("on replay", "refused again: "+d.Stands)
	} else if d.Hit != nil && d.Hit.Refusal != "" {
		t.row("on replay", "a worker checks again what the door refused")
	}
	if d.KeptUntil != nil {
		t.row("kept until", clock(*d.KeptUntil)+" UTC")
	}
	if d.Error != "" {
		t.row("error", d.Error)
	}
	t.row()
	for _, event := range d.History {
		t.row(preciseClock(event.At), event.What)
	}
	t.row()
	if d.Hit == nil {
		t.row(fmt.Sprintf("No hit, but %d bytes: %.2000q", len(d.Payload), d.Payload))
		return
	}
	// Marshalling what was just read from JSON cannot fail.
	text, _ := json.MarshalIndent(d.Hit, "", "  ")
	for line := range strings.Lines(string(text)) {
		t.row(strings.TrimSuffix(line, "\n"))
	}
}
