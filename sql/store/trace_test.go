package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// converted writes a click, the postback that converted it, and a repeat
// through the other URL.
func converted(b *books) (transaction, click, first, repeat uuid.UUID) {
	transaction, click = b.click(1, noon, "banner")
	first = b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon.Add(time.Minute), Outcome: outcome.Converted,
		Route: attribution.Global, Offer: 1, Transaction: &transaction})
	b.exec(`UPDATE hits SET conversion_id = id WHERE id = $1`, first)
	b.conversion(first, 1, noon.Add(time.Minute), &transaction, "12.345678", "0.1", "USD", "banner")
	repeat = b.hit(hitRow{Account: 1, Kind: hit.Pixel, At: noon.Add(2 * time.Minute), Outcome: outcome.Duplicate,
		Reason: outcome.DuplicateOtherURL, Route: attribution.OfferURL, Offer: 1, Transaction: &transaction, DuplicateOf: &first})
	return transaction, click, first, repeat
}

func TestTraceShowsAClickWhoseStoredFormCannotBeRead(t *testing.T) {
	t.Parallel()
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

func TestTraceShowsTheStoryOfATransactionInOrder(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	transaction, click, first, repeat := converted(b)
	converted(b.writer(1000)) // another click, told apart

	story, err := b.Trace(context.Background(), transaction)
	require.NoError(t, err)
	require.Len(t, story.Clicks, 1)
	require.Equal(t, click, story.Clicks[0].HitID)
	require.Equal(t, outcome.Recorded, story.Clicks[0].Outcome)
	require.Contains(t, story.Clicks[0].Destination, token.TransactionID(transaction).String())
	require.Equal(t, "192.0.2.7", story.Clicks[0].ClientIP)
	require.JSONEq(t, `{"sub_id": "banner"}`, string(story.Clicks[0].Parameters))

	require.Equal(t, []uuid.UUID{first, repeat}, hitReceipts(story))
	require.Equal(t, &first, story.Hits[0].ConversionID)
	require.Equal(t, &first, story.Hits[1].DuplicateOf)
	require.Equal(t, token.TransactionID(transaction).String(), *story.Hits[1].TransactionID)

	require.Len(t, story.Conversions, 1)
	require.Equal(t, "12.345678", story.Conversions[0].Revenue.String())
	require.Equal(t, "0.1", story.Conversions[0].Payout.String())
	require.JSONEq(t, `{"order_id": "A-1", "sub_id": "banner", "conversion_ip": "2001:db8::1"}`,
		string(story.Conversions[0].Parameters))
}

func TestTraceOfAReceiptShowsTheWholeStory(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
	b := openBooks(t)
	b.party(1)
	first := b.hit(hitRow{Account: 1, Kind: hit.Clickless, At: noon, Outcome: outcome.Converted, Route: attribution.OfferURL, Offer: 1})
	b.conversion(first, 1, noon, nil, "1", "1", "EUR", "")
	repeat := b.hit(hitRow{Account: 1, Kind: hit.Clickless, At: noon.Add(time.Second), Outcome: outcome.Duplicate,
		Reason: outcome.DuplicateSameURL, Route: attribution.OfferURL, Offer: 1, DuplicateOf: &first})

	story, err := b.Trace(context.Background(), repeat)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{first, repeat}, hitReceipts(story))
	require.Len(t, story.Conversions, 1)
	require.Nil(t, story.Conversions[0].TransactionID)
}

func TestTraceShowsWhatAHitWaitsForAndHowItDied(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	transaction := b.idAt(noon)
	waiting := b.hit(hitRow{Account: 1, Kind: hit.Postback, At: noon, Outcome: outcome.Waiting,
		Reason: outcome.ClickNotYet, Route: attribution.Global, Transaction: &transaction})
	b.exec(`INSERT INTO waiting_postbacks VALUES ($1, 1, $2, $3)`, transaction, waiting, noon.Add(24*time.Hour))
	failed := b.hit(hitRow{Account: 2, Kind: hit.Postback, At: noon.Add(time.Second), Outcome: outcome.Failed,
		Reason: outcome.HandlerFailed, Route: attribution.Global, Transaction: &transaction})
	b.exec(`INSERT INTO dead_letters (id, account_id, kind, outcome, reason, error, received_at, payload)
		VALUES ($1, 2, 'postback', 'failed', 'handler_failed', 'it broke', $2, '{}')`, failed, noon)

	story, err := b.Trace(context.Background(), transaction)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{waiting, failed}, hitReceipts(story))
	require.True(t, story.Hits[0].WaitsUntil.Equal(noon.Add(24*time.Hour)))
	require.Nil(t, story.Hits[0].DeadStatus)
	require.Equal(t, dead.Open, *story.Hits[1].DeadStatus)
	require.Equal(t, "it broke", *story.Hits[1].Error)
	require.Equal(t, []int64{1, 2}, []int64{story.Hits[0].AccountID, story.Hits[1].AccountID})
}

func TestTraceFindsAClickThatWasRefused(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	transaction := b.idAt(noon)
	refused := b.hit(hitRow{Account: 1, Kind: hit.Click, At: noon.Add(time.Millisecond), Outcome: outcome.Rejected,
		Reason: outcome.UnknownPublisher, Transaction: &transaction})
	story, err := b.Trace(context.Background(), transaction)
	require.NoError(t, err)
	require.Empty(t, story.Clicks)
	require.Equal(t, []uuid.UUID{refused}, hitReceipts(story))
}

// TestTraceFindsAConversionWhenItsClickAndHitsAreGone: by the transaction_id and by the
// receipt, with what the conversion itself keeps.
func TestTraceFindsAConversionWhenItsClickAndHitsAreGone(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	transaction, _, first, _ := converted(b)
	b.exec(`UPDATE conversions SET clicked_at = $1, click_ip = '192.0.2.7', click_user_agent = 'agent', device_id = 'phone', purchase_value = 99.95`, noon)
	require.ElementsMatch(t, []string{"clicks_20260314", "hits_20260314"}, b.dropDays(noon.AddDate(0, 0, 2)))

	for _, id := range []uuid.UUID{transaction, first} {
		story, err := b.Trace(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, story.Clicks)
		require.Empty(t, story.Hits)
		require.Len(t, story.Conversions, 1, id)
		found := story.Conversions[0]
		require.Equal(t, []any{"192.0.2.7", "agent"}, []any{*found.ClickIP, *found.ClickUserAgent})
		require.True(t, found.ClickedAt.Equal(noon))
		require.JSONEq(t, `{"order_id": "A-1", "sub_id": "banner", "conversion_ip": "2001:db8::1", "device_id": "phone", "purchase_value": "99.95"}`,
			string(found.Parameters))
	}
}

func TestTraceOfAnUnknownIDIsEmpty(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	story, err := b.Trace(context.Background(), b.idAt(noon))
	require.NoError(t, err)
	require.Empty(t, story)
}

func hitReceipts(story trace.Story) []uuid.UUID {
	var ids []uuid.UUID
	for _, traced := range story.Hits {
		ids = append(ids, traced.ID)
	}
	return ids
}

// TestTraceShowsTheFailedAttemptsAtAHitThatHasNoRow, by its receipt and by the
// transaction_id that it names.
func TestTraceShowsTheFailedAttemptsAtAHitThatHasNoRow(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	transaction, _ := b.click(1, noon, "")
	named, alone := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	first := trace.Attempt{HitID: named, TransactionID: uuid.NullUUID{UUID: transaction, Valid: true}, AccountID: 1, Kind: hit.Postback,
		Queue: hit.TopicPostbacks, Attempt: 1, Error: "deadlock detected", FailedAt: noon, NextAt: noon.Add(time.Second)}
	second := first
	second.Attempt, second.FailedAt, second.NextAt = 2, noon.Add(time.Second), noon.Add(time.Minute)
	other := trace.Attempt{HitID: alone, AccountID: 2, Kind: hit.Clickless, Queue: hit.TopicPostbacks, Attempt: 1, Error: "x", FailedAt: noon, NextAt: noon}
	require.NoError(t, b.AddAttempts(t.Context(), []trace.Attempt{second, other, first}))
	for id, want := range map[uuid.UUID][]trace.Attempt{named: {first, second}, transaction: {first, second}, alone: {other}} {
		story, err := b.Trace(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, story.Attempts))
		require.Len(t, story.Clicks, map[bool]int{true: 1}[id != alone], "of the transaction_id that it names")
	}
	story, err := b.Trace(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Empty(t, story.Attempts)
}

func TestFailedAttemptsAreForgottenAfterTheirTime(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	const kept = 30 * 24 * time.Hour
	var attempts []trace.Attempt
	for i := range 1200 {
		at := time.Now().Add(-kept - time.Hour)
		if i == 7 {
			at = at.Add(2 * time.Hour)
		}
		attempts = append(attempts, trace.Attempt{HitID: uuid.New(), Kind: hit.Postback, Queue: "q", Attempt: i, FailedAt: at, NextAt: at})
	}
	require.NoError(t, b.AddAttempts(t.Context(), attempts))
	require.NoError(t, b.ForgetAttempts(t.Context(), kept))
	var left []int
	require.NoError(t, b.db.Select(&left, "SELECT attempt FROM failed_attempts"))
	require.Equal(t, []int{7}, left)
}
