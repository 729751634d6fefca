package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

// takes is a Publisher that returns what its function answer returns.
type takes struct {
	answer func(topic string, msg *message.Message) error

	mu   sync.Mutex
	sent map[string][]*message.Message
}

func (p *takes) Publish(topic string, messages ...*message.Message) error {
	for _, msg := range messages {
		if p.answer != nil {
			if err := p.answer(topic, msg); err != nil {
				return err
			}
		}
		p.mu.Lock()
		if p.sent == nil {
			p.sent = map[string][]*message.Message{}
		}
		p.sent[topic] = append(p.sent[topic], msg)
		p.mu.Unlock()
	}
	return nil
}

func (p *takes) Close() error { return nil }

func newPolicy(ctx context.Context, publisher message.Publisher) *policy {
	logger := slog.New(slog.DiscardHandler)
	return &policy{options: Options{Publisher: publisher}.withDefaults(), stopping: ctx, log: newFailureLog(logger),
		gate: newGate(logger, func(*Hold) {})}
}

// consumerTimeout is RabbitMQ's default.
const consumerTimeout = 30 * time.Minute

// The prefetch of a subscription may hold 256 batches of 128 hits, of which
// 2048 hits are handed out at once. With Postgres silent, each attempt takes its
// whole time. When all of them came at once, none may be left unsettled at the
// broker's consumer timeout, with attempts and pauses added.
func TestEveryPrefetchedMessageIsSettledBeforeTheConsumerTimeoutInALongOutage(t *testing.T) {
	for name, attempt := range map[string]time.Duration{"the database refuses": 0, "the database is silent": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const batches, hits, givenOut = 256, 128, 2048
				publisher := &takes{}
				policy := newPolicy(t.Context(), publisher)
				handle := policy.around(func(*message.Message) ([]*message.Message, error) {
					time.Sleep(attempt)
					return nil, failure.Unavailable(errors.New("no database"))
				})
				came := time.Now()
				ctx := rabbit.WithDelivery(t.Context(), came)
				budget := semaphore.NewWeighted(givenOut)
				var under sync.WaitGroup
				for range batches * hits {
					require.NoError(t, budget.Acquire(t.Context(), 1))
					under.Go(func() {
						defer budget.Release(1)
						msg := message.NewMessage("1", nil)
						msg.SetContext(ctx)
						_, err := handle(msg)
						if err != nil {
							panic(err)
						}
					})
				}
				under.Wait()
				held := time.Since(came)
				require.Greater(t, held, policy.options.MaxHold-maxPause, "they were held as long as it is safe")
				require.Less(t, held, consumerTimeout/2)
				require.Len(t, publisher.sent[rabbit.Topology{}.RetryTopic("", 1)], batches*hits)
			})
		})
	}
}

// While no queue takes it, a hit that failed is held no longer than one that
// waits for the database; then its Subscriber returns it.
func TestAHitThatNoRetryQueueTakesGoesBackInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy := newPolicy(t.Context(), &takes{answer: func(string, *message.Message) error { return rabbit.ErrNacked }})
		handle := policy.around(func(*message.Message) ([]*message.Message, error) { return nil, errors.New("deadlock") })
		began := time.Now()
		_, err := handle(message.NewMessage("1", nil))
		require.Equal(t, failure.Shutdown, failure.Of(err))
		require.Less(t, time.Since(began), consumerTimeout/2)
	})
}

func TestWhatCanNeverBePublishedNeitherLoopsNorShutsTheGate(t *testing.T) {
	never := fmt.Errorf("%w: it has 99999999 bytes", rabbit.ErrUnsendable)
	large := make([]byte, keptBytes+1)
	for name, failed := range map[string]error{
		"a retry":       errors.New("deadlock"),
		"a dead letter": failure.Never(errors.New("nonsense")),
	} {
		for _, topic := range []string{"postbacks", "dead"} {
			t.Run(name+" of "+topic, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					publisher := &takes{answer: func(_ string, msg *message.Message) error {
						if len(msg.Payload) > keptBytes || msg.Metadata.Get(metadataCut) == "" {
							return never
						}
						return nil
					}}
					policy := newPolicy(t.Context(), publisher)
					began := time.Now()
					handOn := policy.retry
					if failure.Of(failed) == failure.Permanent {
						handOn = policy.deadLetter
					}
					require.NoError(t, handOn(topic, message.NewMessage("1", large), failed, began.Add(time.Minute)))
					require.Zero(t, time.Since(began), "the gate was shut")
					to := "dead"
					if topic == "dead" {
						to = rabbit.Topology{}.RetryTopic("dead", 1)
					}
					require.Len(t, publisher.sent[to], 1)
					var letter DeadLetter
					_, err := NewRoute(topic, hit.Decode, nil, func(_ context.Context, _ *hit.Hit, dead DeadLetter) error {
						letter = dead
						return nil
					}).archive(publisher.sent[to][0])
					require.NoError(t, err)
					require.Equal(t, outcome.Undecodable, letter.Reason)
					require.Contains(t, letter.Error, "the first 65536 of 65537 bytes")
				})
			})
		}
	}
}

// When even the cut letter cannot be published, the broker's delivery limit ends it.
func TestWhatCannotBePublishedEvenCutGoesBackToItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy := newPolicy(t.Context(), &takes{answer: func(string, *message.Message) error { return rabbit.ErrUnsendable }})
		handle := policy.around(func(*message.Message) ([]*message.Message, error) { return nil, errors.New("deadlock") })
		began := time.Now()
		_, err := handle(message.NewMessage("1", nil))
		require.ErrorIs(t, err, rabbit.ErrUnsendable)
		require.Zero(t, time.Since(began), "the gate was shut")
	})
}

// An outage of the database never makes a dead letter, however large the hit.
func TestALargeHitIsNotCutBecauseAnOutageLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		publisher := &takes{answer: func(string, *message.Message) error { return rabbit.ErrUnsendable }}
		policy := newPolicy(t.Context(), publisher)
		handle := policy.around(func(*message.Message) ([]*message.Message, error) {
			return nil, failure.Unavailable(errors.New("no database"))
		})
		_, err := handle(message.NewMessage("1", make([]byte, keptBytes+1)))
		require.Error(t, err, "it goes back to its queue")
		require.Empty(t, publisher.sent)
	})
}
