package store

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
)

// inOrder sorts records by a key of the rows that will be written, so that
// two batches with the same keys wait for each other instead of
// deadlocking. Of two records with the same key, the hit that was received first comes
// first.
func inOrder(records []*attribution.Record, key func(*attribution.Record) uuid.UUID) []*attribution.Record {
	type keyed struct {
		key uuid.UUID
		*attribution.Record
	}
	rows := make([]keyed, len(records))
	for i, r := range records {
		rows[i] = keyed{key(r), r}
	}
	slices.SortFunc(rows, func(a, b keyed) int {
		if order := bytes.Compare(a.key[:], b.key[:]); order != 0 {
			return order
		}
		return cmp.Or(
			cmp.Compare(a.Decision.AccountID, b.Decision.AccountID),
			a.Hit.ReceivedAt.Compare(b.Hit.ReceivedAt),
			bytes.Compare(a.Hit.ID[:], b.Hit.ID[:]),
		)
	})
	sorted := make([]*attribution.Record, len(rows))
	for i := range rows {
		sorted[i] = rows[i].Record
	}
	return sorted
}

// uuids returns a copy of ids as UUIDs.
func uuids[ID ~[16]byte](ids []ID) []uuid.UUID {
	copied := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		copied[i] = uuid.UUID(id)
	}
	return copied
}
