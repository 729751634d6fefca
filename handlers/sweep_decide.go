package handlers

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
)

// decide reads the requests of waiting postbacks and decides them. When a page cannot be
// read, it reads each half alone, and so on, so that an unreadable row delays no other.
func (s *Sweeper) decide(ctx context.Context, waits []attribution.Wait, over bool) error {
	if len(waits) == 0 {
		return nil
	}
	full, err := step(ctx, s, func(ctx context.Context) ([]attribution.Wait, error) {
		return s.options.Waits.Requests(ctx, waits)
	})
	switch {
	case err == nil:
		return errors.Join(s.options.Postbacks.Reconsider(ctx, full, over), s.dropStale(ctx, waits, full))
	case stops(err) || len(waits) == 1:
		return err
	}
	half := len(waits) / 2
	first := s.decide(ctx, waits[:half], over)
	if first != nil && stops(first) {
		return first
	}
	return errors.Join(first, s.decide(ctx, waits[half:], over))
}

// dropStale removes the waiting rows of hits that do not wait: nothing else would.
func (s *Sweeper) dropStale(ctx context.Context, waits, full []attribution.Wait) error {
	if len(full) == len(waits) {
		return nil
	}
	waiting := make(map[uuid.UUID]bool, len(full))
	for _, wait := range full {
		waiting[wait.HitID] = true
	}
	var stale []attribution.Wait
	for _, wait := range waits {
		if !waiting[wait.HitID] {
			stale = append(stale, wait)
		}
	}
	dropped, err := step(ctx, s, func(ctx context.Context) ([]uuid.UUID, error) {
		return s.options.Waits.DropStaleWaits(ctx, stale)
	})
	if err != nil || len(dropped) == 0 {
		return err
	}
	return fmt.Errorf("rows of waiting hits were removed because their hits are missing or no longer wait: %d, the first %s",
		len(dropped), dropped[0])
}
