package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestATraceSaysWhatRanWhileHitsStalled: from when the oldest of them was sent.
func TestATraceSaysWhatRanWhileHitsStalled(t *testing.T) {
	began := time.Now()
	recorded := trace{groups: []tracedGroup{{name: "broker"}}}
	var broker, idle time.Duration
	for i, oldest := range []int{0, 10, 40, 90, 140, 190, 20, 10, 5, 120} { // ms
		at := time.Duration(i) * lookAtMachine
		if 2 < i && i <= 5 {
			broker += 2 * lookAtMachine // both processors
		} else {
			idle += 2 * lookAtMachine
		}
		recorded.moments = append(recorded.moments, moment{at: began.Add(at), oldest: time.Duration(oldest) * time.Millisecond,
			groups: []time.Duration{broker, 0}, all: 2 * at, idle: idle})
	}
	found := recorded.stalls()
	require.Len(t, found, 2)
	require.Equal(t, stall{1, 5, 190 * time.Millisecond}, found[0], "sent after the second moment")
	require.Equal(t, stall{6, 9, 120 * time.Millisecond}, found[1])
	require.Contains(t, recorded.story(), "Stall at 0.1 s, up to 190 ms: broker 75 %, load generator 0 %, others 0 %, idle 25 %")
	require.Empty(t, (&trace{moments: recorded.moments[:3]}).story(), "no stall, no story")
}
