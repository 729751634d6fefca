package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
)

// errNotWritten means that a conversion was not inserted although no existing one
// conflicts with it. That happens when the offers with unique orders have changed.
var errNotWritten = errors.New("it was not written as a conversion, and no existing conversion conflicts with it")

// applyConversions takes orders and writes conversions. A conversion that is not the
// first with its key becomes a duplicate.
func (r *rows) applyConversions(ctx context.Context, tx *sqlx.Tx) error {
	if err := r.takeOrders(ctx, tx); err != nil {
		return err
	}
	if len(r.conversions) == 0 {
		return nil
	}
	var refused []uuid.UUID
	err := tx.SelectContext(ctx, &refused, insertConversions.statement.Text,
		insertConversions.bind(r.conversions, args{"rules_version": r.rules.version})...)
	if err != nil {
		return fmt.Errorf("%s: %w", insertConversions.statement.Name, err)
	}
	claims := make(map[uuid.UUID]*attribution.Record, len(refused))
	for _, id := range refused {
		claims[id] = nil
	}
	for _, record := range r.conversions {
		if _, stands := claims[record.Hit.ID]; stands {
			claims[record.Hit.ID] = record
		} else {
			record.ConversionID = record.Hit.ID
		}
	}
	if len(claims) == 0 {
		return nil
	}
	return r.settleClaims(ctx, tx, claims)
}

// settleClaims decides the conversions that were not inserted. Each is a duplicate of an
// existing conversion, or is that conversion itself when the hit is handled again. When
// one of them has taken an order, another transaction wrote the conversion meanwhile, and
// settleClaims returns errOrderMet.
func (r *rows) settleClaims(ctx context.Context, tx *sqlx.Tx, claims map[uuid.UUID]*attribution.Record) error {
	var keys, ids []uuid.UUID
	for id, record := range claims {
		keys, ids = append(keys, dedupKey(record)), append(ids, id)
	}
	found, err := findConversions(ctx, tx, keys, ids)
	if err != nil {
		return err
	}
	byID, byKey := map[uuid.UUID]standing{}, map[uuid.UUID]standing{}
	for _, c := range found {
		byID[c.ID], byKey[c.DedupKey] = c, c
	}
	stands := func(record *attribution.Record) (first standing, own, repeated bool) {
		first, repeated = byKey[dedupKey(record)]
		_, own = byID[record.Hit.ID]
		return first, own, repeated
	}
	for _, record := range claims {
		if _, own, repeated := stands(record); (own || repeated) && r.takesOrder(record) {
			return errOrderMet
		}
	}
	for id, record := range claims {
		first, own, repeated := stands(record)
		switch {
		case own:
			record.ConversionID = id
		case repeated:
			record.ConversionID, record.DuplicateOf = first.ID, first.ID
			record.Decision = record.Decision.Repeat(first.Route)
		default:
			return fmt.Errorf("hit %s: %w", id, errNotWritten)
		}
	}
	return nil
}
