package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	sqlfiles "integr8/sql"
)

// Story is everything recorded about a click or a hit, each part in order of
// time. The rows may belong to several accounts, when one tried another's
// transaction_id: each names its own.
type Story struct {
	Clicks      []TracedClick
	Hits        []TracedHit
	Conversions []TracedConversion
}

// TracedClick is a recorded click, and where its visitor was sent.
type TracedClick struct {
	// TransactionID is 32 hex digits.
	TransactionID string              `db:"transaction_id" json:"transaction_id"`
	AccountID     int64               `db:"account_id" json:"account_id"`
	HitID         uuid.UUID           `db:"hit_id" json:"receipt"`
	OfferID       int64               `db:"offer_id" json:"offer"`
	PublisherID   int64               `db:"publisher_id" json:"publisher"`
	ClickedAt     time.Time           `db:"clicked_at" json:"clicked_at"`
	Outcome       attribution.Outcome `db:"outcome" json:"outcome"`
	Destination   string              `db:"destination" json:"destination"`
	ClientIP      string              `db:"client_ip" json:"client_ip"`
	UserAgent     string              `db:"user_agent" json:"user_agent"`
	Referer       string              `db:"referer" json:"referer"`
	TokenLeaked   bool                `db:"token_leaked" json:"token_leaked"`
	// Bot says that reports do not count the click.
	Bot bool `db:"bot" json:"bot"`
	// Notes is a JSON list of what of the request was cut or dropped.
	Notes json.RawMessage `db:"notes" json:"notes"`
	// Parameters is a JSON object of the sub ids and foreign ids sent.
	Parameters json.RawMessage `db:"parameters" json:"parameters"`
}

// TracedHit is a hit and what became of it.
type TracedHit struct {
	ID          uuid.UUID           `db:"id" json:"receipt"`
	AccountID   int64               `db:"account_id" json:"account_id"`
	Kind        hit.Kind            `db:"kind" json:"kind"`
	ReceivedAt  time.Time           `db:"received_at" json:"received_at"`
	Outcome     attribution.Outcome `db:"outcome" json:"outcome"`
	Reason      attribution.Reason  `db:"reason" json:"reason"`
	Route       attribution.Route   `db:"route" json:"route"`
	TokenID     *int64              `db:"token_id" json:"token_id"`
	OfferID     *int64              `db:"offer_id" json:"offer"`
	PublisherID *int64              `db:"publisher_id" json:"publisher"`
	// TransactionID is 32 hex digits, or nil.
	TransactionID *string    `db:"transaction_id" json:"transaction_id"`
	ConversionID  *uuid.UUID `db:"conversion_id" json:"conversion_id"`
	DuplicateOf   *uuid.UUID `db:"duplicate_of" json:"duplicate_of"`
	DecidedAt     time.Time  `db:"decided_at" json:"decided_at"`
	Decisions     int        `db:"decisions" json:"decisions"`
	// WaitsUntil is set while the hit waits for its click.
	WaitsUntil *time.Time `db:"waits_until" json:"waits_until"`
	// DeadStatus and what follows are set when the hit is or was a dead
	// letter.
	DeadStatus *DeadStatus `db:"dead_status" json:"dead_status"`
	DiedAt     *time.Time  `db:"died_at" json:"died_at"`
	Deaths     *int        `db:"deaths" json:"deaths"`
	Error      *string     `db:"error" json:"error"`
	// Notes is a JSON list of what of the request was cut or dropped.
	Notes json.RawMessage `db:"notes" json:"notes"`
	// Request is the hit's JSON as the door made it.
	Request json.RawMessage `db:"request" json:"request"`
}

// TracedConversion is a conversion with its amounts.
type TracedConversion struct {
	ID        uuid.UUID `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	// TransactionID is 32 hex digits, or nil for a clickless conversion.
	TransactionID *string            `db:"transaction_id" json:"transaction_id"`
	OfferID       int64              `db:"offer_id" json:"offer"`
	PublisherID   int64              `db:"publisher_id" json:"publisher"`
	Event         string             `db:"event" json:"event"`
	Status        string             `db:"status" json:"status"`
	Method        attribution.Method `db:"method" json:"method"`
	Route         attribution.Route  `db:"route" json:"route"`
	Revenue       decimal.Decimal    `db:"revenue" json:"revenue"`
	Payout        decimal.Decimal    `db:"payout" json:"payout"`
	Currency      string             `db:"currency" json:"currency"`
	ConvertedAt   time.Time          `db:"converted_at" json:"converted_at"`
	// Parameters is a JSON object of what the advertiser sent along.
	Parameters json.RawMessage `db:"parameters" json:"parameters"`
}

// refusedClickSpan is how far the receipt of a click may lie from its
// transaction_id: both are made for the same request.
const refusedClickSpan = 2 * time.Second

// Trace returns the story of an id, which is a transaction_id or a receipt: of
// a transaction_id, its click and every hit that named it; of a receipt, the
// hit, the one that it repeats, and the story of its transaction_id. The story
// is empty when nothing is known, and consistent: one moment of the database.
func (s *Store) Trace(ctx context.Context, id uuid.UUID) (Story, error) {
	recent := time.Now().Add(-traceSpan)
	old, err := s.namingBefore(ctx, id, recent)
	if err != nil {
		return Story{}, fmt.Errorf("trace %s: %w", id, err)
	}
	tx, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return Story{}, fmt.Errorf("trace %s: %w", id, err)
	}
	defer tx.Rollback() //nolint:errcheck // it has only read
	story, err := trace(ctx, tx, id, old, firstID(recent))
	if err != nil {
		return Story{}, fmt.Errorf("trace %s: %w", id, err)
	}
	return story, nil
}

// traceSpan is of how many days at once the hits are looked through for those
// that named a transaction_id, which may have come at any time. A transaction
// keeps its locks on each day that it looked into.
const traceSpan = 60 * oneDay

// namingBefore finds the hits of before a time that named the transaction_ids
// to which an id leads. It looks through few days in each statement. What is
// older than two months is not written any more, but for hits that some
// receiver kept for as long.
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
		err := s.db.SelectContext(ctx, &found, sqlfiles.Query("trace_naming"), pq.Array(transactions), from, to)
		receipts = append(receipts, found...)
		return err
	}
	if err := look(uuid.Nil, firstID(firstDay)); err != nil {
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
		if err := look(firstID(from), firstID(to)); err != nil {
			return nil, err
		}
	}
	return receipts, nil
}

func trace(ctx context.Context, tx *sqlx.Tx, id uuid.UUID, old []uuid.UUID, recent uuid.UUID) (Story, error) {
	var story Story
	transactions, receipts, err := linked(ctx, tx, id)
	if err != nil {
		return Story{}, err
	}
	receipts = append(receipts, old...)
	firstHit, lastHit := clickHits(transactions)
	if len(transactions) == 0 {
		// It names no click: an empty list excludes no day.
	} else if err := tx.SelectContext(ctx, &story.Clicks, sqlfiles.Query("trace_clicks"), pq.Array(transactions),
		firstHit, lastHit); err != nil {
		return Story{}, err
	}
	if len(story.Clicks) == 0 {
		for _, transaction := range transactions {
			refused, err := refusedClicks(ctx, tx, transaction)
			if err != nil {
				return Story{}, err
			}
			receipts = append(receipts, refused...)
		}
	}
	var naming []uuid.UUID
	err = tx.SelectContext(ctx, &naming, sqlfiles.Query("trace_naming"), pq.Array(transactions), recent, uuid.Max)
	if err != nil {
		return Story{}, err
	}
	receipts = append(receipts, naming...)
	if len(receipts) > 0 { // an empty list excludes no day
		if err := tx.SelectContext(ctx, &story.Hits, sqlfiles.Query("trace_hits"), pq.Array(receipts)); err != nil {
			return Story{}, err
		}
	}
	err = tx.SelectContext(ctx, &story.Conversions, sqlfiles.Query("trace_conversions"), pq.Array(transactions), pq.Array(receipts))
	return story, err
}

// clickHits bounds the receipts of the clicks of transaction_ids. A receipt is
// made with its transaction_id; a day is left for good measure.
func clickHits(transactions []uuid.UUID) (low, high uuid.UUID) {
	if len(transactions) == 0 {
		return uuid.Nil, uuid.Nil
	}
	first := slices.MinFunc(transactions, compareIDs)
	last := slices.MaxFunc(transactions, compareIDs)
	return firstID(dayOf(hitsTable, first).Begin.Add(-oneDay)), firstID(dayOf(hitsTable, last).Begin.Add(2 * oneDay))
}

// linked returns the transaction_ids and the receipts that a receipt leads to,
// itself included. An id that is no known receipt is taken for a
// transaction_id.
func linked(ctx context.Context, tx sqlx.QueryerContext, id uuid.UUID) (transactions, receipts []uuid.UUID, err error) {
	var links []struct {
		TransactionID uuid.NullUUID `db:"transaction_id"`
		ConversionID  uuid.NullUUID `db:"conversion_id"`
		DuplicateOf   uuid.NullUUID `db:"duplicate_of"`
	}
	if err := sqlx.SelectContext(ctx, tx, &links, sqlfiles.Query("trace_links"), id); err != nil {
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
	at := hit.TransactionID(transaction).Time()
	var receipts []uuid.UUID
	err := tx.SelectContext(ctx, &receipts, sqlfiles.Query("trace_refused_clicks"),
		transaction, firstID(at.Add(-refusedClickSpan)), firstID(at.Add(refusedClickSpan)))
	return receipts, err
}
