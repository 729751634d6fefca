// Package check is the independent checker. It reads Postgres itself, with its own
// plain SQL, and verifies that the database holds what the model computes from the
// ledger: nothing lost, nothing doubled, nothing made up.
package check

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// hitRow holds what the checker reads of a hit. Ids are text: the 32 digits without
// dashes, empty for NULL.
type hitRow struct {
	id, kind, outcome, reason, route string
	host                             string
	account                          int64
	transactionID                    string
	conversionID, duplicateOf        string
	receivedAt                       time.Time
	// seq is the number of the request that made the hit; -1 when it has none.
	seq       int64
	decisions int
	decidedAt time.Time
}

type conversionRow struct {
	id, transactionID, event, status, method, route, currency string
	account, offer, publisher                                 int64
	revenue, payout                                           decimal.Decimal
	orderID, externalID, subID                                string
}

type clickRow struct {
	transactionID, hitID, subID string
	account, offer, publisher   int64
}

type deadRow struct {
	id, outcome, reason, status string
	account                     int64
}

type waitingRow struct {
	transactionID, hitID string
	account              int64
}

// rows holds everything in the database that a request can leave behind.
type rows struct {
	hits        []hitRow
	conversions []conversionRow
	clicks      []clickRow
	dead        []deadRow
	waiting     []waitingRow
	leaks       int64
	now         time.Time
}

const (
	selectHits = `SELECT replace(id::text, '-', ''), kind, outcome, reason, route, account_id,
		coalesce(replace(transaction_id::text, '-', ''), ''), coalesce(replace(conversion_id::text, '-', ''), ''),
		coalesce(replace(duplicate_of::text, '-', ''), ''), received_at,
		CASE WHEN request->'params'->>'adv_sub_id_4' ~ '^[0-9]{1,18}$' THEN (request->'params'->>'adv_sub_id_4')::bigint ELSE -1 END,
		decisions, decided_at, coalesce(request->>'host', '') FROM hits ORDER BY id`
	selectConversions = `SELECT replace(id::text, '-', ''), coalesce(replace(transaction_id::text, '-', ''), ''), event,
		status, method, route, currency, account_id, offer_id, publisher_id, revenue, payout,
		coalesce(order_id, ''), coalesce(external_transaction_id, ''), coalesce(sub_id, '')
		FROM conversions ORDER BY id`
	selectClicks = `SELECT replace(transaction_id::text, '-', ''), replace(hit_id::text, '-', ''), coalesce(sub_id, ''),
		account_id, offer_id, publisher_id FROM clicks ORDER BY transaction_id`
	selectDead = `SELECT replace(id::text, '-', ''), outcome, reason, status, account_id
		FROM dead_letters ORDER BY id`
	selectWaiting = `SELECT replace(transaction_id::text, '-', ''), replace(hit_id::text, '-', ''), account_id
		FROM waiting_postbacks ORDER BY hit_id`
	selectLeaks = `SELECT coalesce(sum(clicks), 0) FROM token_leaks`
)

// read reads everything in one snapshot of the database.
func read(ctx context.Context, db *sql.DB) (*rows, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("read the database: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was changed
	r := &rows{}
	for _, step := range []func() error{
		func() error {
			return scan(ctx, tx, selectHits, &r.hits, func(h *hitRow) []any {
				return []any{&h.id, &h.kind, &h.outcome, &h.reason, &h.route, &h.account, &h.transactionID, &h.conversionID,
					&h.duplicateOf, &h.receivedAt, &h.seq, &h.decisions, &h.decidedAt, &h.host}
			})
		},
		func() error {
			return scan(ctx, tx, selectConversions, &r.conversions, func(c *conversionRow) []any {
				return []any{&c.id, &c.transactionID, &c.event, &c.status, &c.method, &c.route, &c.currency, &c.account,
					&c.offer, &c.publisher, &c.revenue, &c.payout, &c.orderID, &c.externalID, &c.subID}
			})
		},
		func() error {
			return scan(ctx, tx, selectClicks, &r.clicks, func(c *clickRow) []any {
				return []any{&c.transactionID, &c.hitID, &c.subID, &c.account, &c.offer, &c.publisher}
			})
		},
		func() error {
			return scan(ctx, tx, selectDead, &r.dead, func(d *deadRow) []any {
				return []any{&d.id, &d.outcome, &d.reason, &d.status, &d.account}
			})
		},
		func() error {
			return scan(ctx, tx, selectWaiting, &r.waiting, func(w *waitingRow) []any {
				return []any{&w.transactionID, &w.hitID, &w.account}
			})
		},
		func() error { return tx.QueryRowContext(ctx, selectLeaks).Scan(&r.leaks) },
		func() error { return tx.QueryRowContext(ctx, "SELECT now()").Scan(&r.now) },
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("read the database: %w", err)
		}
	}
	return r, nil
}

// scan appends every row of a query.
func scan[T any](ctx context.Context, tx *sql.Tx, query string, into *[]T, fields func(*T) []any) error {
	found, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var row T
		if err := found.Scan(fields(&row)...); err != nil {
			return err
		}
		*into = append(*into, row)
	}
	return found.Err()
}
