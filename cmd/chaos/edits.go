package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"integr8/cmd/chaos/check"
	"integr8/pipeline/receiver/edge"
)

// edits is the drill of the same name. People change the offers and the publisher of a
// tenant all the time, with the commands of the program, while processes are killed, and
// sales of the tenant come in. Each must be decided by what held at that moment or at most
// a second before.
type edits struct {
	tenantLoad
	desk desk
}

const (
	// longestEffect is how long after an edit decisions may follow what was set before.
	longestEffect = time.Second
	// sellers send sales at the same time, each one after the other.
	sellers = 4
	// leastWays is in how many ways sales must have been decided, or nothing is shown.
	leastWays = 5
)

func (e *edits) found(ctx context.Context, r *round) error {
	if err := e.tenantLoad.found(ctx, r); err != nil {
		return err
	}
	e.desk.publisher = e.tenant.Publishers[0]
	for _, offer := range e.tenant.Offers {
		if err := e.carryOut(ctx, r, e.desk.reprice(offer)); err != nil {
			return err
		}
	}
	return nil
}

// run edits, sells and kills until the load is over.
func (e *edits) run(ctx context.Context, r *round) error {
	defer e.client.CloseIdleConnections()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.killOver(ctx, slices.Concat(r.system.Workers, r.system.Receivers)) })
	group.Go(func() error { return e.edit(ctx, r) })
	for seller := range sellers {
		group.Go(func() error { return e.sell(ctx, r, seller) })
	}
	return group.Wait()
}

// edit carries out random edits.
func (e *edits) edit(ctx context.Context, r *round) error {
	for r.pause(ctx, 10*time.Millisecond, 600*time.Millisecond) {
		r.mu.Lock()
		offer := e.tenant.Offers[r.random.IntN(len(e.tenant.Offers))]
		next := e.desk.next(r.random, offer)
		r.mu.Unlock()
		if err := e.carryOut(ctx, r, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (e *edits) carryOut(ctx context.Context, r *round, one edit) error {
	began := time.Now()
	if _, err := r.system.Integr8(ctx, one.args...); err != nil {
		return fmt.Errorf("edit what a tenant has: %w", err)
	}
	e.desk.made(one, began)
	return nil
}

// sell sends sales of all offers in turn. None is one that was sent before.
func (e *edits) sell(ctx context.Context, r *round, seller int) error {
	for n := 0; r.pause(ctx, 5*time.Millisecond, 25*time.Millisecond); n++ {
		query := url.Values{"secure": {e.tenant.Tokens[0]}, "offer": {e.tenant.Offers[n%len(e.tenant.Offers)]},
			"publisher": {e.desk.publisher}, "external_transaction_id": {strconv.Itoa(seller) + "-" + strconv.Itoa(n)}}
		_, _ = e.do(ctx, r, edge.Request{Method: http.MethodGet, Target: "/clickless?" + query.Encode()}) // a request without an answer was promised nothing
	}
	return ctx.Err()
}

// sale is a row of a sale: its decision is a reason or the payout.
type sale struct {
	id, offer, decision string
	decidedAt           time.Time
}

// judge compares each decision with the model.
func (e *edits) judge(ctx context.Context, r *round) error {
	if err := e.account(ctx, r); err != nil {
		return err
	}
	sales, err := e.decided(ctx, r)
	if err != nil {
		return fmt.Errorf("read what became of the sales: %w", err)
	}
	different := map[string]bool{}
	for _, one := range sales {
		different[one.decision] = true
		if !e.desk.allows(one.offer, one.decision, one.decidedAt, longestEffect) {
			r.note(check.Violation{Rule: check.WrongOutcome, Receipt: one.id, Found: one.decision,
				Expected: "what was set for offer " + one.offer + " at most a second before " + one.decidedAt.Format(time.TimeOnly+".000")})
		}
	}
	r.say("%d sales were decided in %d ways by %d edits", len(sales), len(different), len(e.desk.states))
	if len(different) < leastWays {
		r.note(check.Violation{Rule: check.WrongOutcome, Expected: fmt.Sprintf("sales that are decided in %d ways at least", leastWays), Found: fmt.Sprint(len(different))})
	}
	return nil
}

// decided reads the sales.
func (e *edits) decided(ctx context.Context, r *round) (sales []sale, err error) {
	rows, err := r.system.DB.QueryContext(ctx, `SELECT h.id, h.offer_id::text, coalesce(trim_scale(c.payout)::text, h.reason), h.decided_at
		FROM hits h LEFT JOIN conversions c ON c.id = h.id AND c.account_id = h.account_id
		WHERE h.id = ANY ($1::uuid[]) ORDER BY h.decided_at`, pq.Array(e.receipts))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one sale
		if err := rows.Scan(&one.id, &one.offer, &one.decision, &one.decidedAt); err != nil {
			return nil, err
		}
		sales = append(sales, one)
	}
	return sales, rows.Err()
}
