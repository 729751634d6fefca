package store

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
)

// errOrderMet means that another transaction has taken an order, or written a
// conversion with the same key, after this one had looked for it.
var errOrderMet = errors.New("another transaction has taken the same order, or written the same conversion, meanwhile")

// orderRules are the offers whose conversions take their orders, as of a version.
// It is never changed once it is loaded.
type orderRules struct {
	version int64
	offers  map[int64]orderRule
}

// orderRule says when an order that is taken makes a duplicate: always, or for
// what falls under rules of before a time, zero for never.
type orderRule struct {
	always bool
	before time.Time
}

func (r orderRule) binds(at time.Time) bool { return r.always || at.Before(r.before) }

// orders has conversions take their orders where their offers say so, and turns
// those whose order is taken into duplicates. It returns the ones that are to be
// written.
//
// What stands already is looked for first, and the plan is made of that. So what
// is taken here is given back only if another transaction comes in between: then
// everything is rolled back and planned anew, and no order is ever left to a
// conversion that was not written. Conversions have no second unique index for
// their orders, because two transactions could wait for each other crosswise: each
// locks the rows of an insert in the order of one of the keys only.
func (w *writing) orders(records []*Record) []*Record {
	keys := w.rules.keys(records)
	if len(keys) == 0 {
		return records
	}
	plan := orderPlan{rules: w.rules, keys: keys, standing: map[uuid.UUID]bool{}, holders: map[uuid.UUID]uuid.UUID{}}
	w.findStanding(&plan, records)
	plan.make(records)
	w.takeOrders(plan.takes)
	if len(plan.write) < len(records) {
		w.checkRules()
	}
	return plan.write
}

// keys returns the orders of those conversions that take one.
func (r *orderRules) keys(records []*Record) map[*Record]uuid.UUID {
	if len(r.offers) == 0 {
		return nil
	}
	keys := map[*Record]uuid.UUID{}
	for _, record := range records {
		if _, takes := r.offers[record.Decision.OfferID]; takes && record.Details.OrderID != "" {
			keys[record] = attribution.OrderKey(record.Decision.OfferID, record.Details.OrderID)
		}
	}
	return keys
}

// findStanding looks for conversions with the same keys, or made by the same hits,
// and for those that have the orders. Neither is ever deleted. Orders come first: a
// conversion is committed with its order, so that one whose order is seen is seen
// by its key too, and a repeat of a click is not taken for another click's.
func (w *writing) findStanding(plan *orderPlan, records []*Record) {
	var dedup, orders []uuid.UUID
	for _, r := range records {
		dedup = append(dedup, r.Decision.Conversion.DedupKey)
		if order, takes := plan.keys[r]; takes {
			orders = append(orders, order)
		}
	}
	var held []struct {
		Key          uuid.UUID `db:"key"`
		ConversionID uuid.UUID `db:"conversion_id"`
	}
	w.query(&held, "find_orders", uuidArray(orders))
	for _, row := range held {
		plan.holders[row.Key] = row.ConversionID
	}
	var rows []standing
	w.query(&rows, "find_conversions", uuidArray(dedup), uuidArray(idsOf(records)))
	for _, row := range rows {
		plan.standing[row.ID], plan.standing[row.DedupKey] = true, true
	}
}

// takeOrders takes orders in ascending order of their keys.
func (w *writing) takeOrders(takes []taking) {
	if len(takes) == 0 {
		return
	}
	slices.SortFunc(takes, func(a, b taking) int { return bytes.Compare(a.order[:], b.order[:]) })
	rows := columns[taking](takes)
	var taken []uuid.UUID
	w.query(&taken, "take_orders", rows.uuids(func(t taking) uuid.UUID { return t.order }), rows.uuids(func(t taking) uuid.UUID { return t.conversion }))
	if len(taken) < len(takes) {
		w.fail(errOrderMet)
	}
	w.taking = takes
}

// checkRules looks whether the plan went by the newest rules. Where something is
// written, the statement that does looks itself.
func (w *writing) checkRules() {
	var versions []int64
	w.query(&versions, "unique_orders_version")
	if len(versions) != 1 || versions[0] != w.rules.version {
		w.fail(errNotWritten)
	}
}

// checkTaking fails when a conversion has taken an order and then found another in
// its way, by its key or its id.
func (w *writing) checkTaking(refused map[uuid.UUID]*Record, stands func(*Record) bool) {
	for _, t := range w.taking {
		if r, ok := refused[t.conversion]; ok && stands(r) {
			w.fail(errOrderMet)
		}
	}
}

// taking is an order with the conversion that takes it.
type taking struct{ order, conversion uuid.UUID }

// orderPlan is what becomes of the conversions of a batch.
type orderPlan struct {
	rules *orderRules
	// keys are the orders of those that take one.
	keys map[*Record]uuid.UUID
	// standing holds the ids and keys of conversions that stand, and holders the
	// conversions that have orders. What the batch adds comes to both.
	standing map[uuid.UUID]bool
	holders  map[uuid.UUID]uuid.UUID

	write []*Record
	takes []taking
}

// make goes through the conversions as they were received, so that of two with the
// same order the earlier converts. One in whose way a conversion stands, by its key
// or its id, is left to insert_conversions, which finds it there too.
func (p *orderPlan) make(records []*Record) {
	for _, r := range inOrder(records, func(*Record) uuid.UUID { return uuid.Nil }) {
		if !p.standing[r.Hit.ID] && !p.standing[r.Decision.Conversion.DedupKey] && !p.admits(r) {
			continue
		}
		if !p.standing[r.Hit.ID] {
			p.standing[r.Decision.Conversion.DedupKey] = true
		}
		p.write = append(p.write, r)
	}
}

// admits has a conversion take its order where it takes one, or makes it a
// duplicate.
func (p *orderPlan) admits(r *Record) bool {
	order, takes := p.keys[r]
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
