package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// clickRecord is a click of that time that was decided to be recorded.
func (b *books) clickRecord(at time.Time) *attribution.Record {
	b.t.Helper()
	h := &hit.Hit{ID: b.idAt(at), Kind: hit.Click, ReceivedAt: at, TransactionID: token.TransactionID(b.idAt(at))}
	request, err := h.Encode()
	require.NoError(b.t, err)
	return &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
		Outcome: outcome.Recorded, AccountID: 1, OfferID: 2, PublisherID: 3,
	}}
}

func (b *books) write(records ...*attribution.Record) {
	b.t.Helper()
	require.NoError(b.t, b.Write(b.t.Context(), records))
}

// requireClick checks that the click of a record is found.
func (b *books) requireClick(record *attribution.Record) {
	b.t.Helper()
	id := record.Hit.TransactionID
	found, err := b.Clicks(b.t.Context(), []token.TransactionID{id})
	require.NoError(b.t, err)
	require.Contains(b.t, found, id)
}

func (b *books) count(from string, arguments ...any) int {
	b.t.Helper()
	var n int
	require.NoError(b.t, b.db.Get(&n, "SELECT count(*) FROM "+from, arguments...))
	return n
}

func TestPreparedStatementsOutliveTheirSession(t *testing.T) {
	t.Parallel()
	const others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	b := openBooks(t)
	b.write(b.clickRecord(time.Now()))
	for range 3 {
		b.exec("SELECT pg_terminate_backend(pid) FROM " + others)
		for b.count(others) > 0 { // they end a moment later
		}
		record := b.clickRecord(time.Now())
		err := b.Write(t.Context(), []*attribution.Record{record})
		if err != nil { // the end of the session may be noticed only now
			require.Equal(t, failure.Outage, failure.Of(err), "%v", err)
			b.write(record)
		}
		b.requireClick(record)
	}
	require.Equal(t, 4, b.count("hits"))
}

func TestPreparedStatementsFollowPartitions(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.write(b.clickRecord(time.Now())) // prepares

	day := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	early := b.clickRecord(day.Add(time.Hour))
	b.write(early) // makes the partitions of its day
	b.requireClick(early)
	late := b.clickRecord(day.Add(2 * time.Hour))
	b.write(early, late)
	b.requireClick(late)
	require.Equal(t, 2, b.count("clicks_20260201"))
	require.Equal(t, 2, b.count("hits_20260201"))

	b.dropDays(day.AddDate(0, 0, 2))
	found, err := b.Clicks(t.Context(), []token.TransactionID{early.Hit.TransactionID, late.Hit.TransactionID})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestSessionsAreReplacedWhenAMigrationChangesTheResultsOfTheirStatements(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.write(b.clickRecord(time.Now()))
	b.exec("ALTER TABLE hits ALTER COLUMN outcome TYPE varchar")

	record := b.clickRecord(time.Now())
	err := b.Write(t.Context(), []*attribution.Record{record})
	require.Equal(t, failure.Outage, failure.Of(err), "the hits are held: %v", err)
	b.write(record)
	require.Equal(t, 2, b.count("hits"))
}

func TestSessionsAreReplacedWhenTheirStatementsAreDropped(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.write(b.clickRecord(time.Now()))
	_, err := b.Deciding().ExecContext(t.Context(), "DEALLOCATE ALL")
	require.NoError(t, err)

	record := b.clickRecord(time.Now())
	require.Error(t, b.Write(t.Context(), []*attribution.Record{record}))
	b.write(record)
	require.Equal(t, 2, b.count("hits"))
}
