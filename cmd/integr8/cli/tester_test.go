package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/alerts"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/search"
	"integr8/handlers/operate/tester"
	"integr8/pipeline/outcome"
)

// tests runs a test of a way, and demands that it converts.
func (s *system) tests(way tester.Way) (test tester.Test) {
	s.t.Helper()
	s.answers(&test, "test", "--offer", number(s.Offer), "--publisher", number(s.Publisher), "--way", string(way), "--revenue", "10.00")
	require.True(s.t, test.Converted, "%s: %+v", way, test.Steps)
	return test
}

func TestATestConversionIsInNoReport(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.variables["INTEGR8_PUBLIC_URL"] = s.base
	sold := s.get("/", "secure", s.Global, "transaction_id", s.click("sub_id", "summer"), "order_id", "A-1").receipt
	s.becomes(sold, outcome.Converted)
	reported := func(by string) (r report.Report) {
		s.answers(&r, "report", "--by", by)
		return report.Report{Lines: r.Lines, Total: r.Total, Hits: r.Hits}
	}
	before := map[string]report.Report{}
	for _, by := range []string{"offer", "publisher", "day", "sub_id"} {
		before[by] = reported(by)
	}

	for _, way := range tester.Ways() {
		test := s.tests(way)
		steps := 4
		if way == tester.Clickless {
			steps = 2
		}
		require.Len(t, test.Steps, steps, way)
		require.Equal(t, "4", test.Conversion.Revenue.String(), "by the terms of the offer")
		for _, step := range test.Steps {
			require.NotContains(t, step.URL, s.Global)
			require.NotContains(t, step.URL, s.OfferToken)
		}

		var found search.Found
		s.answers(&found, "find", "--order-id", test.OrderID)
		require.Empty(t, found.Hits, way)
		require.Empty(t, found.Conversions, way)
		s.answers(&found, "find", "--order-id", test.OrderID, "--test")
		require.Len(t, found.Hits, 1, way)
		require.Len(t, found.Conversions, 1, way)
		require.True(t, found.Hits[0].Test && found.Conversions[0].Test, way)
		s.answers(&found, "find", "--receipt", found.Hits[0].ID.String())
		require.Len(t, found.Hits, 1, "what is named is asked for")
		_, told, _ := s.command("trace", found.Hits[0].ID.String())
		require.Contains(t, told, "It is a test: no report counts it.", way)
	}

	for by, want := range before {
		require.Equal(t, want, reported(by), by)
	}
	sums, err := s.store.AlertSums(t.Context(), alerts.Window{Account: s.ID, From: time.Now().Add(-time.Hour).Truncate(15 * time.Minute), To: time.Now().Add(time.Hour).Truncate(15 * time.Minute)})
	require.NoError(t, err)
	hits := int64(0)
	for _, sum := range sums {
		hits += sum.Hits
	}
	require.EqualValues(t, 2, hits, "one click and its sale")
	require.Equal(t, 9, s.count("hits"))
	code, stdout, stderr := s.command("rollup", "check")
	require.Zero(t, code, stdout+stderr)
	code, _, stderr = s.command("rollup", "rebuild", "--since", "1h")
	require.Zero(t, code, stderr)
	for by, want := range before {
		require.Equal(t, want, reported(by), "%s, counted anew from the rows", by)
	}

	var rows []search.Hit
	s.answers(&rows, "hits")
	require.Len(t, rows, 2)
	s.answers(&rows, "hits", "--test")
	require.Len(t, rows, 9)
	var conversions []search.Conversion
	s.answers(&conversions, "conversions")
	require.Len(t, conversions, 1)
	s.answers(&conversions, "conversions", "--test")
	require.Len(t, conversions, 5)
}

// Of the doors nothing is taken for granted: without a receiver that takes the mark nothing
// is fired, and the command says what to do.
func TestATestFiresNothingWhereItsMarkDoesNotHold(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	arguments := []string{"test", "--offer", number(s.Offer), "--publisher", number(s.Publisher), "--way", "clickless"}

	s.variables["INTEGR8_DOORS_URL"] = "http://127.0.0.1:1"
	code, _, stderr := s.command(arguments...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "do not answer this process at http://127.0.0.1:1")
	require.Contains(t, stderr, "INTEGR8_DOORS_URL")
	require.NotContains(t, stderr, s.OfferToken)

	methods := make(chan string, 100)
	earlier := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { methods <- r.Method }))
	t.Cleanup(earlier.Close)
	s.variables["INTEGR8_DOORS_URL"] = earlier.URL
	code, _, stderr = s.command(arguments...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "Nothing was fired")
	close(methods)
	for method := range methods {
		require.Equal(t, http.MethodHead, method, "which makes no hit")
	}
	require.Zero(t, s.count("hits"))
}

// The tester says what is wrong with a set-up, as it says it of a real hit.
func TestATestTellsWhyItDoesNotConvert(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	s.variables["INTEGR8_PUBLIC_URL"] = s.base
	run := func(arguments ...string) (test tester.Test, code int, stderr string) {
		code, stdout, stderr := s.command(append([]string{"test", "--json", "--offer", number(s.Offer), "--publisher", number(s.Publisher)}, arguments...)...)
		if stdout != "" {
			require.NoError(t, json.Unmarshal([]byte(stdout), &test))
		}
		return test, code, stderr
	}
	_, code, stderr := run("--way", "offer", "--revenue", "ten")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "revenue")
	_, err := s.db.Exec("UPDATE tokens SET valid_until = now() WHERE offer_id = $1", s.Offer)
	require.NoError(t, err)
	_, code, stderr = run("--way", "offer")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "has no valid token of its own")
	require.Contains(t, stderr, "integr8 token create --account "+number(s.ID)+" --offer "+number(s.Offer))

	s.command("offer", "edit", number(s.Offer), "--payout", "10%", "--revenue", "20%")
	require.Eventually(t, func() bool {
		test, _, _ := run()
		return len(test.Steps) == 4 && test.Steps[3].Reason == outcome.MissingRevenue && test.Steps[3].Hint != "" && !test.Converted
	}, patience, 100*time.Millisecond, "once the worker knows the terms")
	s.command("offer", "edit", number(s.Offer), "--status", "paused")
	require.Eventually(t, func() bool {
		test, _, _ := run()
		return len(test.Steps) == 1 && test.Steps[0].Reason == outcome.OfferPaused && test.Steps[0].Hint != ""
	}, patience, 100*time.Millisecond, "once the receiver knows the pause")
}
