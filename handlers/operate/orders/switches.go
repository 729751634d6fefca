// Package orders switches unique orders of offers on and off, beside the requests that ask
// for it.
package orders

import (
	"context"
	"errors"
	"sync"
	"time"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

// mostSwitches is how many offers are switched on at once: each reads all conversions.
const mostSwitches = 2

// ErrSwitching means that as many offers are being switched on as may be at once.
var ErrSwitching = errors.New("unique orders of other offers are being switched on")

// Switches switch unique orders of offers on in the background, since it takes longer than
// a request where there are many conversions. They are safe for concurrent use.
type Switches struct {
	Offers reference.Offers
	// Beside runs work that outlives its request. The context of the work ends when the
	// process stops, which waits for it.
	Beside func(work func(stopped context.Context))
	// Failed is told of a switch that has failed, which nobody may wait for any more.
	Failed func(offer int64, err error)

	mu      sync.Mutex
	running map[int64]*switching
}

// switching is an offer that is being switched on. err is set when done is closed.
type switching struct {
	done chan struct{}
	err  error
}

// Switch switches unique orders of an offer on or off, and returns the offer. Where it
// takes longer than patience to switch on, that goes on, and the offer shows the state as
// it is. The error is ErrSwitching when too many others are under way.
func (s *Switches) Switch(ctx context.Context, account, id int64, on bool, patience time.Duration) (reference.Offer, reference.Warnings, error) {
	if !on {
		return s.Offers.Edit(ctx, account, id, reference.OfferEdit{UniqueOrders: &on})
	}
	before, err := s.Offers.Show(ctx, account, id)
	if err != nil {
		return reference.Offer{}, nil, err
	}
	switched, err := s.on(ctx, before)
	if err != nil {
		return reference.Offer{}, nil, err
	}
	select {
	case <-switched.done:
		err = switched.err
	case <-time.After(patience):
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return reference.Offer{}, nil, err
	}
	after, err := s.Offers.Show(ctx, before.AccountID, id)
	return after, nil, err
}

// on begins to switch an offer on, or returns the switch that is under way.
func (s *Switches) on(ctx context.Context, offer reference.Offer) (*switching, error) {
	switched, begins, err := s.of(ctx, offer)
	if err != nil || !begins {
		return switched, err
	}
	detached := history.By(reference.Under(context.Background(), reference.ConditionOf(ctx)), history.Actor(ctx))
	s.Beside(func(stopped context.Context) {
		ctx, cancel := context.WithCancel(detached)
		defer cancel()
		defer context.AfterFunc(stopped, cancel)()
		on := true
		_, _, err := s.Offers.Edit(ctx, offer.AccountID, offer.ID, reference.OfferEdit{UniqueOrders: &on})
		if err != nil && !errors.Is(err, reference.ErrChanged) {
			s.Failed(offer.ID, err)
		}
		s.ended(offer.ID, err)
	})
	return switched, nil
}

// of returns the switch of an offer, and whether it begins with this call.
func (s *Switches) of(ctx context.Context, offer reference.Offer) (_ *switching, begins bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if running := s.running[offer.ID]; running != nil {
		version := reference.ConditionOf(ctx).Version
		if version != "" && version != reference.VersionOf(offer) {
			return nil, false, reference.ErrChanged
		}
		return running, false, nil
	}
	if len(s.running) >= mostSwitches {
		return nil, false, ErrSwitching
	}
	if s.running == nil {
		s.running = map[int64]*switching{}
	}
	begun := &switching{done: make(chan struct{})}
	s.running[offer.ID] = begun
	return begun, true, nil
}

// ended ends the switch of an offer.
func (s *Switches) ended(offer int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[offer].err = err
	close(s.running[offer].done)
	delete(s.running, offer)
}
