//go:build chaos

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"integr8/handlers"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/worker"
	"integr8/sql/store"
)

// The faults of the drills. A hit asks for one with the parameter chaos:
//
//	panic            its handler panics
//	panic-in-commit  the commit of its batch panics
//	exit             its worker ends at once
//
// and two variables of the environment change the machine: by
// INTEGR8_CHAOS_CLOCK the receiver's clock is off, and
// INTEGR8_CHAOS_RETRY_DELAYS has retries wait less long, so that a drill sees
// their end.
const chaosParam = "chaos"

// clockOffset is by how much the receiver's clock is off.
var clockOffset time.Duration

func prepareFaults(lookup func(string) (string, bool)) error {
	if text, ok := lookup("INTEGR8_CHAOS_CLOCK"); ok {
		offset, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("INTEGR8_CHAOS_CLOCK: %w", err)
		}
		clockOffset = offset
	}
	if text, ok := lookup("INTEGR8_CHAOS_RETRY_DELAYS"); ok {
		var delays []time.Duration
		for one := range strings.SplitSeq(text, ",") {
			delay, err := time.ParseDuration(one)
			if err != nil {
				return fmt.Errorf("INTEGR8_CHAOS_RETRY_DELAYS: %w", err)
			}
			delays = append(delays, delay)
		}
		rabbit.RetryDelays = delays
	}
	return nil
}

func faultyClock() func() time.Time {
	return func() time.Time { return time.Now().Add(clockOffset) }
}

func faultyHandler(handle worker.Handler) worker.Handler {
	return func(ctx context.Context, h *hit.Hit, request []byte) error {
		switch h.Params[chaosParam] {
		case "panic":
			panic("a hit asked for it")
		case "exit":
			os.Exit(3)
		}
		return handle(ctx, h, request)
	}
}

func faultyRecords(records handlers.Records) handlers.Records { return chaoticRecords{records} }

// chaoticRecords panics in a commit that holds a hit that asks for it. The
// archive of dead letters does not go through it.
type chaoticRecords struct{ handlers.Records }

func (c chaoticRecords) Write(ctx context.Context, records []*store.Record) error {
	for _, r := range records {
		if r.Hit.Params[chaosParam] == "panic-in-commit" {
			panic("a hit asked for it")
		}
	}
	return c.Records.Write(ctx, records)
}
