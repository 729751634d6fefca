package handlers

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

func TestNoWaitEndsBeforeTheClicksQueuedUntilThenAreHandled(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const never = time.Duration(-1)
	type look struct {
		at      time.Duration // after noon
		backlog rabbit.Backlog
		steady  int
		failed  bool
		until   time.Duration // after noon; never while no moment is known
	}
	two := rabbit.Backlog{Consumers: 2, RetrySpan: 10 * time.Minute}
	behind, retrying := two, two
	behind.Ready, retrying.Retrying = 1, 1
	behindRetrying := behind
	behindRetrying.Retrying = 1
	for name, looks := range map[string][]look{
		"the queue is empty twice, a grace apart": {
			{0, two, 2, false, never}, {time.Minute, two, 2, false, never}, {2 * time.Minute, two, 2, false, 0},
			{3 * time.Minute, two, 2, false, 0}, {4 * time.Minute, two, 2, false, 2 * time.Minute},
		},
		"it is behind at first": {
			{0, behind, 2, false, never}, {time.Hour, two, 2, false, never}, {time.Hour + 2*time.Minute, two, 2, false, time.Hour},
		},
		"it is behind again, as when a worker died": {
			{0, two, 2, false, never}, {2 * time.Minute, behind, 2, false, never}, {3 * time.Minute, two, 2, false, 0},
		},
		"a consumer has not been heard of": {
			{0, two, 2, false, never}, {time.Hour, two, 1, false, never}, {2 * time.Hour, two, 2, false, 0},
		},
		"a worker that has just stopped still counts": {
			{0, two, 3, false, never}, {2 * time.Minute, two, 3, false, 0},
		},
		"failed attempts wait for their next": {
			{0, retrying, 2, false, never}, {11 * time.Minute, retrying, 2, false, never},
			{12 * time.Minute, retrying, 2, false, 0},
		},
		"failed attempts are under way again at a look": {
			{0, retrying, 2, false, never}, {2 * time.Minute, two, 2, false, never},
			{12 * time.Minute, two, 2, false, 0}, {14 * time.Minute, two, 2, false, 12 * time.Minute},
		},
		"an attempt fails after the first look": {
			{0, two, 2, false, never}, {time.Minute, retrying, 2, false, never}, {2 * time.Minute, two, 2, false, never},
			{12 * time.Minute, two, 2, false, 0},
		},
		"an attempt has failed before the first look": {
			{0, behind, 2, false, never}, {time.Minute, behindRetrying, 2, false, never}, {2 * time.Minute, two, 2, false, never},
			{4 * time.Minute, two, 2, false, 2 * time.Minute},
		},
		"the queue's leader does not answer": {
			{0, rabbit.Backlog{}, 2, false, never}, {2 * time.Minute, rabbit.Backlog{}, 2, false, never},
			{4 * time.Minute, two, 2, false, never}, {6 * time.Minute, rabbit.Backlog{}, 2, false, never},
			{7 * time.Minute, two, 2, false, 4 * time.Minute},
		},
		"a look fails, as in an outage": {
			{0, two, 2, false, never}, {time.Minute, two, 2, true, never}, {3 * time.Minute, two, 2, false, never},
			{5 * time.Minute, two, 2, false, 3 * time.Minute}, {6 * time.Minute, two, 2, true, 3 * time.Minute},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := watermark{grace: 2 * time.Minute}
			for _, l := range looks {
				if l.failed {
					w.reset()
				} else {
					w.observe(noon.Add(l.at), l.backlog, l.steady)
				}
				var want time.Time
				if l.until != never {
					want = noon.Add(l.until)
				}
				require.Equal(t, want, w.until, "at %s", l.at)
			}
		})
	}
}
