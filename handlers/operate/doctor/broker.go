package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"integr8/handlers/operate"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/failure"
	"integr8/pipeline/rabbit"
)

// Broker is the RabbitMQ that is examined.
type Broker struct {
	URL      string
	Topology rabbit.Topology
	// Management is the management API, which lists bindings and policies. It may be
	// unreachable.
	Management *rabbit.Management
	// Queues returns the state of the queues.
	Queues func(context.Context) ([]queues.Queue, error)
}

// server returns the broker with its checks: is it there, are the queues as declared,
// do policies of others delete from them, does anything pile up.
func (b *Broker) server() server {
	c := &brokerChecks{Broker: b}
	return server{
		name: "broker", title: "RabbitMQ",
		hangs: "check the machine and the log of RabbitMQ: it accepts connections and does not respond",
		away:  "is RabbitMQ running, and does AMQP_URL name it, with a user that may log in?",
		reach: check{"queues and exchanges", c.reach},
		checks: []check{
			{"arguments of queues", c.compare},
			{"bindings and policies", c.manage},
			{"dead-lettering", c.deadLettering},
			{"queue depths", c.depths},
		},
	}
}

type brokerChecks struct {
	*Broker
	// redeclared holds the names of queues that were declared with other arguments. It
	// is safe to use by a check that was abandoned.
	redeclared sync.Map
}

func (b *brokerChecks) reach(ctx context.Context, e *examination) {
	switch err := b.Topology.Check(ctx, b.URL); {
	case errors.Is(err, rabbit.ErrUnavailable):
		e.away(err)
	case err != nil:
		e.unreachable("topology", failure.OneLine(err), declareHint)
	}
}

const declareHint = "run `integr8 topology` with the INTEGR8_QUEUE_PREFIX that the processes have"

// failed reports a check that could not be carried out. A queue may go missing after
// reach has seen it.
func (b *brokerChecks) failed(e *examination, check string, err error) {
	if rabbit.IsMissing(err) {
		e.unreachable("topology", failure.OneLine(err), declareHint)
		return
	}
	e.failed(check, err)
}

const redeclareHint = "stop what publishes to the queue, let it drain, rabbitmqctl delete_queue NAME, then `integr8 topology`; " +
	"or set INTEGR8_QUEUE_MAX_BYTES to what the queues have"

func (b *brokerChecks) compare(ctx context.Context, e *examination) {
	deviations, err := b.Topology.Compare(ctx, b.URL)
	if err != nil {
		b.failed(e, "topology", err)
		return
	}
	for _, one := range deviations {
		if one.Cause == rabbit.RedeclaredQueues {
			b.redeclared.Store(one.Object, true)
		}
	}
	e.deviations("topology", deviations, redeclareHint)
}

// manage checks what the management API shows. It may be unreachable. A queue that was
// declared with other arguments has lost its bindings too, and the hint for its
// declaration restores them.
func (b *brokerChecks) manage(ctx context.Context, e *examination) {
	bindings, err := b.Topology.MissingBindings(ctx, b.Management)
	if err != nil {
		b.unseen(e, "bindings and policies", err)
		return
	}
	bindings = slices.DeleteFunc(bindings, func(one rabbit.Deviation) bool {
		_, reported := b.redeclared.Load(one.Object)
		return reported
	})
	e.deviations("topology", bindings, "run `integr8 topology`, which binds them again")
	policies, err := b.Topology.Policies(ctx, b.Management)
	e.deviations("policies", policies, "rabbitmqctl list_policies and list_operator_policies show it: clear it, or exclude these queues from its pattern")
	if err != nil {
		b.unseen(e, "policies", err)
	}
}

func (b *brokerChecks) unseen(e *examination, what string, err error) {
	e.note("policies", fmt.Sprintf("not looked at: %s of RabbitMQ, because %s", what, failure.OneLine(err)),
		"enable the plugin rabbitmq_management, give the user of AMQP_URL the tag policymaker, or set INTEGR8_MANAGEMENT_URL")
}

// deviations adds a finding for each cause.
func (e *examination) deviations(check string, deviations []rabbit.Deviation, hint string) {
	for len(deviations) > 0 {
		first := deviations[0]
		var same []Example
		var others []rabbit.Deviation
		for _, one := range deviations {
			if one.Cause == first.Cause && one.Loses == first.Loses {
				same = append(same, Example{What: strings.TrimSuffix(one.Object+": "+one.Detail, ": ")})
			} else {
				others = append(others, one)
			}
		}
		deviations = others
		found := Finding{Level: Warning, Check: check, What: first.Cause, Hint: hint, Count: int64(len(same))}
		if first.Loses {
			found.Level = Broken
		}
		found.list(same, 0)
		e.add(found)
	}
}

func (b *brokerChecks) deadLettering(ctx context.Context, e *examination) {
	switch err := b.Topology.CheckDeadLettering(ctx, b.URL); {
	case errors.Is(err, rabbit.ErrDeadLettersAtRisk):
		e.broken("dead-lettering", failure.OneLine(err), queues.StreamsHint)
	case err != nil:
		e.warn("dead-lettering", Party{}, "it could not be seen whether the feature flag stream_queue is on: "+failure.OneLine(err),
			"check with rabbitmqctl list_feature_flags; this user may need the permission to configure queues")
	}
}

func (b *brokerChecks) depths(ctx context.Context, e *examination) {
	views, err := b.Queues(ctx)
	if err != nil {
		b.failed(e, "broker", err)
		return
	}
	e.queues(views)
}

// queues adds a finding for each cause of a backlog.
func (e *examination) queues(views []queues.Queue) {
	for _, queue := range views {
		if queue.Cause == queues.Paused && !rabbit.IsQuarantine(queue.Topic) {
			e.paused(queue)
		}
	}
	for len(views) > 0 {
		first := views[0]
		var same []Example
		var others []queues.Queue
		for _, queue := range views {
			if queue.Cause != first.Cause {
				others = append(others, queue)
				continue
			}
			same = append(same, Example{What: fmt.Sprintf("%s holds %s, %s in flight, and has %s",
				queue.Queue, queue.Holds(), operate.Counted(queue.InFlight, "hit"), operate.Counted(queue.Consumers, "consumer"))})
		}
		views = others
		if first.Cause == queues.NoTrouble || first.Cause == queues.Paused {
			continue
		}
		e.several(Warning, "queues", string(first.Cause), first.Hint, same, 0)
		e.findings[len(e.findings)-1].followsFrom = first.Server
	}
}

// paused adds a finding of its own for each queue that somebody has paused.
func (e *examination) paused(queue queues.Queue) {
	what, hint := queue.Hint, "`integr8 queues resume "+queue.Topic+"`"
	if queue.Paused != nil {
		what, hint = queue.Paused.Sentence()+"; it holds "+queue.Holds(), queue.Paused.Hint()
	}
	e.warn("queues", Party{}, what, hint)
}
