package cli

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store"
)

// converted writes postbacks that converted, and returns their receipts, the newest first.
func (p *program) converted(n int) []string {
	p.t.Helper()
	db, err := store.Open(p.environment["DATABASE_URL"])
	require.NoError(p.t, err)
	defer db.Close()
	var receipts []string
	records := make([]*attribution.Record, n)
	for i := range records {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), ClientIP: "192.0.2.7",
			Params: map[string]string{"order_id": fmt.Sprintf("=%d", i)}}
		request, err := h.Encode()
		require.NoError(p.t, err)
		records[i] = &attribution.Record{Hit: h, Request: request, Details: attribution.Details{OrderID: h.Params["order_id"]},
			Decision: attribution.Decision{Outcome: outcome.Converted, AccountID: 1, OfferID: 1, PublisherID: 1, Conversion: &attribution.Conversion{
				DedupKey: uuid.New(), Event: "conversion", Status: "approved", Method: hit.Postback, Revenue: decimal.RequireFromString("4.000001"),
				Payout: decimal.RequireFromString("2.5"), Currency: "USD"}}}
		receipts = append(receipts, h.ID.String())
	}
	require.NoError(p.t, db.Write(p.t.Context(), records))
	slices.SortFunc(receipts, func(a, b string) int { return strings.Compare(b, a) })
	return receipts
}

var cursorOf = regexp.MustCompile(`--cursor (\S+)`)

// TestAListGoesOnByItsCursor: each part says where the next begins, and the parts of a CSV
// are one CSV.
func TestAListGoesOnByItsCursor(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	receipts := p.converted(7)
	for _, command := range []string{"hits", "conversions"} {
		var whole strings.Builder
		args := []string{command, "--csv", "--limit", "3"}
		for part := 0; ; part++ {
			got := p.run(args...)
			require.Equal(t, exitOK, got.code, got.stderr)
			whole.WriteString(got.stdout)
			next := cursorOf.FindStringSubmatch(got.stderr)
			if next == nil {
				require.Equal(t, 2, part, "seven rows are three parts")
				break
			}
			args = []string{command, "--csv", "--limit", "3", "--cursor", next[1]}
		}
		read, err := csv.NewReader(strings.NewReader(whole.String())).ReadAll()
		require.NoError(t, err)
		var got []string
		for _, line := range read[1:] {
			got = append(got, line[0])
			require.Regexp(t, `^'=\d$`, line[slices.Index(read[0], "order_id")])
		}
		require.Equal(t, receipts, got)
	}
}

func TestListsOfRows(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	receipts := p.converted(3)

	hits := p.list("hits", "--outcome", "converted", "--account", "1", "--since", "1h")
	require.Len(t, hits, 3)
	for _, key := range []string{"receipt", "kind", "outcome", "reason", "hint", "notes", "transaction_id", "conversion_id", "duplicate_of"} {
		require.Contains(t, hits[0], key)
	}
	conversions := p.list("conversions", "--order-id", "=1")
	require.Len(t, conversions, 1)
	for _, key := range []string{"id", "transaction_id", "offer", "publisher", "event", "status", "revenue", "payout", "currency", "method"} {
		require.Contains(t, conversions[0], key)
	}
	require.Equal(t, "4.000001", conversions[0]["revenue"])
	require.Empty(t, p.list("hits", "--kind", "pixel"))
	require.Contains(t, p.succeed("hits"), receipts[0])
	require.Contains(t, p.succeed("conversions"), "4.000001")

	for _, wrong := range [][]string{{"--cursor", "x"}, {"--limit", "-1"}, {"--json", "--csv"}, {"--kind", "visit"}, {"--reason", "nothing"}} {
		require.Equal(t, exitUsage, p.run(append([]string{"hits"}, wrong...)...).code, wrong)
	}
	got := p.run("hits", "--account", "77")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "hint:")
}
