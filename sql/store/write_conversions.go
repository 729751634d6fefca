package store

import (
	"errors"
	"fmt"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
)

func (w *writing) conversions(records []*Record) {
	records = withOutcome(records, attribution.Converted)
	if len(records) == 0 {
		return
	}
	if records = w.orders(records); len(records) == 0 {
		return
	}
	var refused []uuid.UUID
	records = inOrder(records, func(r *Record) uuid.UUID { return r.Decision.Conversion.DedupKey })
	w.query(&refused, "insert_conversions", append(conversionColumns(records), w.rules.version)...)
	claims := make(map[uuid.UUID]*Record, len(refused))
	for _, id := range refused {
		claims[id] = nil
	}
	for _, r := range records {
		if _, stands := claims[r.Hit.ID]; stands {
			claims[r.Hit.ID] = r
		} else {
			r.ConversionID = r.Hit.ID
		}
	}
	if len(claims) > 0 {
		w.repeats(claims)
	}
}

// errNotWritten means that a conversion did not go in and no other stands in its
// way. That is so when the offers with unique orders have changed.
var errNotWritten = errors.New("it was not written as a conversion, and none stands in its way")

// repeats turns claims that were not the first with their key into what they
// are: a duplicate, or the very conversion when the hit is handled again.
func (w *writing) repeats(claims map[uuid.UUID]*Record) {
	var keys, ids []uuid.UUID
	for id, r := range claims {
		keys, ids = append(keys, r.Decision.Conversion.DedupKey), append(ids, id)
	}
	var rows []standing
	w.query(&rows, "find_conversions", uuidArray(keys), uuidArray(ids))
	byID, byKey := map[uuid.UUID]standing{}, map[uuid.UUID]standing{}
	for _, row := range rows {
		byID[row.ID], byKey[row.DedupKey] = row, row
	}
	w.checkTaking(claims, func(r *Record) bool {
		_, own := byID[r.Hit.ID]
		_, repeated := byKey[r.Decision.Conversion.DedupKey]
		return own || repeated
	})
	for id, r := range claims {
		first, repeated := byKey[r.Decision.Conversion.DedupKey]
		if _, own := byID[id]; own {
			r.ConversionID = id
		} else if repeated {
			r.ConversionID, r.DuplicateOf = first.ID, first.ID
			r.Decision = r.Decision.Repeat(first.Route)
		} else {
			w.fail(fmt.Errorf("hit %s: %w", id, errNotWritten))
		}
	}
}

// standing is a conversion that was recorded before.
type standing struct {
	ID       uuid.UUID         `db:"id"`
	DedupKey uuid.UUID         `db:"dedup_key"`
	Route    attribution.Route `db:"route"`
}
