package main

import (
	"context"
	"strings"
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
)

type queuesCommand struct {
	output
	Watch    bool          `help:"Look again and again until interrupted; with --json, one line each time."`
	Interval time.Duration `default:"2s" range:"100ms..24h" help:"Time between two looks of --watch."`
}

// queueView is a queue as it is answered.
type queueView struct {
	Queue     string `json:"queue"`
	Messages  int    `json:"messages"`
	Consumers int    `json:"consumers"`
	Purpose   string `json:"purpose"`
	Hint      string `json:"hint"`
}

// Run tells how full the queues are. A message may hold many hits, and those
// that a worker has taken are not counted.
func (c *queuesCommand) Run(ctx context.Context, app *app) error {
	address, err := app.settings.amqpURL()
	if err != nil {
		return err
	}
	topology := app.settings.topology()
	before := map[string]int{}
	for {
		depths, err := c.look(ctx, app, topology, address)
		if c.Watch && ctx.Err() != nil {
			return nil // interrupted in the middle of a look
		}
		if err != nil {
			return err
		}
		views := viewQueues(topology.Prefix, depths, before)
		if !c.Watch {
			return c.print(app, views, func(t *table) { queueTable(t, views) })
		}
		if err := c.show(app, views); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(c.Interval):
		}
	}
}

// look asks the broker once.
func (c *queuesCommand) look(ctx context.Context, app *app, topology rabbit.Topology, address string) ([]rabbit.Depth, error) {
	ctx, cancel := app.limited(ctx)
	defer cancel()
	return topology.Depths(ctx, address)
}

func (c *queuesCommand) show(app *app, views []queueView) error {
	if c.JSON {
		return writeJSON(app.stdout, views, "")
	}
	return c.print(app, nil, func(t *table) {
		t.row(clock(time.Now()))
		queueTable(t, views)
		t.row()
	})
}

func queueTable(t *table, views []queueView) {
	t.row("QUEUE", "MESSAGES", "CONSUMERS", "WHAT IT HOLDS")
	for _, view := range views {
		t.row(view.Queue, view.Messages, view.Consumers, view.Purpose)
	}
	for _, view := range views {
		if view.Hint != "" {
			t.row()
			t.row(view.Queue + ": " + view.Hint)
		}
	}
}

// viewQueues explains depths; before holds those of the look before and is
// brought up to date.
func viewQueues(prefix string, depths []rabbit.Depth, before map[string]int) []queueView {
	views := []queueView{}
	for _, depth := range depths {
		earlier, seen := before[depth.Queue]
		growing := seen && depth.Messages > earlier
		before[depth.Queue] = depth.Messages
		topic := strings.TrimPrefix(depth.Queue, prefix)
		views = append(views, queueView{
			Queue:     depth.Queue,
			Messages:  depth.Messages,
			Consumers: depth.Consumers,
			Purpose:   queuePurpose(topic),
			Hint:      queueHint(topic, depth, growing),
		})
	}
	return views
}

func queuePurpose(topic string) string {
	delay, isRetry := strings.CutPrefix(topic, "retry.")
	switch {
	case isRetry:
		return "hits whose handling failed, until they are tried again after " + delay
	case topic == hit.TopicClicks:
		return "clicks to be recorded"
	case topic == hit.TopicPostbacks:
		return "postbacks, pixels and clickless postbacks to be decided"
	case topic == rabbit.TopicDeliveries:
		return "postbacks to be sent to publishers"
	case topic == hit.TopicDead:
		return "failed hits, until they are among the dead letters"
	case strings.HasSuffix(topic, ".suspects"):
		return "hits that came back from a worker that ended: each is handled by itself"
	default:
		return ""
	}
}

// queueHint says what to do about a queue in which something piles up.
func queueHint(topic string, depth rabbit.Depth, growing bool) string {
	switch {
	case strings.HasPrefix(topic, "retry.") && depth.Messages > 0:
		return "handling fails now and then: look into the workers' log for what; integr8 doctor checks the servers"
	case strings.HasPrefix(topic, "retry."):
		return ""
	case depth.Consumers == 0 && (topic == hit.TopicClicks || topic == hit.TopicPostbacks):
		return "no worker is connected: start integr8 work"
	case depth.Consumers == 0 && depth.Messages > 0:
		return "nothing takes these messages: start integr8 work"
	case topic == hit.TopicDead && depth.Messages > 0:
		return "failed hits arrive faster than they are filed, or the database is away; then see integr8 dead list"
	case strings.HasSuffix(topic, ".suspects") && depth.Messages > 0:
		return "workers end while they handle hits: look into their logs for why; a hit that ends them again and again is given up"
	case growing:
		return "messages come in faster than they are handled: start more workers"
	default:
		return ""
	}
}
