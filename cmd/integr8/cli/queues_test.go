package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"integr8/handlers"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/monitor"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
)

func TestQueuesTellsDepthsConsumersAndHints(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(3, s.ID, outcome.OfferPaused, s.Offer)
	code, _, stderr := s.command("dead", "replay", "--all")
	require.Zero(t, code, stderr)

	var shown []queues.Queue
	s.answers(&shown, "queues")
	byName := map[string]queues.Queue{}
	for _, queue := range shown {
		byName[strings.TrimPrefix(queue.Queue, s.topology.Prefix)] = queue
		require.NotEmpty(t, queue.Purpose, queue.Queue)
	}
	require.Positive(t, byName["postbacks"].Messages)
	require.Nil(t, byName["postbacks"].Hits, "nobody knows how many hits are in a message")
	require.Zero(t, *byName["clicks"].Hits)
	require.Zero(t, byName["postbacks"].Consumers)
	require.Contains(t, byName["postbacks"].Hint, "start `integr8 work`")
	require.Contains(t, byName["clicks"].Hint, "start `integr8 work`")
	require.Empty(t, byName["deliveries"].Hint)
	require.Empty(t, byName["retry.30s"].Hint)
	_, stdout, _ := s.command("queues")
	require.Contains(t, stdout, fmt.Sprintf("\n%sclicks, %spostbacks: no worker is connected: start `integr8 work`\n", s.topology.Prefix, s.topology.Prefix))

	s.startWorker()
	require.Eventually(t, func() bool {
		s.answers(&shown, "queues")
		for _, queue := range shown {
			if queue.Hint != "" {
				return false
			}
		}
		return true
	}, patience, 50*time.Millisecond)
	code, stdout, _ = s.command("queues")
	require.Zero(t, code)
	require.Regexp(t, `(?m)^`+s.topology.Prefix+`postbacks\s+0\s+0\s+-\s+1\s+postbacks of every kind`, stdout)
}

func TestQueuesWatchesUntilInterrupted(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		s.watchesUntil(t, signal)
	}
}

// watchesUntil watches until a signal comes, which is how a person ends it, and so
// no failure.
func (s *system) watchesUntil(t *testing.T, signal syscall.Signal) {
	ctx, interrupt := context.WithCancelCause(context.Background())
	defer interrupt(nil)
	out := &logs{changed: make(chan struct{})}
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- Run(ctx, []string{"queues", "--watch", "--interval", "100ms", "--json"}, s.lookup, strings.NewReader(""), out, &errs)
	}()
	require.Eventually(t, func() bool { return strings.Count(out.text(), "\n") >= 3 }, patience, 10*time.Millisecond)
	interrupt(interruption{signal})
	require.Zero(t, <-ended, errs.String())
	for line := range strings.Lines(out.text()) {
		var shown []queues.Queue
		require.NoError(t, json.Unmarshal([]byte(line), &shown))
		require.NotEmpty(t, shown)
	}
}

// TestQueuesFitAHundredColumns: in their usual state whole, and on a terminal also
// where a broker is shared, with figures of a busy system.
func TestQueuesFitAHundredColumns(t *testing.T) {
	t.Parallel()
	for prefix, busy := range map[string]bool{"": false, "north.": true} {
		topology := rabbit.Topology{Prefix: prefix, Topics: handlers.Topics()}
		var survey rabbit.Survey
		for _, queue := range topology.QueueNames() {
			depth := rabbit.Depth{Queue: prefix + queue, Consumers: 2}
			if busy && strings.HasSuffix(queue, "clicks") {
				depth.Messages = 1234
			}
			survey.Depths = append(survey.Depths, depth)
		}
		topics := map[string]monitor.Work{}
		for _, queue := range topology.QueueNames() {
			topics[queue] = monitor.Work{Consuming: true}
		}
		topics["clicks"] = monitor.Work{Consuming: true, HitsPerMessage: 12.5, Hits: 1234, Oldest: 59 * time.Second}
		status, err := monitor.Status{Topics: topics}.Encode()
		require.NoError(t, err)
		survey.Statuses = [][]byte{status, status}
		watcher := &queues.Watcher{Topology: topology, Broker: surveyed{survey}}
		view, err := watcher.Look(t.Context())
		require.NoError(t, err)
		require.Len(t, view.Queues, len(topology.QueueNames()))
		shown := &table{}
		if busy {
			shown.width = 100
		}
		queueTable(shown, view.Queues)
		var out bytes.Buffer
		require.NoError(t, shown.write(&out))
		for line := range strings.Lines(out.String()) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 100, line)
		}
	}
}

// surveyed is a broker with one survey.
type surveyed struct{ survey rabbit.Survey }

func (s surveyed) Survey(context.Context, func(rabbit.Survey) bool) (rabbit.Survey, error) {
	return s.survey, nil
}
