package spool_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/books"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

func TestAStatementSaysHowManyHitsAreSpooledAndTheyKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	w.put(30)
	statement, err := w.queue.State(t.Context(), hit.TopicClicks)
	require.Error(t, err, "the broker is away")
	require.EqualValues(t, 10, statement.UpTo)
	require.EqualValues(t, 10, statement.Spooled)
	require.EqualValues(t, 30, w.log.State().Records, "a statement takes no place on disk")

	w.run()
	w.comeBack()
	w.empties()
	statement, err = w.queue.State(t.Context(), hit.TopicClicks)
	require.NoError(t, err)
	require.EqualValues(t, 10, statement.UpTo, "nobody has heard it yet")
	require.Zero(t, statement.After)
	require.Zero(t, statement.Spooled)
	arrived := w.take(hit.TopicClicks, 11)
	for i, msg := range arrived[:10] {
		h, err := hit.Decode(msg.Payload)
		require.NoError(t, err)
		require.EqualValues(t, i+1, h.Number)
		require.Equal(t, statement.Incarnation, h.Incarnation)
	}
	said, err := books.DecodeStatement(arrived[10].Payload)
	require.NoError(t, err)
	require.Equal(t, statement, said)
}

func TestAHitThatIsNotDurableIsNotPromised(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{MaxBytes: -1})
	require.ErrorIs(t, w.queue.Put(context.Background(), newHit(1)), spool.ErrFull)
	w.comeBack()
	numbers := int64(1)
	require.Eventually(t, func() bool { // a broker that is slow to confirm withdraws one more
		numbers++
		return w.queue.Put(context.Background(), newHit(1)) == nil
	}, testTimeout, 5*time.Millisecond)
	statement, err := w.queue.State(t.Context(), hit.TopicPostbacks)
	require.NoError(t, err)
	require.EqualValues(t, numbers, statement.UpTo)
	require.Equal(t, []books.Span{{First: 1, Last: numbers - 1}}, statement.Withdrawn)
}

func TestAHomeKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	first, err := spool.Identify(home)
	require.NoError(t, err)
	again, err := spool.Identify(home)
	require.NoError(t, err)
	require.Equal(t, first, again)
	other, err := spool.Identify(t.TempDir())
	require.NoError(t, err)
	require.NotEqual(t, first, other)
	without, err := spool.Identify(home + "/missing")
	require.Error(t, err)
	require.NotZero(t, without, "a receiver starts all the same")
}
