package handlers

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"integr8/handlers/attribution"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Reconsider decides waiting hits again, for example when their click has come. With
// over their wait has ended: a hit without a click becomes unmatched.
//
// A hit whose decision fails is published to its own queue and no longer waits: there it
// is retried, or becomes a dead letter, by itself. A hit that cannot be decoded becomes a
// dead letter. So neither fails the click for which it waited, nor the others that
// waited for it. An outage or a shutdown ends Reconsider at once; any other error is
// returned after all hits were tried.
func (p *Postbacks) Reconsider(ctx context.Context, waits []attribution.Wait, over bool) error {
	var mu sync.Mutex
	var failed []error
	group, ctx := errgroup.WithContext(ctx)
	for _, wait := range waits {
		group.Go(func() error {
			err := p.reconsider(ctx, wait, over)
			switch failure.Of(err) {
			case failure.None:
				return nil
			case failure.Transient, failure.Permanent:
				mu.Lock()
				failed = append(failed, err)
				mu.Unlock()
				return nil
			default:
				return err
			}
		})
	}
	return errors.Join(append(failed, group.Wait())...)
}

func (p *Postbacks) reconsider(ctx context.Context, wait attribution.Wait, over bool) error {
	h, err := hit.Decode(wait.Request)
	if err == nil && h.ID != wait.HitID {
		err = errors.New("it is stored as another hit")
	}
	if err != nil {
		return p.deadLetter(ctx, wait, err)
	}
	err = p.decideOne(ctx, &postback{hit: h, request: wait.Request, again: true, waitIsOver: over})
	switch failure.Of(err) {
	case failure.Transient, failure.Permanent:
		return p.handOver(ctx, h, wait)
	default:
		return err
	}
}

// deadLetter makes a waiting hit that cannot be decoded a dead letter.
func (p *Postbacks) deadLetter(ctx context.Context, wait attribution.Wait, unreadable error) error {
	if err := p.options.Records.DeadLetterWait(ctx, wait, unreadable.Error()); err != nil {
		return err
	}
	p.options.Observe(&attribution.Record{
		Hit:      &hit.Hit{ID: wait.HitID, Kind: wait.Kind},
		Decision: attribution.Decision{Outcome: outcome.Failed, Reason: outcome.Undecodable},
	})
	return nil
}

// handOver publishes a waiting hit to its queue. It stops the wait only after the hit is
// durable there, so that a crash in between loses nothing. By then another worker may
// have taken it from the queue, and it may wait again.
func (p *Postbacks) handOver(ctx context.Context, h *hit.Hit, wait attribution.Wait) error {
	if err := p.options.Queue.Put(ctx, h); err != nil {
		return fmt.Errorf("hand waiting hit %s over to its queue: %w", h.ID, err)
	}
	return p.options.Records.StopWaiting(ctx, wait)
}
