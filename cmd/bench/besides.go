package main

import (
	"context"

	"integr8/cmd/bench/load"
	"integr8/pipeline/token"
)

// besides is a load beside that of a trial. Of it only the sums of hits and conversions are
// compared.
type besides struct {
	crowd *crowd
	rate  float64
	// traffic makes it of n requests, for which there are clicks with those ids.
	traffic func(n int, ids []token.TransactionID) traffic

	sent   traffic
	result *load.Result
}

// run sends for as long as the load of the trial.
func (b *besides) run(ctx context.Context, trial load.Options) (err error) {
	b.result, err = load.Run(ctx, load.Options{
		Address: trial.Address, Connections: trial.Connections, Warmup: trial.Warmup, Duration: trial.Duration,
		Request: b.sent.request, Limit: b.sent.limit, Accepted: b.sent.accepted, Rate: b.rate,
	})
	return err
}

// requests returns how many are sent at most at a rate.
func requests(rate, seconds float64) int { return int(rate*seconds*1.1) + 1000 }
