package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/sql/store"
)

func TestHitsAreReadAsFarBackAsTheirPagesAllow(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)
	now := midnight.Add(12 * time.Hour)
	week := now.AddDate(0, 0, -7)
	days := func(pages ...int64) (days []store.DayPages) { // tomorrow, today, yesterday, ...
		for i, n := range pages {
			days = append(days, store.DayPages{Day: midnight.AddDate(0, 0, 1-i), Pages: n})
		}
		return days
	}
	for name, row := range map[string]struct {
		days []store.DayPages
		want time.Time
	}{
		"none":                                {nil, week},
		"few":                                 {days(0, 50, 20, 20, 5, 5, 0, 0, 0, 0), week},
		"too many of today":                   {days(0, 400, 400), now.Add(-3 * time.Hour)},
		"too many of yesterday":               {days(0, 50, 100), midnight.Add(-12 * time.Hour)},
		"too many of the day before":          {days(0, 0, 50, 200, 200), midnight.AddDate(0, 0, -1).Add(-6 * time.Hour)},
		"too many, but of before the time":    {days(0, 0, 0, 0, 0, 0, 0, 0, 0, 10_000), week},
		"too many of the first, after it all": {days(0, 0, 0, 0, 0, 0, 0, 0, 110), week},
		"all full to the page":                {days(0, 50, 50, 1), midnight.AddDate(0, 0, -1)},
		"of a clock that is ahead":            {days(10_000, 50, 20), now.AddDate(0, 0, -7)},
	} {
		require.Equal(t, row.want, store.SincePages(row.days, week, now, 100), name)
	}
}

func TestFewHitsAreAllRead(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	b.hit(hitRow{Account: 1, At: time.Now()})
	b.exec("ANALYZE hits")
	week := time.Now().AddDate(0, 0, -7)
	since, err := b.HitsWithin(t.Context(), week, time.Now(), 1000)
	require.NoError(t, err)
	require.Equal(t, week, since)
	since, err = b.HitsWithin(t.Context(), week, time.Now(), 0)
	require.NoError(t, err)
	require.True(t, since.After(week))
}
