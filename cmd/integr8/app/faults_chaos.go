//go:build chaos

package app

import (
	"context"
	"os"

	"integr8/handlers"
	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

// The faults of the drills. A hit asks for one with the parameter chaos:
//
//	panic            its handler panics
//	panic-in-commit  the commit of its batch panics
//	exit             its worker ends at once
const chaosParam = "chaos"

func faultyHandler(handle worker.Handler[*hit.Hit]) worker.Handler[*hit.Hit] {
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

func (c chaoticRecords) Write(ctx context.Context, records []*attribution.Record) error {
	for _, r := range records {
		if r.Hit.Params[chaosParam] == "panic-in-commit" {
			panic("a hit asked for it")
		}
	}
	return c.Records.Write(ctx, records)
}
