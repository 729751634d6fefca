package app_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"integr8/cmd/integr8/app"
	"integr8/handlers/operate/keys"
	"integr8/pipeline/networktest"
)

const (
	// longestAnswer is what a request may take at all, with the time that a busy machine
	// may add.
	longestAnswer = 45 * time.Second
	// callers is how many requests the tests send at once: fewer than the API takes.
	callers = 24
)

// behind has a server of the system reached through a proxy.
func behind(t *testing.T, address *string) *networktest.Proxy {
	t.Helper()
	parsed, err := url.Parse(*address)
	require.NoError(t, err)
	proxy, err := networktest.New(parsed.Host)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, proxy.Close()) })
	parsed.Host = proxy.Addr()
	*address = parsed.String()
	return proxy
}

// timed is a response, and how long it took.
type timed struct {
	response
	took time.Duration
}

// callEach calls every operation and returns the responses by operation.
func (s *served) callEach() map[string][]timed {
	s.t.Helper()
	calls, changes, system := callsOf(s.north), changesOf(s.north), systemCalls()
	got := map[string][]timed{}
	var group errgroup.Group
	group.SetLimit(callers)
	for id := range s.document.operations {
		key := s.north.keys[keys.Admin]
		if system[id] != nil {
			key = s.operator
		}
		all := slices.Concat(calls[id], changes[id], system[id])
		answers := make([]timed, len(all))
		got[id] = answers
		for i, c := range all {
			group.Go(func() error {
				begin := time.Now()
				_, answered := s.send(key, c)
				answers[i] = timed{answered, time.Since(begin)}
				return nil
			})
		}
	}
	require.NoError(s.t, group.Wait())
	return got
}

// resumeQueues ends the pauses that callEach has left, as it does not call in order.
func (s *served) resumeQueues() {
	s.t.Helper()
	paused, err := s.store.PausedQueues(s.t.Context())
	require.NoError(s.t, err)
	for _, pause := range paused {
		_, err := s.store.ResumeQueue(s.t.Context(), pause.Topic, "")
		require.NoError(s.t, err)
	}
}

// blog makes a publisher that no operation pauses, and waits until the doors know it.
func (s *served) blog() int64 {
	s.t.Helper()
	made, err := s.store.CreatePublisher(s.t.Context(), s.north.ID, "blog")
	require.NoError(s.t, err)
	require.Eventually(s.t, func() bool {
		return s.fire("/click", "offer", number(s.north.termed), "publisher", number(made.ID)).StatusCode == http.StatusFound
	}, patience, 10*time.Millisecond)
	return made.ID
}

// doorsStayOpen sends a click of a publisher with its postback, which are answered within
// seconds, and returns the receipt of the postback.
func (s *served) doorsStayOpen(publisher int64) uuid.UUID {
	s.t.Helper()
	begin := time.Now()
	click := s.fire("/click", "offer", number(s.north.termed), "publisher", number(publisher))
	require.Equal(s.t, http.StatusFound, click.StatusCode)
	shop, err := url.Parse(click.Header.Get("Location"))
	require.NoError(s.t, err)
	postback := s.fireForJSON("/postback", url.Values{"secure": {s.north.Global}, "transaction_id": {shop.Query().Get("c")}})
	require.Less(s.t, time.Since(begin), 15*time.Second)
	return postback.Receipt
}

// recovers waits until each operation that changes nothing is answered as before.
func (s *served) recovers() {
	s.t.Helper()
	for _, calls := range callsOf(s.north) {
		for _, c := range calls {
			require.Eventually(s.t, func() bool {
				_, got := s.send(s.north.keys[keys.Admin], c)
				return got.StatusCode == http.StatusOK
			}, patience, 50*time.Millisecond, c.path)
		}
	}
	for id, c := range systemCalls() {
		if c[0].method != http.MethodGet {
			continue
		}
		require.Eventually(s.t, func() bool {
			_, got := s.send(s.operator, c[0])
			return got.StatusCode == http.StatusOK
		}, patience, 50*time.Millisecond, id)
	}
}

// outages are how a server is away.
var outages = map[string]networktest.Condition{"refuses": {Refuse: true}, "hangs": {Hang: true}}

// TestWithoutPostgresEachOperationSaysSoInTime, the doors stay open, and the API recovers by
// itself.
func TestWithoutPostgresEachOperationSaysSoInTime(t *testing.T) {
	t.Parallel()
	for name, condition := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var database *networktest.Proxy
			s := serveAPI(t, func(o *app.Options) { database = behind(t, &o.DatabaseURL) })
			s.recovers()
			publisher := s.blog()
			database.Set(condition)
			opened := make(chan uuid.UUID, 1)
			go func() { opened <- s.doorsStayOpen(publisher) }()
			for id, answers := range s.callEach() {
				for _, got := range answers {
					require.Equal(t, http.StatusServiceUnavailable, got.StatusCode, "%s: %s", id, got.body)
					wrong := problemIn(t, got.response)
					require.Equal(t, "unavailable", wrong.Reason)
					require.Contains(t, wrong.Hint, "/readyz", "%s: %s", id, got.body)
					require.NotEmpty(t, got.Header.Get("Retry-After"))
					require.Less(t, got.took, longestAnswer, id)
				}
			}
			receipt := <-opened
			database.Set(networktest.Condition{})
			s.recovers()
			s.await(receipt, "converted")
		})
	}
}

// TestWithoutRabbitMQOnlyWhatNeedsItIsRefused, in time; the doors stay open, and the API
// recovers by itself.
func TestWithoutRabbitMQOnlyWhatNeedsItIsRefused(t *testing.T) {
	t.Parallel()
	for name, condition := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var broker *networktest.Proxy
			s := serveAPI(t, func(o *app.Options) {
				broker = behind(t, &o.AMQPURL)
				o.Receiver.SpoolAfter = 250 * time.Millisecond
			})
			s.recovers()
			publisher := s.blog()
			broker.Set(condition)
			opened := make(chan uuid.UUID, 1)
			go func() { opened <- s.doorsStayOpen(publisher) }()
			for id, answers := range s.callEach() {
				for _, got := range answers {
					require.Less(t, got.took, longestAnswer, id)
					if id != "list-queues" && id != "replay-dead-letters" {
						require.Less(t, got.StatusCode, 500, "%s: %s", id, got.body)
						continue
					}
					require.Equal(t, http.StatusServiceUnavailable, got.StatusCode, "%s: %s", id, got.body)
					wrong := problemIn(t, got.response)
					require.Equal(t, "unavailable", wrong.Reason)
					require.Contains(t, wrong.Hint, "/readyz", "%s: %s", id, got.body)
					require.NotEmpty(t, got.Header.Get("Retry-After"))
				}
			}
			receipt := <-opened
			s.resumeQueues()
			broker.Set(networktest.Condition{})
			s.recovers()
			s.await(receipt, "converted")
		})
	}
}
