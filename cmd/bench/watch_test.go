package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func answerWith(receipt uuid.UUID) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nX-Receipt: %s\r\n\r\n", receipt)
}

func TestLatencyCountsOnlyHitsOfTheTimeThatCounts(t *testing.T) {
	start := time.Now()
	w := newWatch(nil, nil)
	w.from, w.to = start.Add(time.Second), start.Add(2*time.Second)
	early, counted, late := uuid.New(), uuid.New(), uuid.New()
	w.add(start, answerWith(early))
	w.add(start.Add(1500*time.Millisecond), answerWith(counted))
	w.add(start.Add(2*time.Second), answerWith(late))
	w.note(map[uuid.UUID]bool{early: true, counted: true, late: true}, start.Add(2500*time.Millisecond))
	require.EqualValues(t, 1, w.through.TotalCount())
	require.InEpsilon(t, time.Second.Microseconds(), w.through.Max(), 0.02)
	require.NoError(t, w.finish(t.Context()))
}

func TestTheValveShutsWhileTooMuchWaits(t *testing.T) {
	start := time.Now()
	now := start
	w := newWatch(nil, func(oldest time.Time) bool { return now.Sub(oldest) < time.Second })
	w.add(start, answerWith(uuid.New()))
	first := w.waiting[0].receipt
	w.note(nil, now)
	require.NotEmpty(t, w.valve.places, "none waits for long")
	now = now.Add(time.Second)
	w.add(now, answerWith(uuid.New()))
	w.note(nil, now)
	require.Empty(t, w.valve.places, "the oldest waits for a second")
	w.note(map[uuid.UUID]bool{first: true}, start)
	require.NotEmpty(t, w.valve.places, "it has been seen")
}

func TestAnAnswerWithoutReceiptIsAnError(t *testing.T) {
	w := newWatch(nil, nil)
	w.add(time.Now(), []byte("HTTP/1.1 200 OK\r\n\r\n"))
	require.Error(t, w.finish(t.Context()))
}

func TestTheValveFindsItsRate(t *testing.T) {
	v := newValve()
	for range 200 {
		v.turn(true)
	}
	require.InDelta(t, widest, v.each, 1, "nothing held it back")
	v.turn(false)
	v.turn(false)
	require.InDelta(t, widest*valveReduce, v.each, 1, "its rate is reduced once each time it shuts")
	require.Empty(t, v.places)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v.pass(ctx) // returns
	v.turn(true)
	v.pass(t.Context())
}
