package store

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/pipeline/outcome"
)

// plan returns the rows to write for the records. It is a pure function of its
// parameters, except that it changes decisions of records: a hit with a final outcome
// keeps that, and a conversion whose order is taken becomes a duplicate.
func plan(records []*attribution.Record, f *findings, now time.Time) *rows {
	open, died, final := f.sort(records)
	r := &rows{rules: f.rules, counted: f.counted}
	if converting := withOutcome(open, outcome.Converted); len(converting) > 0 {
		r.conversions, r.takes = f.planOrders(converting)
		r.repeatsOrder = len(r.conversions) < len(converting)
		r.conversions = inOrder(r.conversions, dedupKey)
	}
	r.clicks = inOrder(withOutcome(open, outcome.Recorded), transactionID)
	r.planHits(open, f)
	r.leaks = leaksOf(open, f)
	r.waits = withOutcome(open, outcome.Waiting)
	r.endedWaits = withOutcome(open, outcome.Unmatched)
	r.planDeadLetters(records, slices.Concat(open, died), f, now)
	r.planEarlier(slices.Concat(final, open), f, now)
	return r
}

// sort returns the records that are to be written, those that became a dead letter again
// for the same cause as before, and those whose hit has a final outcome already, which
// they keep.
func (f *findings) sort(records []*attribution.Record) (open, died, final []*attribution.Record) {
	if len(f.decided) == 0 {
		return records, nil, nil
	}
	for _, r := range records {
		before, again := f.decided[r.Hit.ID]
		// A hit that was a test stays one, whatever has become of its click.
		r.Decision.Test = r.Decision.Test || before.Test
		switch {
		case !again:
			open = append(open, r)
		case before.Outcome.Final():
			r.Decision = before
			final = append(final, r)
		case before.AccountID != 0 && r.Decision.AccountID == 0 && r.Decision.Outcome == outcome.Failed:
			r.Decision.AccountID = before.AccountID
			open = append(open, r)
		case before.AccountID != 0 && r.Decision.AccountID == 0:
			// A process that knew the account decided the hit before. If this is a replay,
			// it has failed, and the operator who requested it must see that.
			r.Decision = before
			if r.Decision.Outcome.Dead() && !r.OnlyIfWaiting {
				died = append(died, r)
			}
		case r.OnlyIfWaiting && !r.Reopens(before.Outcome, before.Reason):
			r.Decision = before
		default:
			open = append(open, r)
		}
	}
	return open, died, final
}

// planHits separates rows to insert from rows that exist.
func (r *rows) planHits(records []*attribution.Record, f *findings) {
	for _, record := range inOrder(records, func(r *attribution.Record) uuid.UUID { return r.Hit.ID }) {
		if f.again(record) {
			r.knownHits = append(r.knownHits, record)
		} else {
			r.newHits = append(r.newHits, record)
		}
	}
	// A hit is settled by the transaction that inserts its row: there is exactly one.
	r.settled = settledBy(r.newHits)
}

// leaksOf counts the clicks whose tracking links contained a secure token. It skips
// clicks that were decided before, because they were counted then.
func leaksOf(records []*attribution.Record, f *findings) []leak {
	type place struct{ account, offer, publisher, token int64 }
	var leaks []leak
	at := map[place]int{}
	for _, r := range records {
		if r.LeakedToken == 0 || r.Decision.Outcome != outcome.Recorded || f.again(r) {
			continue
		}
		where := place{r.Decision.AccountID, r.Decision.OfferID, r.Decision.PublisherID, r.LeakedToken}
		i, known := at[where]
		if !known {
			i = len(leaks)
			at[where] = i
			leaks = append(leaks, leak{account: where.account, offer: where.offer, publisher: where.publisher, token: where.token})
		}
		leaks[i].clicks++
		if r.Hit.ReceivedAt.After(leaks[i].seenAt) {
			leaks[i].seenAt = r.Hit.ReceivedAt
		}
	}
	return leaks
}

// planDeadLetters plans the dead letters to lock, of all records, and those to write,
// of the records that are decided now.
func (r *rows) planDeadLetters(records, decided []*attribution.Record, f *findings, now time.Time) {
	for _, record := range records {
		if f.mayHaveDied(record, now) {
			r.mayHaveDied = append(r.mayHaveDied, record)
		}
	}
	for _, record := range decided {
		if record.Decision.Outcome.Dead() {
			r.died = append(r.died, record)
		}
	}
}

// planEarlier plans to remove the rows of an earlier decision: the row among the
// waiting postbacks or the ended waits. It also resolves the dead letter.
func (r *rows) planEarlier(records []*attribution.Record, f *findings, now time.Time) {
	for _, record := range records {
		if !record.Decision.Outcome.Dead() && f.mayHaveDied(record, now) {
			r.resolved = append(r.resolved, record)
		}
		if !f.again(record) || record.Hit.TransactionID.IsZero() {
			continue
		}
		if record.Decision.Outcome != outcome.Waiting {
			r.noWaits = append(r.noWaits, record)
		}
		if record.Decision.Outcome != outcome.Unmatched {
			r.noEndedWaits = append(r.noEndedWaits, record)
		}
	}
}

// mayHaveDied reports whether a dead letter of the hit may exist: the hit was
// decided before, or it is so old that its row may have been dropped with its
// day, while its dead letter was kept and replayed.
func (f *findings) mayHaveDied(r *attribution.Record, now time.Time) bool {
	const shortestRetention = 24 * time.Hour
	return f.again(r) || now.Sub(r.Hit.ReceivedAt) > shortestRetention
}
