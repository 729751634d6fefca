package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"integr8/handlers/operate/trace"
)

// AddAttempts records attempts that failed.
func (s *Store) AddAttempts(ctx context.Context, attempts []trace.Attempt) error {
	var hits []uuid.UUID
	var transactions []*string
	var accounts, numbers []int64
	var kinds, topics, errs []string
	var failed, next []time.Time
	for i := range attempts {
		a := &attempts[i]
		hits, transactions, accounts = append(hits, a.HitID), append(transactions, textOf(a.TransactionID)), append(accounts, a.AccountID)
		kinds, topics, numbers = append(kinds, string(a.Kind)), append(topics, a.Queue), append(numbers, int64(a.Attempt))
		errs, failed, next = append(errs, a.Error), append(failed, a.FailedAt), append(next, a.NextAt)
	}
	_, err := execute(ctx, s.db, "attempts/insert", args{
		"hit_ids": pq.Array(hits), "transaction_ids": pq.Array(transactions), "account_ids": pq.Array(accounts),
		"kinds": pq.Array(kinds), "topics": pq.Array(topics), "attempts": pq.Array(numbers), "errors": pq.Array(errs),
		"failed_at": pq.Array(failed), "next_at": pq.Array(next),
	})
	if err != nil {
		return fmt.Errorf("record %d failed attempts: %w", len(attempts), err)
	}
	return nil
}

// textOf returns an id as text, or nil for none.
func textOf(id uuid.NullUUID) *string {
	if !id.Valid {
		return nil
	}
	text := id.UUID.String()
	return &text
}

// ForgetAttempts deletes the attempts that failed longer ago than kept, in small
// transactions. Several processes may call it at once.
func (s *Store) ForgetAttempts(ctx context.Context, kept time.Duration) error {
	for more := true; more; {
		deleted, err := s.forgetSome(ctx, kept, forgetBy("attempts/delete"))
		if err != nil {
			return fmt.Errorf("delete old failed attempts: %w", err)
		}
		more = deleted == forgetBatch
	}
	return nil
}
