package worker_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	watermillamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
)

// notice is a message that is not a hit.
type notice struct {
	To      string `json:"to"`
	Attempt int    `json:"attempt"`
}

func decodeNotice(payload []byte) (notice, error) {
	var n notice
	err := json.Unmarshal(payload, &n)
	return n, err
}

// notices is a system with two topics: hits, and notices with their own retry delays.
type notices struct {
	*system
	spy      *spyPublisher
	archived chan archivedNotice
}

type archivedNotice struct {
	worker.DeadLetter
	notice notice
}

func newNotices(t *testing.T) *notices {
	s := newSystemOf(t, rabbit.Topology{Topics: []rabbit.Topic{
		{Name: hit.TopicPostbacks},
		{Name: "notices", RetryDelays: []time.Duration{30 * time.Millisecond, 60 * time.Millisecond}},
	}, RetryDelays: []time.Duration{10 * time.Millisecond}})
	return &notices{system: s, spy: &spyPublisher{Publisher: s.publisher}, archived: make(chan archivedNotice, 10)}
}

// run starts a worker with a route for hits and one for notices.
func (n *notices) run(handle worker.Handler[notice], change ...func(*worker.Options)) {
	handleHit, _ := handled()
	archive := func(_ context.Context, value notice, dead worker.DeadLetter) error {
		n.archived <- archivedNotice{dead, value}
		return nil
	}
	n.system.run(handleHit, append([]func(*worker.Options){func(o *worker.Options) {
		o.Publisher = n.spy
		o.Routes = append(o.Routes, worker.NewRoute("notices", decodeNotice, handle, archive))
	}}, change...)...)
}

func (n *notices) send(t *testing.T, payload string) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	require.NoError(t, n.publisher.Publish("notices", message.NewMessage(id.String(), []byte(payload))))
	return id
}

func TestATopicOfAnotherTypeIsRetriedWithItsOwnDelaysThenDeadLetteredAndArchived(t *testing.T) {
	t.Parallel()
	n := newNotices(t)
	calls := make(chan notice, 10)
	n.run(func(_ context.Context, value notice, _ []byte) error {
		calls <- value
		return errors.New("nobody home")
	})
	id := n.send(t, `{"to":"joe","attempt":7}`)
	want := notice{To: "joe", Attempt: 7}
	for range 3 {
		require.Equal(t, want, receive(t, calls))
	}
	letter := receive(t, n.archived)
	require.Equal(t, want, letter.notice)
	require.Equal(t, id, letter.ID)
	require.Equal(t, outcome.HandlerFailed, letter.Reason)
	require.Equal(t, "nobody home", letter.Error)
	require.Equal(t, 3, letter.Attempts)
	require.JSONEq(t, `{"to":"joe","attempt":7}`, string(letter.Payload))
	ways := []string{"retry.30ms/notices", "retry.60ms/notices", "dead"}
	require.Eventually(t, func() bool { return slices.Equal(ways, n.spy.topics()) }, testTimeout, time.Millisecond)
	require.Empty(t, n.letters, "no archive of another topic gets it")
}

func TestAnUndecodableMessageIsArchivedByTheRouteOfItsTopic(t *testing.T) {
	t.Parallel()
	n := newNotices(t)
	n.run(func(context.Context, notice, []byte) error { return nil })
	n.send(t, "no JSON")
	letter := receive(t, n.archived)
	require.Equal(t, outcome.Undecodable, letter.Reason)
	require.Zero(t, letter.notice)
	require.Equal(t, "no JSON", string(letter.Payload))
	require.Empty(t, n.letters)
}

// publishDead puts a message into the dead queue as the broker does with one that
// died in a queue.
func (s *system) publishDead(t *testing.T, id uuid.UUID, payload, queue, reason string, own map[string]string) {
	t.Helper()
	connection, err := amqp.Dial(s.url)
	require.NoError(t, err)
	defer connection.Close()
	channel, err := connection.Channel()
	require.NoError(t, err)
	require.NoError(t, channel.Confirm(false))
	headers := amqp.Table{watermillamqp.DefaultMessageUUIDHeaderKey: id.String()}
	for key, value := range own {
		headers[key] = value
	}
	if queue != "" {
		headers["x-death"] = []any{amqp.Table{"reason": reason, "queue": s.topology.Prefix + queue}}
	}
	confirm, err := channel.PublishWithDeferredConfirm(s.topology.Prefix+"hits", "dead", true, false,
		amqp.Publishing{Headers: headers, Body: []byte(payload), DeliveryMode: amqp.Persistent})
	require.NoError(t, err)
	require.True(t, confirm.Wait())
}

// Only the broker's headers say in which queue the broker dead-lettered a message, and
// these headers are not sent again.
func TestALetterOfTheBrokerKeepsItsCauseWhenItsArchiveFails(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"notices", "notices.suspects"} {
		t.Run(queue, func(t *testing.T) {
			t.Parallel()
			n := newNotices(t)
			failing := true
			n.run(nil, func(o *worker.Options) {
				o.Routes[1] = worker.NewRoute("notices", decodeNotice, nil, func(_ context.Context, value notice, dead worker.DeadLetter) error {
					if failing {
						failing = false
						return errors.New("cannot archive")
					}
					n.archived <- archivedNotice{dead, value}
					return nil
				})
			})
			id := uuid.New()
			n.publishDead(t, id, `{"to":"ann"}`, queue, "delivery_limit", nil)
			letter := receive(t, n.archived)
			require.Equal(t, id, letter.ID)
			require.Equal(t, "ann", letter.notice.To)
			require.Equal(t, outcome.DeliveryLimit, letter.Reason, letter.Error)
			require.Contains(t, letter.Error, queue)
		})
	}
}

// Workers of an earlier version write no topic into a letter, and handle only hits.
func TestALetterWithoutATopicIsArchivedByTheFirstRoute(t *testing.T) {
	t.Parallel()
	n := newNotices(t)
	n.run(nil)
	h := n.publishTo(rabbit.TopicDead, map[string]string{"integr8-cause": "handler_failed", "integr8-error": "an error"})
	letter := n.letter()
	require.Equal(t, h.ID, letter.Hit.ID)
	require.Equal(t, "an error", letter.Error)
}

// Another worker, of a later version, may have a route for it.
func TestALetterOfATopicWithoutARouteIsKept(t *testing.T) {
	t.Parallel()
	n := newNotices(t)
	n.run(nil)
	n.publishDead(t, uuid.New(), "{}", "", "", map[string]string{"integr8-topic": "later", "integr8-cause": "handler_failed"})
	require.Eventually(t, func() bool { return n.seen(failure.Transient) >= 2 }, testTimeout, time.Millisecond)
	require.Eventually(t, func() bool { return slices.Contains(n.spy.topics(), "retry.10ms/dead") }, testTimeout, time.Millisecond)
	require.Empty(t, n.letters)
	require.Empty(t, n.archived)
}
