package spool_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

// Refused hits use no space that accepted hits need, whatever happens to the broker; a
// click on a paused link is a visit all the same.
func TestARefusedHitIsNeverSpooled(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	for _, kind := range []hit.Kind{hit.Postback, hit.Pixel, hit.Clickless} {
		h := newHit(1)
		h.Kind, h.Refusal = kind, outcome.InvalidAmount
		require.Error(t, w.queue.Put(t.Context(), h))
	}
	require.Zero(t, w.log.State().Records)
	paused := newHit(3)
	paused.Refusal = outcome.OfferPaused
	require.NoError(t, w.queue.Put(t.Context(), paused))
	require.EqualValues(t, 1, w.log.State().Records)

	w.comeBack()
	h := newHit(1)
	h.Refusal = outcome.InvalidAmount
	require.NoError(t, w.queue.Put(t.Context(), h))
	require.Equal(t, []string{h.ID.String()}, w.arrived(hit.TopicPostbacks, 1))
}

// While the broker is away a stranger's hits are stored like a customer's, but they
// leave space for those of customers.
func TestAFloodOfOneNetworkDoesNotFillTheSpoolForOthers(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{MaxBytes: 100_000})
	from := func(address string) error {
		h := newHit(1)
		h.ClientIP = address
		return w.queue.Put(t.Context(), h)
	}
	require.NoError(t, from("203.0.113.1"))
	flood := 0
	for from("198.51.100.7") == nil {
		flood++
	}
	require.ErrorIs(t, from("198.51.100.8"), spool.ErrFull, "one network")
	require.NoError(t, w.log.Err())
	require.Greater(t, flood, 100)
	for range flood / 20 {
		require.NoError(t, from("203.0.113.1"))
	}
	require.NoError(t, from("2001:db8::1"))
}
