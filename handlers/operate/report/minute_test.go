package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func TestMinutesHaveNoGapAndCountEachOutcomeOnce(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	at := func(minute int, of outcome.Outcome, hits int64) MinuteHits {
		return MinuteHits{Minute: begin.Add(time.Duration(minute) * time.Minute), Outcome: of, Hits: hits}
	}
	minutes := minutesOf([]MinuteHits{
		at(0, outcome.Recorded, 10), at(0, outcome.Converted, 3), at(0, outcome.Duplicate, 2),
		at(2, outcome.Rejected, 4), at(2, outcome.Unmatched, 5), at(2, outcome.Failed, 6), at(2, outcome.Waiting, 1),
		at(3, outcome.Converted, 100), at(-1, outcome.Converted, 100),
	}, begin, 3)
	require.Equal(t, []Minute{
		{Begin: begin, Accepted: 15, Converted: 3, Duplicate: 2},
		{Begin: begin.Add(time.Minute)},
		{Begin: begin.Add(2 * time.Minute), Accepted: 16, Rejected: 15},
	}, minutes)
}
