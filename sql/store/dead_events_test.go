package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/outcome"
)

// story returns the events of a dead letter.
func (b *books) story(id uuid.UUID) []dead.Event {
	b.t.Helper()
	events, err := b.DeadEvents(b.t.Context(), id)
	require.NoError(b.t, err)
	return events[id]
}

// kinds returns the kinds of the events, in order of time.
func kinds(events []dead.Event) (kinds []dead.EventKind) {
	for _, event := range events {
		kinds = append(kinds, event.Event)
	}
	return kinds
}

// act does something to every dead letter in its current state.
func (b *books) act(event dead.EventKind) map[uuid.UUID]dead.Status {
	b.t.Helper()
	letters, err := b.DeadLetters(b.t.Context(), dead.Filter{}, dead.OldestFirst, nil, 100)
	require.NoError(b.t, err)
	settled, err := b.SettleDeadLetters(b.t.Context(), letters, dead.Act{ID: uuid.New(), Event: event, By: "ann@desk"})
	require.NoError(b.t, err)
	return settled
}

func TestNoDeathOverwritesTheEventsOfAnEarlierOne(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.clickRecord(noon)
	recorded := r.Decision
	r.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.UnknownToken}
	b.write(r)
	b.act(dead.WasReplayed)
	r.Decision = attribution.Decision{Outcome: outcome.Failed, Reason: outcome.HandlerFailed, AccountID: 1}
	r.Error, r.Attempts = "attempt 6: division by zero", 6
	b.write(r)
	b.act(dead.WasReplayed)
	r.Decision = recorded
	b.write(r)

	story := b.story(r.Hit.ID)
	require.Equal(t, []dead.EventKind{dead.Died, dead.WasReplayed, dead.WasMoved, dead.Died,
		dead.WasReplayed, dead.WasResolved}, kinds(story))
	require.Equal(t, outcome.UnknownToken, story[0].Reason)
	require.Equal(t, "ann@desk", story[1].By)
	require.NotNil(t, story[1].Act)
	require.Zero(t, *story[2].FromAccountID)
	require.EqualValues(t, 1, story[2].AccountID)
	require.Equal(t, "attempt 6: division by zero", story[3].Error)
	require.Equal(t, 6, story[3].Attempts)
	require.Equal(t, outcome.Recorded, story[5].Outcome)
	require.Equal(t, dead.Resolved, dead.StatusAfter(story))
	b.requireStatusesThatFollow()
}

func TestAReplayThatDiedBeforeItWasMarkedStandsBeforeThatDeath(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.clickRecord(noon)
	r.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: 1}
	b.write(r)
	read, err := b.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 1)
	require.NoError(t, err)
	b.write(r) // the worker is faster than the replay
	settled, err := b.SettleDeadLetters(t.Context(), read, replayed)
	require.NoError(t, err)
	require.Empty(t, settled)

	story := b.story(r.Hit.ID)
	require.Equal(t, []dead.EventKind{dead.Died, dead.WasReplayed, dead.Died}, kinds(story))
	require.Equal(t, replayed.Note, story[1].Note)
	b.requireStatusesThatFollow()
	ends, err := b.ReplayEnds(t.Context(), read)
	require.NoError(t, err)
	require.Equal(t, []dead.ReplayEnd{{ID: r.Hit.ID, Event: dead.Died, Outcome: outcome.Rejected, Reason: outcome.OfferPaused}}, ends)

	again, err := b.DeadLetters(t.Context(), dead.Filter{}, dead.OldestFirst, nil, 1)
	require.NoError(t, err)
	ends, err = b.ReplayEnds(t.Context(), again)
	require.NoError(t, err)
	require.Empty(t, ends, "nothing was heard since")
}

func TestAnUndoneLetterIsResolvedWhenItsHitWasConvertedMeanwhile(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	late, lost := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second))
	recorded := late.Decision
	refused := attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: 1}
	late.Decision, lost.Decision = refused, refused
	b.write(late, lost)
	last, err := b.LastDiscard(t.Context())
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, last)
	b.act(dead.WasDiscarded)
	last, err = b.LastDiscard(t.Context())
	require.NoError(t, err)
	chosen, err := b.DeadLetters(t.Context(), dead.Filter{Act: last, State: dead.StateDiscarded}, dead.OldestFirst, nil, 10)
	require.NoError(t, err)
	require.Len(t, chosen, 2)

	late.Decision = recorded
	b.write(late)
	b.write(late)
	b.write(lost)
	require.Equal(t, []dead.EventKind{dead.Died, dead.WasDiscarded, dead.WasResolved}, kinds(b.story(late.Hit.ID)))
	require.Equal(t, []dead.EventKind{dead.Died, dead.WasDiscarded, dead.CopyDied}, kinds(b.story(lost.Hit.ID)))
	b.requireStatusesThatFollow()

	require.Equal(t, map[uuid.UUID]dead.Status{late.Hit.ID: dead.Resolved, lost.Hit.ID: dead.Open}, b.act(dead.WasUndone))
	b.requireStatusesThatFollow()
}

func TestAnUndoneLetterIsOpenWhenTheWaitOfItsHitEndedWithoutAClick(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	r := b.conversionRecord(noon, uuid.New())
	inVain := attribution.Decision{Outcome: outcome.Unmatched, Reason: outcome.ClickNeverCame, AccountID: 1}
	r.Decision = inVain
	b.write(r)
	b.act(dead.WasReplayed)
	b.act(dead.WasDiscarded)
	r.Decision, r.WaitsUntil = attribution.Decision{Outcome: outcome.Waiting, Reason: outcome.ClickNotYet, AccountID: 1}, noon.Add(time.Hour)
	b.write(r)
	r.Decision = inVain
	b.write(r)
	require.Equal(t, []dead.EventKind{dead.Died, dead.WasReplayed, dead.WasDiscarded, dead.WasResolved,
		dead.CopyDied}, kinds(b.story(r.Hit.ID)))

	require.Equal(t, map[uuid.UUID]dead.Status{r.Hit.ID: dead.Open}, b.act(dead.WasUndone))
	b.requireStatusesThatFollow()
}

func TestAReplayWithoutNewsTurnsSilent(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	states := map[dead.State]uuid.UUID{}
	for state, status := range map[dead.State]dead.Status{dead.StateOpen: dead.Open, dead.StateOnTheWay: dead.Replayed,
		dead.StateSilent: dead.Replayed, dead.StateResolved: dead.Resolved, dead.StateDiscarded: dead.Discarded} {
		states[state] = b.dead(1, outcome.OfferPaused, 10, noon)
		b.exec(`UPDATE dead_letters SET status = $2 WHERE id = $1`, states[state], status)
	}
	b.exec(`UPDATE dead_letters SET status_at = now() - interval '61 minutes' WHERE id = $1`, states[dead.StateSilent])

	for state, id := range states {
		letters, err := b.DeadLetters(t.Context(), dead.Filter{State: state}, dead.OldestFirst, nil, 10)
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{id}, receipts(letters), state)
		require.Equal(t, state, letters[0].State)
	}
	for group, want := range map[dead.State][]uuid.UUID{
		dead.StateAttention: {states[dead.StateOpen], states[dead.StateSilent]},
		dead.StateReplayed:  {states[dead.StateOnTheWay], states[dead.StateSilent]},
	} {
		letters, err := b.DeadLetters(t.Context(), dead.Filter{State: group}, dead.NewestFirst, nil, 10)
		require.NoError(t, err)
		require.ElementsMatch(t, want, receipts(letters), group)
	}
	counts, err := b.CountDeadStates(t.Context(), dead.Filter{})
	require.NoError(t, err)
	require.Len(t, counts, len(dead.States()))
}

func TestEventsAreDeletedWithTheirDeadLetter(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	junk, other := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second))
	junk.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.UnknownToken}
	other.Decision = attribution.Decision{Outcome: outcome.Rejected, Reason: outcome.OfferPaused, AccountID: 1}
	b.write(junk, other)
	b.exec(`UPDATE dead_letters SET died_at = now() - interval '31 days'`)
	retention, err := b.Retention(t.Context())
	require.NoError(t, err)
	forgotten, err := b.ForgetDeadLetters(t.Context(), retention)
	require.NoError(t, err)
	require.EqualValues(t, 1, forgotten.UnknownToken)
	require.Empty(t, b.story(junk.Hit.ID))
	require.Len(t, b.story(other.Hit.ID), 1)
}

// beforeDeadLetterEvents is the last version of the schema without them.
const beforeDeadLetterEvents = 13

func TestAnUpgradeMakesEventsOfWhatIsKnownOfDeadLetters(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), beforeDeadLetterEvents)
	require.NoError(t, err)
	letter := func(deaths int, status dead.Status) uuid.UUID {
		id := b.dead(1, outcome.OfferPaused, 10, noon)
		b.exec(`UPDATE dead_letters SET deaths = $2, status = $3, status_at = $4, error = 'why' WHERE id = $1`,
			id, deaths, status, noon.Add(time.Hour))
		return id
	}
	open, resolved, discarded := letter(1, dead.Open), letter(3, dead.Resolved), letter(1, dead.Discarded)
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
	require.Equal(t, []dead.Event{{LetterID: open, At: noon, Event: dead.Died, AccountID: 1,
		Outcome: outcome.Rejected, Reason: outcome.OfferPaused, Error: "why"}}, b.story(open))
	require.Equal(t, []dead.EventKind{dead.Died, dead.WasResolved}, kinds(b.story(resolved)))
	require.Equal(t, "death 3; those before it were not kept", b.story(resolved)[0].Note)
	require.Equal(t, noon.Add(time.Hour), b.story(discarded)[1].At)
	b.requireStatusesThatFollow()
}
