package retention_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/retention"
	"integr8/sql/store/storetest"
)

const day = 24 * time.Hour

func TestClicksAreNotDroppedWhileTheyAreNeeded(t *testing.T) {
	t.Parallel()
	times := retention.Times{retention.Hits: 31 * day}
	require.NoError(t, times.Covers(30*day, 7, day))
	require.NoError(t, retention.Times{}.Covers(1000*day, 7, day), "kept for ever")
	err := times.Covers(31*day, 7, day)
	require.EqualError(t, err, "clicks and hits kept for 31d are dropped before offer 7's attribution window of 31d and the late-click window of 1d are over")
	var short *retention.TooShortError
	require.ErrorAs(t, err, &short)
	require.Equal(t, 32*day, short.Needed())
}

func TestARetentionThatIsTooShortIsRefusedWhole(t *testing.T) {
	t.Parallel()
	retentions := retention.Retentions{Store: storetest.Open(t), LateClicks: 2 * day}
	before, err := retentions.Show(t.Context())
	require.NoError(t, err)
	_, err = retentions.Set(t.Context(), retention.Times{retention.Hits: day, retention.ClosedDeadLetters: day})
	var short *retention.TooShortError
	require.ErrorAs(t, err, &short)
	_, err = retentions.Set(t.Context(), retention.Times{retention.Hits: 100*day + time.Millisecond})
	require.EqualError(t, err, "hits: 2400h0m0.001s is not a whole number of seconds")
	after, err := retentions.Show(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, after)

	set, err := retentions.Set(t.Context(), retention.Times{retention.Hits: 100 * day, retention.ClosedDeadLetters: 0})
	require.NoError(t, err)
	text, err := json.Marshal(set[:2])
	require.NoError(t, err)
	require.Equal(t, `[{"name":"hits","seconds":8640000,"keeps":"100d","of":"clicks and hits, by whole days from their receipt; conversions are kept for ever"},`+
		`{"name":"closed_dead_letters","seconds":0,"keeps":"for ever","of":"dead letters resolved, discarded or replayed, from then on"}]`, string(text))
}
