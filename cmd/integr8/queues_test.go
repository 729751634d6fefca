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
	require.Nil(t, byName["postbacks"].Hits, "nobody knows how many hits are in a message")
	require.Zero(t, *byName["clicks"].Hits)
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
	require.Regexp(t, `(?m)^`+s.topology.Prefix+`postbacks\s+0\s+0\s+-\s+1\s+postbacks, pixels`, stdout)
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
