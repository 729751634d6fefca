package store_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// story reads what happened to a dead letter.
func (b *books) story(id uuid.UUID) []store.DeadEvent {
	b.t.Helper()
	events, err := b.DeadEvents(b.t.Context(), id)
	require.NoError(b.t, err)
	return events[id]
}

// kinds lists what happened, in order of time.
func kinds(events []store.DeadEvent) (kinds []store.DeadEventKind) {
	for _, event := range events {
		kinds = append(kinds, event.Event)
	}
	return kinds
}

// act does something to every dead letter as it stands.
func (b *books) act(event store.DeadEventKind) map[uuid.UUID]store.DeadStatus {
	b.t.Helper()
	letters, err := b.DeadLetters(b.t.Context(), store.DeadFilter{}, store.OldestDeath, nil, 100)
	require.NoError(b.t, err)
	settled, err := b.SettleDeadLetters(b.t.Context(), letters, store.DeadAct{ID: uuid.New(), Event: event, By: "ann@desk"})
	require.NoError(b.t, err)
	return settled
}

func TestNoDeathOverwritesTheStoryOfTheOneBefore(t *testing.T) {
	b := openBooks(t)
	r := b.clickRecord(noon)
	recorded := r.Decision
	r.Decision = attribution.Decision{Outcome: attribution.Rejected, Reason: attribution.UnknownToken}
	b.write(r)
	b.act(store.DeadWasReplayed)
	r.Decision = attribution.Decision{Outcome: attribution.Failed, Reason: attribution.HandlerFailed, AccountID: 1}
	r.Error, r.Attempts = "attempt 6: division by zero", 6
	b.write(r)
	b.act(store.DeadWasReplayed)
	r.Decision = recorded
	b.write(r)

	story := b.story(r.Hit.ID)
	require.Equal(t, []store.DeadEventKind{store.DeadDied, store.DeadWasReplayed, store.DeadMoved, store.DeadDied,
		store.DeadWasReplayed, store.DeadWasResolved}, kinds(story))
	require.Equal(t, attribution.UnknownToken, story[0].Reason)
	require.Equal(t, "ann@desk", story[1].By)
	require.NotNil(t, story[1].Act)
	require.Zero(t, *story[2].FromAccountID)
	require.EqualValues(t, 1, story[2].AccountID)
	require.Equal(t, "attempt 6: division by zero", story[3].Error)
	require.Equal(t, 6, story[3].Attempts)
	require.Equal(t, attribution.Recorded, story[5].Outcome)
	require.Equal(t, store.DeadResolved, store.StatusAfter(story))
	b.requireStatusesThatFollow()
}

func TestAReplayThatDiedBeforeItWasMarkedStandsBeforeThatDeath(t *testing.T) {
	b := openBooks(t)
	r := b.clickRecord(noon)
	r.Decision = attribution.Decision{Outcome: attribution.Rejected, Reason: attribution.OfferPaused, AccountID: 1}
	b.write(r)
	read, err := b.DeadLetters(t.Context(), store.DeadFilter{}, store.OldestDeath, nil, 1)
	require.NoError(t, err)
	b.write(r) // the worker is faster than whoever replays
	settled, err := b.SettleDeadLetters(t.Context(), read, replayed)
	require.NoError(t, err)
	require.Empty(t, settled)

	story := b.story(r.Hit.ID)
	require.Equal(t, []store.DeadEventKind{store.DeadDied, store.DeadWasReplayed, store.DeadDied}, kinds(story))
	require.Equal(t, replayed.Note, story[1].Note)
	b.requireStatusesThatFollow()
	ends, err := b.ReplayEnds(t.Context(), read)
	require.NoError(t, err)
	require.Equal(t, []store.ReplayEnd{{r.Hit.ID, store.DeadDied, attribution.Rejected, attribution.OfferPaused}}, ends)

	again, err := b.DeadLetters(t.Context(), store.DeadFilter{}, store.OldestDeath, nil, 1)
	require.NoError(t, err)
	ends, err = b.ReplayEnds(t.Context(), again)
	require.NoError(t, err)
	require.Empty(t, ends, "nothing was heard since")
}

func TestWhatIsUndoneIsResolvedWhereItsHitWasConvertedMeanwhile(t *testing.T) {
	b := openBooks(t)
	late, lost := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second))
	recorded := late.Decision
	refused := attribution.Decision{Outcome: attribution.Rejected, Reason: attribution.OfferPaused, AccountID: 1}
	late.Decision, lost.Decision = refused, refused
	b.write(late, lost)
	last, err := b.LastDiscard(t.Context())
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, last)
	b.act(store.DeadWasDiscarded)
	last, err = b.LastDiscard(t.Context())
	require.NoError(t, err)
	chosen, err := b.DeadLetters(t.Context(), store.DeadFilter{Act: last, State: store.StateDiscarded}, store.OldestDeath, nil, 10)
	require.NoError(t, err)
	require.Len(t, chosen, 2)

	late.Decision = recorded
	b.write(late)
	b.write(late)
	b.write(lost)
	require.Equal(t, []store.DeadEventKind{store.DeadDied, store.DeadWasDiscarded, store.DeadWasResolved}, kinds(b.story(late.Hit.ID)))
	require.Equal(t, []store.DeadEventKind{store.DeadDied, store.DeadWasDiscarded, store.DeadCopyDied}, kinds(b.story(lost.Hit.ID)))
	b.requireStatusesThatFollow()

	require.Equal(t, map[uuid.UUID]store.DeadStatus{late.Hit.ID: store.DeadResolved, lost.Hit.ID: store.DeadOpen}, b.act(store.DeadUndone))
	b.requireStatusesThatFollow()
}

func TestWhatIsUndoneIsOpenWhereTheWaitOfItsHitHasEndedInVain(t *testing.T) {
	b := openBooks(t)
	r := b.conversionRecord(noon, uuid.New())
	inVain := attribution.Decision{Outcome: attribution.Unmatched, Reason: attribution.ClickNeverCame, AccountID: 1}
	r.Decision = inVain
	b.write(r)
	b.act(store.DeadWasReplayed)
	b.act(store.DeadWasDiscarded)
	r.Decision, r.WaitsUntil = attribution.Decision{Outcome: attribution.Waiting, Reason: attribution.ClickNotYet, AccountID: 1}, noon.Add(time.Hour)
	b.write(r)
	r.Decision = inVain
	b.write(r)
	require.Equal(t, []store.DeadEventKind{store.DeadDied, store.DeadWasReplayed, store.DeadWasDiscarded, store.DeadWasResolved,
		store.DeadCopyDied}, kinds(b.story(r.Hit.ID)))

	require.Equal(t, map[uuid.UUID]store.DeadStatus{r.Hit.ID: store.DeadOpen}, b.act(store.DeadUndone))
	b.requireStatusesThatFollow()
}

func TestAReplayOfWhichNothingIsHeardTurnsSilent(t *testing.T) {
	b := openBooks(t)
	states := map[store.DeadState]uuid.UUID{}
	for state, status := range map[store.DeadState]store.DeadStatus{store.StateOpen: store.DeadOpen, store.StateOnTheWay: store.DeadReplayed,
		store.StateSilent: store.DeadReplayed, store.StateResolved: store.DeadResolved, store.StateDiscarded: store.DeadDiscarded} {
		states[state] = b.dead(1, attribution.OfferPaused, 10, noon)
		b.exec(`UPDATE dead_letters SET status = $2 WHERE id = $1`, states[state], status)
	}
	b.exec(`UPDATE dead_letters SET status_at = now() - interval '61 minutes' WHERE id = $1`, states[store.StateSilent])

	for state, id := range states {
		letters, err := b.DeadLetters(t.Context(), store.DeadFilter{State: state}, store.OldestDeath, nil, 10)
		require.NoError(t, err)
		require.Equal(t, []uuid.UUID{id}, receipts(letters), state)
		require.Equal(t, state, letters[0].State)
	}
	for group, want := range map[store.DeadState][]uuid.UUID{
		store.StateAttention: {states[store.StateOpen], states[store.StateSilent]},
		store.StateReplayed:  {states[store.StateOnTheWay], states[store.StateSilent]},
	} {
		letters, err := b.DeadLetters(t.Context(), store.DeadFilter{State: group}, store.NewestDeath, nil, 10)
		require.NoError(t, err)
		require.ElementsMatch(t, want, receipts(letters), group)
	}
	counts, err := b.CountDeadStates(t.Context(), store.DeadFilter{})
	require.NoError(t, err)
	require.Len(t, counts, len(store.DeadStates()))
}

func TestEventsAreDeletedWithTheirDeadLetter(t *testing.T) {
	b := openBooks(t)
	junk, other := b.clickRecord(noon), b.clickRecord(noon.Add(time.Second))
	junk.Decision = attribution.Decision{Outcome: attribution.Rejected, Reason: attribution.UnknownToken}
	other.Decision = attribution.Decision{Outcome: attribution.Rejected, Reason: attribution.OfferPaused, AccountID: 1}
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

func TestAnUpgradeTellsWhatIsKnownOfDeadLetters(t *testing.T) {
	b := openBooks(t)
	migrations, err := b.Migrations()
	require.NoError(t, err)
	_, err = migrations.DownTo(t.Context(), beforeDeadLetterEvents)
	require.NoError(t, err)
	letter := func(deaths int, status store.DeadStatus) uuid.UUID {
		id := b.dead(1, attribution.OfferPaused, 10, noon)
		b.exec(`UPDATE dead_letters SET deaths = $2, status = $3, status_at = $4, error = 'why' WHERE id = $1`,
			id, deaths, status, noon.Add(time.Hour))
		return id
	}
	open, resolved, discarded := letter(1, store.DeadOpen), letter(3, store.DeadResolved), letter(1, store.DeadDiscarded)
	_, err = migrations.Up(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.DeadEvent{{LetterID: open, At: noon, Event: store.DeadDied, AccountID: 1,
		Outcome: attribution.Rejected, Reason: attribution.OfferPaused, Error: "why"}}, b.story(open))
	require.Equal(t, []store.DeadEventKind{store.DeadDied, store.DeadWasResolved}, kinds(b.story(resolved)))
	require.Equal(t, "death 3; those before it were not kept", b.story(resolved)[0].Note)
	require.Equal(t, noon.Add(time.Hour), b.story(discarded)[1].At)
	b.requireStatusesThatFollow()
}
