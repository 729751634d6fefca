package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/operate/trace"
	"integr8/pipeline/token"
)

// refusedClickSpan is the longest time between the receipt of a click and its
// transaction_id, which are made for the same request.
const refusedClickSpan = 2 * time.Second

// Trace returns the story of an id, which is a transaction_id or a receipt. For
// a transaction_id it has the click and every hit with that id; for a receipt, the
// hit, the hit that it repeats, and the story of its transaction_id. The story
// is empty when the id is unknown. It is read in one snapshot of the database.
func (s *Store) Trace(ctx context.Context, id uuid.UUID) (trace.Story, error) {
	recent := time.Now().Add(-traceSpan)
	old, err := s.namingBefore(ctx, id, recent)
	if err != nil {
		return trace.Story{}, fmt.Errorf("trace %s: %w", id, err)
	}
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return trace.Story{}, fmt.Errorf("trace %s: %w", id, err)
	}
	defer tx.Rollback() // it has only read
	story, err := readStory(ctx, tx, id, old, token.FirstID(recent))
	if err != nil {
		return trace.Story{}, fmt.Errorf("trace %s: %w", id, err)
	}
	return story, nil
}

// traceSpan is how many days of hits one statement searches for a transaction_id, because
// a hit with it may have come at any time. A transaction keeps its locks on each day that
// it searched.
const traceSpan = 60 * oneDay

// namingBefore returns the hits from before a time with the transaction_ids
// that belong to an id. Each statement searches only a few days. Days older than two
// months get no new hits, except those that a receiver kept on disk for so long.
func (s *Store) namingBefore(ctx context.Context, id uuid.UUID, before time.Time) ([]uuid.UUID, error) {
	transactions, _, err := linked(ctx, s.db, id)
	if err != nil || len(transactions) == 0 {
		return nil, err
	}
	days, _, err := s.partitions(ctx)
	if err != nil {
		return nil, err
	}
	var receipts []uuid.UUID
	look := func(from, to uuid.UUID) error {
		var found []uuid.UUID
		err := selectRows(ctx, s.db, &found, "traces/naming", args{"transaction_ids": pq.Array(transactions), "first_id": from, "end_id": to})
		receipts = append(receipts, found...)
		return err
	}
	if err := look(uuid.Nil, token.FirstID(firstDay)); err != nil {
		return nil, err
	}
	if len(days) == 0 {
		return receipts, nil
	}
	for from := days[0].Begin; from.Before(before); from = from.Add(traceSpan) {
		to := from.Add(traceSpan)
		if to.After(before) {
			to = before
		}
		if err := look(token.FirstID(from), token.FirstID(to)); err != nil {
			return nil, err
		}
	}
	return receipts, nil
}

func readStory(ctx context.Context, tx *sqlx.Tx, id uuid.UUID, old []uuid.UUID, recent uuid.UUID) (trace.Story, error) {
	var story trace.Story
	transactions, receipts, err := linked(ctx, tx, id)
	if err != nil {
		return trace.Story{}, err
	}
	receipts = append(receipts, old...)
	firstHit, lastHit := clickHits(transactions)
	if len(transactions) == 0 {
		// Without a click the list would be empty, and an empty list excludes no day.
	} else if err := selectRows(ctx, tx, &story.Clicks, "traces/clicks", args{"transaction_ids": pq.Array(transactions), "first_hit": firstHit, "end_hit": lastHit}); err != nil {
		return trace.Story{}, err
	}
	if len(story.Clicks) == 0 {
		for _, transaction := range transactions {
			refused, err := refusedClicks(ctx, tx, transaction)
			if err != nil {
				return trace.Story{}, err
			}
			receipts = append(receipts, refused...)
		}
	}
	var naming []uuid.UUID
	err = selectRows(ctx, tx, &naming, "traces/naming", args{"transaction_ids": pq.Array(transactions), "first_id": recent, "end_id": uuid.Max})
	if err != nil {
		return trace.Story{}, err
	}
	receipts = append(receipts, naming...)
	if len(receipts) > 0 { // an empty list excludes no day
		if err := selectRows(ctx, tx, &story.Hits, "traces/hits", args{"ids": pq.Array(receipts)}); err != nil {
			return trace.Story{}, err
		}
	}
	err = selectRows(ctx, tx, &story.Conversions, "traces/conversions", args{"transaction_ids": pq.Array(transactions), "ids": pq.Array(receipts)})
	if err != nil {
		return trace.Story{}, err
	}
	// A hit that is still tried has no row: then the id itself may be its receipt.
	err = selectRows(ctx, tx, &story.Attempts, "traces/attempts", args{"transaction_ids": pq.Array(transactions), "ids": pq.Array(append(receipts, id))})
	return story, err
}

// clickHits returns bounds of the receipts of the clicks of transaction_ids. A receipt is
// made together with its transaction_id; the bounds allow a day of difference.
func clickHits(transactions []uuid.UUID) (low, high uuid.UUID) {
	if len(transactions) == 0 {
		return uuid.Nil, uuid.Nil
	}
	first := slices.MinFunc(transactions, compareIDs)
	last := slices.MaxFunc(transactions, compareIDs)
	return token.FirstID(dayOf(hitsTable, first).Begin.Add(-oneDay)), token.FirstID(dayOf(hitsTable, last).Begin.Add(2 * oneDay))
}

// linked returns the transaction_ids and the receipts that belong to a receipt, including
// itself. An id that is not a known receipt counts as a transaction_id.
func linked(ctx context.Context, tx sqlx.QueryerContext, id uuid.UUID) (transactions, receipts []uuid.UUID, err error) {
	var links []struct {
		TransactionID uuid.NullUUID `db:"transaction_id"`
		ConversionID  uuid.NullUUID `db:"conversion_id"`
		DuplicateOf   uuid.NullUUID `db:"duplicate_of"`
	}
	if err := selectRows(ctx, tx, &links, "traces/links", args{"id": id}); err != nil {
		return nil, nil, err
	}
	if len(links) == 0 {
		return []uuid.UUID{id}, []uuid.UUID{}, nil
	}
	transactions, receipts = []uuid.UUID{}, []uuid.UUID{id}
	for _, link := range links {
		if link.TransactionID.Valid {
			transactions = append(transactions, link.TransactionID.UUID)
		}
		for _, other := range []uuid.NullUUID{link.ConversionID, link.DuplicateOf} {
			if other.Valid {
				receipts = append(receipts, other.UUID)
			}
		}
	}
	return transactions, receipts, nil
}

func refusedClicks(ctx context.Context, tx *sqlx.Tx, transaction uuid.UUID) ([]uuid.UUID, error) {
	at := token.TransactionID(transaction).Time()
	var receipts []uuid.UUID
	err := selectRows(ctx, tx, &receipts, "traces/refused_clicks", args{
		"transaction_id": transaction,
		"first_id":       token.FirstID(at.Add(-refusedClickSpan)),
		"end_id":         token.FirstID(at.Add(refusedClickSpan)),
	})
	return receipts, err
}
