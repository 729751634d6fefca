package queues_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/rabbit/rabbittest"
)

// TestTheJSONOfQueuesStaysAsItWas: scripts read it. The file was written before the
// type moved to this package.
func TestTheJSONOfQueuesStaysAsItWas(t *testing.T) {
	t.Parallel()
	seconds, hits := 59.5, int64(15425)
	got, err := json.MarshalIndent([]queues.Queue{
		{Queue: "north.clicks", Messages: 1234, Hits: &hits, InFlight: 1234, OldestSeconds: &seconds, Consumers: 2, Silent: 1,
			Purpose: "clicks to be recorded", Hint: "h", Cause: queues.WorkersSilent, Server: "database"},
		{Queue: "north.dead"},
	}, "", "  ")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/queues.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got)+"\n")
}

func TestALookNamesWhatEachQueueIsForAndWhatToDo(t *testing.T) {
	t.Parallel()
	topology := rabbittest.Declare(t, rabbit.Topology{Topics: handlers.Topics()})
	watcher := &queues.Watcher{Topology: topology, Broker: queues.RabbitMQ{Topology: topology, URL: rabbittest.URL(t)}}
	view, err := watcher.Look(t.Context())
	require.NoError(t, err)
	require.NoError(t, view.Unasked)
	require.Len(t, view.Queues, len(topology.QueueNames()))
	for _, queue := range view.Queues {
		require.NotEmpty(t, queue.Purpose, queue.Queue)
		require.Equal(t, topology.Prefix+queue.Topic, queue.Queue)
		if queue.Topic == hit.TopicClicks || queue.Topic == hit.TopicPostbacks {
			require.Equal(t, queues.NoWorker, queue.Cause)
			require.Contains(t, queue.Hint, "start `integr8 work`")
		} else {
			require.Empty(t, queue.Hint, queue.Queue)
		}
	}
}

// filling is a broker whose queue of clicks, which one worker takes from, holds one
// message more at each look.
type filling struct {
	looks int
	fails error
}

func (b *filling) Survey(context.Context, func(rabbit.Survey) bool) (rabbit.Survey, error) {
	b.looks++
	if b.looks > 2 && b.fails != nil {
		return rabbit.Survey{}, b.fails
	}
	return rabbit.Survey{Depths: []rabbit.Depth{{Queue: "clicks", Messages: b.looks, Consumers: 1}}, Unasked: errors.New("no permission")}, nil
}

func TestWatchSaysWhatGrowsAndEndsWithItsContextOrTheFirstError(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	watcher := &queues.Watcher{Topology: rabbit.Topology{Topics: handlers.Topics()}, Broker: &filling{}}
	var causes []queues.Cause
	for view, err := range watcher.Watch(ctx, time.Microsecond) {
		require.NoError(t, err)
		require.EqualError(t, view.Unasked, "no permission")
		if causes = append(causes, view.Queues[0].Cause); len(causes) == 3 {
			stop()
		}
	}
	require.Equal(t, []queues.Cause{queues.NoTrouble, queues.MessagesGrow, queues.MessagesGrow}, causes)

	gone := errors.New("the broker is gone")
	watcher = &queues.Watcher{Broker: &filling{fails: gone}}
	var last error
	looks := 0
	for _, err := range watcher.Watch(t.Context(), time.Microsecond) {
		last = err
		looks++
	}
	require.ErrorIs(t, last, gone)
	require.Equal(t, 3, looks)
}

// level is a broker whose one queue stays as full as it is.
type level struct{}

func (level) Survey(context.Context, func(rabbit.Survey) bool) (rabbit.Survey, error) {
	return rabbit.Survey{Depths: []rabbit.Depth{{Queue: "clicks", Messages: 1, Consumers: 1}}, Unasked: errors.New("no permission")}, nil
}

func TestSeveralGoroutinesMayLookThroughOneWatcher(t *testing.T) {
	t.Parallel()
	watcher := &queues.Watcher{Topology: rabbit.Topology{Topics: handlers.Topics()}, Broker: level{}}
	var looking sync.WaitGroup
	for range 4 {
		looking.Go(func() {
			for range 50 {
				view, err := watcher.Look(t.Context())
				if err != nil || view.Queues[0].Cause != queues.NoTrouble {
					t.Errorf("%v, %v", view, err)
				}
			}
		})
	}
	looking.Wait()
}
