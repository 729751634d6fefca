package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/monitor"
	"integr8/pipeline/outcome"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/receiver"
	"integr8/pipeline/worker"
	"integr8/sql/store"
)

// The sorts of dead letters that retention deletes.
const (
	closedLetters       = "closed"
	unknownTokenLetters = "unknown_token"
	surplusLetters      = "surplus"
)

// addDoorMetrics exports what doors count.
func (p *process) addDoorMetrics() {
	var requests []monitor.RequestLabels
	for _, o := range receiver.Observations() {
		requests = append(requests, requestLabels(o))
	}
	var junk []monitor.JunkLabels
	for _, o := range receiver.JunkObservations() {
		junk = append(junk, junkLabels(o.What, o.Refusal))
	}
	p.metrics.AddDoors(requests, junk)
}

func requestLabels(o receiver.Observation) monitor.RequestLabels {
	return monitor.RequestLabels{Kind: string(o.Kind), Result: string(o.Result), Refusal: string(o.Refusal), Status: o.Status}
}

func junkLabels(what receiver.Junk, refusal outcome.Reason) monitor.JunkLabels {
	return monitor.JunkLabels{Why: string(what), Refusal: string(refusal)}
}

func (p *process) observeRequest(o receiver.Observation) {
	p.metrics.Request(requestLabels(o), o.Duration)
	if o.TokenLeaked {
		p.metrics.TokenLeak()
	}
}

func (p *process) observeJunk(what receiver.Junk, refusal outcome.Reason) {
	p.metrics.Junk(junkLabels(what, refusal))
}

// addWorkerMetrics exports what a worker with these routes counts.
func (p *process) addWorkerMetrics(routes []worker.Route) {
	var topics []string
	for _, route := range routes {
		topics = append(topics, route.Topic())
	}
	p.watchFlows(topics)
	p.metrics.WatchHold([]string{postgresDependency, rabbitDependency}, p.heldFor)
	labels := monitor.WorkerLabels{
		Outcomes:    outcomeLabels(),
		Queues:      append(slices.Clone(topics), rabbit.TopicDead),
		Committed:   topics,
		Tables:      store.DailyTables(),
		DeadLetters: []string{closedLetters, unknownTokenLetters, surplusLetters},
	}
	for _, kind := range []hit.Kind{hit.Click, hit.Postback, hit.Pixel, hit.Clickless} {
		labels.Kinds = append(labels.Kinds, string(kind))
	}
	for _, result := range outcome.All() {
		labels.Results = append(labels.Results, string(result))
	}
	for _, class := range failure.Classes() {
		labels.Classes = append(labels.Classes, string(class))
	}
	p.metrics.AddWorker(labels)
}

func outcomeLabels() []monitor.OutcomeLabels {
	all := []monitor.OutcomeLabels{decisionLabels("", outcome.Failed, outcome.Undecodable)}
	add := func(kind hit.Kind, outcomes []attribution.Explained) {
		for _, o := range outcomes {
			all = append(all, decisionLabels(kind, o.Outcome, o.Reason))
		}
	}
	add(hit.Click, attribution.ClickOutcomes())
	for _, kind := range []hit.Kind{hit.Postback, hit.Pixel, hit.Clickless} {
		add(kind, attribution.ConversionOutcomes())
	}
	return all
}

func decisionLabels(kind hit.Kind, became outcome.Outcome, reason outcome.Reason) monitor.OutcomeLabels {
	return monitor.OutcomeLabels{Kind: string(kind), Outcome: string(became), Reason: string(reason)}
}

func (p *process) observeAttempt(topic string, class failure.Class, took time.Duration) {
	p.metrics.Attempt(topic, string(class), took)
}

// observeRecord counts what was committed about a hit.
func (p *process) observeRecord(r *attribution.Record) {
	p.metrics.Outcome(decisionLabels(r.Hit.Kind, r.Decision.Outcome, r.Decision.Reason))
	if !r.FirstCommitted.IsZero() {
		p.metrics.FirstCommit(string(r.Hit.Kind), r.FirstCommitted.Sub(r.Hit.ReceivedAt))
	}
	if r.Replayed {
		p.metrics.Replayed(string(r.Decision.Outcome))
	}
}

// observeUndecodable counts a dead letter that is no hit.
func (p *process) observeUndecodable() {
	p.metrics.Outcome(decisionLabels("", outcome.Failed, outcome.Undecodable))
}

// watchFlows exports the work on these topics and on their quarantines.
func (p *process) watchFlows(topics []string) {
	p.metrics.WatchFlows(func() map[string]monitor.Flow {
		flows := map[string]monitor.Flow{}
		for _, queue := range p.options.Topology.QueueNames() {
			topic, quarantine := rabbit.QuarantinedTopic(queue)
			if queue == rabbit.TopicDead || slices.Contains(topics, queue) || quarantine && slices.Contains(topics, topic) {
				flows[queue] = monitor.Flow{}
			}
		}
		for topic, flow := range p.flows() {
			flows[rabbit.QueueOf(topic)] = monitor.Flow{Hits: flow.Hits, Redelivered: flow.Redelivered}
		}
		return flows
	})
}

// The servers that a process needs, as the label dependency and server have them.
const (
	postgresDependency = "postgres"
	rabbitDependency   = "rabbitmq"
)

// watchDependencies exports whether the servers respond.
func (p *process) watchDependencies() {
	p.metrics.WatchDependencies(map[string]monitor.Check{postgresDependency: p.checkDatabase, rabbitDependency: p.checkBroker})
}

// heldFor returns the server whose outage keeps hits from being handled; "" while hits are.
func (p *process) heldFor() string {
	switch hold := p.hold.Load(); {
	case hold == nil:
		return ""
	case rabbit.IsOutage(hold.Cause):
		return rabbitDependency
	}
	return postgresDependency
}

// depths asks the broker how full the queues are.
func (p *process) depths(ctx context.Context) ([]monitor.Depth, error) {
	found, err := p.options.Topology.Depths(ctx, p.options.AMQPURL)
	if err != nil {
		return nil, err
	}
	depths := make([]monitor.Depth, len(found))
	for i, depth := range found {
		depths[i] = monitor.Depth{Queue: strings.TrimPrefix(depth.Queue, p.options.Topology.Prefix), Messages: depth.Messages, Consumers: depth.Consumers}
	}
	return depths, nil
}
