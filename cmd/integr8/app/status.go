package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"integr8/handlers/operate/version"
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
	status := monitor.Status{
		Process: processName(), Roles: p.roles(), Version: version.Read().Version, Addresses: p.addresses(), Settings: p.settings(),
		HitsPerMessage: p.publisher.HitsPerMessage(),
	}
	if p.spool != nil {
		waiting := p.spool.State().Records
		status.Spooled = &waiting
	}
	if p.flows == nil {
		return status
	}
	status.Held = p.held(ctx)
	status.Topics = map[string]monitor.Work{}
	for topic, flow := range p.flows() {
		work := monitor.Work{Consuming: flow.Consuming, Paused: flow.Paused, Redelivered: flow.Redelivered, Hits: flow.Hits, Still: flow.Still, HitsPerMessage: flow.HitsPerMessage}
		if !flow.Oldest.IsZero() {
			work.Oldest = max(0, time.Since(flow.Oldest))
		}
		work.Error, work.ErrorAge = p.failures.of(topic)
		status.Topics[topic] = work
	}
	return status
}

func (p *process) roles() (roles []string) {
	for role, has := range map[string]bool{"receiver": p.options.Receiver != nil, "worker": p.options.Worker != nil, "web": p.options.Web != nil} {
		if has {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return roles
}

// addresses are those that are taken by now.
func (p *process) addresses() map[string]string {
	taken := map[string]string{}
	for purpose, at := range map[Purpose]address{ForHits: p.hits, ForAdmin: p.admin, ForWeb: p.web} {
		if text, known := at.now(); known {
			taken[string(purpose)] = text
		}
	}
	return taken
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

// settings are those that processes of a role should have alike, by their names.
func (p *process) settings() map[string]string {
	own := map[string]string{
		"INTEGR8_QUEUE_MAX_BYTES": fmt.Sprint(p.options.Topology.MaxBytes), "INTEGR8_BATCH_HITS": fmt.Sprint(p.options.BatchHits),
		"INTEGR8_CONFIRM_TIMEOUT": p.options.ConfirmTimeout.String(),
	}
	if receiver := p.options.Receiver; receiver != nil {
		own["INTEGR8_SPOOL_AFTER"], own["INTEGR8_SPOOL_MAX_BYTES"] = receiver.SpoolAfter.String(), fmt.Sprint(receiver.SpoolMaxBytes)
		own["INTEGR8_TRUSTED_PROXIES"] = fmt.Sprint(receiver.TrustedProxies)
	}
	if worker := p.options.Worker; worker != nil {
		own["INTEGR8_PREFETCH"] = fmt.Sprint(worker.Prefetch)
		own["INTEGR8_LATE_CLICKS"], own["INTEGR8_LATE_GRACE"] = worker.LateClicks.String(), worker.LateGrace.String()
	}
	return own
}
