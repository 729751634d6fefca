package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/operate/search"
	"integr8/pipeline/token"
	sqlfiles "integr8/sql"
)

// findVersion is the migration since which hits have keys.
const findVersion = 18

// receivedSlack is more than the time of a receipt and that of the hit ever differ.
const receivedSlack = time.Minute

// FindHits returns at most limit hits with the keys of the filter within a span of one
// day, newest first. It finds none on a day without a partition.
func (s *Store) FindHits(ctx context.Context, filter search.Filter, span search.Span, limit int) ([]search.Hit, error) {
	var found []search.Hit
	err := s.readIn(ctx, func(ctx context.Context, tx *sqlx.Tx) (err error) {
		found, err = findHits(ctx, tx, filter, span, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find hits: %w", err)
	}
	return found, nil
}

func findHits(ctx context.Context, tx *sqlx.Tx, filter search.Filter, span search.Span, limit int) ([]search.Hit, error) {
	day := dayOf(hitsTable, span.First)
	var there bool
	if err := selectRow(ctx, tx, &there, "partitions/exists", args{"name": day.Partition()}); err != nil || !there {
		return nil, err
	}
	if _, err := execute(ctx, tx, "sessions/avoid_sequential_scans", nil); err != nil {
		return nil, err
	}
	statement := sqlfiles.Query("hits/find")
	bound, err := statement.Bind(hitsBy(filter).with(findKeysOf(filter)).with(pageOf(span, limit)).with(args{
		"received_from": token.TransactionID(span.First).Time().Add(-receivedSlack),
		"received_to":   token.TransactionID(span.End).Time().Add(receivedSlack),
	}))
	if err != nil {
		return nil, err
	}
	var found []search.Hit
	err = tx.SelectContext(ctx, &found, fromDay(statement, day.Partition()), bound...)
	return found, err
}

// fromDay returns the text of a statement that reads one partition in place of all hits.
func fromDay(statement sqlfiles.Statement, partition string) string {
	return strings.Replace(statement.Text, "FROM hits\n", "FROM "+pq.QuoteIdentifier(partition)+"\n", 1)
}

// FindableSince returns the time before which hits were stored without keys, by an
// earlier version; the zero time when there never was one.
func (s *Store) FindableSince(ctx context.Context) (time.Time, error) {
	var at struct {
		Applied sql.NullTime `db:"applied"`
		First   sql.NullTime `db:"first"`
	}
	err := s.read(ctx, func(ctx context.Context, db *sqlx.DB) error {
		return selectRow(ctx, db, &at, "server/migrated_at", args{"version": findVersion})
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("look since when hits have keys: %w", err)
	}
	if !at.Applied.Valid || at.Applied.Time.Sub(at.First.Time) < time.Hour {
		return time.Time{}, nil
	}
	return at.Applied.Time.UTC(), nil
}

// NamedBy returns the ids of the hits and conversions of a transaction_id.
func (s *Store) NamedBy(ctx context.Context, transaction uuid.UUID) ([]uuid.UUID, error) {
	story, err := s.Trace(ctx, transaction)
	if err != nil {
		return nil, err
	}
	ids := []uuid.UUID{}
	for _, click := range story.Clicks {
		ids = append(ids, click.HitID)
	}
	for _, h := range story.Hits {
		ids = append(ids, h.ID)
	}
	for _, c := range story.Conversions {
		ids = append(ids, c.ID)
	}
	return ids, nil
}
