package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"integr8/cmd/chaos/check"
	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/system"
	"integr8/cmd/internal/poll"
)

// auditLimit is how long integr8 audit may take to say what is so: a statement needs
// a second to pass its queue, and the grace of audit is half a minute.
const auditLimit = time.Minute

// books requires integr8 audit to say that everything promised is settled and that the
// rows are those of the books, and compares what was promised with the ledger. Postbacks
// may wait for their click.
func (r *round) books(ctx context.Context) error {
	balance, unbalanced, err := r.audited(ctx, system.Balance.AtRest)
	if err != nil {
		return err
	}
	accepted := map[string]bool{}
	for _, e := range r.ledger.Entries() {
		if e.Answer.Fate == ledger.Answered && (e.Answer.Status == http.StatusOK || e.Answer.Status == http.StatusFound) && e.Answer.Receipt != "" {
			accepted[e.Answer.Receipt] = true
		}
	}
	if unbalanced || !balance.AtRest() || balance.Promised < int64(len(accepted)) {
		r.note(check.Violation{Rule: check.UnbalancedBooks, Expected: fmt.Sprintf("at least %d promised, and all settled", len(accepted)), Found: balance.String()})
	}
	r.say("audit: %d promised, %d unproved; the ledger: %d accepted", balance.Promised, balance.Unproved, len(accepted))
	return nil
}

// audited asks integr8 audit until the balance is as it should be, and for a minute at
// most.
func (r *round) audited(ctx context.Context, is func(system.Balance) bool) (balance system.Balance, unbalanced bool, err error) {
	limited, cancel := context.WithTimeout(ctx, auditLimit)
	defer cancel()
	for {
		if balance, unbalanced, err = r.system.Audit(ctx); err != nil {
			return balance, unbalanced, fmt.Errorf("audit: %w", err)
		}
		if is(balance) || poll.Sleep(limited, time.Second) != nil {
			return balance, unbalanced, context.Cause(ctx)
		}
	}
}

// loss is what integr8 audit must say after something was lost on purpose.
type loss struct {
	// receipts are those of hits some of which were lost: those that get no row.
	receipts         []string
	deleted, doubled int64
}

// lose loses something, and requires integr8 audit to say exactly what, within a minute.
func (r *round) lose(ctx context.Context) error {
	lost, err := r.drill.loses(ctx, r)
	if err != nil {
		return fmt.Errorf("lose something: %w", err)
	}
	began, missing := time.Now(), 0
	var counting error
	balance, unbalanced, err := r.audited(ctx, func(b system.Balance) bool {
		missing, counting = r.system.WithoutRow(ctx, lost.receipts)
		return counting != nil || lost.said(b, missing)
	})
	if err := errors.Join(err, counting); err != nil {
		return err
	}
	if !unbalanced || !lost.said(balance, missing) {
		r.note(check.Violation{Rule: check.UnnamedLoss, Found: balance.String(), Expected: fmt.Sprintf("%d of %d hits unaccounted, rows: %d deleted, %d doubled",
			missing, len(lost.receipts), lost.deleted, lost.doubled)})
		return nil
	}
	r.say("audit names the loss after %s: %d of %d hits, %d rows deleted, %d doubled", time.Since(began).Round(time.Second),
		missing, len(lost.receipts), lost.deleted, lost.doubled)
	return nil
}

// said reports whether a balance says that so many hits are missing, each by its number,
// and the rest of the loss.
func (l loss) said(b system.Balance, missing int) bool {
	named := int64(0)
	for _, span := range b.Missing {
		named += span.Hits
	}
	return b.AtRest() && b.Unaccounted == int64(missing) && named == b.Unaccounted &&
		(missing > 0) == (len(l.receipts) > 0) && b.Rows.Deleted == l.deleted && b.Rows.Doubled == l.doubled
}
