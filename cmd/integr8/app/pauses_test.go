package app_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/hit"
	"integr8/sql/store"
	"integr8/sql/store/storetest"
)

// TestAPausedQueueIsNotTakenAndWhatItHoldsIsCommittedOnceLater: the doors go on, a worker
// that starts meanwhile obeys too, and after the pause each hit is committed once.
func TestAPausedQueueIsNotTakenAndWhatItHoldsIsCommittedOnceLater(t *testing.T) {
	t.Parallel()
	options := newOptions(t)
	db, err := store.Open(options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	account := storetest.NewAccount(t, db, options.Keys, "north")
	s := &served{t: t, store: db, options: options, client: &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
	doors, workers := options, options
	doors.Web, doors.Worker, workers.Web, workers.Receiver = nil, nil, nil, nil
	s.hits, err = start(t, doors).HitsAddr(t.Context())
	require.NoError(t, err)
	taken := func(want int) {
		t.Helper()
		require.Eventually(t, func() bool {
			depths, err := options.Topology.Depths(t.Context(), options.AMQPURL)
			require.NoError(t, err)
			for _, depth := range depths {
				if depth.Queue == options.Topology.Prefix+hit.TopicPostbacks {
					return depth.Consumers == want
				}
			}
			return false
		}, patience, 50*time.Millisecond, "%d consumers", want)
	}
	send := func(name string) {
		t.Helper()
		answer := s.fire("/clickless", "secure", account.Global, "offer", number(account.Offer), "publisher", number(account.Publisher), "external_transaction_id", name)
		require.NotEmpty(t, answer.Header.Get("X-Receipt"))
	}
	rows, err := sqlx.Open("postgres", options.DatabaseURL)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	committed := func() (n int) {
		require.NoError(t, rows.Get(&n, "SELECT count(*) FROM conversions"))
		return n
	}
	_, stop := startToStop(t, workers)
	taken(1)
	send("before")
	require.Eventually(t, func() bool { return committed() == 1 }, patience, 20*time.Millisecond)

	intake, ctx := queues.Intake{Store: db, Topics: options.Topology.TopicNames()}, history.By(t.Context(), "ann@desk")
	_, err = intake.Pause(ctx, hit.TopicPostbacks, "the offers are wrong")
	require.NoError(t, err)
	taken(0)
	const sent = 1000
	var sending sync.WaitGroup
	for sender := range 8 {
		sending.Go(func() {
			for i := sender; i < sent; i += 8 {
				send(fmt.Sprint("during-", i))
			}
		})
	}
	sending.Wait()
	require.Equal(t, 1, committed())
	stop()
	started, _ := startToStop(t, workers)
	at, err := started.AdminAddr(t.Context())
	require.NoError(t, err)
	require.Eventually(t, func() bool { // it is ready, and takes clicks
		answer, err := s.client.Get("http://" + at + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, patience, 20*time.Millisecond)
	taken(0)
	watcher := &queues.Watcher{Topology: options.Topology, Broker: queues.RabbitMQ{Topology: options.Topology, URL: options.AMQPURL}, Pauses: db.PausedQueues}
	view, err := watcher.Look(t.Context())
	require.NoError(t, err)
	for _, queue := range view.Queues {
		if queue.Topic == hit.TopicPostbacks {
			require.Equal(t, queues.Paused, queue.Cause)
			require.Contains(t, queue.Hint, "is paused by ann@desk since ")
			require.Contains(t, queue.Hint, "the offers are wrong")
		}
	}
	require.Equal(t, 1, committed())

	_, err = intake.Resume(ctx, hit.TopicPostbacks, "mended")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return committed() == 1+sent }, patience, 20*time.Millisecond)
	taken(1)
	var decisions, hits int
	require.NoError(t, rows.Get(&decisions, "SELECT sum(decisions) FROM hits"))
	require.NoError(t, rows.Get(&hits, "SELECT count(*) FROM hits"))
	require.Equal(t, []int{1 + sent, 1 + sent}, []int{hits, decisions}, "each once, and none was decided again")
}
