package handlers

import (
	"context"
	"fmt"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/worker"
)

// DeadRecords stores dead letters.
type DeadRecords interface {
	Write(ctx context.Context, records []*attribution.Record) error
	WriteUndecodable(ctx context.Context, letter attribution.Undecodable) error
}

// Archiver moves the messages of the dead queue into the database, where an
// operator can act on them.
type Archiver struct {
	records   DeadRecords
	snapshots Snapshots
	observe   Observe
}

// NewArchiver returns an Archiver. observe is called with every hit that it has written,
// and may be nil.
func NewArchiver(records DeadRecords, snapshots Snapshots, observe Observe) *Archiver {
	if observe == nil {
		observe = func(*attribution.Record) {}
	}
	return &Archiver{records: records, snapshots: snapshots, observe: observe}
}

// Archive makes one dead letter durable; h is nil when the letter is not a hit. A hit
// that already has a final outcome, because its handling failed only after the
// commit, keeps it.
func (a *Archiver) Archive(ctx context.Context, h *hit.Hit, letter worker.DeadLetter) error {
	if h == nil {
		return a.records.WriteUndecodable(ctx, attribution.Undecodable{
			ID: letter.ID, Payload: letter.Payload, Error: letter.Error,
		})
	}
	decision := attribution.Decision{
		Outcome:     outcome.Failed,
		Reason:      letter.Reason,
		AccountID:   h.AccountID,
		OfferID:     h.OfferID,
		PublisherID: h.PublisherID,
	}
	// The token's account is read from memory only, because a look-up may fail for the
	// same cause as the hit. A token in a tracking link does not count: the click belongs
	// to the account of its offer.
	if token, ok := a.snapshots.Current().Token(h.TokenDigest); ok && h.Kind != hit.Click {
		decision.AccountID, decision.TokenID, decision.Route = token.AccountID, token.ID, token.Route()
	}
	decision.Test = attribution.IsTest(h.TestAccount, decision.AccountID)
	record := &attribution.Record{
		Hit:      h,
		Request:  letter.Payload,
		Decision: decision,
		Error:    fmt.Sprintf("attempt %d: %s", letter.Attempts, letter.Error),
		Attempts: letter.Attempts,
		Replayed: worker.IsReplay(ctx),
	}
	if err := a.records.Write(ctx, []*attribution.Record{record}); err != nil {
		return err
	}
	a.observe(record)
	return nil
}
