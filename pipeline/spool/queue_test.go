package spool_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
	"integr8/pipeline/receiver"
	"integr8/pipeline/spool"
)

var _ receiver.Queue = (*spool.Queue)(nil)

// testTimeout is how long a test waits for an event.
const testTimeout = 30 * time.Second

// way is a Queue with its Log and its broker.
type way struct {
	t        testing.TB
	proxy    *rabbittest.Proxy
	topology rabbit.Topology
	broker   *rabbit.Publisher
	log      *spool.Log
	queue    *spool.Queue
}

// newWay makes a way to a broker that cannot be reached.
func newWay(t testing.TB, topology rabbit.Topology, options spool.Options) *way {
	t.Helper()
	topology.Topics = []rabbit.Topic{{Name: hit.TopicClicks}, {Name: hit.TopicPostbacks}}
	topology = rabbittest.Declare(t, topology)
	w := &way{t: t, proxy: rabbittest.NewProxy(t), topology: topology}
	w.proxy.Refuse()
	var err error
	w.broker, err = rabbit.NewPublisher(rabbit.PublisherOptions{
		URL: w.proxy.URL, Topology: topology, Outstanding: 1, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.broker.Close()) })
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	options.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	w.log, err = spool.Open(options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.log.Close()) })
	w.queue = spool.NewQueue(spool.QueueOptions{Broker: w.broker, Log: w.log, Logger: options.Logger})
	return w
}

// run drains until the test ends or the returned function is called.
func (w *way) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := w.queue.Run(ctx); err != nil {
			w.t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	w.t.Cleanup(stop)
	return stop
}

func (w *way) comeBack() {
	w.t.Helper()
	w.proxy.Pass()
	require.Eventually(w.t, w.broker.Ready, testTimeout, 5*time.Millisecond)
}

func newHit(i int) *hit.Hit {
	kind := hit.Postback
	if i%3 == 0 {
		kind = hit.Click
	}
	return &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: kind, ReceivedAt: time.Now().UTC(), Method: "GET",
		Params: map[string]string{"number": fmt.Sprint(i)}}
}

// put puts n hits and returns their ids by topic, in order.
func (w *way) put(n int) map[string][]string {
	w.t.Helper()
	ids := map[string][]string{}
	for i := range n {
		h := newHit(i)
		require.NoError(w.t, w.queue.Put(context.Background(), h))
		ids[h.Kind.Topic()] = append(ids[h.Kind.Topic()], h.ID.String())
	}
	return ids
}

// arrived receives n messages of a topic and returns their ids, in order.
func (w *way) arrived(topic string, n int) []string {
	w.t.Helper()
	ids := []string{}
	for _, msg := range w.take(topic, n) {
		h, err := hit.Decode(msg.Payload)
		require.NoError(w.t, err)
		require.Equal(w.t, msg.UUID, h.ID.String())
		ids = append(ids, msg.UUID)
	}
	return ids
}

func (w *way) take(topic string, n int) []*message.Message {
	w.t.Helper()
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{
		URL: rabbittest.URL(w.t), Topology: w.topology, DrainTimeout: time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, subscriber.Close()) }()
	messages, err := subscriber.Subscribe(context.Background(), topic)
	require.NoError(w.t, err)
	taken := []*message.Message{}
	for len(taken) < n {
		select {
		case msg := <-messages:
			require.True(w.t, msg.Ack())
			taken = append(taken, msg)
		case <-time.After(testTimeout):
			require.FailNow(w.t, "not all arrived", "%d of %d", len(taken), n)
		}
	}
	return taken
}

func (w *way) empties() {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.log.State().Records == 0 }, testTimeout, 5*time.Millisecond)
}

func TestHitsAreSpooledWhileTheBrokerIsAwayAndDrainedInOrder(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	w.run()
	sent := w.put(300)
	require.EqualValues(t, 300, w.log.State().Records)
	remark, err := w.queue.Status()
	require.NoError(t, err)
	require.Regexp(t, `^broker away, spooling: 300 hits, the oldest \d+s old$`, remark)

	w.comeBack()
	w.empties()
	for topic, ids := range sent {
		require.Equal(t, ids, w.arrived(topic, len(ids)), topic)
	}
	require.EqualValues(t, 300, w.log.State().Drained)
	remark, err = w.queue.Status()
	require.NoError(t, err)
	require.Empty(t, remark)
}

func TestHitsGoStraightToABrokerThatIsThere(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	w.comeBack()
	sent := w.put(30)
	require.Zero(t, w.log.State().Appended)
	for topic, ids := range sent {
		require.Equal(t, ids, w.arrived(topic, len(ids)))
	}
}

func TestABrokerThatHangsCostsItsDeadlineAndNoHit(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	w.comeBack()
	w.run()
	w.proxy.Hang()
	h := newHit(1)
	began := time.Now()
	require.NoError(t, w.queue.Put(t.Context(), h))
	require.GreaterOrEqual(t, time.Since(began), spool.DefaultAfter)
	require.EqualValues(t, 1, w.log.State().Appended)
	w.proxy.Pass()
	w.empties()
	// It was spooled while its publish was under way, so it is delivered twice.
	ids := w.arrived(hit.TopicPostbacks, 2)
	require.Equal(t, []string{h.ID.String(), h.ID.String()}, ids)
}

func TestHitsThatAFullQueueRefusesAreSpooledUntilItHasRoom(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{MaxBytes: 1000}, spool.Options{})
	w.comeBack()
	w.run()
	var sent []string
	for i := 1; w.log.State().Appended < 5; i += 3 {
		h := newHit(i)
		require.NoError(t, w.queue.Put(t.Context(), h))
		sent = append(sent, h.ID.String())
	}
	remark, err := w.queue.Status()
	require.NoError(t, err)
	require.Contains(t, remark, "failed hits just now, spooling: ")
	got := map[string]bool{}
	for len(got) < len(sent) { // each message that is received makes room for another
		for _, id := range w.arrived(hit.TopicPostbacks, 1) {
			got[id] = true
		}
	}
	for _, id := range sent {
		require.True(t, got[id])
	}
	w.empties()
}

func TestAFullSpoolIsAnErrorAndNoLongerReady(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{MaxBytes: 5000})
	taken := 0
	var err error
	for ; err == nil; taken++ {
		err = w.queue.Put(t.Context(), newHit(taken))
	}
	require.ErrorIs(t, err, spool.ErrFull)
	require.ErrorIs(t, err, rabbit.ErrUnavailable)
	require.Equal(t, failure.Outage, failure.Of(err))
	_, err = w.queue.Status()
	require.ErrorIs(t, err, spool.ErrFull)

	w.run()
	w.comeBack()
	require.Eventually(t, func() bool { _, err := w.queue.Status(); return err == nil }, testTimeout, 5*time.Millisecond,
		"the broker is enough")
	w.empties()
	w.proxy.Refuse()
	require.Eventually(t, func() bool { return !w.broker.Ready() }, testTimeout, 5*time.Millisecond)
	require.NoError(t, w.queue.Put(t.Context(), newHit(0)))
	_, err = w.queue.Status()
	require.NoError(t, err, "the spool is enough")
}

func TestWhatIsSpooledIsDrainedAfterARestart(t *testing.T) {
	t.Parallel()
	first := newWay(t, rabbit.Topology{}, spool.Options{})
	stop := first.run()
	dir := t.TempDir()
	second := newWay(t, rabbit.Topology{}, spool.Options{Dir: dir})
	sent := second.put(50)
	require.NoError(t, second.log.Close())
	stop()

	third := newWay(t, rabbit.Topology{}, spool.Options{Dir: dir})
	require.EqualValues(t, 50, third.log.State().Records)
	third.run()
	third.comeBack()
	third.empties()
	for topic, ids := range sent {
		require.Equal(t, ids, third.arrived(topic, len(ids)))
	}
}

func TestARecordThatHoldsNoHitStopsNothingAndIsKept(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	require.NoError(t, w.log.Append(t.Context(), []byte("written by nobody knows whom")))
	sent := w.put(10)
	w.run()
	w.comeBack()
	w.empties()
	for topic, ids := range sent {
		require.Equal(t, ids, w.arrived(topic, len(ids)))
	}
	require.Zero(t, w.log.State().Bytes)
}

func TestNothingIsLostWhileTheBrokerComesAndGoes(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{SegmentBytes: 20_000})
	w.run()
	var arriving sync.WaitGroup
	var number atomic.Int64
	stop := make(chan struct{})
	var mu sync.Mutex
	sent := map[string]bool{}
	for range 8 {
		arriving.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				h := newHit(1 + 3*int(number.Add(1)))
				if err := w.queue.Put(context.Background(), h); err != nil {
					t.Error(err)
				}
				mu.Lock()
				sent[h.ID.String()] = true
				mu.Unlock()
			}
		})
	}
	for range 4 {
		w.comeBack()
		before := w.log.State().Drained
		require.Eventually(t, func() bool { return w.log.State().Drained > before }, testTimeout, time.Millisecond)
		w.proxy.Refuse()
		spooled := w.log.State().Appended
		require.Eventually(t, func() bool { return w.log.State().Appended > spooled+20 }, testTimeout, time.Millisecond)
	}
	w.comeBack()
	close(stop)
	arriving.Wait()
	w.empties()

	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{URL: rabbittest.URL(t), Topology: w.topology, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer func() { require.NoError(t, subscriber.Close()) }()
	messages, err := subscriber.Subscribe(context.Background(), hit.TopicPostbacks)
	require.NoError(t, err)
	for len(sent) > 0 {
		select {
		case msg := <-messages:
			delete(sent, msg.UUID)
			msg.Ack()
		case <-time.After(testTimeout):
			require.FailNow(t, "hits were lost", "%d", len(sent))
		}
	}
}

// TestATopicWhoseQueueIsFullHoldsUpNoOther spools both topics while the broker
// is away. Then nothing consumes the clicks, whose queue is soon full.
func TestATopicWhoseQueueIsFullHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{MaxBytes: 20_000}, spool.Options{})
	sent := w.put(3000)
	w.run()
	w.comeBack()
	w.takeAll(hit.TopicPostbacks, sent[hit.TopicPostbacks])
	require.Eventually(t, func() bool { return slices.Equal(w.log.Lanes(), []string{hit.TopicClicks}) }, testTimeout, 5*time.Millisecond)
	require.Greater(t, w.log.State().Records, int64(500), "the clicks wait")

	came := w.takeAll(hit.TopicClicks, sent[hit.TopicClicks])
	w.empties()
	require.Less(t, came, 3*len(sent[hit.TopicClicks]), "a queue that takes a part of a batch does not get all of it again and again")
}

// takeAll receives messages of a topic until all of these have come, and returns the
// number of messages, repeats included.
func (w *way) takeAll(topic string, ids []string) (came int) {
	w.t.Helper()
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{
		URL: rabbittest.URL(w.t), Topology: w.topology, DrainTimeout: time.Second, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	defer func() { require.NoError(w.t, subscriber.Close()) }()
	messages, err := subscriber.Subscribe(context.Background(), topic)
	require.NoError(w.t, err)
	missing := map[string]bool{}
	for _, id := range ids {
		missing[id] = true
	}
	for len(missing) > 0 {
		select {
		case msg := <-messages:
			require.True(w.t, msg.Ack())
			delete(missing, msg.UUID)
			came++
		case <-time.After(testTimeout):
			require.FailNow(w.t, "not all arrived", "%d are missing", len(missing))
		}
	}
	return came
}
