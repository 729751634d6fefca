package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/system"
	"integr8/pipeline/receiver/edge"
)

// tenantHost is by what the checker knows the requests of a tenant.
const tenantHost = "pixel.tenant.example"

// tenantLoad is what a drill sends for an account of its own, beside the load. It is in
// no ledger.
type tenantLoad struct {
	tenant *system.Tenant
	client *http.Client

	mu       sync.Mutex
	receipts []string
	errors   int // answers 500
}

// found makes the tenant.
func (l *tenantLoad) found(ctx context.Context, r *round) (err error) {
	r.system.World.ForeignHost = tenantHost
	l.client = &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	l.tenant, err = r.system.FoundTenant(ctx, tenantHost)
	return err
}

// do sends one request to any receiver, and keeps its receipt.
func (l *tenantLoad) do(ctx context.Context, r *round, request edge.Request) (http.Header, error) {
	address := r.system.Receivers[rand.IntN(len(r.system.Receivers))].Addr
	sent, err := http.NewRequestWithContext(ctx, request.Method, "http://"+address+request.Target, strings.NewReader(request.Body))
	if err != nil {
		return nil, fmt.Errorf("make a request of the tenant: %w", err)
	}
	sent.Host = l.tenant.Host
	sent.Header.Set("User-Agent", request.UserAgent)
	sent.Header.Set("Referer", request.Referer)
	sent.Header.Set("Content-Type", request.ContentType)
	answer, err := l.client.Do(sent)
	if err != nil {
		return nil, fmt.Errorf("send a request of the tenant: %w", err)
	}
	_, _ = io.Copy(io.Discard, answer.Body) // so that the connection can be used again
	_ = answer.Body.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if receipt := answer.Header.Get("X-Receipt"); receipt != "" {
		l.receipts = append(l.receipts, receipt)
	}
	if answer.StatusCode == http.StatusInternalServerError {
		l.errors++
	}
	return answer.Header, nil
}

// account searches for hits of the tenant that failed, or have not one row each.
func (l *tenantLoad) account(ctx context.Context, r *round) error {
	if l.errors > 0 {
		r.note(check.Violation{Rule: check.WrongAnswer, Expected: "no answer 500", Found: fmt.Sprintf("%d to the tenant", l.errors)})
	}
	var failed, lost, doubled int
	err := r.system.DB.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM hits WHERE outcome = 'failed'),
		(SELECT count(*) FROM unnest($1::uuid[]) AS receipt WHERE NOT EXISTS (SELECT FROM hits WHERE id = receipt)),
		(SELECT count(*) FROM (SELECT FROM hits GROUP BY id HAVING count(*) > 1) AS twice)`, pq.Array(l.receipts)).
		Scan(&failed, &lost, &doubled)
	if err != nil {
		return fmt.Errorf("count what the tenant left: %w", err)
	}
	r.say("the tenant holds %d receipts", len(l.receipts))
	for _, found := range []struct {
		rule  check.Rule
		n     int
		words string
	}{{check.Harmed, failed, "failed"}, {check.Lost, lost, "without a row"}, {check.Doubled, doubled, "with two rows"}} {
		if found.n > 0 {
			r.note(check.Violation{Rule: found.rule, Expected: "no hits " + found.words, Found: fmt.Sprint(found.n)})
		}
	}
	return nil
}
