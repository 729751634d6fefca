package cli

import (
	"context"
	"errors"

	"integr8/handlers/operate/dead"
)

// deadChoice says which dead letters replay, discard, undo and note work on.
type deadChoice struct {
	IDs []receipt `arg:"" optional:"" name:"id" help:"Receipts of single hits."`
	deadFilter
	DryRun bool `xor:"background" help:"Only tell what would be done."`
}

// filter is the same for the use cases.
func (c *deadChoice) filter(ctx context.Context, inv *invocation) (dead.Filter, error) {
	filter, err := c.deadFilter.filter(ctx, inv)
	for _, named := range c.IDs {
		filter.IDs = append(filter.IDs, named.UUID)
	}
	return filter, err
}

// receipt is an id whose error does not repeat the text, which may be a token that
// was meant for standard input.
type receipt struct{ id }

// UnmarshalText reads a receipt.
func (r *receipt) UnmarshalText(text []byte) error {
	if r.id.UnmarshalText(text) != nil {
		return errors.New("not a receipt, which has 32 hex digits; a token is read by --token from standard input, and never as an argument")
	}
	return nil
}

// deadOpenChoice is the choice of replay and discard.
type deadOpenChoice struct {
	deadChoice
	All    bool `help:"Work on every open dead letter, without any filter."`
	Silent bool `help:"Work on those that were replayed over an hour ago and of which nothing was heard since, instead of on open ones."`
}

// Validate refuses a choice that was probably not meant.
func (c *deadOpenChoice) Validate() error {
	filtered := c.chosen() || c.Silent
	switch {
	case len(c.IDs) > 0 && (filtered || c.All):
		return errors.New("name either receipts or a filter, not both")
	case len(c.IDs) == 0 && !filtered && !c.All:
		return errors.New("name receipts, or a filter such as --reason, or --all for every open dead letter")
	default:
		return nil
	}
}

// filter is the same for the use cases.
func (c *deadOpenChoice) filter(ctx context.Context, inv *invocation) (dead.Filter, error) {
	filter, err := c.deadChoice.filter(ctx, inv)
	if c.Silent {
		filter.State = dead.StateSilent
	}
	return filter, err
}

// deadAct is a replay, a discard, an undo or a note that was prepared.
type deadAct interface {
	Run(ctx context.Context, progress dead.Progress) error
}

// carryOut carries a prepared act out, unless there is nothing to do or it is a dry
// run, and prints the result. consent returns an error where a person does not agree.
func (c *deadChoice) carryOut(ctx context.Context, inv *invocation, out output, act deadAct, work *dead.Work, consent func() error) error {
	failed := error(nil)
	if work.Result.DryRun = c.DryRun; c.DryRun || work.Result.Chosen == 0 {
		failed = work.Unreplayable()
	} else {
		if err := consent(); err != nil {
			return err
		}
		bars := &progressBars{out: inv.stderr}
		failed = act.Run(ctx, bars.draw)
		bars.finish()
	}
	if err := out.print(inv, work.Result, func(t *table) { deadResultTable(t, work) }); err != nil {
		return err
	}
	return failed
}
