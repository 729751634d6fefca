package search

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// TestTheJSONOfRowsStaysAsItWas: scripts read these objects.
func TestTheJSONOfRowsStaysAsItWas(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 535897000, time.UTC)
	id := uuid.MustParse("0195957f-0ab7-7000-8000-000000000001")
	transaction, order, one := "0195957f0ab7a1b2c3d4e5f600000001", "A <1>", int64(7)
	h := Hit{ID: id, AccountID: 3, Kind: hit.Postback, ReceivedAt: at, Outcome: outcome.Duplicate, Reason: outcome.DuplicateSameURL, TokenID: &one,
		OfferID: &one, PublisherID: &one, TransactionID: &transaction, ConversionID: &id, DuplicateOf: &id, DecidedAt: at, Decisions: 1,
		Request: []byte(`{"client_ip":"192.0.2.7","user_agent":"x","params":{"order_id":"A <1>"},"notes":["cut"]}`)}
	h.read()
	h.Hint = "a hint"
	odd := Hit{ID: id, Kind: hit.Click, ReceivedAt: at, Outcome: outcome.Recorded, DecidedAt: at, Decisions: 1, Request: []byte(`[]`)}
	odd.read()
	c := Conversion{ID: id, AccountID: 3, TransactionID: &transaction, OfferID: 7, PublisherID: 8, Event: "conversion", Status: "approved",
		Revenue: decimal.RequireFromString("4"), Payout: decimal.RequireFromString("2.5"), Currency: "USD", Method: hit.Postback, Route: "global",
		ConvertedAt: at, OrderID: &order, PurchaseValue: decimal.NewNullDecimal(decimal.RequireFromString("99.95")), ClickedAt: &at}
	for name, value := range map[string]any{"hits": []Hit{h, odd}, "conversions": []Conversion{c}} {
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		require.NoError(t, encoder.Encode(value))
		file := filepath.Join("testdata", name+".json")
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), got.String(), name)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add(Behind(uuid.MustParse("0195957f-0ab7-7000-8000-000000000001")).String())
	f.Add("AQGiH3Oae30fhTrOVzUXPsV")
	f.Fuzz(func(t *testing.T, text string) {
		var c Cursor
		if err := c.UnmarshalText([]byte(text)); err != nil {
			require.ErrorIs(t, err, ErrCursor)
		} else if !c.IsZero() {
			require.Equal(t, text, c.String(), "one cursor has one text")
		}
	})
}
