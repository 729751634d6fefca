package audit_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/audit"
	"integr8/pipeline/books"
)

// table holds rows by the time of their receiver.
type table struct {
	kept
	rows map[time.Time]audit.Numbered
}

func (r *table) FirstHitDay(context.Context) (time.Time, bool, error) {
	return now.Truncate(24*time.Hour).AddDate(0, 0, -1), true, nil
}

func (r *table) EachNumber(_ context.Context, from, to time.Time, use func(audit.Numbered)) error {
	for at, row := range r.rows {
		if !at.Before(from) && at.Before(to) {
			use(row)
		}
	}
	return nil
}

func (r *table) RemovedNumbers(context.Context) ([]books.Block, error) { return nil, nil }

func (r *table) ConversionDifferences(context.Context, time.Time, time.Time, int) ([]audit.ConversionDifference, error) {
	return nil, nil
}

func TestARowIsFoundWhoseReceiversClockIsAheadOrBehind(t *testing.T) {
	t.Parallel()
	r := &table{kept: kept{streams: []*books.Stream{stream()}}, rows: map[time.Time]audit.Numbered{}}
	for number := int64(1); number <= 100; number++ {
		at := now.Add(time.Duration(number-50) * 3 * time.Minute)
		r.rows[at] = audit.Numbered{Receipt: uuid.New(), Incarnation: 7, Topic: r.streams[0].Topic, Number: number}
	}
	compare := func() audit.Comparison {
		t.Helper()
		done := 0.0
		c, err := audit.Compare(t.Context(), r, time.Time{}, func(share float64) { done = share })
		require.NoError(t, err)
		require.EqualValues(t, 1, done)
		return c
	}
	c := compare()
	require.EqualValues(t, 100, c.Rows, "each once")
	require.NoError(t, c.Err(), "%+v", c)
	delete(r.rows, now.Add(150*time.Minute))
	c = compare()
	require.EqualValues(t, 1, c.Deleted)
	require.EqualValues(t, 100, c.Differences[0].First)
}
