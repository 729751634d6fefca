package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
	"integr8/pipeline/worker"
)

// testTimeout is far longer than any event here takes.
const testTimeout = 30 * time.Second

// letter is a dead letter that was archived, with its hit if it is one.
type letter struct {
	worker.DeadLetter
	Hit *hit.Hit
}

// system is a worker with its own queues on the real broker.
type system struct {
	t         *testing.T
	topology  rabbit.Topology
	url       string
	publisher *rabbit.Publisher
	letters   chan letter
	// archive receives the dead letters; by default it sends them to letters.
	archive worker.Archive[*hit.Hit]

	mu      sync.Mutex
	classes []failure.Class
}

func newSystem(t *testing.T) *system {
	t.Helper()
	return newSystemOf(t, rabbit.Topology{Topics: []rabbit.Topic{{Name: hit.TopicClicks}, {Name: hit.TopicPostbacks}, {Name: "deliveries"}}})
}

func newSystemOf(t *testing.T, topology rabbit.Topology) *system {
	t.Helper()
	s := &system{t: t, url: rabbittest.URL(t), topology: rabbittest.Declare(t, topology), letters: make(chan letter, 10)}
	s.archive = s.keep
	var err error
	s.publisher, err = rabbit.NewPublisher(rabbit.PublisherOptions{URL: s.url, Topology: s.topology, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.publisher.Close()) })
	return s
}

// run starts a worker and returns the function that stops it and waits.
func (s *system) run(handle worker.Handler[*hit.Hit], change ...func(*worker.Options)) (stop func()) {
	s.t.Helper()
	logger := slog.New(slog.DiscardHandler)
	subscriber, err := rabbit.NewSubscriber(rabbit.SubscriberOptions{URL: s.url, Topology: s.topology, Logger: logger,
		DrainTimeout: 5 * time.Second})
	require.NoError(s.t, err)
	options := worker.Options{
		Subscriber: subscriber, Publisher: s.publisher, Topology: s.topology, Logger: logger,
		Routes: []worker.Route{worker.NewRoute(hit.TopicPostbacks, hit.Decode, handle, s.archive)},
		Observe: func(_ string, class failure.Class, _ time.Duration) {
			s.mu.Lock()
			s.classes = append(s.classes, class)
			s.mu.Unlock()
		},
		DrainTimeout: 5 * time.Second,
	}
	for _, c := range change {
		c(&options)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		err := worker.Run(ctx, options)
		done <- errors.Join(err, subscriber.Close())
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			require.NoError(s.t, <-done)
		})
	}
	s.t.Cleanup(stop)
	return stop
}

func (s *system) keep(_ context.Context, h *hit.Hit, dead worker.DeadLetter) error {
	s.letters <- letter{dead, h}
	return nil
}

func (s *system) seen(class failure.Class) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.classes {
		if c == class {
			n++
		}
	}
	return n
}

func (s *system) publish(metadata map[string]string) *hit.Hit {
	s.t.Helper()
	return s.publishTo(hit.TopicPostbacks, metadata)
}

func (s *system) publishTo(topic string, metadata map[string]string) *hit.Hit {
	s.t.Helper()
	h := &hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback, ReceivedAt: time.Now().UTC()}
	payload, err := h.Encode()
	require.NoError(s.t, err)
	msg := message.NewMessage(h.ID.String(), payload)
	for key, value := range metadata {
		msg.Metadata.Set(key, value)
	}
	require.NoError(s.t, s.publisher.Publish(topic, msg))
	return h
}

func (s *system) letter() letter {
	s.t.Helper()
	return receive(s.t, s.letters)
}

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(testTimeout):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

// handled returns a handler that returns the errors in turn and then nil, and
// a channel with one element for each call.
func handled(errs ...error) (worker.Handler[*hit.Hit], chan *hit.Hit) {
	calls := make(chan *hit.Hit, 1000)
	var mu sync.Mutex
	return func(_ context.Context, h *hit.Hit, _ []byte) error {
		mu.Lock()
		defer mu.Unlock()
		calls <- h
		if len(errs) == 0 {
			return nil
		}
		err := errs[0]
		errs = errs[1:]
		return err
	}, calls
}

func TestOutageHoldsTheHitAndSpendsNoAttempt(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	outage := failure.Unavailable(errors.New("no database"))
	handle, calls := handled(outage, outage, outage)
	s.run(handle)
	h := s.publish(map[string]string{"integr8-attempts": "5"}) // one more failure would make it a dead letter
	for range 4 {
		require.Equal(t, h.ID, receive(t, calls).ID)
	}
	require.Eventually(t, func() bool { return s.seen(failure.None) == 1 }, testTimeout, time.Millisecond)
	require.Equal(t, 3, s.seen(failure.Outage))
	require.Empty(t, s.letters)
}

func TestTransientFailureComesBackThroughARetryQueue(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	handle, calls := handled(errors.New("deadlock\nwith details"))
	retries := make(chan worker.Retry, 2)
	s.run(handle, func(o *worker.Options) { o.ObserveRetry = func(r worker.Retry) { retries <- r } })
	h := s.publish(nil)
	first := receive(t, calls)
	began := time.Now()
	require.Equal(t, first.ID, receive(t, calls).ID)
	require.Equal(t, h.ID, first.ID)
	require.Greater(t, time.Since(began), s.topology.RetryDelaysOf(hit.TopicPostbacks)[0]/2)
	require.Equal(t, 1, s.seen(failure.Transient))

	retry := <-retries
	require.Empty(t, retries)
	require.Equal(t, s.topology.RetryDelaysOf(hit.TopicPostbacks)[0], retry.Next.Sub(retry.Failed))
	again, err := hit.Decode(retry.Payload)
	require.NoError(t, err)
	require.Equal(t, h.ID, again.ID)
	retry.Payload, retry.Failed, retry.Next = nil, time.Time{}, time.Time{}
	require.Equal(t, worker.Retry{Topic: hit.TopicPostbacks, Attempt: 1, Error: "deadlock"}, retry)
}

func TestAfterTheLastRetryAHitBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	handle, _ := handled(errors.New("still\nbroken"))
	s.run(handle)
	h := s.publish(map[string]string{"integr8-attempts": "5"})
	letter := s.letter()
	require.Equal(t, h.ID, letter.ID)
	require.Equal(t, h.ID, letter.Hit.ID)
	require.Equal(t, outcome.HandlerFailed, letter.Reason)
	require.Equal(t, "still", letter.Error, "one line")
	require.Equal(t, 6, letter.Attempts)
}

func TestNothingIsADeadLetterAtItsFirstFailure(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	never := failure.Never(errors.New(strings.Repeat("é", 1000)))
	handle, calls := handled(never, nil, never)
	s.run(handle)
	h := s.publish(nil)
	for range 2 {
		require.Equal(t, h.ID, receive(t, calls).ID)
	}
	require.Eventually(t, func() bool { return s.seen(failure.None) == 1 }, testTimeout, time.Millisecond)
	require.Empty(t, s.letters, "what failed for good passed when it was tried once more")

	h = s.publish(map[string]string{"integr8-attempts": "1"})
	letter := s.letter()
	require.Equal(t, h.ID, letter.ID)
	require.Equal(t, 2, letter.Attempts, "it is not tried further")
	require.Less(t, len(letter.Error), 600)
}

func TestAnOutageThatOneHitAloneMeetsSpendsItsAttempt(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	bad := s.publish(map[string]string{"integr8-attempts": "5"}).ID // one more failure makes it a dead letter
	stop := make(chan struct{})
	var publishing sync.WaitGroup
	publishing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				s.publish(nil)
			}
		}
	})
	defer publishing.Wait()
	defer close(stop)
	s.run(func(_ context.Context, h *hit.Hit, _ []byte) error {
		if h.ID == bad {
			return failure.Unavailable(errors.New("for this one the server is away"))
		}
		return nil
	})
	letter := s.letter()
	require.Equal(t, bad, letter.ID)
	require.Equal(t, 6, letter.Attempts)
	require.Greater(t, s.seen(failure.Outage), 1)
	passed := s.seen(failure.None)
	require.Eventually(t, func() bool { return s.seen(failure.None) > passed }, testTimeout, time.Millisecond, "the gate is open")
}

func TestPanicCondemnsOnlyItsOwnHit(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	var bad uuid.UUID
	var mu sync.Mutex
	good := make(chan uuid.UUID, 10)
	handle := func(_ context.Context, h *hit.Hit, _ []byte) error {
		mu.Lock()
		defer mu.Unlock()
		if h.ID == bad {
			panic("poison")
		}
		good <- h.ID
		return nil
	}
	mu.Lock()
	bad = s.publish(map[string]string{"integr8-attempts": "5"}).ID
	neighbour := s.publish(nil).ID
	mu.Unlock()
	s.run(handle)
	require.Equal(t, neighbour, receive(t, good))
	letter := s.letter()
	require.Equal(t, bad, letter.ID)
	require.Contains(t, letter.Error, "poison")
}

func TestAnArchiveThatFailsIsRetriedAndKeepsTheLettersCause(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	handle, _ := handled()
	failing := true
	s.archive = func(ctx context.Context, h *hit.Hit, dead worker.DeadLetter) error {
		if failing {
			failing = false
			return failure.Never(errors.New("cannot archive"))
		}
		return s.keep(ctx, h, dead)
	}
	s.run(handle)
	s.publishTo(rabbit.TopicDead, map[string]string{"integr8-cause": "handler_failed", "integr8-error": "the first error"})
	letter := s.letter()
	require.Equal(t, "the first error", letter.Error)
	require.Equal(t, outcome.HandlerFailed, letter.Reason)
}

func TestHitHeldTooLongGoesBackToTheBrokerUnspent(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	spy := &spyPublisher{Publisher: s.publisher}
	handled := make(chan *hit.Hit, 1)
	s.run(func(_ context.Context, h *hit.Hit, _ []byte) error {
		if len(spy.topics()) == 0 { // the database is away until the hit was returned
			return failure.Unavailable(errors.New("no database"))
		}
		handled <- h
		return nil
	}, func(o *worker.Options) { o.MaxHold, o.Publisher = 100*time.Millisecond, spy })
	h := s.publish(map[string]string{"integr8-attempts": "5"})
	require.Equal(t, h.ID, receive(t, handled).ID)
	require.Equal(t, []string{s.topology.RetryTopic(hit.TopicPostbacks, 1)}, spy.topics())
	require.Empty(t, s.letters)
}

// spyPublisher records the topics to which it published.
type spyPublisher struct {
	message.Publisher
	mu sync.Mutex
	to []string
}

func (p *spyPublisher) Publish(topic string, messages ...*message.Message) error {
	err := p.Publisher.Publish(topic, messages...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = append(p.to, topic)
	return err
}

func (p *spyPublisher) topics() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.to)
}

func (s *system) depth(queue string) int {
	s.t.Helper()
	depths, err := s.topology.Depths(context.Background(), s.url)
	require.NoError(s.t, err)
	for _, depth := range depths {
		if depth.Queue == s.topology.Prefix+queue || depth.Queue == queue {
			return depth.Messages
		}
	}
	require.Fail(s.t, "no queue "+queue)
	return 0
}
