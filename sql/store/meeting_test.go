package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// conversionRecord is a postback of that time that was decided to convert.
func (b *books) conversionRecord(at time.Time, key uuid.UUID) *attribution.Record {
	b.t.Helper()
	h := &hit.Hit{ID: b.idAt(at), Kind: hit.Postback, ReceivedAt: at, TransactionID: token.TransactionID(b.idAt(at))}
	request, err := h.Encode()
	require.NoError(b.t, err)
	return &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
		Outcome: outcome.Converted, Route: attribution.Global, AccountID: 1, TokenID: 1, OfferID: 2, PublisherID: 3,
		Conversion: &attribution.Conversion{DedupKey: key, Event: attribution.BaseEvent, Status: attribution.Approved,
			Method: hit.Postback, Revenue: decimal.NewFromInt(4), Payout: decimal.NewFromInt(2), Currency: "USD"},
	}}
}

// awaitLocks waits until that many sessions wait for others.
func (b *books) awaitLocks(sessions int) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		return b.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == sessions
	}, patience, time.Millisecond)
}

// decideElsewhere writes an outcome of a hit in another transaction, which stays open.
func (b *books) decideElsewhere(h *hit.Hit, decided outcome.Outcome) *sqlx.Tx {
	b.t.Helper()
	b.day(h.ReceivedAt)
	elsewhere, err := b.db.BeginTxx(b.t.Context(), nil)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = elsewhere.Rollback() }) // an error after the end of the transaction is expected
	_, err = elsewhere.Exec(`INSERT INTO hits (id, account_id, kind, received_at, outcome, request)
		VALUES ($1, 1, 'postback', $2, $3, '{}')`, h.ID, h.ReceivedAt, decided)
	require.NoError(b.t, err)
	return elsewhere
}

// meeting writes records, one of which another transaction writes at the same time. end
// ends that transaction while the write waits for it.
func (b *books) meeting(elsewhere *sqlx.Tx, end func(*sqlx.Tx) error, records ...*attribution.Record) {
	b.t.Helper()
	written := make(chan error, 1)
	go func() { written <- b.Write(b.t.Context(), records) }()
	b.awaitLocks(1)
	require.NoError(b.t, end(elsewhere))
	require.NoError(b.t, <-written)
}

func TestAHitThatAnotherDecidesAtTheSameMomentIsDecidedOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		elsewhere   outcome.Outcome
		end         func(*sqlx.Tx) error
		want        outcome.Outcome
		decisions   int
		conversions int
	}{
		"to a final outcome, which stays":    {outcome.Duplicate, (*sqlx.Tx).Commit, outcome.Duplicate, 1, 1},
		"to wait, which gives way":           {outcome.Waiting, (*sqlx.Tx).Commit, outcome.Converted, 2, 2},
		"and gives up, which leaves nothing": {outcome.Duplicate, (*sqlx.Tx).Rollback, outcome.Converted, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBooks(t)
			met, neighbour := b.conversionRecord(noon, uuid.New()), b.conversionRecord(noon, uuid.New())
			b.meeting(b.decideElsewhere(met.Hit, test.elsewhere), test.end, met, neighbour)

			require.Equal(t, test.want, met.Decision.Outcome)
			require.Equal(t, 1, b.count("hits WHERE id = $1 AND outcome = $2 AND decisions = $3", met.Hit.ID, test.want, test.decisions))
			require.Equal(t, outcome.Converted, neighbour.Decision.Outcome)
			require.Equal(t, neighbour.Hit.ID, neighbour.ConversionID)
			require.Equal(t, test.conversions, b.count("conversions"))
			require.Equal(t, 2, b.count("hits"))
		})
	}
}

// TestWhatAMeetingUndidIsForgotten: a repeat first finds the conversion of its own
// batch, and then that conversion is not written.
func TestWhatAMeetingUndidIsForgotten(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	key := uuid.New()
	first, repeat := b.conversionRecord(noon, key), b.conversionRecord(noon.Add(time.Second), key)
	b.meeting(b.decideElsewhere(first.Hit, outcome.Duplicate), (*sqlx.Tx).Commit, first, repeat)

	require.Equal(t, outcome.Duplicate, first.Decision.Outcome)
	require.Equal(t, uuid.Nil, first.ConversionID)
	require.Equal(t, outcome.Converted, repeat.Decision.Outcome)
	require.Equal(t, repeat.Hit.ID, repeat.ConversionID)
	require.Equal(t, uuid.Nil, repeat.DuplicateOf)
	require.Equal(t, 1, b.count("conversions WHERE id = $1", repeat.Hit.ID))
}

// TestAMissingDayThatShowsAfterAMeetingIsMade: a batch meets another transaction at its
// first row, and the partition of its second row is missing.
func TestAMissingDayThatShowsAfterAMeetingIsMade(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	met, late := b.conversionRecord(noon, uuid.New()), b.conversionRecord(noon.AddDate(0, 0, 40), uuid.New())
	b.meeting(b.decideElsewhere(met.Hit, outcome.Duplicate), (*sqlx.Tx).Commit, met, late)

	require.Equal(t, outcome.Duplicate, met.Decision.Outcome)
	require.Equal(t, 1, b.count("hits WHERE id = $1 AND outcome = 'converted'", late.Hit.ID))
	require.Equal(t, 1, b.count("conversions"))
}

// TestARepeatOfAClickThatIsCommittedMeanwhileIsNoMereRepeatOfItsOrder: another
// transaction commits a conversion with the same key and order between two reads.
func TestARepeatOfAClickThatIsCommittedMeanwhileIsNoMereRepeatOfItsOrder(t *testing.T) {
	t.Parallel()
	for _, held := range []string{"conversions", "unique_orders"} {
		t.Run(held+" cannot be read until then", func(t *testing.T) {
			b := openBooks(t)
			b.uniqueOrders()
			first, again := b.orderRecord(noon, "A-1"), b.orderRecord(noon.Add(time.Second), "A-1")
			again.Decision.Conversion.DedupKey = first.Decision.Conversion.DedupKey
			b.write(first)
			b.exec("CREATE TABLE kept AS SELECT * FROM conversions")
			b.exec("TRUNCATE conversions, unique_orders")
			elsewhere, err := b.db.BeginTxx(t.Context(), nil)
			require.NoError(t, err)
			t.Cleanup(func() { _ = elsewhere.Rollback() }) // an error after the end of the transaction is expected
			for _, statement := range []string{"LOCK TABLE " + held, "INSERT INTO conversions SELECT * FROM kept"} {
				_, err = elsewhere.Exec(statement)
				require.NoError(t, err)
			}
			_, err = elsewhere.Exec("INSERT INTO unique_orders VALUES ($1, $2)", attribution.OrderKey(1, "A-1"), first.Hit.ID)
			require.NoError(t, err)
			b.meeting(elsewhere, (*sqlx.Tx).Commit, again)
			require.Equal(t, outcome.DuplicateSameURL, again.Decision.Reason)
			require.Equal(t, first.Hit.ID, again.DuplicateOf)
			b.requireConsistent()
		})
	}
}
