package store

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// inOrder sorts records by a key of the rows that are to be written, so that
// two batches which hold the same keys wait for each other instead of
// deadlocking. With the same key the hit that came first goes first.
func inOrder(records []*Record, key func(*Record) uuid.UUID) []*Record {
	type keyed struct {
		key uuid.UUID
		*Record
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
	sorted := make([]*Record, len(rows))
	for i := range rows {
		sorted[i] = rows[i].Record
	}
	return sorted
}

// uuids copies ids of either kind.
func uuids[ID ~[16]byte](ids []ID) []uuid.UUID {
	copied := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		copied[i] = uuid.UUID(id)
	}
	return copied
}
