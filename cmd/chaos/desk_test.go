package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestADeskAllowsWhatWasSetUntilASecondBefore, and nothing that was set later.
func TestADeskAllowsWhatWasSetUntilASecondBefore(t *testing.T) {
	t.Parallel()
	d := desk{publisher: "7"}
	began := time.Now()
	d.made(d.reprice("1"), began)
	d.made(d.reprice("2"), time.Now())
	d.made(edit{apply: func(s *state) { s.publisherPaused = true }}, time.Now())
	paused := d.states[2].from
	for _, test := range []struct {
		offer, decision string
		at              time.Time
		allowed         bool
	}{
		{"1", "1", paused, true},
		{"2", "2", paused, true},
		{"1", "2", paused, false},
		{"1", "publisher_paused", paused, true},
		{"1", "offer_paused", paused, false},
		{"1", "publisher_paused", began.Add(-time.Millisecond), false},
		{"1", "1", began.Add(-time.Millisecond), false},
		{"1", "1", time.Now().Add(999 * time.Millisecond), true},
		{"1", "1", time.Now().Add(1001 * time.Millisecond), false},
		{"1", "publisher_paused", time.Now().Add(time.Hour), true},
	} {
		require.Equal(t, test.allowed, d.allows(test.offer, test.decision, test.at, time.Second), "%s %s", test.offer, test.decision)
	}
}
