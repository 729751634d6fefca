package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/trace"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

// attemptRows are a store of attempts, which may fail.
type attemptRows struct {
	mu    sync.Mutex
	rows  []trace.Attempt
	fails error
}

func (r *attemptRows) AddAttempts(ctx context.Context, attempts []trace.Attempt) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := errors.Join(ctx.Err(), r.fails); err != nil {
		return err
	}
	r.rows = append(r.rows, attempts...)
	return nil
}

func retryOf(t *testing.T) worker.Retry {
	t.Helper()
	payload, err := (&hit.Hit{ID: uuid.Must(uuid.NewV7()), Kind: hit.Postback}).Encode()
	require.NoError(t, err)
	return worker.Retry{Topic: hit.TopicPostbacks, Payload: payload, Attempt: 1, Error: "broken"}
}

// TestAttemptsThatFailDuringAStopAreRecorded: a worker drains while it stops.
func TestAttemptsThatFailDuringAStopAreRecorded(t *testing.T) {
	t.Parallel()
	var rows attemptRows
	log := newAttemptLog(&rows, func() *attribution.Snapshot { return &attribution.Snapshot{} }, slog.New(slog.DiscardHandler))
	stopped, stop := context.WithCancel(t.Context())
	for range 3 {
		log.add(retryOf(t))
	}
	log.add(worker.Retry{Topic: hit.TopicPostbacks, Payload: []byte("no hit")})
	stop()
	require.NoError(t, log.run(stopped))
	require.Len(t, rows.rows, 3)
}

// TestAttemptsThatCannotBeRecordedAreCounted: those for which there is no place, and those
// that the store does not take.
func TestAttemptsThatCannotBeRecordedAreCounted(t *testing.T) {
	t.Parallel()
	for _, fails := range []error{nil, errors.New("no database")} {
		var said strings.Builder
		rows := attemptRows{fails: fails}
		log := newAttemptLog(&rows, func() *attribution.Snapshot { return &attribution.Snapshot{} }, slog.New(slog.NewTextHandler(&said, nil)))
		for range mostAttempts + 2 {
			log.add(retryOf(t))
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		require.NoError(t, log.run(stopped))
		if fails == nil {
			require.Len(t, rows.rows, mostAttempts)
			require.Contains(t, said.String(), "attempts=2 ")
		} else {
			require.Contains(t, said.String(), "attempts=1026 ")
		}
	}
}
