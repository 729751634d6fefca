package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/outcome"
)

func TestReplayedHitsConvertOnceTheCauseIsMended(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startReceiver()
	transaction := s.click()
	s.db.MustExec(`UPDATE offers SET status = 'paused' WHERE id = $1`, s.Offer)
	stopWorker := s.startWorker()
	refused := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	require.Equal(t, outcome.OfferPaused, s.becomes(refused, outcome.Rejected).Reason)

	// Replayed too early it dies again, and is open again.
	var result struct{ Replayed int }
	s.answers(&result, "dead", "replay", "--reason", "offer_paused")
	require.Equal(t, 1, result.Replayed)
	require.Eventually(t, func() bool {
		return s.count(`dead_letters WHERE id = $1 AND status = 'open' AND deaths = 2`, refused) == 1
	}, patience, 5*time.Millisecond)
	var shown struct{ History []dead.HistoryLine }
	s.answers(&shown, "dead", "show", refused)
	require.Equal(t, []string{"received", "died: rejected, offer_paused", "replayed", "died: rejected, offer_paused"}, whats(shown.History))

	stopWorker()
	s.db.MustExec(`UPDATE offers SET status = 'active' WHERE id = $1`, s.Offer)
	s.startWorker()
	s.answers(&result, "dead", "replay", "--reason", "offer_paused", "--offer", number(s.Offer))
	require.Equal(t, 1, result.Replayed)
	s.becomes(refused, outcome.Converted)
	require.Equal(t, 1, s.count(`conversions WHERE id = $1`, refused))
	require.Equal(t, 1, s.count(`dead_letters WHERE id = $1 AND status = 'resolved'`, refused))

	// Named, it stays resolved: its hit came to a good end.
	var named struct{ Chosen, Replayed, Resolved int }
	s.answers(&named, "dead", "replay", refused, "--dry-run")
	require.Equal(t, 1, named.Resolved)
	s.answers(&named, "dead", "replay", refused)
	require.Equal(t, 1, named.Chosen)
	require.Equal(t, 1, named.Resolved)
	require.Zero(t, named.Replayed)
	code, stdout, _ := s.command("dead", "replay", refused)
	require.Zero(t, code)
	require.Contains(t, stdout, "0 of 1 dead letters were replayed. 1 is resolved already")
	require.Equal(t, 1, s.count(`dead_letters WHERE id = $1 AND status = 'resolved'`, refused))
	require.Equal(t, 1, s.count(`conversions WHERE transaction_id = $1`, transaction))
}

func TestADiscardedDeadLetterThatIsReplayedInVainIsOpen(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startReceiver()
	transaction := s.click()
	s.db.MustExec(`UPDATE offers SET status = 'paused' WHERE id = $1`, s.Offer)
	s.startWorker()
	refused := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	s.becomes(refused, outcome.Rejected)
	var result struct{ Discarded, Replayed int }
	s.answers(&result, "dead", "discard", refused, "--yes")
	require.Equal(t, 1, result.Discarded)
	code, stdout, _ := s.command("dead", "discard", refused, "--yes")
	require.Zero(t, code)
	require.Equal(t, "Nothing was discarded: none of the dead letters named is open. integr8 dead show ID says how each stands.\n", stdout)
	s.answers(&result, "dead", "replay", refused)
	require.Equal(t, 1, result.Replayed)
	require.Eventually(t, func() bool {
		return s.count(`dead_letters WHERE id = $1 AND status = 'open' AND deaths = 2`, refused) == 1
	}, patience, 5*time.Millisecond)
}

func TestInterruptedReplayIsFinishedByTheNextRun(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	const n = 300
	ids := s.die(n, s.ID, outcome.OfferPaused, s.Offer)

	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	var out, errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"dead", "replay", "--all", "--rate", "100/s", "--json"}, s.lookup, strings.NewReader(""), &out, &errs)
	}()
	require.Eventually(t, func() bool { return s.deadStatuses()[dead.Replayed] > 0 }, patience, time.Millisecond)
	interrupt()
	require.Equal(t, exitFailed, <-ended)
	require.Contains(t, errs.String(), "interrupted: ")
	require.Contains(t, errs.String(), "run the same command again")
	var first struct {
		Replayed    int
		Interrupted bool
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &first))
	require.True(t, first.Interrupted)
	require.Equal(t, first.Replayed, s.deadStatuses()[dead.Replayed])
	require.Less(t, first.Replayed, n)

	// As if it had been killed between a confirm and the mark.
	s.db.MustExec(`UPDATE dead_letters SET status = 'open' WHERE id = $1`, ids[0])
	var second struct{ Chosen, Replayed int }
	s.answers(&second, "dead", "replay", "--all")
	require.Equal(t, n-first.Replayed+1, second.Replayed)
	require.Equal(t, map[dead.Status]int{dead.Replayed: n}, s.deadStatuses())

	counts := s.published(t, n+1)
	require.Len(t, counts, n)
	require.Equal(t, 2, counts[ids[0]])
}

func TestUndecodableMessagesAreSkippedByReplayAndCanBeDiscarded(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(2, s.ID, outcome.OfferPaused, s.Offer)
	odd := uuid.Must(uuid.NewV7())
	require.NoError(t, s.store.WriteUndecodable(context.Background(), attribution.Undecodable{ID: odd, Payload: []byte("no hit")}))

	code, stdout, _ := s.command("dead", "replay", "--all")
	require.Zero(t, code)
	require.Contains(t, stdout, "2 of 3 dead letters were replayed. 1 holds no hit")
	code, _, stderr := s.command("dead", "replay", odd.String())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "cannot be replayed")

	var result struct{ Discarded, Undecodable int }
	s.answers(&result, "dead", "discard", "--reason", "undecodable", "--yes")
	require.Equal(t, 1, result.Discarded)
	require.Zero(t, result.Undecodable)
	require.Equal(t, map[dead.Status]int{dead.Replayed: 2, dead.Discarded: 1}, s.deadStatuses())
}

func TestReplayThatCannotPublishLeavesTheRestOpenAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	s.variables["INTEGR8_QUEUE_PREFIX"] = s.topology.Prefix + "missing."
	code, stdout, stderr := s.command("dead", "replay", "--all")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stdout, "0 of 3 dead letters were replayed")
	require.Contains(t, stderr, "integr8 topology")
	require.Equal(t, map[dead.Status]int{dead.Open: 3}, s.deadStatuses())
}

func TestBulkWorkNeedsAFilterOrAll(t *testing.T) {
	t.Parallel()
	receipt := uuid.NewString()
	for _, args := range [][]string{
		{"dead", "replay"},
		{"dead", "discard"},
		{"dead", "replay", receipt, "--all"},
		{"dead", "discard", receipt, "--reason", "offer_paused"},
		{"dead", "replay", receipt, "--silent"},
		{"dead", "undo"},
		{"dead", "undo", "--last", "--all"},
		{"dead", "undo", receipt, "--act", receipt},
		{"dead", "replay", "--all", "--wait", "-1s"},
		{"dead", "replay", "--reason", "ofer_paused"},
		{"dead", "replay", "--all", "--rate", "-3/s"},
		{"dead", "replay", "--all", "--rate", "NaN"},
		{"dead", "replay", "no-id"},
		{"dead", "list", "--limit", "-1"},
		{"dead", "list", "--since", "yesterday"},
	} {
		var out, errs bytes.Buffer
		code := Run(context.Background(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &errs)
		require.Equal(t, exitUsage, code, "%v: %s", args, errs.String())
	}
}

func TestAReplayThatCannotDecideAnewSaysSo(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	two := s.do(http.MethodGet, "", "/?secure="+s.Global+"&transaction_id="+s.click()+"&transaction_id="+s.click(), "", "").receipt
	unverified := s.get("/", "secure", s.Global, "transaction_id", typo(s.click())).receipt
	for _, receipt := range []string{two, unverified} {
		s.becomes(receipt, outcome.Rejected)
		require.Eventually(t, func() bool { return s.count("dead_letters WHERE id = $1", receipt) == 1 }, patience, 5*time.Millisecond)
	}
	var shown struct{ Stands string }
	s.answers(&shown, "dead", "show", two)
	require.Contains(t, shown.Stands, "holds only the first")
	code, stdout, _ := s.command("dead", "show", two)
	require.Zero(t, code)
	require.Regexp(t, `on replay\s+refused again: of the parameter that had two values`, stdout)
	code, stdout, _ = s.command("dead", "show", unverified)
	require.Zero(t, code)
	require.Regexp(t, `on replay\s+a worker checks again`, stdout)

	var result struct{ Replayed, Stand int }
	s.answers(&result, "dead", "replay", two, unverified)
	require.Equal(t, []int{2, 1}, []int{result.Replayed, result.Stand})
	code, stdout, _ = s.command("dead", "replay", two)
	require.Zero(t, code)
	require.Contains(t, stdout, "1 of them will be refused again")
}

func whats(history []dead.HistoryLine) (whats []string) {
	for _, event := range history {
		whats = append(whats, event.What)
	}
	return whats
}

func TestReplayReportsWhatBecameOfEach(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.startReceiver()
	mended := s.click()
	s.db.MustExec(`UPDATE offers SET status = 'paused' WHERE id = $1`, s.Offer)
	stop := s.startWorker()
	refused := []string{
		s.get("/", "secure", s.Global, "transaction_id", mended).receipt,
		s.get("/", "secure", s.Global, "transaction_id", mended).receipt,
		s.get("/", "secure", strings.Repeat("ab", 32), "transaction_id", mended).receipt,
	}
	for _, receipt := range refused {
		s.becomes(receipt, outcome.Rejected)
	}
	code, stdout, stderr := s.command(append([]string{"dead", "replay"}, refused[:2]...)...)
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "2 hits will die again, because offer "+number(s.Offer)+" is still paused: `integr8 offer edit")
	require.Contains(t, stdout, "2 dead letters were replayed.")
	require.Regexp(t, `2  died again: rejected, offer_paused\n\s+The offer is paused`, stdout)
	require.NotContains(t, stderr, "level=INFO")
	stop()

	s.db.MustExec(`UPDATE offers SET status = 'active' WHERE id = $1`, s.Offer)
	s.startWorker()
	s.queueBecomes("postbacks", "the worker has come", func(q queues.Queue) bool { return q.Consumers == 1 })
	var result struct {
		Replayed int
		Became   []dead.Became
		OnTheWay int `json:"on_the_way"`
		Warnings []string
	}
	s.answers(&result, append([]string{"dead", "replay", "--note", "it runs again"}, refused...)...)
	require.Equal(t, 3, result.Replayed)
	require.Zero(t, result.OnTheWay)
	became := map[outcome.Outcome]dead.Became{}
	for _, end := range result.Became {
		became[end.Outcome] = end
	}
	require.Len(t, became, 3)
	require.Equal(t, dead.Became{Outcome: outcome.Converted, Hits: 1}, became[outcome.Converted])
	require.EqualValues(t, 1, became[outcome.Duplicate].Hits)
	require.False(t, became[outcome.Duplicate].DiedAgain)
	require.Equal(t, outcome.UnknownToken, became[outcome.Rejected].Reason)
	require.True(t, became[outcome.Rejected].DiedAgain)
	require.Equal(t, []string{"1 hit will die again, because their secure token is still not known: `integr8 token import`, or `integr8 dead discard`"}, result.Warnings)
}

func TestReplayWarnsWhenNoWorkerTakesWhatItPublishes(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(2, s.ID, outcome.HandlerFailed, s.Offer)
	code, stdout, stderr := s.command("dead", "replay", "--all", "--wait", "1h")
	require.Zero(t, code, stderr)
	require.Contains(t, stderr, "warning: no worker takes from the queue "+s.topology.Prefix+"postbacks")
	require.Contains(t, stdout, "2 dead letters were replayed.")
	require.Contains(t, stdout, "2  still on the way")
	require.NotContains(t, stderr, "level=INFO")
}
