package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// journal notes what components do, in order.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) note(entry string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
}

func (j *journal) read() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// part makes a component that works until it is stopped.
func (j *journal) part(name string, stops stage, failing error) component {
	return component{
		name: name, stops: stops,
		run: func(ctx context.Context) error {
			j.note("run")
			if failing != nil {
				return failing
			}
			<-ctx.Done()
			j.note("stop " + name)
			return nil
		},
		close: func() error {
			j.note("close " + name)
			return nil
		},
	}
}

func newLifecycle(components ...component) *lifecycle {
	return &lifecycle{logger: slog.New(slog.DiscardHandler), components: components}
}

// The order in which they are added is not that of their stop.
func everyStage(j *journal) []component {
	return []component{
		j.part("database", storing, nil), j.part("spool", spooling, nil), j.part("broker", publishing, nil),
		j.part("admin", watching, nil), j.part("doors", working, nil),
	}
}

func stopsIn(entries []string) string {
	entries = slices.DeleteFunc(entries, func(entry string) bool { return entry == "run" })
	return strings.Join(entries, ", ")
}

const orderOfStops = "stop doors, close doors, stop broker, close broker, stop spool, close spool, " +
	"stop admin, close admin, stop database, close database"

func TestAProcessStopsStageByStage(t *testing.T) {
	t.Parallel()
	var j journal
	ctx, cancel := context.WithCancel(t.Context())
	l := newLifecycle(everyStage(&j)...)
	l.add(component{name: "last", run: func(context.Context) error {
		cancel()
		return nil
	}})
	require.NoError(t, l.run(ctx))
	require.Equal(t, orderOfStops, stopsIn(j.read()))
}

func TestAComponentThatFailsStopsTheProcessInTheSameOrder(t *testing.T) {
	t.Parallel()
	for _, stage := range []stage{working, watching} {
		var j journal
		failing := errors.New("it fails")
		l := newLifecycle(append(everyStage(&j), j.part("failing", stage, failing))...)
		require.ErrorIs(t, l.run(t.Context()), failing)
		require.Equal(t, orderOfStops, stopsIn(slices.DeleteFunc(j.read(), func(entry string) bool { return entry == "close failing" })))
	}
}

func TestEveryErrorOfAStopIsReported(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := newLifecycle(
		component{name: "spool", stops: spooling, close: func() error { return second }},
		component{name: "broker", stops: publishing, close: func() error { return first }},
	).run(ctx)
	require.EqualError(t, err, "first\nsecond")
}

func TestAProcessThatDoesNotComeToRunClosesWhatItHolds(t *testing.T) {
	t.Parallel()
	var j journal
	require.NoError(t, newLifecycle(everyStage(&j)...).abandon())
	require.Equal(t, []string{"close doors", "close broker", "close spool", "close admin", "close database"}, j.read())
}
