package cli

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/outcome"
)

func TestDiscardWithoutATerminalDemandsYes(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	letters := s.die(2, s.ID, outcome.OfferPaused, s.Offer)
	for _, args := range [][]string{{"--all"}, {"--reason", "offer_paused"}, {letters[0].String(), letters[1].String()}, {"--all", "--json"}} {
		code, stdout, stderr := s.command(append([]string{"dead", "discard"}, args...)...)
		require.Equal(t, exitUsage, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, "2 dead letters would be discarded (2 offer_paused), and there is no terminal to ask on")
		require.Contains(t, stderr, "hint: add --yes")
	}
	code, stdout, _ := s.command("dead", "discard", "--all", "--dry-run")
	require.Zero(t, code)
	require.Contains(t, stdout, "2 dead letters would be discarded.")
	require.Equal(t, map[dead.Status]int{dead.Open: 2}, s.deadStatuses())
}

func TestUndoBringsBackWhatOneDiscardGaveUp(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	first := s.die(2, s.ID, outcome.OfferPaused, s.Offer)
	second := s.die(1, s.ID, outcome.UnknownPublisher, s.Offer)
	var discarded struct {
		Discarded int
		Act       uuid.UUID
	}
	s.answers(&discarded, "dead", "discard", "--reason", "offer_paused", "--yes", "--note", "the buyer is gone")
	s.answers(&struct{}{}, "dead", "discard", "--reason", "unknown_publisher", "--yes")

	var undone struct{ Chosen, Undone int }
	s.answers(&undone, "dead", "undo", "--last")
	require.Equal(t, 1, undone.Undone)
	require.Equal(t, map[dead.Status]int{dead.Open: 1, dead.Discarded: 2}, s.deadStatuses())
	s.answers(&undone, "dead", "undo", "--act", discarded.Act.String(), "--dry-run")
	require.Equal(t, 2, undone.Chosen)
	require.Zero(t, undone.Undone)
	s.answers(&undone, "dead", "undo", "--last", "--note", "he came back")
	require.Equal(t, 2, undone.Undone)
	require.Equal(t, map[dead.Status]int{dead.Open: 3}, s.deadStatuses())
	code, _, stderr := s.command("dead", "undo", "--last")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "no dead discard can be undone")

	var shown struct{ History []dead.HistoryLine }
	s.answers(&shown, "dead", "show", first[0].String())
	require.Equal(t, []string{"received", "died: rejected, offer_paused", "discarded", "the discarding was undone"}, whats(shown.History))
	require.Equal(t, "the buyer is gone", shown.History[2].Note)
	require.Equal(t, "he came back", shown.History[3].Note)
	require.Contains(t, shown.History[2].By, "@")
	require.Equal(t, discarded.Act, *shown.History[2].Act)
	code, stdout, _ := s.command("dead", "show", first[0].String())
	require.Zero(t, code)
	require.Contains(t, stdout, "note: the buyer is gone")

	s.answers(&struct{}{}, "dead", "discard", second[0].String(), "--yes")
	s.answers(&undone, "dead", "undo", "--reason", "unknown_publisher")
	require.Equal(t, 1, undone.Undone)
}

func TestUndoSaysWhatCannotBeUndone(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	letters := s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	s.db.MustExec(`UPDATE dead_letters SET status = 'replayed' WHERE id = $1`, letters[0])
	s.db.MustExec(`UPDATE dead_letters SET status = 'resolved' WHERE id = $1`, letters[1])
	code, stdout, stderr := s.command("dead", "undo", letters[0].String(), letters[1].String(), letters[2].String())
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "Nothing was brought back: none of the dead letters named is discarded.")
	require.Contains(t, stdout, "1 of those named is replayed: the hit was published, which cannot be undone.")
	require.Contains(t, stdout, "1 of those named is resolved: the hit has come to a good end")
	require.Contains(t, stdout, "1 of those named is open: not discarded.")

	code, _, stderr = s.command("dead", "undo", uuid.NewString())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "retention deletes what was discarded long ago, and that cannot be undone")

	junk := s.die(1, 0, outcome.UnknownToken, 0)
	s.db.MustExec(`UPDATE dead_letters SET died_at = now() - interval '40 days' WHERE id = $1`, junk[0])
	s.answers(&struct{}{}, "dead", "discard", junk[0].String(), "--yes")
	code, stdout, _ = s.command("dead", "undo", junk[0].String())
	require.Zero(t, code)
	require.Contains(t, stdout, "1 dead letter was brought back.")
	require.Contains(t, stdout, "1 of them is kept no longer: the next housekeeping deletes what is not replayed before.")
}

func TestNoDeadLetterDisappearsFromEveryList(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	letters := s.die(5, s.ID, outcome.OfferPaused, s.Offer)
	for i, status := range []dead.Status{dead.Open, dead.Replayed, dead.Replayed, dead.Resolved, dead.Discarded} {
		s.db.MustExec(`UPDATE dead_letters SET status = $2 WHERE id = $1`, letters[i], status)
	}
	s.db.MustExec(`UPDATE dead_letters SET status_at = now() - interval '2 hours' WHERE id = $1`, letters[2])

	var listed []struct {
		Receipt uuid.UUID
		Status  dead.Status
		State   dead.State
	}
	states := func(args ...string) (states []dead.State) {
		s.answers(&listed, append([]string{"dead", "list"}, args...)...)
		for _, letter := range listed {
			states = append(states, letter.State)
		}
		return states
	}
	require.ElementsMatch(t, []dead.State{dead.StateOpen, dead.StateSilent}, states())
	require.ElementsMatch(t, []dead.State{dead.StateOnTheWay, dead.StateSilent}, states("--status", "replayed"))
	require.ElementsMatch(t, dead.States(), states("--status", "all"))
	for _, state := range dead.States() {
		require.Equal(t, []dead.State{state}, states("--status", string(state)))
	}
	code, stdout, _ := s.command("dead", "list")
	require.Zero(t, code)
	require.Contains(t, stdout, "Not shown: 1 replayed, on its way; 1 resolved; 1 discarded. --status all shows them.")

	var dry struct{ Chosen int }
	s.answers(&dry, "dead", "replay", "--silent", "--dry-run")
	require.Equal(t, 1, dry.Chosen)
	s.answers(&dry, "dead", "discard", letters[2].String(), "--yes")
	require.Equal(t, 1, dry.Chosen)
}

func TestTraceTellsTheStoryOfADeadLetter(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	letter := s.die(1, s.ID, outcome.OfferPaused, s.Offer)[0]
	s.answers(&struct{}{}, "dead", "discard", letter.String(), "--yes", "--note", "a test")
	var traced struct {
		Hits []struct {
			DeadLetterEvents []dead.HistoryLine `json:"dead_letter_events"`
		}
	}
	s.answers(&traced, "trace", letter.String())
	require.Equal(t, []string{"died: rejected, offer_paused", "discarded"}, whats(traced.Hits[0].DeadLetterEvents))
	code, stdout, _ := s.command("trace", letter.String())
	require.Zero(t, code)
	require.Regexp(t, `discarded by \S+@\S+ \(a test\)`, stdout)
}
