package dead

import (
	"context"

	"github.com/google/uuid"
)

// Discard closes dead letters without a replay.
type Discard struct{ *Work }

// Discard prepares to give up the open letters that match the filter, or those in its
// state; of letters that are named by receipt, those that need attention.
func (l Letters) Discard(ctx context.Context, filter Filter, by Operator) (*Discard, error) {
	filter.State = stateFor(filter, StateAttention)
	w, err := l.prepare(ctx, filter, by.act(WasDiscarded), traceInstead)
	if err != nil {
		return nil, err
	}
	return &Discard{w}, nil
}

// Run marks the letters as given up. When ctx ends, it returns an error that says how
// far it came.
func (d *Discard) Run(ctx context.Context, progress Progress) error {
	return d.end(d.carry(ctx, progress))
}

func (d *Discard) carry(ctx context.Context, progress Progress) error {
	return d.sweep(ctx, progress, func(ctx context.Context, page []Letter) error {
		return d.settle(ctx, page, func(marked map[uuid.UUID]Status) { d.done += int64(len(marked)) })
	})
}
