package queues

import (
	"context"
	"errors"
	"fmt"

	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// Declarer is a broker on which a topology is declared.
type Declarer interface {
	// CheckDeadLettering returns rabbit.ErrDeadLettersAtRisk where queues that are declared
	// now would lose messages. Any other error means that the check failed.
	CheckDeadLettering(ctx context.Context) error
	// Declare makes what is missing of the exchanges and queues.
	Declare(ctx context.Context) error
	// Depths looks at every queue of the topology, in its order.
	Depths(ctx context.Context) ([]rabbit.Depth, error)
}

// Declared is what is in place.
type Declared struct {
	// Queues are all of the topology, in its order.
	Queues []string `json:"queues"`
	// Unseen is what could not be looked at, and why.
	Unseen string `json:"unseen,omitempty"`
}

// StreamsHint says how dead-lettering is made safe. The policy in it has no effect of
// its own: queues adopt the flag when any policy is applied.
const StreamsHint = "run rabbitmqctl enable_feature_flag stream_queue, and then `integr8 topology`; queues that were declared before adopt it " +
	"with a policy that is set once and cleared: rabbitmqctl set_policy once '^PREFIX' '{\"max-length\":1000000000}' --apply-to queues, and rabbitmqctl clear_policy once"

// Declare makes the exchanges and queues that are missing. It can be done again at any
// time. It refuses a broker on which dead letters are at risk.
func Declare(ctx context.Context, broker Declarer) (Declared, error) {
	// Before they are declared: queues keep what they find then.
	safe := broker.CheckDeadLettering(ctx)
	if errors.Is(safe, rabbit.ErrDeadLettersAtRisk) {
		return Declared{}, failure.WithHint(safe, StreamsHint)
	}
	if err := broker.Declare(ctx); err != nil {
		return Declared{}, err
	}
	depths, err := broker.Depths(ctx)
	if err != nil {
		return Declared{}, err
	}
	declared := Declared{Queues: []string{}}
	if safe != nil {
		declared.Unseen = fmt.Sprintf("whether dead letters are moved at least once (feature flag stream_queue): %s", failure.OneLine(safe))
	}
	for _, depth := range depths {
		declared.Queues = append(declared.Queues, depth.Queue)
	}
	return declared, nil
}
