package cli

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

// answers runs a command that must succeed and reads the JSON that it prints.
func (s *system) answers(into any, args ...string) {
	s.t.Helper()
	code, stdout, stderr := s.command(append(args, "--json")...)
	require.Zero(s.t, code, stderr)
	require.NoError(s.t, json.Unmarshal([]byte(stdout), into), stdout)
}

// die stores n postbacks as dead letters, as a worker does.
func (s *system) die(n int, account int64, reason outcome.Reason, offer int64) []uuid.UUID {
	s.t.Helper()
	var records []*attribution.Record
	var ids []uuid.UUID
	for range n {
		h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC(), Method: "GET",
			Host: "north.example", Path: "/postback", Params: map[string]string{"order_id": "A 1"},
			TransactionID: s.keys.Mint(time.Now())}
		request, err := h.Encode()
		require.NoError(s.t, err)
		records = append(records, &attribution.Record{Hit: h, Request: request, Decision: attribution.Decision{
			Outcome: outcome.Rejected, Reason: reason, AccountID: account, OfferID: offer}})
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

func (s *system) deadStatuses() map[dead.Status]int {
	s.t.Helper()
	var rows []struct {
		Status dead.Status
		Count  int
	}
	require.NoError(s.t, s.db.Select(&rows, `SELECT status, count(*) FROM dead_letters GROUP BY status`))
	counts := map[dead.Status]int{}
	for _, row := range rows {
		counts[row.Status] = row.Count
	}
	return counts
}

func TestDeadListFiltersAndSumsUp(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	other := s.die(1, s.ID+1, outcome.UnknownPublisher, s.Offer+1)
	require.NoError(t, s.store.WriteUndecodable(context.Background(), attribution.Undecodable{ID: uuid.Must(uuid.NewV7()), Payload: []byte("\x00no hit")}))
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
	require.Contains(t, summary, outcome.OfferPaused.Hint())

	code, stdout, _ = s.command("dead", "list", "--reason", "offer_paused", "--limit", "1")
	require.Zero(t, code)
	require.NotContains(t, stdout, outcome.OfferPaused.Hint())
	require.Contains(t, stdout, "1 of 3 is shown")

	var reasons []map[string]any
	s.answers(&reasons, "dead", "list", "--summary")
	require.Equal(t, "offer_paused", reasons[0]["reason"])
	require.EqualValues(t, 3, reasons[0]["dead_letters"])
	require.Equal(t, outcome.OfferPaused.Hint(), reasons[0]["hint"])
}

func TestDeadShowTellsTheHitAndItsHistory(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	letter := s.die(1, s.ID, outcome.OfferPaused, s.Offer)[0]
	var shown struct {
		Receipt, Reason, Hint, Status string
		History                       []map[string]any
		Hit                           hit.Hit
	}
	s.answers(&shown, "dead", "show", letter.String())
	require.Equal(t, letter.String(), shown.Receipt)
	require.Equal(t, outcome.OfferPaused.Hint(), shown.Hint)
	require.Equal(t, "open", shown.Status)
	require.Equal(t, letter, shown.Hit.ID)
	require.Equal(t, "A 1", shown.Hit.Params["order_id"])
	require.Equal(t, "received", shown.History[0]["what"])
	require.Equal(t, "died: rejected, offer_paused", shown.History[1]["what"])

	code, stdout, _ := s.command("dead", "show", strings.ToUpper(letter.String()))
	require.Zero(t, code)
	require.Contains(t, stdout, `"order_id": "A 1"`)

	odd := uuid.Must(uuid.NewV7())
	require.NoError(t, s.store.WriteUndecodable(context.Background(), attribution.Undecodable{ID: odd, Payload: []byte("\x00\xffno hit")}))
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
