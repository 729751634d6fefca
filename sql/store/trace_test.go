package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

// converted writes a click, the postback that converted it, and a repeat
// through the other URL.
func converted(b *books) (transaction, click, first, repeat uuid.UUID) {
	transaction, click = b.click(1, noon, "banner")
	first = b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon.Add(time.Minute), Outcome: attribution.Converted,
		Route: attribution.Global, Offer: 1, Transaction: &transaction})
	b.exec(`UPDATE hits SET conversion_id = id WHERE id = $1`, first)
	b.conversion(first, 1, noon.Add(time.Minute), &transaction, "12.345678", "0.1", "USD", "banner")
	repeat = b.hit(hitRow{Account: 1, Kind: hit.Pixel, At: noon.Add(2 * time.Minute), Outcome: attribution.Duplicate,
		Reason: attribution.DuplicateOtherURL, Route: attribution.OfferURL, Offer: 1, Transaction: &transaction, DuplicateOf: &first})
	return transaction, click, first, repeat
}

func TestTraceTellsOfAClickWhoseStoredFormCannotBeRead(t *testing.T) {
	b := openBooks(t)
	for _, request := range []string{`{"token_leaked":"perhaps"}`, `[]`, `"text"`, `7`, `null`} {
		transaction, receipt := b.click(1, noon, "")
		b.exec(`UPDATE hits SET request = $2::json WHERE id = $1`, receipt, request)
		story, err := b.Trace(t.Context(), transaction)
		require.NoError(t, err, request)
		require.Len(t, story.Clicks, 1)
		require.Equal(t, receipt, story.Clicks[0].HitID)
		require.False(t, story.Clicks[0].TokenLeaked)
	}
}

func TestTraceTellsTheStoryOfATransactionInOrder(t *testing.T) {
	b := openBooks(t)
	transaction, click, first, repeat := converted(b)
	converted(b.writer(1000)) // another click, told apart

	story, err := b.Trace(context.Background(), transaction)
	require.NoError(t, err)
	require.Len(t, story.Clicks, 1)
	require.Equal(t, click, story.Clicks[0].HitID)
	require.Equal(t, attribution.Recorded, story.Clicks[0].Outcome)
	require.Contains(t, story.Clicks[0].Destination, hit.TransactionID(transaction).String())
	require.Equal(t, "192.0.2.7", story.Clicks[0].ClientIP)
	require.JSONEq(t, `{"sub_id": "banner"}`, string(story.Clicks[0].Parameters))

	require.Equal(t, []uuid.UUID{first, repeat}, hitReceipts(story))
	require.Equal(t, &first, story.Hits[0].ConversionID)
	require.Equal(t, &first, story.Hits[1].DuplicateOf)
	require.Equal(t, hit.TransactionID(transaction).String(), *story.Hits[1].TransactionID)

	require.Len(t, story.Conversions, 1)
	require.Equal(t, "12.345678", story.Conversions[0].Revenue.String())
	require.Equal(t, "0.1", story.Conversions[0].Payout.String())
	require.JSONEq(t, `{"order_id": "A-1", "sub_id": "banner", "conversion_ip": "2001:db8::1"}`,
		string(story.Conversions[0].Parameters))
}

func TestTraceOfAReceiptTellsTheWholeStory(t *testing.T) {
	b := openBooks(t)
	_, click, first, repeat := converted(b)
	for _, receipt := range []uuid.UUID{first, repeat} {
		story, err := b.Trace(context.Background(), receipt)
		require.NoError(t, err)
		require.Len(t, story.Clicks, 1)
		require.Equal(t, []uuid.UUID{first, repeat}, hitReceipts(story))
		require.Len(t, story.Conversions, 1)
	}
	story, err := b.Trace(context.Background(), click)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{click, first, repeat}, hitReceipts(story))
}

func TestTraceOfAClicklessRepeatShowsTheFirst(t *testing.T) {
	b := openBooks(t)
	b.party(1)
	first := b.hit(hitRow{Account: 1, Kind: hit.Clickless, At: noon, Outcome: attribution.Converted, Route: attribution.OfferURL, Offer: 1})
	b.conversion(first, 1, noon, nil, "1", "1", "EUR", "")
	repeat := b.hit(hitRow{Account: 1, Kind: hit.Clickless, At: noon.Add(time.Second), Outcome: attribution.Duplicate,
		Reason: attribution.DuplicateSameURL, Route: attribution.OfferURL, Offer: 1, DuplicateOf: &first})

	story, err := b.Trace(context.Background(), repeat)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{first, repeat}, hitReceipts(story))
	require.Len(t, story.Conversions, 1)
	require.Nil(t, story.Conversions[0].TransactionID)
}

func TestTraceShowsWhatAHitWaitsForAndHowItDied(t *testing.T) {
	b := openBooks(t)
	transaction := b.idAt(noon)
	waiting := b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon, Outcome: attribution.Waiting,
		Reason: attribution.ClickNotYet, Route: attribution.Global, Transaction: &transaction})
	b.exec(`INSERT INTO waiting_postbacks VALUES ($1, 1, $2, $3)`, transaction, waiting, noon.Add(24*time.Hour))
	failed := b.hit(hitRow{Account: 2, Kind: hit.Postback, At: noon.Add(time.Second), Outcome: attribution.Failed,
		Reason: attribution.HandlerFailed, Route: attribution.Global, Transaction: &transaction})
	b.exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, received_at, payload)
		VALUES ($1, 2, 'postback', 'failed', 'handler_failed', 'it broke', $2, '{}')`, failed, noon)

	story, err := b.Trace(context.Background(), transaction)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{waiting, failed}, hitReceipts(story))
	require.True(t, story.Hits[0].WaitsUntil.Equal(noon.Add(24*time.Hour)))
	require.Nil(t, story.Hits[0].DeadStatus)
	require.Equal(t, store.DeadOpen, *story.Hits[1].DeadStatus)
	require.Equal(t, "it broke", *story.Hits[1].Error)
	require.Equal(t, []int64{1, 2}, []int64{story.Hits[0].AccountID, story.Hits[1].AccountID})
}

func TestTraceFindsAClickThatWasRefused(t *testing.T) {
	b := openBooks(t)
	transaction := b.idAt(noon)
	refused := b.hit(hitRow{Account: 1, Kind: hit.Click, At: noon.Add(time.Millisecond), Outcome: attribution.Rejected,
		Reason: attribution.UnknownPublisher, Transaction: &transaction})
	story, err := b.Trace(context.Background(), transaction)
	require.NoError(t, err)
	require.Empty(t, story.Clicks)
	require.Equal(t, []uuid.UUID{refused}, hitReceipts(story))
}

func TestTraceOfAnUnknownIDIsEmpty(t *testing.T) {
	b := openBooks(t)
	story, err := b.Trace(context.Background(), b.idAt(noon))
	require.NoError(t, err)
	require.Empty(t, story)
}

func hitReceipts(story store.Story) []uuid.UUID {
	var ids []uuid.UUID
	for _, traced := range story.Hits {
		ids = append(ids, traced.ID)
	}
	return ids
}
