package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
)

const (
	// mostSwitches is how many offers are switched on at once: each reads all conversions.
	mostSwitches = 2
	// switchWait is how long a request waits for its switch to end. Where it takes longer,
	// the switch goes on, and the response shows the state as it is.
	switchWait = 10 * time.Second
)

// switches are the offers whose unique orders are being switched on.
type switches struct {
	mu      sync.Mutex
	running map[int64]*switching
}

// switching is one of them. err is set when done is closed.
type switching struct {
	done chan struct{}
	err  error
}

// addUniqueOrders registers the switch of unique orders. It is a path of its own, since
// it takes longer than a request where there are many conversions.
func (a *api) addUniqueOrders() {
	o := editing("switch-unique-orders", http.MethodPut, "/offers/{id}/unique-orders", "Pay each order_id of an offer only once, or no longer")
	o.description = "Switching on reads all conversions, which may go on after the answer: unique_orders_state is filling until it is on. " +
		"Where it stays filling, the server has stopped meanwhile: send the request again. " + ifMatchIsVersion
	addWhole(a, o, a.switchUniqueOrders)
}

func (a *api) switchUniqueOrders(ctx context.Context, in *editAsked[reference.UniqueOrdersForm]) (*tagged[reference.Changed[reference.Offer]], error) {
	return edit(ctx, in.ObjectAsked, in.IfMatch, func(ctx context.Context, account int64) (reference.Offer, reference.Warnings, error) {
		change := reference.OfferEdit{UniqueOrders: &in.Body.On}
		if !in.Body.On {
			return a.Offers.Edit(ctx, account, in.ID, change)
		}
		before, err := a.Offers.Show(ctx, account, in.ID)
		if err != nil {
			return reference.Offer{}, nil, err
		}
		switched, err := a.switchOn(ctx, before)
		if err != nil {
			return reference.Offer{}, nil, err
		}
		select {
		case <-switched.done:
			err = switched.err
		case <-time.After(min(switchWait, a.Timeout/2)):
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			return reference.Offer{}, nil, err
		}
		after, err := a.Offers.Show(ctx, before.AccountID, in.ID)
		return after, nil, err
	})
}

// switchOn switches unique orders of an offer on beside the request, or returns the
// switch that is under way.
func (a *api) switchOn(ctx context.Context, offer reference.Offer) (*switching, error) {
	switched, begins, err := a.switches.of(ctx, offer)
	if err != nil || !begins {
		return switched, err
	}
	detached := history.By(reference.Under(context.Background(), reference.ConditionOf(ctx)), history.Actor(ctx))
	a.Beside(func(stopped context.Context) {
		ctx, cancel := context.WithCancel(detached)
		defer cancel()
		defer context.AfterFunc(stopped, cancel)()
		on := true
		_, _, err := a.Offers.Edit(ctx, offer.AccountID, offer.ID, reference.OfferEdit{UniqueOrders: &on})
		if err != nil && !errors.Is(err, reference.ErrChanged) {
			a.Logger.Warn("unique orders of an offer are not switched on", "offer", offer.ID, "error", err)
		}
		a.switches.ended(offer.ID, err)
	})
	return switched, nil
}

// of returns the switch of an offer, and whether it begins with this call.
func (s *switches) of(ctx context.Context, offer reference.Offer) (_ *switching, begins bool, _ error) {
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
		p := problem(unavailable, "unique orders of other offers are being switched on", "try again when they are on")
		p.retryAfter = time.Minute
		return nil, false, p
	}
	begun := &switching{done: make(chan struct{})}
	s.running[offer.ID] = begun
	return begun, true, nil
}

// ended ends the switch of an offer.
func (s *switches) ended(offer int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[offer].err = err
	close(s.running[offer].done)
	delete(s.running, offer)
}
