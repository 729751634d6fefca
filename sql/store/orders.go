package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
)

// errOrderMet means that another transaction has taken an order, or written a
// conversion with the same key, after this one had read them.
var errOrderMet = errors.New("another transaction has taken the same order, or written the same conversion, meanwhile")

// orderRules are the offers whose conversions take their orders, as of a version.
// It is immutable.
type orderRules struct {
	version int64
	offers  map[int64]orderRule
}

// orderRule says when a conversion whose order is taken becomes a duplicate: always, or
// when its rules are of a time before before, where zero means never.
type orderRule struct {
	always bool
	before time.Time
}

func (r orderRule) binds(at time.Time) bool { return r.always || at.Before(r.before) }

// keys returns the orders of those conversions that take one. A test takes none: it would
// be in the place of a sale.
func (r *orderRules) keys(records []*attribution.Record) map[*attribution.Record]uuid.UUID {
	if len(r.offers) == 0 {
		return nil
	}
	keys := map[*attribution.Record]uuid.UUID{}
	for _, record := range records {
		if _, takes := r.offers[record.Decision.OfferID]; takes && record.Details.OrderID != "" && !record.Decision.Test {
			keys[record] = attribution.OrderKey(record.Decision.OfferID, record.Details.OrderID)
		}
	}
	return keys
}

// planOrders plans which conversions take their orders, where their offers require it,
// and turns conversions whose order is taken into duplicates. It returns the conversions
// to write, and the orders that they take, in ascending order of their keys.
//
// Existing conversions and orders were read before. So a planned order is not written
// only if another transaction took it in between: then everything is rolled back and
// planned again, and an order never belongs to a conversion that was not written.
// Conversions have no second unique index on their orders, because with it two
// transactions could deadlock: each locks the rows of an insert in the order of one key
// only.
//
// It handles the conversions in the order in which they were received, so that of two
// with the same order the earlier one converts. A conversion whose key or id exists
// already is left to conversions/insert, which finds the existing one too.
func (f *findings) planOrders(records []*attribution.Record) (conversions []*attribution.Record, takes []taking) {
	if len(f.orders) == 0 {
		return records, nil
	}
	p := orderPlan{findings: *f}
	// Copies, because the plan adds the batch's own conversions and orders.
	p.standing, p.holders = maps.Clone(f.standing), maps.Clone(f.holders)
	for _, r := range inOrder(records, func(*attribution.Record) uuid.UUID { return uuid.Nil }) {
		if !p.standing[r.Hit.ID] && !p.standing[dedupKey(r)] && !p.admits(r) {
			continue
		}
		if !p.standing[r.Hit.ID] {
			p.standing[dedupKey(r)] = true
		}
		conversions = append(conversions, r)
	}
	slices.SortFunc(p.takes, func(a, b taking) int { return compareIDs(a.order, b.order) })
	return conversions, p.takes
}

// orderPlan is the findings plus the conversions and orders planned so far.
type orderPlan struct {
	findings
	takes []taking
}

// admits plans the order of a conversion, if it takes one. It returns false when the order
// is taken and the conversion became a duplicate.
func (p *orderPlan) admits(r *attribution.Record) bool {
	order, takes := p.orders[r]
	if !takes {
		return true
	}
	holder, taken := p.holders[order]
	switch {
	case !taken:
		p.holders[order] = r.Hit.ID
		p.takes = append(p.takes, taking{order, r.Hit.ID})
	case p.rules.offers[r.Decision.OfferID].binds(r.Decision.Conversion.RulesAt):
		r.Decision = r.Decision.RepeatOrder()
		r.ConversionID, r.DuplicateOf = holder, holder
		return false
	}
	return true
}

// takeOrders writes the orders. When an order made a conversion a duplicate, it also
// checks that the plan used the newest rules; for conversions that are written, the
// insert statement itself checks that.
func (r *rows) takeOrders(ctx context.Context, tx *sqlx.Tx) error {
	if len(r.takes) > 0 {
		var taken []uuid.UUID
		if err := tx.SelectContext(ctx, &taken, takeOrders.statement.Text, takeOrders.bind(r.takes, nil)...); err != nil {
			return fmt.Errorf("%s: %w", takeOrders.statement.Name, err)
		}
		if len(taken) < len(r.takes) {
			return errOrderMet
		}
	}
	if !r.repeatsOrder {
		return nil
	}
	var versions []int64
	if err := selectRows(ctx, tx, &versions, "unique_orders/version", nil); err != nil {
		return fmt.Errorf("unique_orders/version: %w", err)
	}
	if len(versions) != 1 || versions[0] != r.rules.version {
		return errNotWritten
	}
	return nil
}

// takesOrder reports whether a conversion has taken an order in this transaction.
func (r *rows) takesOrder(record *attribution.Record) bool {
	return slices.ContainsFunc(r.takes, func(t taking) bool { return t.conversion == record.Hit.ID })
}
