package trace_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// The store reads the record.
var _ trace.Store = (*store.Store)(nil)

// record is a Store with one story, in which every account exists.
type record struct {
	reference.NamedStore
	story   trace.Story
	dropped []time.Time
	events  map[uuid.UUID][]dead.Event
}

func (r record) Account(_ context.Context, id int64) (reference.Account, error) {
	return reference.Account{ID: id}, nil
}
func (r record) Trace(context.Context, uuid.UUID) (trace.Story, error) { return r.story, nil }
func (r record) DeadLetters(context.Context, dead.Filter, dead.Order, *dead.Letter, int) ([]dead.Letter, error) {
	return nil, nil
}
func (r record) DroppedDays(context.Context, time.Time, time.Time) ([]time.Time, error) {
	return r.dropped, nil
}
func (r record) DeadEvents(context.Context, ...uuid.UUID) (map[uuid.UUID][]dead.Event, error) {
	return r.events, nil
}

var (
	noon        = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	transaction = uuid.MustParse("0195957f-0ab7-a1b2-c3d4-e5f600000001")
	first       = uuid.MustParse("0195957f-0ab7-7000-8000-000000000001")
	repeat      = uuid.MustParse("0195957f-0ab7-7000-8000-000000000002")
	refused     = uuid.MustParse("0195957f-0ab7-7000-8000-000000000003")
)

// request is a hit's JSON as a door makes it.
func request(id uuid.UUID, params map[string]string) []byte {
	h := &hit.Hit{ID: id, Kind: hit.Postback, ReceivedAt: noon, Method: "GET", Host: "north.example", Path: "/postback", Params: params}
	encoded, err := h.Encode()
	if err != nil {
		panic(err) // it is constant
	}
	return encoded
}

// sample is the story of a click that two accounts named.
func sample() record {
	offer, publisher, tokenID, deaths := int64(7), int64(8), int64(9), 2
	text, status, none, later := token.TransactionID(transaction).String(), dead.Open, "", noon.Add(time.Hour)
	from, with := "192.0.2.7", "x"
	return record{
		story: trace.Story{
			Clicks: []trace.Click{{TransactionID: text, AccountID: 1, HitID: first, OfferID: 7, PublisherID: 8, ClickedAt: noon, Outcome: outcome.Recorded,
				Destination: "https://shop.example/?a=1&b=<2>", ClientIP: "192.0.2.7", UserAgent: "x", Bot: true, TokenLeaked: true,
				Notes: json.RawMessage(`["cut"]`), Parameters: json.RawMessage(`{"sub_id":"banner"}`)}},
			Hits: []trace.Record{
				{ID: first, AccountID: 1, Kind: hit.Postback, ReceivedAt: noon, Outcome: outcome.Converted, Route: attribution.Global, TokenID: &tokenID, OfferID: &offer,
					PublisherID: &publisher, TransactionID: &text, ConversionID: &first, DecidedAt: noon, Decisions: 1, Notes: json.RawMessage(`[]`),
					Request: request(first, map[string]string{"order_id": "A-1"})},
				{ID: refused, AccountID: 2, Kind: hit.Postback, ReceivedAt: noon, Outcome: outcome.Rejected, Reason: outcome.UnsupportedStatus, Route: attribution.Global,
					TransactionID: &text, DecidedAt: later, Decisions: 2, DeadStatus: &status, DiedAt: &later, Deaths: &deaths, Error: &none, Notes: json.RawMessage(`[]`),
					Request: request(refused, map[string]string{"status": "refunded"})},
				{ID: repeat, AccountID: 1, Kind: hit.Postback, ReceivedAt: noon, Outcome: outcome.Duplicate, Reason: outcome.DuplicateSameURL, Route: attribution.OfferURL,
					TransactionID: &text, DuplicateOf: &first, DecidedAt: noon, Decisions: 1, WaitsUntil: &later, Notes: json.RawMessage(`[]`),
					Request: request(repeat, map[string]string{"order_id": "A-2"})},
			},
			Conversions: []trace.Conversion{{ID: first, AccountID: 1, TransactionID: &text, OfferID: 7, PublisherID: 8, Event: "conversion", Status: "approved",
				Method: hit.Postback, Route: attribution.Global, Revenue: decimal.RequireFromString("4"), Payout: decimal.RequireFromString("2.5"), Currency: "USD",
				ConvertedAt: noon, ClickedAt: &noon, ClickIP: &from, ClickUserAgent: &with, Parameters: json.RawMessage(`{"order_id":"A-1"}`)}},
		},
		events: map[uuid.UUID][]dead.Event{refused: {
			{LetterID: refused, At: noon, Event: dead.Died, AccountID: 2, Outcome: outcome.Rejected, Reason: outcome.UnsupportedStatus},
			{LetterID: refused, At: later, Event: dead.WasReplayed, AccountID: 2, Act: &first, By: "ann@desk", Note: "again"},
		}},
	}
}

// TestTheJSONOfATraceStays compares it with the form that scripts read: the whole
// story, that of a receipt, and the part of one account.
func TestTheJSONOfATraceStays(t *testing.T) {
	t.Parallel()
	traces := trace.Traces{Store: sample()}
	for name, asked := range map[string]struct {
		id      uuid.UUID
		account int64
	}{"transaction": {transaction, 0}, "receipt": {repeat, 0}, "account": {transaction, 2}} {
		story, err := traces.Of(t.Context(), asked.id, asked.account)
		require.NoError(t, err)
		read, err := os.ReadFile("testdata/" + name + ".json")
		require.NoError(t, err)
		// Without the hint of the reason, which may be worded anew.
		want := strings.ReplaceAll(string(read), "{{unsupported_status}}", outcome.UnsupportedStatus.Hint())
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		require.NoError(t, encoder.Encode(story))
		require.Equal(t, want, got.String(), name)
	}
}

func TestAStoryNeverMixesAccounts(t *testing.T) {
	t.Parallel()
	traces := trace.Traces{Store: sample()}
	story, err := traces.Of(t.Context(), transaction, 0)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, story.Accounts, "the click's owner first")
	var owners []int64
	for _, one := range story.Hits {
		owners = append(owners, one.AccountID)
	}
	require.Equal(t, []int64{1, 1, 2}, owners)

	story, err = traces.Of(t.Context(), transaction, 2)
	require.NoError(t, err)
	require.Empty(t, story.Clicks)
	require.Empty(t, story.Conversions)
	require.Len(t, story.Hits, 1)
	var unknown *trace.UnknownError
	_, err = traces.Of(t.Context(), transaction, 3)
	require.ErrorAs(t, err, &unknown, "another account is not told of it")
}

// TestTheStoryOfAnAccountThatIsNotThereIsAnError asks a real database.
func TestTheStoryOfAnAccountThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	_, err := trace.Traces{Store: storetest.Open(t)}.Of(t.Context(), transaction, 9)
	var missing *reference.NotFoundError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, reference.NotFoundError{Object: reference.AccountObject, ID: 9}, *missing)
}

// TestAnUnknownIDSaysWhatItItselfShows asks a real database.
// TestAConversionAloneIsAStory: retention has dropped its click and its hits, and the trace
// says so.
func TestAConversionAloneIsAStory(t *testing.T) {
	t.Parallel()
	gone := sample()
	gone.story.Clicks, gone.story.Hits, gone.dropped = nil, nil, []time.Time{noon}
	for _, id := range []uuid.UUID{transaction, first} {
		story, err := trace.Traces{Store: gone}.Of(t.Context(), id, 0)
		require.NoError(t, err)
		require.Equal(t, []int64{1}, story.Accounts)
		require.Len(t, story.Conversions, 1)
		require.Equal(t, token.TransactionID(transaction).String(), *story.TransactionID)
		require.Equal(t, id == first, story.Receipt != nil)
		require.NotEmpty(t, story.DroppedDays)
	}
	_, err := trace.Traces{Store: record{dropped: []time.Time{noon}}}.Of(t.Context(), transaction, 0)
	require.ErrorContains(t, err, "retention has dropped the clicks and hits of "+token.TransactionID(transaction).Time().Format(time.DateOnly))
}

func TestAnUnknownIDSaysWhatItItselfShows(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t)
	keys, err := token.ParseKeys("a service secret for tests")
	require.NoError(t, err)
	says := func(traces trace.Traces, id uuid.UUID, text, hint string) {
		t.Helper()
		_, err := traces.Of(t.Context(), id, 0)
		var unknown *trace.UnknownError
		require.ErrorAs(t, err, &unknown)
		require.Equal(t, id, unknown.ID)
		require.ErrorContains(t, err, text)
		require.Contains(t, failure.Hint(err), hint)
	}
	with, without := trace.Traces{Store: db, Keys: keys}, trace.Traces{Store: db}
	genuine := keys.Mint(noon).UUID()
	for genuine.Version() == 7 { // it looks like a receipt
		genuine = keys.Mint(noon).UUID()
	}
	says(with, genuine, "is genuine and was issued at 2026-03-14 12:00:00 UTC", "queue")
	says(without, genuine, "if the transaction_id is genuine, it was issued at 2026-03-14 12:00:00 UTC", "queue")
	forged := genuine
	forged[15]++
	says(with, forged, "not a transaction_id of this system", "copied whole")
	says(with, uuid.Must(uuid.NewV7()), "if it is a receipt, it was given at ", "queue")
	says(without, uuid.Max, "it was not made here", "copied whole")

	odd := uuid.Must(uuid.NewV7())
	require.NoError(t, db.WriteUndecodable(t.Context(), attribution.Undecodable{ID: odd, Payload: []byte("no hit")}))
	says(with, odd, "known only as a dead letter (undecodable)", "`integr8 dead show "+odd.String()+"`")

	// The dead letter is no account's: to one it is as if there were none.
	account := storetest.NewBareAccount(t, db, keys, "other")
	_, err = with.Of(t.Context(), odd, account.ID)
	require.ErrorContains(t, err, "nothing is known of")
	require.NotContains(t, err.Error()+failure.Hint(err), "dead")
}

// TestFailedAttemptsAloneAreAStory of the account whose hit it is; one whose account is not
// known is shown to nobody but the operators.
func TestFailedAttemptsAloneAreAStory(t *testing.T) {
	t.Parallel()
	attempt := trace.Attempt{HitID: first, TransactionID: uuid.NullUUID{UUID: transaction, Valid: true}, AccountID: 1, Kind: hit.Postback, Attempt: 1, FailedAt: noon}
	traces := trace.Traces{Store: record{story: trace.Story{Attempts: []trace.Attempt{attempt}}}}
	for _, account := range []int64{0, 1} {
		story, err := traces.Of(t.Context(), first, account)
		require.NoError(t, err)
		require.Equal(t, []trace.Attempt{attempt}, story.FailedAttempts)
		require.Equal(t, first, *story.Receipt)
		require.Equal(t, token.TransactionID(transaction).String(), *story.TransactionID)
		require.Equal(t, []int64{1}, story.Accounts)
	}
	var unknown *trace.UnknownError
	_, err := traces.Of(t.Context(), first, 2)
	require.ErrorAs(t, err, &unknown)

	attempt.AccountID = 0
	decided := sample()
	decided.story.Attempts = []trace.Attempt{attempt}
	story, err := trace.Traces{Store: decided}.Of(t.Context(), first, 1)
	require.NoError(t, err)
	require.Equal(t, []int64{1}, []int64{story.FailedAttempts[0].AccountID}, "known since the hit has its row")
	story, err = trace.Traces{Store: decided}.Of(t.Context(), transaction, 2)
	require.NoError(t, err)
	require.Empty(t, story.FailedAttempts)
}
