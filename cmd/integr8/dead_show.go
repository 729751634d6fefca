package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

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
	told, err := db.DeadEvents(ctx, c.ID.UUID)
	if err != nil {
		return err
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		return err
	}
	detail := deadDetail{deadView: viewDead(letters[0], retention), History: deadHistory(letters[0], told[c.ID.UUID], story)}
	if detail.Hit, err = replayable(letters[0]); err != nil {
		detail.Payload = letters[0].Payload
	} else {
		detail.Stands = detail.Hit.Stands()
	}
	return c.print(app, detail, detail.table)
}

func (d deadDetail) table(t *table) {
	t.row("receipt", d.ID)
	t.row("status", deadStateText(d.State))
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
	deadHistoryTable(t, d.History)
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
