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
	"integr8/sql/store"
)

// Reconsider decides waiting hits again, such as those whose click has come.
// over says that they have waited long enough: without a click they become
// unmatched, instead of waiting on.
//
// A hit that cannot be decided goes back to its own queue and waits no
// longer: there it is retried, or becomes a dead letter, by itself. One whose
// stored form cannot be read becomes a dead letter. So neither fails the click
// that woke it nor those that waited beside it. An outage or a stop ends the
// whole; any other error is returned once all the others are decided.
func (p *Postbacks) Reconsider(ctx context.Context, waits []store.Wait, over bool) error {
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

func (p *Postbacks) reconsider(ctx context.Context, wait store.Wait, over bool) error {
	h, err := hit.Decode(wait.Request)
	if err == nil && h.ID != wait.HitID {
		err = errors.New("it is stored as another hit")
	}
	if err != nil {
		return p.bury(ctx, wait, err)
	}
	err = p.decideOne(ctx, &postback{hit: h, request: wait.Request, again: true, waitIsOver: over})
	switch failure.Of(err) {
	case failure.Transient, failure.Permanent:
		return p.handOver(ctx, h, wait)
	default:
		return err
	}
}

// bury makes a dead letter of a hit whose stored form cannot be read.
func (p *Postbacks) bury(ctx context.Context, wait store.Wait, unreadable error) error {
	if err := p.options.Records.BuryUndecodable(ctx, wait, unreadable.Error()); err != nil {
		return err
	}
	p.options.Observe(&hit.Hit{ID: wait.HitID, Kind: wait.Kind},
		attribution.Decision{Outcome: attribution.Failed, Reason: attribution.Undecodable})
	return nil
}

// handOver gives a waiting hit to its queue. Only when it is durable there
// does it cease to wait: until then it is found again. Another worker may have
// taken it from the queue by that time and had it wait anew.
func (p *Postbacks) handOver(ctx context.Context, h *hit.Hit, wait store.Wait) error {
	if err := p.options.Queue.Put(ctx, h); err != nil {
		return fmt.Errorf("hand waiting hit %s over to its queue: %w", h.ID, err)
	}
	return p.options.Records.StopWaiting(ctx, wait)
}
