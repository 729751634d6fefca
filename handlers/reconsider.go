package handlers

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
)

// Reconsider decides waiting hits again, such as those whose click has come;
// they are given as they were stored.
//
// A hit that cannot be decided goes back to its own queue and waits no
// longer: there it is retried, or becomes a dead letter, by itself. So it
// fails neither the click that woke it nor those that waited beside it. An
// error is an outage or a stop.
func (p *Postbacks) Reconsider(ctx context.Context, requests [][]byte) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, request := range requests {
		h, err := hit.Decode(request)
		if err != nil {
			return fmt.Errorf("read a stored hit again: %w", err)
		}
		group.Go(func() error {
			err := p.decideOne(ctx, &postback{hit: h, request: request, again: true})
			switch failure.Of(err) {
			case failure.None:
				return nil
			case failure.Transient, failure.Permanent:
				return p.handOver(ctx, h)
			default:
				return err
			}
		})
	}
	return group.Wait()
}

// handOver gives a waiting hit to its queue. Only when it is durable there
// does it cease to wait.
func (p *Postbacks) handOver(ctx context.Context, h *hit.Hit) error {
	if err := p.options.Queue.Put(ctx, h); err != nil {
		return fmt.Errorf("hand waiting hit %s over to its queue: %w", h.ID, err)
	}
	return p.options.Records.StopWaiting(ctx, h)
}
