package dead_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/failure"
	"integr8/pipeline/outcome"
	"integr8/sql/store/storetest"
)

// states returns the states of the letters that match a filter.
func (r *record) states(filter dead.Filter) (states []dead.State) {
	r.t.Helper()
	for letter, err := range r.List(r.t.Context(), filter, 0) {
		require.NoError(r.t, err)
		states = append(states, letter.State)
	}
	return states
}

func TestNoDeadLetterDisappearsFromEveryList(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	letters := r.die(5, outcome.OfferPaused)
	for i, status := range []dead.Status{dead.Open, dead.Replayed, dead.Replayed, dead.Resolved, dead.Discarded} {
		r.db.MustExec(`UPDATE dead_letters SET status = $2 WHERE id = $1`, letters[i], status)
	}
	r.db.MustExec(`UPDATE dead_letters SET status_at = now() - interval '2 hours' WHERE id = $1`, letters[2])

	require.ElementsMatch(t, dead.States(), r.states(dead.Filter{}))
	for _, state := range append(dead.States(), dead.StateAttention, dead.StateReplayed) {
		require.ElementsMatch(t, state.States(), r.states(dead.Filter{State: state}), "%s", state)
	}
	left, err := r.LeftOut(t.Context(), dead.Filter{State: dead.StateAttention})
	require.NoError(t, err)
	require.Equal(t, []dead.StateCount{{State: dead.StateOnTheWay, Letters: 1}, {State: dead.StateResolved, Letters: 1}, {State: dead.StateDiscarded, Letters: 1}}, left)
	left, err = r.LeftOut(t.Context(), dead.Filter{})
	require.NoError(t, err)
	require.Empty(t, left)

	silent, err := r.Replay(t.Context(), dead.Filter{State: dead.StateSilent}, ann)
	require.NoError(t, err)
	require.EqualValues(t, 1, silent.Result.Chosen)
	require.EqualValues(t, 1, r.discard(only(letters[2])).Chosen)
}

func TestAListOfManyLettersIsReadPageByPageAndWhole(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	const n = 1100
	r.die(n, outcome.OfferPaused)
	seen := map[uuid.UUID]bool{}
	for letter, err := range r.List(t.Context(), dead.Filter{}, 0) {
		require.NoError(t, err)
		require.Equal(t, outcome.OfferPaused.Hint(), letter.Hint)
		seen[letter.ID] = true
	}
	require.Len(t, seen, n)
	most := 0
	for _, err := range r.List(t.Context(), dead.Filter{}, 600) {
		require.NoError(t, err)
		most++
	}
	require.Equal(t, 600, most)
	reasons, total, err := r.Summary(t.Context(), dead.Filter{})
	require.NoError(t, err)
	require.EqualValues(t, n, total)
	require.Equal(t, outcome.OfferPaused.Hint(), reasons[0].Hint)
	reasons, _, err = r.Summary(t.Context(), dead.Filter{Reason: outcome.WrongOffer})
	require.NoError(t, err)
	require.NotNil(t, reasons, "the JSON of none is an empty list")
}

// TestNoListOfWhatIsNotThereLooksEmpty: an account or an offer that is not there is an
// error, unless dead letters name it.
func TestNoListOfWhatIsNotThereLooksEmpty(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	r.die(1, outcome.UnknownPublisher)
	other := storetest.NewBareAccount(t, r.store, r.keys, "south").ID
	const never = 4711
	for name, filter := range map[string]dead.Filter{
		"there is no account 4711":                                {AccountID: never},
		"there is no offer 4711":                                  {OfferID: never},
		fmt.Sprintf("account %d has no offer %d", other, r.Offer): {AccountID: other, OfferID: r.Offer},
	} {
		refused := func(err error) {
			t.Helper()
			require.EqualError(t, err, name)
			require.ErrorIs(t, err, reference.ErrNotFound)
		}
		_, _, err := r.Summary(t.Context(), filter)
		refused(err)
		listed := 0
		for _, err := range r.List(t.Context(), filter, 10) {
			refused(err)
			listed++
		}
		require.Equal(t, 1, listed)
		_, err = r.Replay(t.Context(), filter, ann)
		refused(err)
		_, err = r.Discard(t.Context(), filter, ann)
		refused(err)
		_, err = r.Undo(t.Context(), filter, ann)
		refused(err)
	}
	require.Empty(t, r.states(dead.Filter{AccountID: r.ID, OfferID: r.Offer, State: dead.StateDiscarded}), "it is there, and none is discarded")

	r.db.MustExec(`UPDATE dead_letters SET offer_id = $1`, never)
	_, total, err := r.Summary(t.Context(), dead.Filter{OfferID: never})
	require.NoError(t, err)
	require.EqualValues(t, 1, total)
	require.Len(t, r.states(dead.Filter{OfferID: never}), 1)
}

func TestWhatIsNoHitIsShownAsItCame(t *testing.T) {
	t.Parallel()
	r := newRecord(t)
	shown, err := r.Show(t.Context(), 0, r.dieUndecodable())
	require.NoError(t, err)
	require.Nil(t, shown.Hit)
	require.Equal(t, "\x00no hit", string(shown.Payload))
	_, err = r.Show(t.Context(), 0, uuid.New())
	require.ErrorContains(t, err, "no dead letter")
	require.Contains(t, failure.Hint(err), "integr8 trace")
}
