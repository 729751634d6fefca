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
	labels := monitor.WorkerLabels{
		Outcomes:    outcomeLabels(),
		Queues:      append(slices.Clone(topics), rabbit.TopicDead),
		Committed:   topics,
		Tables:      store.DailyTables(),
		DeadLetters: []string{closedLetters, unknownTokenLetters, surplusLetters},
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

// observeDead counts a dead letter that was archived; h is nil where it is no hit.
func (p *process) observeDead(h *hit.Hit, letter worker.DeadLetter) {
	var kind hit.Kind
	reason := outcome.Undecodable
	if h != nil {
		kind, reason = h.Kind, letter.Reason
	}
	p.metrics.Outcome(decisionLabels(kind, outcome.Failed, reason))
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
