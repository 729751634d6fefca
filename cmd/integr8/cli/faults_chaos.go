//go:build chaos

package cli

import (
	"fmt"
	"strings"
	"time"

	"integr8/pipeline/rabbit"
)

// Two variables of the environment change the machine for the drills: by
// INTEGR8_CHAOS_CLOCK the receiver's clock is off, and
// INTEGR8_CHAOS_RETRY_DELAYS has retries wait less long, so that a drill sees
// their end. The faults of single hits are those of package app.

var (
	// clockOffset is by how much the receiver's clock is off.
	clockOffset time.Duration
	// retryDelays are those of every topic; none for the usual ones.
	retryDelays []time.Duration
)

func prepareFaults(lookup func(string) (string, bool)) error {
	if text, ok := lookup("INTEGR8_CHAOS_CLOCK"); ok {
		offset, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("INTEGR8_CHAOS_CLOCK: %w", err)
		}
		clockOffset = offset
	}
	if text, ok := lookup("INTEGR8_CHAOS_RETRY_DELAYS"); ok {
		for one := range strings.SplitSeq(text, ",") {
			delay, err := time.ParseDuration(one)
			if err != nil {
				return fmt.Errorf("INTEGR8_CHAOS_RETRY_DELAYS: %w", err)
			}
			retryDelays = append(retryDelays, delay)
		}
	}
	return nil
}

func faultyClock() func() time.Time {
	return func() time.Time { return time.Now().Add(clockOffset) }
}

func faultyTopology(topology rabbit.Topology) rabbit.Topology {
	topology.RetryDelays = retryDelays
	return topology
}
