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
	"integr8/sql/store"
)

// conversionRecord is a postback of that time that was decided to convert.
func (b *books) conversionRecord(at time.Time, key uuid.UUID) *store.Record {
	b.t.Helper()
	h := &hit.Hit{ID: b.idAt(at), Kind: hit.Postback, ReceivedAt: at, TransactionID: hit.TransactionID(b.idAt(at))}
	request, err := h.Encode()
	require.NoError(b.t, err)
	return &store.Record{Hit: h, Request: request, Decision: attribution.Decision{
		Outcome: attribution.Converted, Route: attribution.Global, AccountID: 1, TokenID: 1, OfferID: 2, PublisherID: 3,
		Conversion: &attribution.Conversion{DedupKey: key, Event: attribution.BaseEvent, Status: attribution.Approved,
			Method: attribution.ByPostback, Revenue: decimal.NewFromInt(4), Payout: decimal.NewFromInt(2), Currency: "USD"},
	}}
}

// awaitLocks waits until that many sessions wait for others.
func (b *books) awaitLocks(sessions int) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		return b.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == sessions
	}, 20*time.Second, time.Millisecond)
}

// decideElsewhere gives a hit an outcome in a transaction that is still open.
func (b *books) decideElsewhere(h *hit.Hit, outcome attribution.Outcome) *sqlx.Tx {
	b.t.Helper()
	b.day(h.ReceivedAt)
	elsewhere, err := b.db.BeginTxx(b.t.Context(), nil)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = elsewhere.Rollback() }) // has ended unless the test failed before
	_, err = elsewhere.Exec(`INSERT INTO hits (id, account_id, kind, received_at, outcome, request)
		VALUES ($1, 1, 'postback', $2, $3, '{}')`, h.ID, h.ReceivedAt, outcome)
	require.NoError(b.t, err)
	return elsewhere
}

// meeting writes records, one of which somebody else writes at the same moment:
// end says how that ends once the two have met.
func (b *books) meeting(elsewhere *sqlx.Tx, end func(*sqlx.Tx) error, records ...*store.Record) {
	b.t.Helper()
	written := make(chan error, 1)
	go func() { written <- b.Write(b.t.Context(), records) }()
	b.awaitLocks(1)
	require.NoError(b.t, end(elsewhere))
	require.NoError(b.t, <-written)
}

func TestAHitThatAnotherDecidesAtTheSameMomentIsDecidedOnce(t *testing.T) {
	for name, test := range map[string]struct {
		elsewhere   attribution.Outcome
		end         func(*sqlx.Tx) error
		want        attribution.Outcome
		decisions   int
		conversions int
	}{
		"to a final outcome, which stays":    {attribution.Duplicate, (*sqlx.Tx).Commit, attribution.Duplicate, 1, 1},
		"to wait, which gives way":           {attribution.Waiting, (*sqlx.Tx).Commit, attribution.Converted, 2, 2},
		"and gives up, which leaves nothing": {attribution.Duplicate, (*sqlx.Tx).Rollback, attribution.Converted, 1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBooks(t)
			met, neighbour := b.conversionRecord(noon, uuid.New()), b.conversionRecord(noon, uuid.New())
			b.meeting(b.decideElsewhere(met.Hit, test.elsewhere), test.end, met, neighbour)

			require.Equal(t, test.want, met.Decision.Outcome)
			require.Equal(t, 1, b.count("hits WHERE id = $1 AND outcome = $2 AND decisions = $3", met.Hit.ID, test.want, test.decisions))
			require.Equal(t, attribution.Converted, neighbour.Decision.Outcome)
			require.Equal(t, neighbour.Hit.ID, neighbour.ConversionID)
			require.Equal(t, test.conversions, b.count("conversions"))
			require.Equal(t, 2, b.count("hits"))
		})
	}
}

// TestWhatAMeetingUndidIsForgotten has a repeat find the conversion of its own
// batch first, which then is not written after all.
func TestWhatAMeetingUndidIsForgotten(t *testing.T) {
	b := openBooks(t)
	key := uuid.New()
	first, repeat := b.conversionRecord(noon, key), b.conversionRecord(noon.Add(time.Second), key)
	b.meeting(b.decideElsewhere(first.Hit, attribution.Duplicate), (*sqlx.Tx).Commit, first, repeat)

	require.Equal(t, attribution.Duplicate, first.Decision.Outcome)
	require.Equal(t, uuid.Nil, first.ConversionID)
	require.Equal(t, attribution.Converted, repeat.Decision.Outcome)
	require.Equal(t, repeat.Hit.ID, repeat.ConversionID)
	require.Equal(t, uuid.Nil, repeat.DuplicateOf)
	require.Equal(t, 1, b.count("conversions WHERE id = $1", repeat.Hit.ID))
}

// TestAMissingDayThatShowsAfterAMeetingIsMade has a batch meet another
// transaction at its first row, and lack the day of its second.
func TestAMissingDayThatShowsAfterAMeetingIsMade(t *testing.T) {
	b := openBooks(t)
	met, late := b.conversionRecord(noon, uuid.New()), b.conversionRecord(noon.AddDate(0, 0, 40), uuid.New())
	b.meeting(b.decideElsewhere(met.Hit, attribution.Duplicate), (*sqlx.Tx).Commit, met, late)

	require.Equal(t, attribution.Duplicate, met.Decision.Outcome)
	require.Equal(t, 1, b.count("hits WHERE id = $1 AND outcome = 'converted'", late.Hit.ID))
	require.Equal(t, 1, b.count("conversions"))
}

// TestARepeatOfAClickThatIsCommittedMeanwhileIsNoMereRepeatOfItsOrder has another
// transaction commit a conversion with the same key and order between two looks.
func TestARepeatOfAClickThatIsCommittedMeanwhileIsNoMereRepeatOfItsOrder(t *testing.T) {
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
			t.Cleanup(func() { _ = elsewhere.Rollback() }) // has ended unless the test failed before
			for _, statement := range []string{"LOCK TABLE " + held, "INSERT INTO conversions SELECT * FROM kept"} {
				_, err = elsewhere.Exec(statement)
				require.NoError(t, err)
			}
			_, err = elsewhere.Exec("INSERT INTO unique_orders VALUES ($1, $2)", attribution.OrderKey(1, "A-1"), first.Hit.ID)
			require.NoError(t, err)
			b.meeting(elsewhere, (*sqlx.Tx).Commit, again)
			require.Equal(t, attribution.DuplicateSameURL, again.Decision.Reason)
			require.Equal(t, first.Hit.ID, again.DuplicateOf)
			b.requireConsistent()
		})
	}
}
