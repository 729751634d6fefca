package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"integr8/pipeline/monitor"
	"integr8/pipeline/rabbit"
)

// databaseSign bounds the look at the database in a status.
const databaseSign = time.Second

// serveStatus reports to operators what this process does, until ctx ends.
func (p *process) serveStatus(ctx context.Context) error {
	options := rabbit.StatusOptions{URL: p.options.AMQPURL, Logger: p.logger}
	return p.options.Topology.ServeStatus(ctx, options, func(ctx context.Context) []byte {
		text, err := p.status(ctx).Encode()
		if err != nil {
			p.logger.Warn("this process cannot say what it does", "error", err)
		}
		return text
	})
}

func (p *process) status(ctx context.Context) monitor.Status {
	status := monitor.Status{Process: processName(), HitsPerMessage: p.publisher.HitsPerMessage()}
	if p.flows == nil {
		return status
	}
	status.Held = p.held(ctx)
	status.Topics = map[string]monitor.Work{}
	for topic, flow := range p.flows() {
		work := monitor.Work{Consuming: flow.Consuming, Hits: flow.Hits, Still: flow.Still, HitsPerMessage: flow.HitsPerMessage}
		if !flow.Oldest.IsZero() {
			work.Oldest = max(0, time.Since(flow.Oldest))
		}
		status.Topics[topic] = work
	}
	return status
}

// held is the hold, or that the database does not answer: it takes some twenty
// seconds until hits are held for one that hangs.
func (p *process) held(ctx context.Context) *monitor.Held {
	if hold := p.hold.Load(); hold != nil {
		return &monitor.Held{Server: serverOf(hold.Cause), For: time.Since(hold.Since)}
	}
	ctx, cancel := context.WithTimeout(ctx, databaseSign)
	defer cancel()
	if _, err := p.checkDatabase(ctx); err != nil {
		return &monitor.Held{Server: "the database"}
	}
	return nil
}

// processName is how a person knows a process from others.
func processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s:%d", host, os.Getpid())
}
