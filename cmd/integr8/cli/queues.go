package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"integr8/handlers/operate"
	"integr8/handlers/operate/queues"
	"integr8/pipeline/failure"
)

type queuesCommand struct {
	Show   queuesShowCommand   `cmd:"" default:"withargs" time:"own" help:"Show how full the queues are, and what to do where something piles up. It is what queues does without a further word."`
	Pause  queuesPauseCommand  `cmd:"" time:"" help:"Pause the intake of a queue: no worker takes from it, and receivers go on."`
	Resume queuesResumeCommand `cmd:"" time:"" help:"Resume the intake of a queue."`
}

type queuesShowCommand struct {
	output
	Watch    bool          `help:"Look again and again until interrupted, which ends it with exit code 0; with --json, one line each time."`
	Interval time.Duration `default:"2s" range:"100ms..24h" help:"Time between two looks of --watch."`
}

// Run shows how full the queues are, once or again and again.
func (c *queuesShowCommand) Run(ctx context.Context, inv *invocation) error {
	watcher, err := inv.watcher()
	if err != nil {
		return err
	}
	if !c.Watch {
		view, err := inv.lookAtQueues(ctx, watcher)
		if err != nil {
			return err
		}
		return c.print(inv, view.Queues, func(t *table) { queueTable(t, view.Queues) })
	}
	for view, err := range watcher.Watch(ctx, c.Interval) {
		if err != nil {
			return err
		}
		inv.warnOfUnasked(view)
		if err := c.show(inv, view.Queues); err != nil {
			return err
		}
	}
	return nil
}

func (c *queuesShowCommand) show(inv *invocation, views []queues.Queue) error {
	if c.JSON {
		return writeJSON(inv.stdout, views, "")
	}
	return c.print(inv, nil, func(t *table) {
		t.row(operate.Clock(time.Now()))
		queueTable(t, views)
		t.row()
	})
}

// watcher looks at the queues; each look has the time of --timeout.
func (inv *invocation) watcher() (*queues.Watcher, error) {
	address, err := inv.settings.amqpURL()
	if err != nil {
		return nil, err
	}
	topology := inv.settings.topology()
	return &queues.Watcher{Topology: topology, Pauses: inv.pauses, Broker: queues.RabbitMQ{Topology: topology, URL: address, Limit: inv.limited}}, nil
}

// pauses lists the queues that are paused.
func (inv *invocation) pauses(ctx context.Context) ([]queues.Pause, error) {
	db, err := inv.store()
	if err != nil {
		return nil, err
	}
	return db.PausedQueues(ctx)
}

// lookAtQueues looks once, and warns where the processes could not be asked.
func (inv *invocation) lookAtQueues(ctx context.Context, watcher *queues.Watcher) (queues.View, error) {
	view, err := watcher.Look(ctx)
	if err == nil {
		inv.warnOfUnasked(view)
	}
	return view, err
}

func (inv *invocation) warnOfUnasked(view queues.View) {
	if view.Unasked != nil {
		inv.warn("the workers could not be asked what they do: %s", inv.hideSecrets(failure.OneLine(view.Unasked)))
	}
}

func queueTable(t *table, views []queues.Queue) {
	t.row("QUEUE", "READY", "IN FLIGHT", "OLDEST", "CONSUMERS", "WHAT IT HOLDS")
	for _, view := range views {
		t.row(view.Queue, view.Waiting(), view.InFlight, oldestText(view), view.Consumers, long(view.Purpose))
	}
	for _, hint := range hintsOf(views) {
		t.row()
		t.row(strings.Join(hint.queues, ", ") + ": " + hint.text)
	}
}

func oldestText(view queues.Queue) string {
	if view.OldestSeconds == nil {
		return "-"
	}
	return (time.Duration(*view.OldestSeconds) * time.Second).String()
}

// sharedHint is a hint with the queues that it is about.
type sharedHint struct {
	text   string
	queues []string
}

// hintsOf returns each hint once, in the order of the queues.
func hintsOf(views []queues.Queue) (hints []sharedHint) {
	for _, view := range views {
		if view.Hint == "" {
			continue
		}
		at := slices.IndexFunc(hints, func(h sharedHint) bool { return h.text == view.Hint })
		if at < 0 {
			at, hints = len(hints), append(hints, sharedHint{text: view.Hint})
		}
		hints[at].queues = append(hints[at].queues, view.Queue)
	}
	return hints
}
