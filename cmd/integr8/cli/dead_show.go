package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"integr8/handlers/operate"
	"integr8/handlers/operate/dead"
)

type deadShowCommand struct {
	output
	ID id `arg:"" help:"Receipt of the hit."`
}

// Run shows one dead letter.
func (c *deadShowCommand) Run(ctx context.Context, inv *invocation) error {
	letters, err := inv.deadLetters()
	if err != nil {
		return err
	}
	detail, err := letters.Show(ctx, 0, c.ID.UUID)
	if err != nil {
		return err
	}
	return c.print(inv, detail, func(t *table) { deadDetailTable(t, detail) })
}

func deadDetailTable(t *table, d dead.Detail) {
	t.row("receipt", d.ID)
	t.row("status", deadStateText(d.State))
	t.row("kind", d.Kind)
	t.row("account", accountOrDash(d.AccountID))
	t.row("offer", orDash(d.OfferID))
	t.row("publisher", orDash(d.PublisherID))
	t.row("token", orDash(d.TokenID))
	t.row("network", dashed(d.Network))
	t.row("transaction_id", orDash(d.TransactionID))
	t.row("outcome", marked(d.Outcome, d.Test))
	t.row("reason", d.Reason)
	t.row("what to do", d.Hint)
	if d.Stands != "" {
		t.row("on replay", "refused again: "+d.Stands)
	} else if d.Hit != nil && d.Hit.Refusal != "" {
		t.row("on replay", "a worker checks again what the door refused")
	}
	if d.KeptUntil != nil {
		t.row("kept until", operate.Clock(*d.KeptUntil)+" UTC")
	}
	if d.Error != "" {
		t.row("error", d.Error)
	}
	t.row()
	deadHistoryTable(t, d.History)
	t.row()
	if d.Hit == nil {
		t.row(fmt.Sprintf("No hit, but %s: %.2000q", operate.Counted(len(d.Payload), "byte"), d.Payload))
		return
	}
	// Marshalling what was just read from JSON cannot fail.
	text, _ := json.MarshalIndent(d.Hit, "", "  ")
	for line := range strings.Lines(string(text)) {
		t.row(strings.TrimSuffix(line, "\n"))
	}
}

// deadHistoryTable writes a line an event, with what goes with it below.
func deadHistoryTable(t *table, history []dead.HistoryLine) {
	for _, event := range history {
		t.row(operate.PreciseClock(event.At), event.What)
		for _, detail := range [][2]string{{"by", event.By}, {"note", event.Note}, {"error", event.Error}} {
			if detail[1] != "" {
				t.row("", "  "+detail[0]+": "+detail[1])
			}
		}
	}
}

// deadHistoryLine is an event with who did it and his note.
func deadHistoryLine(e dead.HistoryLine) string {
	line := e.What
	if e.By != "" {
		line += " by " + e.By
	}
	if e.Note != "" {
		line += " (" + e.Note + ")"
	}
	return line
}
