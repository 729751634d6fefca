package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/rabbit"
)

func TestQueuesTellsDepthsConsumersAndHints(t *testing.T) {
	s := prepareSystem(t)
	s.die(3, s.ID, attribution.OfferPaused, s.Offer)
	code, _, stderr := s.command("dead", "replay", "--all")
	require.Zero(t, code, stderr)

	var queues []queueView
	s.answers(&queues, "queues")
	byName := map[string]queueView{}
	for _, queue := range queues {
		byName[strings.TrimPrefix(queue.Queue, s.topology.Prefix)] = queue
		require.NotEmpty(t, queue.Purpose, queue.Queue)
	}
	require.Positive(t, byName["postbacks"].Messages)
	require.Zero(t, byName["postbacks"].Consumers)
	require.Contains(t, byName["postbacks"].Hint, "start integr8 work")
	require.Contains(t, byName["clicks"].Hint, "start integr8 work")
	require.Empty(t, byName["deliveries"].Hint)
	require.Empty(t, byName["retry.30s"].Hint)

	s.startWorker()
	require.Eventually(t, func() bool {
		s.answers(&queues, "queues")
		for _, queue := range queues {
			if queue.Hint != "" {
				return false
			}
		}
		return true
	}, patience, 50*time.Millisecond)
	code, stdout, _ := s.command("queues")
	require.Zero(t, code)
	require.Regexp(t, `(?m)^`+s.topology.Prefix+`postbacks\s+0\s+\d+\s+postbacks, pixels`, stdout)
}

func TestQueuesWatchesUntilInterrupted(t *testing.T) {
	s := prepareSystem(t)
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	out := &logs{changed: make(chan struct{})}
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"queues", "--watch", "--interval", "100ms", "--json"}, s.lookup, strings.NewReader(""), out, &errs)
	}()
	require.Eventually(t, func() bool { return strings.Count(out.text(), "\n") >= 3 }, patience, 10*time.Millisecond)
	interrupt()
	require.Zero(t, <-ended, errs.String())
	for line := range strings.Lines(out.text()) {
		var queues []queueView
		require.NoError(t, json.Unmarshal([]byte(line), &queues))
		require.NotEmpty(t, queues)
	}
}

func TestQueueHintsFollowWhatPilesUp(t *testing.T) {
	before := map[string]int{}
	look := func(depths ...rabbit.Depth) []string {
		var hints []string
		for _, view := range viewQueues("p.", depths, before) {
			hints = append(hints, view.Hint)
		}
		return hints
	}
	require.Equal(t, []string{"", "", ""}, look(
		rabbit.Depth{Queue: "p.postbacks", Messages: 10, Consumers: 1}, rabbit.Depth{Queue: "p.retry.5s"}, rabbit.Depth{Queue: "p.dead", Consumers: 1}))
	hints := look(rabbit.Depth{Queue: "p.postbacks", Messages: 11, Consumers: 1}, rabbit.Depth{Queue: "p.retry.5s", Messages: 1},
		rabbit.Depth{Queue: "p.dead", Messages: 1, Consumers: 1})
	require.Contains(t, hints[0], "start more workers")
	require.Contains(t, hints[1], "log")
	require.Contains(t, hints[2], "dead list")
	require.Empty(t, look(rabbit.Depth{Queue: "p.postbacks", Messages: 9, Consumers: 1})[0])
}
