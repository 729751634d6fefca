package spool_test

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

// refusing is a broker that can never send one of the hits.
type refusing struct {
	*rabbit.Publisher
	id string
}

func (r refusing) Publish(topic string, messages ...*message.Message) error {
	for _, msg := range messages {
		if msg.UUID == r.id {
			return failure.Never(errors.New("it can travel in no form"))
		}
	}
	return r.Publisher.Publish(topic, messages...)
}

func TestAHitThatCanNeverBeSentHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	sent := w.put(10)
	clicks := sent[hit.TopicClicks]
	w.queue = spool.NewQueue(spool.QueueOptions{Broker: refusing{w.broker, clicks[1]}, Log: w.log,
		Logger: slog.New(slog.DiscardHandler)})
	w.run()
	w.comeBack()
	w.empties()
	require.Equal(t, append(clicks[:1:1], clicks[2:]...), w.arrived(hit.TopicClicks, len(clicks)-1))
	require.Equal(t, sent[hit.TopicPostbacks], w.arrived(hit.TopicPostbacks, len(sent[hit.TopicPostbacks])))
}

func TestAHitThatCanNeverBeSentIsNotSpooled(t *testing.T) {
	t.Parallel()
	w := newWay(t, rabbit.Topology{}, spool.Options{})
	w.comeBack()
	h := newHit(1)
	w.queue = spool.NewQueue(spool.QueueOptions{Broker: refusing{w.broker, h.ID.String()}, Log: w.log})
	require.Equal(t, failure.Permanent, failure.Of(w.queue.Put(t.Context(), h)))
	require.Zero(t, w.log.State().Appended)
}
