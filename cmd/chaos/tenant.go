package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/system"
	"integr8/pipeline/receiver/edge"
)

// poisonTenant is the drill of the same name: one tenant sends whatever a fuzzer
// can get past the doors, for a few seconds at a time, and in between nothing.
// How long the hits of the others take is compared between the two.
type poisonTenant struct {
	tenant  *system.Tenant
	clicks  []string // transaction_ids of the tenant's own clicks
	windows []window

	mu       sync.Mutex
	receipts []string
	errors   int // answers 500
}

// window is a time with or without poison.
type window struct {
	poisoned bool
	from, to time.Time
}

const (
	poisonHost = "pixel.poison.example"
	// poisonRate is in requests a second.
	poisonRate   = 200
	poisonClicks = 40
	// windowTime is how long a window is, and settleTime what is left out
	// between two.
	windowTime = time.Second
	settleTime = 250 * time.Millisecond
	// fewestWindows is how many of each sort must be compared.
	fewestWindows = 5
	// mostSlowdown is how many times as long as in calm the slowest hundredth
	// may take.
	mostSlowdown = 2
	// leastCalm is the shortest time that a calm p99 counts as: below it, the
	// comparison tells of the machine's scheduler.
	leastCalm = 20 * time.Millisecond
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
	r.pause(ctx, 2*time.Second, 2*time.Second) // everything has been used once
	for poisoned := false; ; poisoned = !poisoned {
		stop := func() {}
		if poisoned {
			r.count()
			stop = p.send(ctx, client, r)
		}
		w := window{poisoned: poisoned, from: time.Now()}
		whole := r.pause(ctx, windowTime, windowTime)
		w.to = time.Now()
		stop()
		if !whole {
			return ctx.Err()
		}
		p.windows = append(p.windows, w)
		r.pause(ctx, settleTime, settleTime)
	}
}

// click makes a click of the tenant's own.
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

// send sends poison at its rate until stop is called, and then returns once the
// last answer is there.
func (p *poisonTenant) send(ctx context.Context, client *http.Client, r *round) (stop func()) {
	// The global token names no offer by itself, and so lets the most through.
	global := p.tenant.Tokens[0]
	world := edge.World{Tokens: append([]string{"nobody's", global, global, global}, p.tenant.Tokens...), TransactionIDs: p.clicks,
		Offers: p.tenant.Offers, Publishers: p.tenant.Publishers}
	random := rand.New(rand.NewPCG(r.seed, uint64(len(p.windows))))
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
			sending.Go(func() { _, _ = p.do(ctx, client, r, request) }) // what is not answered promises nothing
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
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection is kept
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

// judge compares the windows, and looks for hits that failed or have no row.
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
	return p.compare(ctx, r)
}

// compare sets the p99 of the others' hits, from receipt to commit, with poison
// beside that without. Of each sort the window at the best quarter counts: a
// stall of the machine, for whatever else it does, spoils the p99 of the windows
// around it, while poison that harms does so in every window.
func (p *poisonTenant) compare(ctx context.Context, r *round) error {
	var calm, poisoned []time.Duration
	for _, w := range p.windows {
		var milliseconds sql.NullFloat64
		err := r.system.DB.QueryRowContext(ctx, `SELECT
			percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - received_at) * 1000)
			FROM hits WHERE request->>'host' <> $1 AND received_at >= $2 AND received_at < $3
			AND decisions = 1 AND outcome <> 'waiting'`, poisonHost, w.from, w.to).Scan(&milliseconds)
		if err != nil {
			return fmt.Errorf("measure the others' hits: %w", err)
		}
		if !milliseconds.Valid {
			continue // nothing of theirs was decided at once in that window
		}
		took := time.Duration(milliseconds.Float64 * float64(time.Millisecond))
		if w.poisoned {
			poisoned = append(poisoned, took)
		} else {
			calm = append(calm, took)
		}
	}
	if min(len(calm), len(poisoned)) < fewestWindows {
		return fmt.Errorf("the load was over after %d windows of %s: send more requests", len(p.windows), windowTime)
	}
	before, with := bestQuarter(calm), bestQuarter(poisoned)
	r.say("p99 of the others from receipt to commit: %s in calm, %s beside the tenant", before.Round(100*time.Microsecond), with.Round(100*time.Microsecond))
	if with > mostSlowdown*max(before, leastCalm) {
		r.note(check.Violation{Rule: check.Harmed, Expected: fmt.Sprintf("a p99 of the others within %d x of %s", mostSlowdown, before),
			Found: with.String()})
	}
	return nil
}

func bestQuarter(values []time.Duration) time.Duration {
	slices.Sort(values)
	return values[len(values)/4]
}
