package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
	"integr8/sql/store/pg"
)

// findings is the state that a transaction of Write reads before it writes.
type findings struct {
	// decided holds earlier decisions about the hits, by their ids. The rows
	// of these hits are locked.
	decided map[uuid.UUID]attribution.Decision
	// counted holds what the roll-ups count these hits as.
	counted map[uuid.UUID]rollupKey
	// rules are the rules on orders that the transaction uses.
	rules *orderRules
	// orders holds the keys of the orders of those conversions that take one. When there
	// are none, the fields below are empty.
	orders map[*attribution.Record]uuid.UUID
	// standing holds the ids and the keys of existing conversions, and holders, by order,
	// the conversions that have taken it.
	standing map[uuid.UUID]bool
	holders  map[uuid.UUID]uuid.UUID
}

// find takes the first locks of the transaction (see rows) and reads the rows that may
// conflict with the records.
func find(ctx context.Context, tx *sqlx.Tx, records []*attribution.Record, rules *orderRules) (*findings, error) {
	f := &findings{rules: rules}
	if err := f.findDecided(ctx, tx, records); err != nil {
		return nil, err
	}
	converting := withOutcome(records, outcome.Converted)
	if f.orders = rules.keys(converting); len(f.orders) == 0 {
		return f, nil
	}
	if err := f.findHolders(ctx, tx); err != nil {
		return nil, err
	}
	return f, f.findStanding(ctx, tx, converting)
}

// findDecided locks the rows of the hits that were decided before.
func (f *findings) findDecided(ctx context.Context, tx *sqlx.Tx, records []*attribution.Record) error {
	const statement = "hits/lock_decided"
	var rows []countedHit
	if err := selectByEra(ctx, tx, &rows, statement, idsOf(records)); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	if len(rows) == 0 {
		return nil
	}
	f.decided = make(map[uuid.UUID]attribution.Decision, len(rows))
	f.counted = make(map[uuid.UUID]rollupKey, len(rows))
	for _, row := range rows {
		f.decided[row.ID] = attribution.Decision{Outcome: row.Outcome, Reason: row.Reason, AccountID: row.AccountID, Test: row.Test}
		f.counted[row.ID] = row.key()
	}
	return nil
}

// findHolders reads the conversions that have taken the orders. It must run before
// findStanding: a conversion is committed together with its order, so when its order is
// visible here, its key is visible there too. Otherwise a repeat of a click could count
// as the order of another click. Neither orders nor conversions are ever deleted.
func (f *findings) findHolders(ctx context.Context, tx *sqlx.Tx) error {
	keys := make([]uuid.UUID, 0, len(f.orders))
	for _, key := range f.orders {
		keys = append(keys, key)
	}
	var held []struct {
		Key          uuid.UUID `db:"key"`
		ConversionID uuid.UUID `db:"conversion_id"`
	}
	if err := selectRows(ctx, tx, &held, "orders/find", args{"keys": pg.IDs(keys)}); err != nil {
		return fmt.Errorf("orders/find: %w", err)
	}
	f.holders = make(map[uuid.UUID]uuid.UUID, len(held))
	for _, row := range held {
		f.holders[row.Key] = row.ConversionID
	}
	return nil
}

// findStanding reads existing conversions with the same keys, or of the same hits.
func (f *findings) findStanding(ctx context.Context, tx *sqlx.Tx, records []*attribution.Record) error {
	keys := make([]uuid.UUID, len(records))
	for i, r := range records {
		keys[i] = dedupKey(r)
	}
	found, err := findConversions(ctx, tx, keys, idsOf(records))
	if err != nil {
		return err
	}
	f.standing = make(map[uuid.UUID]bool, 2*len(found))
	for _, c := range found {
		f.standing[c.ID], f.standing[c.DedupKey] = true, true
	}
	return nil
}

// again reports whether the hit had been decided before.
func (f *findings) again(r *attribution.Record) bool {
	_, again := f.decided[r.Hit.ID]
	return again
}

// standing is an existing conversion.
type standing struct {
	ID       uuid.UUID         `db:"id"`
	DedupKey uuid.UUID         `db:"dedup_key"`
	Route    attribution.Route `db:"route"`
}

// findConversions reads conversions with one of the keys or ids.
func findConversions(ctx context.Context, tx *sqlx.Tx, keys, ids []uuid.UUID) ([]standing, error) {
	var rows []standing
	err := selectRows(ctx, tx, &rows, "conversions/find", args{"dedup_keys": pg.IDs(keys), "ids": pg.IDs(ids)})
	if err != nil {
		return nil, fmt.Errorf("conversions/find: %w", err)
	}
	return rows, nil
}

func idsOf(records []*attribution.Record) []uuid.UUID {
	ids := make([]uuid.UUID, len(records))
	for i, r := range records {
		ids[i] = r.Hit.ID
	}
	return ids
}

func withOutcome(records []*attribution.Record, o outcome.Outcome) []*attribution.Record {
	var those []*attribution.Record
	for _, r := range records {
		if r.Decision.Outcome == o {
			those = append(those, r)
		}
	}
	return those
}
