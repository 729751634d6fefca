package orders

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
)

// TestFewOffersAreSwitchedAtOnceAndEachOnce: who asks again waits for the same switch, and
// under a version that the offer has no more he is refused.
func TestFewOffersAreSwitchedAtOnceAndEachOnce(t *testing.T) {
	t.Parallel()
	s := &Switches{}
	offer := reference.Offer{ID: 1, OrdersState: reference.OrdersFilling}
	first, begins, err := s.of(t.Context(), offer)
	require.NoError(t, err)
	require.True(t, begins)
	again, begins, err := s.of(reference.Under(t.Context(), reference.Condition{Version: reference.VersionOf(offer)}), offer)
	require.NoError(t, err)
	require.False(t, begins)
	require.Same(t, first, again)
	_, _, err = s.of(reference.Under(t.Context(), reference.Condition{Version: "older"}), offer)
	require.ErrorIs(t, err, reference.ErrChanged)

	for id := int64(2); id <= mostSwitches; id++ {
		_, begins, err = s.of(t.Context(), reference.Offer{ID: id})
		require.NoError(t, err)
		require.True(t, begins)
	}
	_, _, err = s.of(t.Context(), reference.Offer{ID: 99})
	require.ErrorIs(t, err, ErrSwitching)

	failed := errors.New("the database is away")
	s.ended(1, failed)
	<-first.done
	require.Equal(t, failed, again.err)
	_, begins, err = s.of(t.Context(), offer)
	require.NoError(t, err)
	require.True(t, begins, "it may be tried again")
}
