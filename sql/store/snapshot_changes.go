package store

import (
	"context"
	"slices"
	"strconv"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/history"
)

// changeReaders read the changed objects of a kind into a batch, and return how many they
// found. Objects of other kinds are not in a snapshot.
var changeReaders = map[history.Noun]func(context.Context, *sqlx.Tx, *attribution.Batch, []attribution.PartyID) (int, error){
	history.Offer:     readSome("offers/find", addOffer),
	history.Publisher: readSome("publishers/find", addPublisher),
	history.Token:     readSome("snapshots/some_tokens", addToken),
	history.Domain:    readSome("snapshots/some_domains", addDomain),
}

// changeRow is a row of queries/snapshots/changes.sql.
type changeRow struct {
	ID        int64        `db:"id"`
	AccountID int64        `db:"account_id"`
	Noun      history.Noun `db:"noun"`
	ObjectID  string       `db:"object_id"`
}

// readChanges adds what has changed after a row of the history. It returns false when it
// does not find everything.
func (l *loading) readChanges(ctx context.Context, tx *sqlx.Tx, after int64) (complete bool, err error) {
	if after == l.cursor.id {
		return true, nil
	}
	changed, ok, err := changedObjects(ctx, tx, after)
	if err != nil || !ok {
		return false, err
	}
	for noun, objects := range changed {
		for some := range slices.Chunk(objects, pageRows) {
			found, err := changeReaders[noun](ctx, tx, l.news, some)
			if err != nil || found < len(some) {
				return false, err
			}
		}
	}
	l.snapshot = l.snapshot.With(l.news)
	return true, nil
}

// changedObjects returns the objects that have changed after a row of the history, each
// once. It returns false when a row names none.
func changedObjects(ctx context.Context, tx *sqlx.Tx, after int64) (_ map[history.Noun][]attribution.PartyID, ok bool, err error) {
	changed := map[history.Noun][]attribution.PartyID{}
	var nouns pq.StringArray
	for noun := range changeReaders {
		nouns = append(nouns, string(noun))
	}
	seen := map[changeRow]bool{}
	for {
		var page []changeRow
		if err := selectRows(ctx, tx, &page, "snapshots/changes", args{"after_id": after, "nouns": nouns, "page": pageRows}); err != nil {
			return nil, false, err
		}
		for _, row := range page {
			after, row.ID = row.ID, 0
			if seen[row] {
				continue
			}
			seen[row] = true
			id, err := strconv.ParseInt(row.ObjectID, 10, 64)
			if err != nil {
				return nil, false, nil
			}
			changed[row.Noun] = append(changed[row.Noun], attribution.PartyID{AccountID: row.AccountID, ID: id})
		}
		if len(page) < pageRows {
			return changed, true, nil
		}
	}
}

// readSome returns a function that runs a statement for the rows of some objects, and adds
// them to a batch.
func readSome[Row any](name string, add func(*attribution.Batch, *Row) (attribution.PartyID, error),
) func(context.Context, *sqlx.Tx, *attribution.Batch, []attribution.PartyID) (int, error) {
	return func(ctx context.Context, tx *sqlx.Tx, batch *attribution.Batch, ids []attribution.PartyID) (int, error) {
		var rows []Row
		accounts, numbers := partyColumns(ids)
		if err := selectRows(ctx, tx, &rows, name, args{"account_ids": accounts, "ids": numbers}); err != nil {
			return 0, err
		}
		for i := range rows {
			if _, err := add(batch, &rows[i]); err != nil {
				return 0, err
			}
		}
		return len(rows), nil
	}
}
