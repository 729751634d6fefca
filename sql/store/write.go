package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// Write stores what was decided about hits, all or nothing, in one
// transaction. It may be called again with the same hits, by this process or
// by another at the same time: a conversion is written once per key, a hit has
// one row, and a final outcome stays.
//
// What the database knows better is written back into the records: a hit that
// is not the first with its key becomes a duplicate, and a hit whose outcome
// was final already gets that outcome.
func (s *Store) Write(ctx context.Context, records []*Record) error {
	records, twins := unique(records)
	asDecided := make([]attribution.Decision, len(records))
	for i, r := range records {
		asDecided[i] = r.Decision
	}
	// A missing day is made once. It may show only after a meeting, or before one.
	meetings, daysMade := 0, false
	for {
		rules := s.orderRules.Load()
		err := s.write(ctx, records, rules)
		switch {
		case err == nil:
			for twin, r := range twins {
				twin.Decision, twin.ConversionID, twin.DuplicateOf = r.Decision, r.ConversionID, r.DuplicateOf
			}
			return nil
		case isMeeting(err) && meetings < mostMeetings*len(records):
			meetings++
		case lacksPartition(err) && !daysMade:
			daysMade = true
			if err := s.ensureDaysOf(ctx, records); err != nil {
				return err
			}
		case errors.Is(err, errNotWritten):
			newer, reloadErr := s.reloadOrderRules(ctx, rules.version)
			if reloadErr != nil {
				return reloadErr
			}
			if !newer {
				return err
			}
		default:
			return err
		}
		for i, r := range records {
			r.Decision, r.ConversionID, r.DuplicateOf = asDecided[i], uuid.Nil, uuid.Nil
		}
	}
}

// mostMeetings is how often a hit may be met. A meeting means that another
// transaction has committed the row of a hit, a conversion with its key, or one
// with its order, after this one had looked for it. The next try finds that.
const mostMeetings = 3

// isMeeting reports whether another transaction has written one of the hits, or
// what it was about to take, at the same moment. No other statement of Write can
// violate a unique index.
func isMeeting(err error) bool {
	return isUniqueViolation(err) || errors.Is(err, errOrderMet)
}

func (s *Store) write(ctx context.Context, records []*Record, rules *orderRules) error {
	tx, err := s.deciding.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write %d hits: %w", len(records), err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	w := &writing{ctx: ctx, tx: tx, rules: rules}
	w.run(records)
	if w.err != nil {
		return fmt.Errorf("write %d hits: %w", len(records), ended(w.err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit %d hits: %w", len(records), ended(err))
	}
	return nil
}

// unique leaves out further copies of a hit, which at-least-once delivery may
// bring into one batch, and says whose copy each is.
func unique(records []*Record) (firsts []*Record, twins map[*Record]*Record) {
	seen := make(map[uuid.UUID]*Record, len(records))
	twins = map[*Record]*Record{}
	for _, r := range records {
		if first, twin := seen[r.Hit.ID]; twin {
			twins[r] = first
			continue
		}
		seen[r.Hit.ID] = r
		firsts = append(firsts, r)
	}
	return firsts, twins
}

// writing is one transaction of Write. After its first error every further
// step does nothing.
//
// Order of locks. A transaction takes its locks table by table, and in a table
// in ascending order of the key, so that transactions never wait for each other
// in a ring:
//
//  1. the rows of hits that were decided before (by id), all at once;
//  2. unique orders (by key), then conversions (by dedup_key), then clicks (by
//     transaction_id);
//  3. new rows of hits (by id). A hit that another transaction has committed
//     since step 1 is an error here, never a wait, because a wait would be for
//     the lock of a step 1 (see Write). For the same reason new rows come before
//     the rows of step 1 are changed;
//  4. token leaks (by account, offer, publisher and token);
//  5. waiting postbacks and dead letters of the hits whose rows it holds. Only
//     operators change dead letters of other hits, and they too lock them by id.
type writing struct {
	ctx context.Context
	tx  *sqlx.Tx
	err error
	// before holds the outcomes of the hits that had been decided before.
	before map[uuid.UUID]attribution.Decision
	// rules are those on orders that the transaction goes by.
	rules *orderRules
	// taking holds the orders that its conversions take.
	taking []taking
}

func (w *writing) run(records []*Record) {
	open, died, final := w.open(records)
	w.conversions(open)
	w.clicks(open)
	w.hits(open)
	w.leaks(open)
	w.waiting(open)
	w.lockDeadLetters(records)
	w.deadLetters(slices.Concat(open, died))
	w.settleEarlier(slices.Concat(final, open))
}

// open returns the records that are to be decided, those that died again of what
// they had died of before, and those whose hit has a final outcome already, which
// they take over.
func (w *writing) open(records []*Record) (open, died, final []*Record) {
	type row struct {
		ID        uuid.UUID           `db:"id"`
		AccountID int64               `db:"account_id"`
		Outcome   attribution.Outcome `db:"outcome"`
		Reason    attribution.Reason  `db:"reason"`
	}
	var rows []row
	if err := selectByEra(w.ctx, w.tx, &rows, "find_decided", idsOf(records)); err != nil {
		w.fail(fmt.Errorf("find_decided: %w", err))
	}
	if len(rows) == 0 {
		return records, nil, nil
	}
	w.before = make(map[uuid.UUID]attribution.Decision, len(rows))
	for _, row := range rows {
		w.before[row.ID] = attribution.Decision{Outcome: row.Outcome, Reason: row.Reason, AccountID: row.AccountID}
	}
	for _, r := range records {
		before, again := w.before[r.Hit.ID]
		switch {
		case !again:
			open = append(open, r)
		case before.Outcome.Final():
			r.Decision = before
			final = append(final, r)
		case before.AccountID != 0 && r.Decision.AccountID == 0 && r.Decision.Outcome == attribution.Failed:
			r.Decision.AccountID = before.AccountID
			open = append(open, r)
		case before.AccountID != 0 && r.Decision.AccountID == 0:
			// Decided before by a process that knew the account. If that is a
			// replay, it has failed, and whoever asked for it must see that.
			r.Decision = before
			if r.dead() && !r.OnlyIfWaiting {
				died = append(died, r)
			}
		case r.OnlyIfWaiting && !r.reopens(before.Outcome, before.Reason):
			r.Decision = before
		default:
			open = append(open, r)
		}
	}
	return open, died, final
}

// again reports whether the hit had been decided before.
func (w *writing) again(r *Record) bool {
	_, again := w.before[r.Hit.ID]
	return again
}

// mayHaveDied reports whether there may be a dead letter of the hit: it was
// decided before, or it is so old that its row may have been dropped with its
// day, while its dead letter stayed and was replayed.
func (w *writing) mayHaveDied(r *Record) bool {
	const shortestRetention = 24 * time.Hour
	return w.again(r) || time.Since(r.Hit.ReceivedAt) > shortestRetention
}

func idsOf(records []*Record) []uuid.UUID {
	ids := make([]uuid.UUID, len(records))
	for i, r := range records {
		ids[i] = r.Hit.ID
	}
	return ids
}

func (w *writing) clicks(records []*Record) {
	if records = withOutcome(records, attribution.Recorded); len(records) > 0 {
		records = inOrder(records, func(r *Record) uuid.UUID { return r.Hit.TransactionID.UUID() })
		w.exec("insert_clicks", clickColumns(records)...)
	}
}

func withOutcome(records []*Record, outcome attribution.Outcome) []*Record {
	var those []*Record
	for _, r := range records {
		if r.Decision.Outcome == outcome {
			those = append(those, r)
		}
	}
	return those
}

// hits writes the rows: new ones first, for the order of locks.
func (w *writing) hits(records []*Record) {
	var fresh, known []*Record
	for _, r := range inOrder(records, func(r *Record) uuid.UUID { return r.Hit.ID }) {
		if w.again(r) {
			known = append(known, r)
		} else {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) > 0 {
		w.exec("insert_hits", hitColumns(fresh)...)
	}
	if len(known) > 0 {
		w.exec("upsert_hits", hitColumns(known)...)
	}
}

func (w *writing) leaks(records []*Record) {
	type place struct{ account, offer, publisher, token int64 }
	found := map[place]leak{}
	for _, r := range records {
		if r.LeakedToken == 0 || r.Decision.Outcome != attribution.Recorded || w.again(r) {
			continue
		}
		at := place{r.Decision.AccountID, r.Decision.OfferID, r.Decision.PublisherID, r.LeakedToken}
		so := found[at]
		so.account, so.offer, so.publisher, so.token = at.account, at.offer, at.publisher, at.token
		so.clicks++
		if r.Hit.ReceivedAt.After(so.seenAt) {
			so.seenAt = r.Hit.ReceivedAt
		}
		found[at] = so
	}
	if len(found) > 0 {
		w.exec("upsert_leaks", leakColumns(slices.Collect(maps.Values(found)))...)
	}
}

// waiting gives hits whose outcome is Waiting a place among the waiting
// postbacks, and remembers those whose wait has ended.
func (w *writing) waiting(records []*Record) {
	if those := withOutcome(records, attribution.Waiting); len(those) > 0 {
		w.exec("insert_waiting", waitingColumns(those)...)
	}
	if ended := withOutcome(records, attribution.Unmatched); len(ended) > 0 {
		w.exec("insert_ended_waits", endedColumns(ended)...)
	}
}

// lockDeadLetters locks the dead letters that the transaction may change, by
// id, before the first statement that changes some of them.
func (w *writing) lockDeadLetters(records []*Record) {
	var ids []uuid.UUID
	for _, r := range records {
		if w.mayHaveDied(r) {
			ids = append(ids, r.Hit.ID)
		}
	}
	if len(ids) > 0 {
		w.exec("lock_dead_letters", uuidArray(ids))
	}
}

func (w *writing) deadLetters(records []*Record) {
	var those []*Record
	for _, r := range records {
		if r.dead() {
			those = append(those, r)
		}
	}
	if len(those) > 0 {
		w.exec("upsert_dead_letters", deadColumns(those)...)
	}
}

// settleEarlier takes back what an earlier decision left behind: the row among
// the waiting postbacks, and the dead letter.
func (w *writing) settleEarlier(records []*Record) {
	var alive []*Record
	var left, transactions, matched, clicks []uuid.UUID
	for _, r := range records {
		if !r.dead() && w.mayHaveDied(r) {
			alive = append(alive, r)
		}
		if w.again(r) && r.Decision.Outcome != attribution.Waiting && !r.Hit.TransactionID.IsZero() {
			left, transactions = append(left, r.Hit.ID), append(transactions, r.Hit.TransactionID.UUID())
		}
		if w.again(r) && r.Decision.Outcome != attribution.Unmatched && !r.Hit.TransactionID.IsZero() {
			matched, clicks = append(matched, r.Hit.ID), append(clicks, r.Hit.TransactionID.UUID())
		}
	}
	if len(alive) > 0 {
		w.exec("resolve_dead_letters", resolvedColumns(alive)...)
	}
	if len(left) > 0 {
		w.exec("delete_waiting", uuidArray(transactions), uuidArray(left))
	}
	if len(matched) > 0 {
		w.exec("delete_ended_waits", uuidArray(clicks), uuidArray(matched))
	}
}

func (w *writing) query(into any, name string, args ...any) {
	if w.err != nil {
		return
	}
	if err := w.tx.SelectContext(w.ctx, into, sqlfiles.Query(name), args...); err != nil {
		w.fail(fmt.Errorf("%s: %w", name, err))
	}
}

func (w *writing) exec(name string, args ...any) {
	if w.err != nil {
		return
	}
	if _, err := w.tx.ExecContext(w.ctx, sqlfiles.Query(name), args...); err != nil {
		w.fail(fmt.Errorf("%s: %w", name, err))
	}
}

func (w *writing) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
