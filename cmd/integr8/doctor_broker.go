package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"integr8/pipeline/rabbit"
)

// rabbitmq is the broker with what is looked at: is it there, are the queues as
// declared, do others' policies delete from them, does anything pile up.
func (e *examination) rabbitmq() (patient, bool) {
	address, err := e.app.settings.amqpURL()
	if err != nil {
		e.failed("settings", err)
		return patient{}, false
	}
	api, err := rabbit.NewManagement(address, e.app.settings.ManagementURL)
	if err != nil {
		e.failed("settings", withHint(err, "INTEGR8_MANAGEMENT_URL looks like http://host:15672; without it port 15672 of the hosts in AMQP_URL is asked"))
		return patient{}, false
	}
	b := brokerChecks{address: address, topology: e.app.settings.topology(), api: api}
	return patient{
		name: "broker", title: "RabbitMQ", hint: "look at the machine and the log of RabbitMQ: it takes connections and does not answer",
		reach: check{"queues and exchanges", b.reach},
		checks: []check{
			{"arguments of queues", b.compare},
			{"bindings and policies", b.manage},
			{"dead-lettering", b.deadLettering},
			{"queue depths", b.depths},
		},
	}, true
}

type brokerChecks struct {
	address  string
	topology rabbit.Topology
	api      *rabbit.Management
}

func (b brokerChecks) reach(ctx context.Context, e *examination) {
	switch err := b.topology.Check(ctx, b.address); {
	case errors.Is(err, rabbit.ErrUnavailable):
		e.unreachable("broker", oneLine(err), "is RabbitMQ running, and does AMQP_URL name it, with a user that may log in?")
	case err != nil:
		e.unreachable("topology", oneLine(err), "run integr8 topology with the INTEGR8_QUEUE_PREFIX that the processes have")
	}
}

const redeclareHint = "stop what publishes to the queue, let it drain, rabbitmqctl delete_queue NAME, then integr8 topology; " +
	"or set INTEGR8_QUEUE_MAX_BYTES to what the queues have"

func (b brokerChecks) compare(ctx context.Context, e *examination) {
	deviations, err := b.topology.Compare(ctx, b.address)
	if err != nil {
		e.failed("topology", err)
		return
	}
	e.deviations("topology", deviations, redeclareHint)
}

// manage asks the management API, which need not be there.
func (b brokerChecks) manage(ctx context.Context, e *examination) {
	bindings, err := b.topology.MissingBindings(ctx, b.api)
	if err != nil {
		b.unseen(e, "bindings and policies", err)
		return
	}
	e.deviations("topology", bindings, "run integr8 topology, which binds them again")
	policies, err := b.topology.Policies(ctx, b.api)
	e.deviations("policies", policies, "rabbitmqctl list_policies and list_operator_policies show it: clear it, or exclude these queues from its pattern")
	if err != nil {
		b.unseen(e, "policies", err)
	}
}

func (b brokerChecks) unseen(e *examination, what string, err error) {
	e.note("policies", fmt.Sprintf("not looked at: %s of RabbitMQ, because %s", what, oneLine(err)),
		"enable the plugin rabbitmq_management, give the user of AMQP_URL the tag policymaker, or set INTEGR8_MANAGEMENT_URL")
}

// deviations makes a finding of each cause.
func (e *examination) deviations(check string, deviations []rabbit.Deviation, hint string) {
	for len(deviations) > 0 {
		first := deviations[0]
		var same []example
		var others []rabbit.Deviation
		for _, one := range deviations {
			if one.Cause == first.Cause && one.Loses == first.Loses {
				same = append(same, example{What: strings.TrimSuffix(one.Object+": "+one.Detail, ": ")})
			} else {
				others = append(others, one)
			}
		}
		deviations = others
		found := finding{Level: levelWarning, Check: check, What: first.Cause, Hint: hint, Count: int64(len(same))}
		if first.Loses {
			found.Level = levelBroken
		}
		found.list(same, 0)
		e.add(found)
	}
}

func (b brokerChecks) deadLettering(ctx context.Context, e *examination) {
	switch err := b.topology.CheckDeadLettering(ctx, b.address); {
	case errors.Is(err, rabbit.ErrDeadLettersAtRisk):
		e.broken("dead-lettering", oneLine(err), hintStreams)
	case err != nil:
		e.warn("dead-lettering", party{}, "it could not be seen whether the feature flag stream_queue is on: "+oneLine(err),
			"look yourself: rabbitmqctl list_feature_flags; this user may need the permission to configure queues")
	}
}

func (b brokerChecks) depths(ctx context.Context, e *examination) {
	queues, err := lookAtQueues(ctx, e.app, b.topology, b.address, map[string]int{})
	if err != nil {
		e.failed("broker", err)
		return
	}
	for _, queue := range queues {
		if queue.Hint != "" {
			e.warn("queues", party{}, fmt.Sprintf("%s holds %s, %d hits in flight, and has %d consumers",
				queue.Queue, queue.holds(), queue.InFlight, queue.Consumers), queue.Hint)
		}
	}
}
