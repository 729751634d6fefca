package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"integr8/cmd/chaos/check"
	"integr8/pipeline/receiver/edge"
)

// poisonTenant is the drill of the same name. In every second window one tenant sends
// requests that a fuzzer can get past the doors. The drill compares how long the hits
// of the others take in the two kinds of windows.
type poisonTenant struct {
	tenantLoad
	clicks  []string // transaction_ids of the tenant's own clicks
	windows []window
}

const (
	// poisonRate is in requests a second.
	poisonRate   = 200
	poisonClicks = 40
)

// run alternates windows without and with poison until the load is over.
func (p *poisonTenant) run(ctx context.Context, r *round) error {
	defer p.client.CloseIdleConnections()
	for range poisonClicks {
		if err := p.click(ctx, r); err != nil {
			return err
		}
	}
	var err error
	sending := uint64(0)
	p.windows, err = alternate(ctx, r, windowTime, func() (func(), error) {
		sending++
		return p.send(ctx, r, sending), nil
	})
	return err
}

// click makes a click of the tenant.
func (p *poisonTenant) click(ctx context.Context, r *round) error {
	offer, publisher := p.tenant.Offers[len(p.clicks)%len(p.tenant.Offers)], p.tenant.Publishers[0]
	answer, err := p.do(ctx, r, edge.Request{Method: http.MethodGet, Target: "/click?offer=" + offer + "&publisher=" + publisher})
	if err != nil {
		return err
	}
	to, err := url.Parse(answer.Get("Location"))
	if err != nil || to.Query().Get(check.DestinationParam) == "" {
		return fmt.Errorf("a click of the tenant was sent on to %q", answer.Get("Location"))
	}
	p.clicks = append(p.clicks, to.Query().Get(check.DestinationParam))
	return nil
}

// send sends poison at its rate, different poison for each number. stop ends it and
// waits for the last answer.
func (p *poisonTenant) send(ctx context.Context, r *round, number uint64) (stop func()) {
	// The global token names no offer, and so it lets the most requests through.
	global := p.tenant.Tokens[0]
	world := edge.World{Tokens: append([]string{"nobody's", global, global, global}, p.tenant.Tokens...), TransactionIDs: p.clicks,
		Offers: p.tenant.Offers, Publishers: p.tenant.Publishers}
	random := rand.New(rand.NewPCG(r.seed, number))
	ended := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		ticker := time.NewTicker(time.Second / poisonRate)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
			case <-ended:
				return
			}
			request := edge.Next(random, world)
			sending.Go(func() { _, _ = p.do(ctx, r, request) }) // a request without an answer was promised nothing
		}
	})
	return func() {
		close(ended)
		sending.Wait()
	}
}

// judge compares the windows, and searches for hits that failed or have no row.
func (p *poisonTenant) judge(ctx context.Context, r *round) error {
	if err := p.account(ctx, r); err != nil {
		return err
	}
	if len(p.receipts) == poisonClicks {
		return fmt.Errorf("the doors took nothing of what the tenant sent")
	}
	return compare(ctx, r, p.windows, "the tenant")
}
