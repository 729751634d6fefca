package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/system"
	"integr8/pipeline/receiver/edge"
)

// poisonTenant is the drill of the same name. In every second window one tenant sends
// requests that a fuzzer can get past the doors. The drill compares how long the hits
// of the others take in the two kinds of windows.
type poisonTenant struct {
	tenant  *system.Tenant
	clicks  []string // transaction_ids of the tenant's own clicks
	windows []window

	mu       sync.Mutex
	receipts []string
	errors   int // answers 500
}

const (
	poisonHost = "pixel.poison.example"
	// poisonRate is in requests a second.
	poisonRate   = 200
	poisonClicks = 40
)

func (p *poisonTenant) found(ctx context.Context, r *round) (err error) {
	r.system.World.ForeignHost = poisonHost
	p.tenant, err = r.system.FoundTenant(ctx, poisonHost)
	return err
}

// run alternates windows without and with poison until the load is over.
func (p *poisonTenant) run(ctx context.Context, r *round) error {
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	for range poisonClicks {
		if err := p.click(ctx, client, r); err != nil {
			return err
		}
	}
	var err error
	sending := uint64(0)
	p.windows, err = alternate(ctx, r, windowTime, func() (func(), error) {
		sending++
		return p.send(ctx, client, r, sending), nil
	})
	return err
}

// click makes a click of the tenant.
func (p *poisonTenant) click(ctx context.Context, client *http.Client, r *round) error {
	offer, publisher := p.tenant.Offers[len(p.clicks)%len(p.tenant.Offers)], p.tenant.Publishers[0]
	answer, err := p.do(ctx, client, r, edge.Request{Method: http.MethodGet, Target: "/click?offer=" + offer + "&publisher=" + publisher})
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
func (p *poisonTenant) send(ctx context.Context, client *http.Client, r *round, number uint64) (stop func()) {
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
			sending.Go(func() { _, _ = p.do(ctx, client, r, request) }) // a request without an answer was promised nothing
		}
	})
	return func() {
		close(ended)
		sending.Wait()
	}
}

// do sends one request, and keeps its receipt.
func (p *poisonTenant) do(ctx context.Context, client *http.Client, r *round, request edge.Request) (http.Header, error) {
	p.mu.Lock()
	receivers := r.system.Receivers
	address := receivers[len(p.receipts)%len(receivers)].Addr
	p.mu.Unlock()
	sent, err := http.NewRequestWithContext(ctx, request.Method, "http://"+address+request.Target, strings.NewReader(request.Body))
	if err != nil {
		return nil, fmt.Errorf("make a request of the tenant: %w", err)
	}
	sent.Host = p.tenant.Host
	sent.Header.Set("User-Agent", request.UserAgent)
	sent.Header.Set("Referer", request.Referer)
	sent.Header.Set("Content-Type", request.ContentType)
	answer, err := client.Do(sent)
	if err != nil {
		return nil, fmt.Errorf("send a request of the tenant: %w", err)
	}
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection can be used again
	_ = answer.Body.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if receipt := answer.Header.Get("X-Receipt"); receipt != "" {
		p.receipts = append(p.receipts, receipt)
	}
	if answer.StatusCode == http.StatusInternalServerError {
		p.errors++
	}
	return answer.Header, nil
}

// judge compares the windows, and searches for hits that failed or have no row.
func (p *poisonTenant) judge(ctx context.Context, r *round) error {
	if p.errors > 0 {
		r.note(check.Violation{Rule: check.WrongAnswer, Expected: "no answer 500", Found: fmt.Sprintf("%d to the tenant", p.errors)})
	}
	var failed, lost, doubled int
	err := r.system.DB.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM hits WHERE outcome = 'failed'),
		(SELECT count(*) FROM unnest($1::uuid[]) AS receipt WHERE NOT EXISTS (SELECT FROM hits WHERE id = receipt)),
		(SELECT count(*) FROM (SELECT FROM hits GROUP BY id HAVING count(*) > 1) AS twice)`, pq.Array(p.receipts)).
		Scan(&failed, &lost, &doubled)
	if err != nil {
		return fmt.Errorf("count what the tenant left: %w", err)
	}
	r.say("the tenant holds %d receipts", len(p.receipts))
	for _, found := range []struct {
		rule  check.Rule
		n     int
		words string
	}{{check.Harmed, failed, "failed"}, {check.Lost, lost, "without a row"}, {check.Doubled, doubled, "with two rows"}} {
		if found.n > 0 {
			r.note(check.Violation{Rule: found.rule, Expected: "no hits " + found.words, Found: fmt.Sprint(found.n)})
		}
	}
	if len(p.receipts) == poisonClicks {
		return fmt.Errorf("the doors took nothing of what the tenant sent")
	}
	return compare(ctx, r, p.windows, "the tenant")
}
