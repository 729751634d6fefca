package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/report"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

// begins are the times at which each label begins.
func begins(f report.Filter, by report.By) map[string][]string {
	spans, labels := f.Spans(by)
	found := map[string][]string{}
	for _, span := range spans {
		label := labels[span.Label]
		found[label] = append(found[label], span.Begin.Format("02T15:04"))
	}
	return found
}

func TestDaysAndHoursAreCutWhereTheirZoneCutsThem(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		read, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return read
	}
	for name, test := range map[string]struct {
		from, to, zone string
		by             report.By
		want           map[string][]string
	}{
		"days of UTC": {"2026-03-14T12:00:00Z", "2026-03-16T06:00:00Z", "UTC", report.ByDay,
			map[string][]string{"2026-03-14": {"14T12:00"}, "2026-03-15": {"15T00:00"}, "2026-03-16": {"16T00:00"}}},
		"half an hour": {"2026-03-14T12:00:00Z", "2026-03-15T20:00:00Z", "Asia/Kolkata", "publisher,day",
			map[string][]string{"2026-03-14": {"14T12:00"}, "2026-03-15": {"14T18:30", "15T00:00"}, "2026-03-16": {"15T18:30"}}},
		"three quarters of an hour": {"2026-03-14T18:00:00Z", "2026-03-14T19:00:00Z", "Asia/Kathmandu", report.ByHour,
			map[string][]string{"2026-03-14T23:00:00+05:45": {"14T18:00"}, "2026-03-15T00:00:00+05:45": {"14T18:15"}}},
		"a day of 23 hours": {"2026-03-28T23:00:00Z", "2026-03-29T22:15:00Z", "Europe/Berlin", report.ByDay,
			map[string][]string{"2026-03-29": {"28T23:00", "29T00:00"}, "2026-03-30": {"29T22:00"}}},
		"an hour that comes twice": {"2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", "Europe/Berlin", report.ByHour,
			map[string][]string{"2026-10-25T02:00:00+02:00": {"25T00:00"}, "2026-10-25T02:00:00+01:00": {"25T01:00"}}},
		"no time at all": {"2026-03-14T23:45:00Z", "2026-03-15T00:15:00Z", "Asia/Kolkata", report.ByOffer,
			map[string][]string{"": {"14T23:45", "15T00:00"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filter := report.Filter{From: at(test.from), To: at(test.to), Zone: zoneOf(t, test.zone)}
			require.Equal(t, test.want, begins(filter, test.by))
		})
	}
}

func TestAReportNamesOneOrTwoDimensions(t *testing.T) {
	t.Parallel()
	for _, by := range []report.By{"offer", "day,publisher", "publisher, day", "reason,advertiser", "sub_id,day", "offer,sub_id"} {
		require.NoError(t, by.Check(), by)
	}
	for by, want := range map[report.By]string{
		"":                    "is none of offer, publisher",
		"country":             `"country" is none of`,
		"day,day":             "day is named twice",
		"day,offer,publisher": "at most 2 dimensions",
		"sub_id,hour":         "beside sub_id only offer, publisher, day can be named",
	} {
		require.ErrorContains(t, by.Check(), want, by)
	}
}

// TestAPeriodIsCountedInWholeQuarterHours because roll-ups are kept in them, and from
// where they begin.
func TestAPeriodIsCountedInWholeQuarterHours(t *testing.T) {
	t.Parallel()
	store := &figures{}
	counted, err := report.Reports{Store: store}.Count(t.Context(), report.Filter{From: noon.Add(time.Second), To: noon.Add(time.Minute)}, report.ByOffer)
	require.NoError(t, err)
	require.Equal(t, noon, counted.From)
	require.Equal(t, noon.Add(15*time.Minute), counted.To)
	require.Nil(t, counted.CountedFrom)

	store.rolledUpFrom = noon.Add(-time.Hour + time.Second)
	counted, err = report.Reports{Store: store}.Count(t.Context(), march, report.ByOffer)
	require.NoError(t, err)
	require.Equal(t, march.From, counted.From)
	require.Equal(t, noon.Add(-45*time.Minute), *counted.CountedFrom)
	require.Equal(t, noon.Add(-45*time.Minute), store.given.From, "what is older is not counted in part")
}
