package receipt

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// State is what became of a hit: accepted until it is decided, and then its outcome.
type State string

// accepted is the state of a hit that is on its way.
const accepted State = "accepted"

// Row is what is recorded of a hit.
type Row struct {
	Kind         hit.Kind        `db:"kind"`
	Outcome      outcome.Outcome `db:"outcome"`
	Reason       outcome.Reason  `db:"reason"`
	ReceivedAt   time.Time       `db:"received_at"`
	DecidedAt    time.Time       `db:"decided_at"`
	ConversionID *uuid.UUID      `db:"conversion_id"`
	DuplicateOf  *uuid.UUID      `db:"duplicate_of"`
	// TokenDigest is that of the token that the hit carried, in hex; empty for none.
	TokenDigest string `db:"token_digest"`
	Test        bool   `db:"test"`
}

// Receipt is what a sender learns of his hit.
type Receipt struct {
	Receipt uuid.UUID `json:"receipt"`
	State   State     `json:"state"`
	// Final is set when the state stays, unless the hit is decided again: by a replay, or
	// because its click came after the wait had ended.
	Final        bool       `json:"final"`
	Kind         hit.Kind   `json:"kind,omitempty"`
	Reason       string     `json:"reason,omitempty"`
	Detail       string     `json:"detail,omitempty"`
	ConversionID *uuid.UUID `json:"conversion_id,omitempty"`
	DuplicateOf  *uuid.UUID `json:"duplicate_of,omitempty"`
	ReceivedAt   *time.Time `json:"received_at,omitempty"`
	DecidedAt    *time.Time `json:"decided_at,omitempty"`
	// Test is set for a hit that is a test: it pays nobody, and is in no report.
	Test bool `json:"test,omitempty"`
}

// Proof is what the sender shows: the signature of the link, or the token.
type Proof struct{ Signature, Token string }

// Signed reports whether a proof holds the signature of a receipt.
func (r Receipts) Signed(id uuid.UUID, proof Proof) bool {
	return proof.Signature != "" && r.Keys.VerifiesReceipt(id, proof.Signature)
}

// Of returns what became of a hit; ErrUnknown unless the proof is one of its sender's.
// With a signature a hit without a record is accepted: a door has signed it. It may be on
// a receiver's disk for long, and an old one may have been deleted by retention.
func (r Receipts) Of(ctx context.Context, id uuid.UUID, proof Proof) (Receipt, error) {
	signed := r.Signed(id, proof)
	if !signed && proof.Token == "" {
		return Receipt{}, ErrUnknown
	}
	row, recorded, err := r.Store.Receipt(ctx, id)
	switch {
	case err != nil:
		return Receipt{}, err
	case !recorded && signed:
		return Receipt{Receipt: id, State: accepted, Detail: unrecorded(id, time.Now())}, nil
	case !recorded || !signed && !row.carried(proof.Token):
		return Receipt{}, ErrUnknown
	}
	return row.receipt(id), nil
}

// unrecorded says what it means that nothing is recorded; it says nothing of a recent hit.
func unrecorded(id uuid.UUID, now time.Time) string {
	if isRecent(id, now) {
		return ""
	}
	return "Nothing is recorded of it: it is still on its way, or its record was deleted after the time for which hits are kept"
}

// carried reports whether the hit carried a token.
func (r Row) carried(text string) bool {
	var digest token.Digest
	return digest.UnmarshalText([]byte(r.TokenDigest)) == nil && !digest.IsZero() && digest == token.DigestOf(text)
}

func (r Row) receipt(id uuid.UUID) Receipt {
	shown := Receipt{
		Receipt: id, State: State(r.Outcome), Final: r.Outcome != outcome.Waiting, Kind: r.Kind, Reason: string(r.Reason),
		ConversionID: r.ConversionID, DuplicateOf: r.DuplicateOf, ReceivedAt: &r.ReceivedAt, DecidedAt: &r.DecidedAt, Test: r.Test,
	}
	if r.Reason.RaisedBy(outcome.Door) {
		shown.Detail = r.Reason.SenderText("")
	} else {
		shown.Detail = r.Reason.Cause()
	}
	return shown
}

// lookEvery is the time between two looks at a hit that is waited for.
const lookEvery = 200 * time.Millisecond

// Await is Of, but it waits until the state is final, for a time at most. Of a hit that
// is on its way a token proves nothing, so that Await waits for its row too, if its id is
// of the last minutes.
func (r Receipts) Await(ctx context.Context, id uuid.UUID, proof Proof, atMost time.Duration) (Receipt, error) {
	waiting, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		found, err := r.Of(ctx, id, proof)
		comes := errors.Is(err, ErrUnknown) && proof.Token != "" && isRecent(id, time.Now())
		if found.Final || err != nil && !comes {
			return found, err
		}
		select {
		case <-ticker.C:
		case <-waiting.Done():
			return found, err
		}
	}
}

// recent is how old a receipt may be that is waited for without a row.
const recent = 5 * time.Minute

func isRecent(id uuid.UUID, now time.Time) bool {
	return id.Version() == 7 && now.Sub(token.TransactionID(id).Time()).Abs() < recent
}
