package handlers

import (
	"context"
	"fmt"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
	"integr8/sql/store"
)

// DeadRecords is where dead letters are kept.
type DeadRecords interface {
	Write(ctx context.Context, records []*store.Record) error
	WriteUndecodable(ctx context.Context, letter store.Undecodable) error
}

// Archiver moves what arrives in the dead queue into the database, where an
// operator can act on it.
type Archiver struct {
	records   DeadRecords
	snapshots Snapshots
}

// NewArchiver makes an Archiver.
func NewArchiver(records DeadRecords, snapshots Snapshots) *Archiver {
	return &Archiver{records: records, snapshots: snapshots}
}

// Archive makes one dead letter durable. A hit that has a final outcome all
// the same, because its handling failed only after the commit, keeps that.
func (a *Archiver) Archive(ctx context.Context, letter worker.DeadLetter) error {
	if letter.Hit == nil {
		return a.records.WriteUndecodable(ctx, store.Undecodable{
			ID: letter.ID, Payload: letter.Payload, Error: letter.Error,
		})
	}
	decision := attribution.Decision{
		Outcome:     attribution.Failed,
		Reason:      attribution.Reason(letter.Cause),
		AccountID:   letter.Hit.AccountID,
		OfferID:     letter.Hit.OfferID,
		PublisherID: letter.Hit.PublisherID,
	}
	// The token's account is told from memory only: whatever made the hit
	// fail may be what a look-up would meet as well. A token that a tracking
	// link has leaked speaks for nobody: the click is its offer's account's.
	if token, ok := a.snapshots.Current().Token(letter.Hit.TokenDigest); ok && letter.Hit.Kind != hit.Click {
		decision.AccountID, decision.TokenID, decision.Route = token.AccountID, token.ID, token.Route()
	}
	return a.records.Write(ctx, []*store.Record{{
		Hit:      letter.Hit,
		Request:  letter.Payload,
		Decision: decision,
		Error:    fmt.Sprintf("attempt %d: %s", letter.Attempts, letter.Error),
		Attempts: letter.Attempts,
	}})
}
