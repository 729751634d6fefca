package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/report"
)

// TestWholeDaysAreThoseOfUTCThatAreOneSpan: in London the days of winter are, and those of
// summer are not, because each begins at 23:00.
func TestWholeDaysAreThoseOfUTCThatAreOneSpan(t *testing.T) {
	t.Parallel()
	london, err := time.LoadLocation("Europe/London")
	require.NoError(t, err)
	byDay := report.Filter{From: time.Date(2026, 3, 27, 12, 0, 0, 0, london), To: time.Date(2026, 10, 27, 0, 0, 0, 0, london), Zone: london}
	spans, names := byDay.Spans(report.ByDay)
	days, labels := wholeDays(spans, byDay.To)
	require.Equal(t, []string{"2026-03-28", "2026-10-25", "2026-10-26"}, days)
	require.Len(t, labels, 213, "from the first to the last")
	require.Equal(t, []string{"2026-03-28", "2026-10-26"}, []string{names[labels[0]], names[labels[212]]})

	spans, _ = byDay.Spans(report.ByOffer)
	days, labels = wholeDays(spans, byDay.To)
	require.Len(t, days, 213, "a report that is not by day is cut at the days of UTC")
	require.Len(t, labels, 213)

	require.Equal(t, []string{"2026-03-27"}, cutDays(spans, days), "it begins at noon")

	days, labels = wholeDays(nil, byDay.To)
	require.Empty(t, cutDays(nil, days))
	require.Empty(t, days)
	require.Empty(t, labels)
}
