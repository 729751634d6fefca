package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"

	"integr8/handlers/attribution"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// deadChoice says which dead letters replay and discard work on.
type deadChoice struct {
	IDs []id `arg:"" optional:"" name:"id" help:"Receipts of single hits."`
	deadFilter
	All    bool `help:"Work on every open dead letter, without any filter."`
	DryRun bool `help:"Only tell what would be done."`
}

// Validate refuses a choice that was probably not meant.
func (c *deadChoice) Validate() error {
	switch {
	case len(c.IDs) > 0 && (c.chosen() || c.All):
		return errors.New("name either receipts or a filter, not both")
	case len(c.IDs) == 0 && !c.chosen() && !c.All:
		return errors.New("name receipts, or a filter such as --reason, or --all for every open dead letter")
	default:
		return nil
	}
}

type deadReplayCommand struct {
	output
	deadChoice
	Rate perSecond `placeholder:"N/s" help:"At most so many hits a second. Default: as fast as the broker confirms."`
}

// Run publishes the chosen hits again. Without receipts only open ones are
// chosen, and only those that had died when the run began: a hit that dies
// again is not replayed in a circle. With receipts a replayed or discarded one
// is published too, but never a resolved one: its hit came to a good end.
func (c *deadReplayCommand) Run(ctx context.Context, app *app) error {
	return c.run(ctx, app, c.output, deadAction{
		verb: "replayed", status: store.DeadReplayed, rate: c.Rate, anyNamed: true,
		open: app.publisher,
	})
}

type deadDiscardCommand struct {
	output
	deadChoice
}

// Run marks the chosen open dead letters as given up.
func (c *deadDiscardCommand) Run(ctx context.Context, app *app) error {
	return c.run(ctx, app, c.output, deadAction{verb: "discarded", status: store.DeadDiscarded})
}

// deadAction is what replay and discard do differently.
type deadAction struct {
	verb   string
	status store.DeadStatus
	rate   perSecond
	// anyNamed lets a named dead letter be worked on whatever its status.
	anyNamed bool
	// open gives what the hits are published with; nil publishes nothing.
	open func() (message.Publisher, error)
}

// deadResult is what replay and discard answer.
type deadResult struct {
	Chosen      int64  `json:"chosen"`
	Done        int64  `json:"-"`
	Replayed    *int64 `json:"replayed,omitempty"`
	Discarded   *int64 `json:"discarded,omitempty"`
	Undecodable int64  `json:"undecodable"`
	// Resolved counts those that were named though their hits had come to a good
	// end; a replay leaves them as they are.
	Resolved int64 `json:"resolved"`
	// Stand counts those that were replayed though their record does not allow to
	// decide anew: see hit.Stands.
	Stand       int64            `json:"stand"`
	DryRun      bool             `json:"dry_run"`
	Interrupted bool             `json:"interrupted"`
	Reasons     []deadReasonView `json:"reasons"`
}

func (c *deadChoice) run(ctx context.Context, app *app, out output, action deadAction) error {
	db, err := app.store()
	if err != nil {
		return err
	}
	filter, err := c.bound(ctx, db, action)
	if err != nil {
		return err
	}
	counted, err := db.DeadReasons(ctx, filter)
	if err != nil {
		return err
	}
	result := deadResult{DryRun: c.DryRun}
	result.Reasons, result.Chosen = viewDeadReasons(counted)
	if err := c.check(ctx, db, result.Chosen); err != nil {
		return err
	}
	for _, reason := range counted {
		if action.open != nil && reason.Reason == attribution.Undecodable {
			result.Undecodable = reason.Letters
		}
	}
	if action.anyNamed && filter.Status == "" {
		resolved := filter
		resolved.Status = store.DeadResolved
		counted, err := db.DeadReasons(ctx, resolved)
		if err != nil {
			return err
		}
		_, result.Resolved = viewDeadReasons(counted)
	}
	if !c.DryRun && result.Chosen > 0 {
		err = sweep(ctx, app, db, filter, action, &result)
	}
	if printed := c.report(app, out, action, &result); printed != nil {
		return printed
	}
	switch {
	case result.Interrupted:
		return withHint(fmt.Errorf("interrupted: %d of %d dead letters were %s", result.Done, result.Chosen, action.verb),
			"run the same command again: it does the rest")
	case errors.Is(err, rabbit.ErrUnroutable):
		return withHint(err, "the queues are missing: run integr8 topology, then the same command again")
	case err != nil:
		return withHint(fmt.Errorf("%d of %d dead letters were %s: %w", result.Done, result.Chosen, action.verb, err),
			"mend what is wrong and run the same command again: it does the rest")
	case len(c.IDs) > 0 && result.Undecodable > 0:
		return withHint(fmt.Errorf("%d of the dead letters named hold no hit and cannot be replayed", result.Undecodable),
			"integr8 dead show ID shows what came; integr8 dead discard ID gives it up")
	default:
		return nil
	}
}

// bound fixes what is worked on at this moment, and refuses receipts of which
// there is no dead letter.
func (c *deadChoice) bound(ctx context.Context, db *store.Store, action deadAction) (store.DeadFilter, error) {
	now, err := db.Now(ctx)
	if err != nil {
		return store.DeadFilter{}, err
	}
	filter := c.forStore()
	if filter.Until.IsZero() || filter.Until.After(now) {
		filter.Until = now
	}
	if len(c.IDs) == 0 {
		filter.Status = store.DeadOpen
		return filter, nil
	}
	for _, one := range c.IDs {
		found, err := db.DeadLetters(ctx, store.DeadFilter{IDs: numbers([]id{one})}, store.NewestDeath, nil, 1)
		switch {
		case err != nil:
			return store.DeadFilter{}, err
		case len(found) == 0:
			return store.DeadFilter{}, withHint(fmt.Errorf("no dead letter %s; nothing was done", one),
				"integr8 trace "+one.String()+" tells what became of the hit")
		}
	}
	filter.IDs = numbers(c.IDs)
	if !action.anyNamed {
		filter.Status = store.DeadOpen
	}
	return filter, nil
}

func (c *deadChoice) report(app *app, out output, action deadAction, result *deadResult) error {
	if action.status == store.DeadReplayed {
		result.Replayed = &result.Done
	} else {
		result.Discarded = &result.Done
	}
	return out.print(app, result, func(t *table) {
		if result.DryRun {
			deadReasonTable(t, result.Reasons)
			t.row()
			t.row(fmt.Sprintf("%d dead letters would be %s.%s", result.Chosen-result.Undecodable-result.Resolved, action.verb, result.skipped()))
			return
		}
		if result.Chosen == 0 && len(c.IDs) > 0 {
			t.row(fmt.Sprintf("Nothing was %s: none of the dead letters named is open. integr8 dead show ID says how each stands.", action.verb))
			return
		}
		t.row(fmt.Sprintf("%d of %d dead letters were %s.%s", result.Done, result.Chosen, action.verb, result.skipped()))
	})
}

func (r *deadResult) skipped() string {
	text := ""
	if r.Undecodable > 0 {
		text += fmt.Sprintf(" %d hold no hit (reason undecodable) and cannot be replayed.", r.Undecodable)
	}
	if r.Resolved > 0 {
		text += fmt.Sprintf(" %d are resolved already: their hits came to a good end, and nothing was published.", r.Resolved)
	}
	if r.Stand > 0 {
		text += fmt.Sprintf(" %d of them will be refused again: their records do not allow to decide anew, and integr8 dead show ID says why.", r.Stand)
	}
	return text
}
