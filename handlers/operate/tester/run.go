package tester

import (
	"context"
	"time"

	"integr8/handlers/operate/trace"
)

// Test is a test that has ended.
type Test struct {
	Account   int64 `json:"account_id"`
	Offer     int64 `json:"offer"`
	Publisher int64 `json:"publisher"`
	Way       Way   `json:"way"`
	// OrderID finds what the test made: integr8 find --order-id ID --test.
	OrderID       string `json:"order_id"`
	TransactionID string `json:"transaction_id,omitempty"`
	// Converted is set where every step went as it should.
	Converted  bool              `json:"converted"`
	Steps      []Step            `json:"steps"`
	Conversion *trace.Conversion `json:"conversion,omitempty"`
}

// lookEvery is the time between two looks at what is waited for.
const lookEvery = 200 * time.Millisecond

// Run carries a plan out, for a minute at most after each request. It calls show, which may
// be nil, with each step.
func (t Tester) Run(ctx context.Context, account int64, plan Plan, show func(Step)) (Test, error) {
	state, err := t.Begin(ctx, account, plan)
	if err != nil {
		return Test{}, err
	}
	test := Test{Account: state.Account, Offer: plan.Offer, Publisher: plan.Publisher, Way: plan.Way, OrderID: state.OrderID, Steps: []Step{}}
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		progress, err := t.Advance(ctx, state)
		if err != nil {
			return test, err
		}
		state = progress.State
		if step := progress.Step; step != nil {
			test.Steps, test.TransactionID, test.Conversion = append(test.Steps, *step), state.TransactionID, step.Conversion
			test.Converted = progress.Over && step.OK
			if show != nil {
				show(*step)
			}
		}
		if progress.Over {
			return test, nil
		}
		if progress.Step != nil {
			continue
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return test, ctx.Err()
		}
	}
}
