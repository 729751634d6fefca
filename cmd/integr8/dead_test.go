package main

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
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// answers runs a command that must succeed and reads the JSON that it prints.
func (s *system) answers(into any, args ...string) {
	s.t.Helper()
	code, stdout, stderr := s.command(append(args, "--json")...)
	require.Zero(s.t, code, stderr)
	require.NoError(s.t, json.Unmarshal([]byte(stdout), into), stdout)
}

// die stores n postbacks as dead letters, as a worker does.
func (s *system) die(n int, account int64, reason attribution.Reason, offer int64) []uuid.UUID {
	s.t.Helper()
	var records []*store.Record
	var ids []uuid.UUID
	for range n {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), Method: "GET",
			Host: "north.example", Path: "/postback", Params: map[string]string{"order_id": "A 1"},
			TransactionID: s.keys.Mint(time.Now())}
		request, err := h.Encode()
		require.NoError(s.t, err)
		records = append(records, &store.Record{Hit: h, Request: request, Decision: attribution.Decision{
			Outcome: attribution.Rejected, Reason: reason, AccountID: account, OfferID: offer}})
		ids = append(ids, h.ID)
	}
	require.NoError(s.t, s.store.Write(context.Background(), records))
	return ids
}

// published takes what is in the queue of postbacks: how often each hit.
func (s *system) published(t *testing.T, atLeast int) map[uuid.UUID]int {
	t.Helper()
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{URL: s.variables["AMQP_URL"], Topology: s.topology})
	require.NoError(t, err)
	defer func() { require.NoError(t, subscriber.Close()) }()
	messages, err := subscriber.Subscribe(context.Background(), hit.TopicPostbacks)
	require.NoError(t, err)
	counts := map[uuid.UUID]int{}
	for total := 0; total < atLeast; total++ {
		select {
		case msg := <-messages:
			h, err := hit.Decode(msg.Payload)
			require.NoError(t, err)
			require.Equal(t, msg.UUID, h.ID.String())
			require.Equal(t, "A 1", h.Params["order_id"])
			counts[h.ID]++
			msg.Ack()
		case <-time.After(patience):
			require.FailNow(t, "less was published than expected")
		}
	}
	return counts
}

func (s *system) deadStatuses() map[store.DeadStatus]int {
	s.t.Helper()
	var rows []struct {
		Status store.DeadStatus
		Count  int
	}
	require.NoError(s.t, s.db.Select(&rows, `SELECT status, count(*) FROM dead_letters GROUP BY status`))
	counts := map[store.DeadStatus]int{}
	for _, row := range rows {
		counts[row.Status] = row.Count
	}
	return counts
}

func TestDeadListFiltersAndSumsUp(t *testing.T) {
	s := prepareSystem(t)
	s.die(3, s.ID, attribution.OfferPaused, s.Offer)
	other := s.die(1, s.ID+1, attribution.UnknownPublisher, s.Offer+1)
	require.NoError(t, s.store.WriteUndecodable(context.Background(), store.Undecodable{ID: uuid.Must(uuid.NewV7()), Payload: []byte("\x00no hit")}))
	s.db.MustExec(`UPDATE dead_letters SET died_at = now() - interval '3 days' WHERE id = $1`, other[0])

	for name, test := range map[string]struct {
		args []string
		want int
	}{
		"everything open":  {nil, 5},
		"by account":       {[]string{"--account", number(s.ID)}, 3},
		"by reason":        {[]string{"--reason", "undecodable"}, 1},
		"by offer":         {[]string{"--offer", number(s.Offer + 1)}, 1},
		"by kind":          {[]string{"--kind", "pixel"}, 0},
		"since a duration": {[]string{"--since", "2d"}, 4},
		"since a time":     {[]string{"--since", time.Now().Add(-80 * time.Hour).Format(time.RFC3339)}, 5},
		"until a day":      {[]string{"--until", time.Now().UTC().AddDate(0, 0, -2).Format(time.DateOnly)}, 1},
		"another status":   {[]string{"--status", "replayed"}, 0},
		"with a limit":     {[]string{"--limit", "2"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var letters []map[string]any
			s.answers(&letters, append([]string{"dead", "list"}, test.args...)...)
			require.Len(t, letters, test.want)
		})
	}

	code, stdout, _ := s.command("dead", "list")
	require.Zero(t, code)
	summary, _, found := strings.Cut(stdout, "\n\n")
	require.True(t, found)
	require.Regexp(t, `offer_paused\s+3\s`, summary)
	require.Contains(t, summary, attribution.OfferPaused.Hint())

	code, stdout, _ = s.command("dead", "list", "--reason", "offer_paused", "--limit", "1")
	require.Zero(t, code)
	require.NotContains(t, stdout, attribution.OfferPaused.Hint())
	require.Contains(t, stdout, "1 of 3 are shown")

	var reasons []map[string]any
	s.answers(&reasons, "dead", "list", "--summary")
	require.Equal(t, "offer_paused", reasons[0]["reason"])
	require.EqualValues(t, 3, reasons[0]["dead_letters"])
	require.Equal(t, attribution.OfferPaused.Hint(), reasons[0]["hint"])
}

func TestDeadShowTellsTheHitAndItsHistory(t *testing.T) {
	s := prepareSystem(t)
	letter := s.die(1, s.ID, attribution.OfferPaused, s.Offer)[0]
	var shown struct {
		Receipt, Reason, Hint, Status string
		History                       []map[string]any
		Hit                           hit.Hit
	}
	s.answers(&shown, "dead", "show", letter.String())
	require.Equal(t, letter.String(), shown.Receipt)
	require.Equal(t, attribution.OfferPaused.Hint(), shown.Hint)
	require.Equal(t, "open", shown.Status)
	require.Equal(t, letter, shown.Hit.ID)
	require.Equal(t, "A 1", shown.Hit.Params["order_id"])
	require.Equal(t, "received", shown.History[0]["what"])
	require.Equal(t, "died: rejected, offer_paused", shown.History[1]["what"])

	code, stdout, _ := s.command("dead", "show", strings.ToUpper(letter.String()))
	require.Zero(t, code)
	require.Contains(t, stdout, `"order_id": "A 1"`)

	odd := uuid.Must(uuid.NewV7())
	require.NoError(t, s.store.WriteUndecodable(context.Background(), store.Undecodable{ID: odd, Payload: []byte("\x00\xffno hit")}))
	code, stdout, _ = s.command("dead", "show", odd.String())
	require.Zero(t, code)
	require.Contains(t, stdout, `No hit, but 8 bytes: "\x00\xffno hit"`)
	var raw struct{ Payload []byte }
	s.answers(&raw, "dead", "show", odd.String())
	require.Equal(t, "\x00\xffno hit", string(raw.Payload))

	code, _, stderr := s.command("dead", "show", uuid.NewString())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "no dead letter")
}

func TestReplayedHitsConvertOnceTheCauseIsMended(t *testing.T) {
	s := prepareSystem(t)
	s.startReceiver()
	transaction := s.click()
	s.db.MustExec(`UPDATE offers SET status = 'paused' WHERE id = $1`, s.Offer)
	stopWorker := s.startWorker()
	refused := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	require.Equal(t, attribution.OfferPaused, s.becomes(refused, attribution.Rejected).Reason)

	// Replayed too early it dies again, and is open again.
	var result struct{ Replayed int }
	s.answers(&result, "dead", "replay", "--reason", "offer_paused")
	require.Equal(t, 1, result.Replayed)
	require.Eventually(t, func() bool {
		return s.count(`dead_letters WHERE id = $1 AND status = 'open' AND deaths = 2`, refused) == 1
	}, patience, 5*time.Millisecond)
	var shown struct{ History []struct{ What string } }
	s.answers(&shown, "dead", "show", refused)
	require.Equal(t, "died, now 2 times: rejected, offer_paused", shown.History[1].What)

	stopWorker()
	s.db.MustExec(`UPDATE offers SET status = 'active' WHERE id = $1`, s.Offer)
	s.startWorker()
	s.answers(&result, "dead", "replay", "--reason", "offer_paused", "--offer", number(s.Offer))
	require.Equal(t, 1, result.Replayed)
	s.becomes(refused, attribution.Converted)
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
	require.Contains(t, stdout, "0 of 1 dead letters were replayed. 1 are resolved already")
	require.Equal(t, 1, s.count(`dead_letters WHERE id = $1 AND status = 'resolved'`, refused))
	require.Equal(t, 1, s.count(`conversions WHERE transaction_id = $1`, transaction))
}

func TestADiscardedDeadLetterThatIsReplayedInVainIsOpen(t *testing.T) {
	s := prepareSystem(t)
	s.startReceiver()
	transaction := s.click()
	s.db.MustExec(`UPDATE offers SET status = 'paused' WHERE id = $1`, s.Offer)
	s.startWorker()
	refused := s.get("/", "secure", s.Global, "transaction_id", transaction).receipt
	s.becomes(refused, attribution.Rejected)
	var result struct{ Discarded, Replayed int }
	s.answers(&result, "dead", "discard", refused)
	require.Equal(t, 1, result.Discarded)
	code, stdout, _ := s.command("dead", "discard", refused)
	require.Zero(t, code)
	require.Equal(t, "Nothing was discarded: none of the dead letters named is open. integr8 dead show ID says how each stands.\n", stdout)
	s.answers(&result, "dead", "replay", refused)
	require.Equal(t, 1, result.Replayed)
	require.Eventually(t, func() bool {
		return s.count(`dead_letters WHERE id = $1 AND status = 'open' AND deaths = 2`, refused) == 1
	}, patience, 5*time.Millisecond)
}

func TestReplayPublishesWhatTheFilterChooses(t *testing.T) {
	s := prepareSystem(t)
	wanted := s.die(5, s.ID, attribution.OfferPaused, s.Offer)
	s.die(4, s.ID, attribution.UnknownPublisher, s.Offer)
	discarded := s.die(1, s.ID, attribution.OfferPaused, s.Offer)

	var result struct{ Chosen, Discarded, Replayed, Undecodable int }
	s.answers(&result, "dead", "discard", discarded[0].String())
	require.Equal(t, 1, result.Discarded)

	var dry struct {
		Chosen, Replayed int
		DryRun           bool `json:"dry_run"`
	}
	s.answers(&dry, "dead", "replay", "--reason", "offer_paused", "--dry-run")
	require.True(t, dry.DryRun)
	require.Equal(t, 5, dry.Chosen)
	require.Zero(t, dry.Replayed)
	require.Equal(t, map[store.DeadStatus]int{store.DeadOpen: 9, store.DeadDiscarded: 1}, s.deadStatuses())

	s.answers(&result, "dead", "replay", "--reason", "offer_paused", "--offer", number(s.Offer), "--since", "1h")
	require.Equal(t, 5, result.Replayed)
	require.Equal(t, map[store.DeadStatus]int{store.DeadOpen: 4, store.DeadReplayed: 5, store.DeadDiscarded: 1}, s.deadStatuses())
	counts := s.published(t, 5)
	for _, id := range wanted {
		require.Equal(t, 1, counts[id])
	}

	s.answers(&result, "dead", "replay", "--all")
	require.Equal(t, 4, result.Replayed)
	s.answers(&result, "dead", "replay", "--all")
	require.Zero(t, result.Replayed, "nothing is open any more")
	s.answers(&result, "dead", "replay", discarded[0].String())
	require.Equal(t, 1, result.Replayed, "a named one is replayed whatever its status")
}

func TestInterruptedReplayIsFinishedByTheNextRun(t *testing.T) {
	s := prepareSystem(t)
	const n = 300
	ids := s.die(n, s.ID, attribution.OfferPaused, s.Offer)

	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	var out, errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"dead", "replay", "--all", "--rate", "100/s", "--json"}, s.lookup, strings.NewReader(""), &out, &errs)
	}()
	require.Eventually(t, func() bool { return s.deadStatuses()[store.DeadReplayed] > 0 }, patience, time.Millisecond)
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
	require.Equal(t, first.Replayed, s.deadStatuses()[store.DeadReplayed])
	require.Less(t, first.Replayed, n)

	// As if it had been killed between a confirm and the mark.
	s.db.MustExec(`UPDATE dead_letters SET status = 'open' WHERE id = $1`, ids[0])
	var second struct{ Chosen, Replayed int }
	s.answers(&second, "dead", "replay", "--all")
	require.Equal(t, n-first.Replayed+1, second.Replayed)
	require.Equal(t, map[store.DeadStatus]int{store.DeadReplayed: n}, s.deadStatuses())

	counts := s.published(t, n+1)
	require.Len(t, counts, n)
	require.Equal(t, 2, counts[ids[0]])
}

func TestReplayTakesAHitOnceARunEvenIfItDiesAgainMeanwhile(t *testing.T) {
	s := prepareSystem(t)
	const n = 40
	ids := s.die(n, s.ID, attribution.OfferPaused, s.Offer)
	// Whatever is marked as replayed dies again at once.
	s.db.MustExec(`CREATE FUNCTION die_again() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN NEW.status = 'open'; NEW.died_at = now(); NEW.deaths = OLD.deaths + 1; RETURN NEW; END $$`)
	s.db.MustExec(`CREATE TRIGGER die_again BEFORE UPDATE ON dead_letters FOR EACH ROW EXECUTE FUNCTION die_again()`)
	var result struct{ Replayed int }
	s.answers(&result, "dead", "replay", "--all", "--rate", "400")
	require.Equal(t, n, result.Replayed)
	require.Equal(t, map[store.DeadStatus]int{store.DeadOpen: n}, s.deadStatuses())
	counts := s.published(t, n)
	for _, id := range ids {
		require.Equal(t, 1, counts[id])
	}
}

func TestUndecodableMessagesAreSkippedByReplayAndCanBeDiscarded(t *testing.T) {
	s := prepareSystem(t)
	s.die(2, s.ID, attribution.OfferPaused, s.Offer)
	odd := uuid.Must(uuid.NewV7())
	require.NoError(t, s.store.WriteUndecodable(context.Background(), store.Undecodable{ID: odd, Payload: []byte("no hit")}))

	code, stdout, _ := s.command("dead", "replay", "--all")
	require.Zero(t, code)
	require.Contains(t, stdout, "2 of 3 dead letters were replayed. 1 hold no hit")
	code, _, stderr := s.command("dead", "replay", odd.String())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "cannot be replayed")

	var result struct{ Discarded, Undecodable int }
	s.answers(&result, "dead", "discard", "--reason", "undecodable")
	require.Equal(t, 1, result.Discarded)
	require.Zero(t, result.Undecodable)
	require.Equal(t, map[store.DeadStatus]int{store.DeadReplayed: 2, store.DeadDiscarded: 1}, s.deadStatuses())
}

func TestReplayThatCannotPublishLeavesTheRestOpenAndSaysWhatToDo(t *testing.T) {
	s := prepareSystem(t)
	s.die(3, s.ID, attribution.OfferPaused, s.Offer)
	s.variables["INTEGR8_QUEUE_PREFIX"] = s.topology.Prefix + "missing."
	code, stdout, stderr := s.command("dead", "replay", "--all")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stdout, "0 of 3 dead letters were replayed")
	require.Contains(t, stderr, "integr8 topology")
	require.Equal(t, map[store.DeadStatus]int{store.DeadOpen: 3}, s.deadStatuses())
}

func TestBulkWorkNeedsAFilterOrAll(t *testing.T) {
	receipt := uuid.NewString()
	for _, args := range [][]string{
		{"dead", "replay"},
		{"dead", "discard"},
		{"dead", "replay", receipt, "--all"},
		{"dead", "discard", receipt, "--reason", "offer_paused"},
		{"dead", "replay", "--reason", "ofer_paused"},
		{"dead", "replay", "--all", "--rate", "-3/s"},
		{"dead", "replay", "--all", "--rate", "NaN"},
		{"dead", "replay", "no-id"},
		{"dead", "list", "--limit", "-1"},
		{"dead", "list", "--since", "yesterday"},
	} {
		var out, errs bytes.Buffer
		code := run(context.Background(), args, func(string) (string, bool) { return "", false }, strings.NewReader(""), &out, &errs)
		require.Equal(t, exitUsage, code, "%v: %s", args, errs.String())
	}
}

func TestReplayOfAnUnknownReceiptDoesNothing(t *testing.T) {
	s := prepareSystem(t)
	known := s.die(1, s.ID, attribution.OfferPaused, s.Offer)[0]
	code, _, stderr := s.command("dead", "replay", known.String(), uuid.NewString())
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "nothing was done")
	require.Equal(t, map[store.DeadStatus]int{store.DeadOpen: 1}, s.deadStatuses())
}

func TestAReplayThatCannotDecideAnewSaysSo(t *testing.T) {
	s := startSystem(t, 1)
	two := s.do(http.MethodGet, "", "/?secure="+s.Global+"&transaction_id="+s.click()+"&transaction_id="+s.click(), "", "").receipt
	unverified := s.get("/", "secure", s.Global, "transaction_id", typo(s.click())).receipt
	for _, receipt := range []string{two, unverified} {
		s.becomes(receipt, attribution.Rejected)
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
