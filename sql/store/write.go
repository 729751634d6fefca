package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"integr8/handlers/attribution"
	sqlfiles "integr8/sql"
)

// Write stores what was decided about hits, all or nothing, in one
// transaction. It may be called again with the same hits, by this process or
// by another at the same time: a conversion is written once per key, a hit has
// one row, and a final outcome stays. When another writes one of the hits in the
// same moment, the transaction is made once more, and takes that into account.
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
	err := s.write(ctx, records, false)
	if isMeeting(err) {
		for i, r := range records {
			r.Decision, r.ConversionID, r.DuplicateOf = asDecided[i], uuid.Nil, uuid.Nil
		}
		err = s.write(ctx, records, true)
	}
	if err != nil {
		return err
	}
	for twin, r := range twins {
		twin.Decision, twin.ConversionID, twin.DuplicateOf = r.Decision, r.ConversionID, r.DuplicateOf
	}
	return nil
}

// isMeeting reports whether somebody else has written one of the rows at the
// same moment.
func isMeeting(err error) bool {
	const uniqueViolation = "23505"
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == uniqueViolation
}

func (s *Store) write(ctx context.Context, records []*Record, afterMeeting bool) error {
	tx, err := s.deciding.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to write %d hits: %w", len(records), err)
	}
	defer tx.Rollback() // after a commit it has nothing to do
	w := &writing{ctx: ctx, tx: tx, afterMeeting: afterMeeting}
	w.run(records)
	if w.err != nil {
		return fmt.Errorf("write %d hits: %w", len(records), w.err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit %d hits: %w", len(records), err)
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
type writing struct {
	ctx context.Context
	tx  *sqlx.Tx
	err error
	// afterMeeting is set when another has written one of the hits between the
	// look for it and the attempt to write it: every hit may have a row then.
	afterMeeting bool
}

// run takes the steps in one order, always: keys first, so that two batches
// that meet wait for each other at the conversions and nowhere else. Dead
// letters, which operators change as well, are locked in order before.
func (w *writing) run(records []*Record) {
	open, again, accountless := w.open(records)
	w.conversions(open)
	w.clicks(open)
	written := w.hits(open, again)
	w.leaks(written)
	w.waiting(written)
	if len(again) > 0 {
		w.exec("lock_dead_letters", uuidArray(idsOf(records)))
	}
	w.deadLetters(written)
	if len(again) > 0 {
		w.settleEarlier(written, again)
	}
	if len(accountless) > 0 {
		w.exec("drop_accountless", uuidArray(accountless))
	}
}

// open leaves out what must not be decided anew, and names the hits that had
// an outcome before and those whose row has no account yet.
func (w *writing) open(records []*Record) (open []*Record, again map[uuid.UUID]bool, accountless []uuid.UUID) {
	var rows []struct {
		ID        uuid.UUID           `db:"id"`
		AccountID int64               `db:"account_id"`
		Outcome   attribution.Outcome `db:"outcome"`
		Reason    attribution.Reason  `db:"reason"`
	}
	w.query(&rows, "find_decided", ascending(idsOf(records)))
	if len(rows) == 0 {
		return records, nil, nil
	}
	again = make(map[uuid.UUID]bool, len(rows))
	final, known := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	outcomes := map[uuid.UUID]attribution.Decision{}
	for _, row := range rows {
		final[row.ID] = final[row.ID] || row.Outcome.Final()
		known[row.ID] = known[row.ID] || row.AccountID != 0
		outcomes[row.ID] = attribution.Decision{Outcome: row.Outcome, Reason: row.Reason, AccountID: row.AccountID}
		again[row.ID] = true
	}
	for _, r := range records {
		switch {
		case final[r.Hit.ID]:
			r.Decision = outcomes[r.Hit.ID]
		case known[r.Hit.ID] && r.Decision.AccountID == 0:
			// Decided meanwhile by a process that knew the account.
			r.Decision = outcomes[r.Hit.ID]
		case r.OnlyIfWaiting && !r.reopens(outcomes[r.Hit.ID].Outcome, outcomes[r.Hit.ID].Reason):
			r.Decision = outcomes[r.Hit.ID]
		default:
			open = append(open, r)
			if again[r.Hit.ID] && !known[r.Hit.ID] && r.Decision.AccountID != 0 {
				accountless = append(accountless, r.Hit.ID)
			}
		}
	}
	return open, again, accountless
}

func idsOf(records []*Record) []uuid.UUID {
	ids := make([]uuid.UUID, len(records))
	for i, r := range records {
		ids[i] = r.Hit.ID
	}
	return ids
}

func (w *writing) conversions(records []*Record) {
	records = withOutcome(records, attribution.Converted)
	if len(records) == 0 {
		return
	}
	var refused []uuid.UUID
	records = inOrder(records, func(r *Record) uuid.UUID { return r.Decision.Conversion.DedupKey })
	w.query(&refused, "insert_conversions", conversionColumns(records)...)
	claims := make(map[uuid.UUID]*Record, len(refused))
	for _, id := range refused {
		claims[id] = nil
	}
	for _, r := range records {
		if _, stands := claims[r.Hit.ID]; stands {
			claims[r.Hit.ID] = r
		} else {
			r.ConversionID = r.Hit.ID
		}
	}
	if len(claims) > 0 {
		w.repeats(claims)
	}
}

// repeats turns claims that were not the first with their key into what they
// are: a duplicate, or the very conversion when the hit is handled again.
func (w *writing) repeats(claims map[uuid.UUID]*Record) {
	var keys, ids []uuid.UUID
	for id, r := range claims {
		keys, ids = append(keys, r.Decision.Conversion.DedupKey), append(ids, id)
	}
	var rows []standing
	w.query(&rows, "find_conversions", uuidArray(keys), uuidArray(ids))
	type scoped struct {
		account int64
		id      uuid.UUID
	}
	byID, byKey := map[scoped]standing{}, map[scoped]standing{}
	for _, row := range rows {
		byID[scoped{row.AccountID, row.ID}] = row
		byKey[scoped{row.AccountID, row.DedupKey}] = row
	}
	for id, r := range claims {
		account := r.Decision.AccountID
		first, repeated := byKey[scoped{account, r.Decision.Conversion.DedupKey}]
		if _, own := byID[scoped{account, id}]; own {
			r.ConversionID = id
		} else if repeated {
			r.ConversionID, r.DuplicateOf = first.ID, first.ID
			r.Decision = r.Decision.Repeat(first.Route)
		} else {
			w.fail(fmt.Errorf("hit %s was not written as a conversion, and none stands in its way", id))
		}
	}
}

// standing is a conversion that was recorded before.
type standing struct {
	ID        uuid.UUID         `db:"id"`
	AccountID int64             `db:"account_id"`
	DedupKey  uuid.UUID         `db:"dedup_key"`
	Route     attribution.Route `db:"route"`
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

// decided is a record whose row has been written, and whether for the first
// time.
type decided struct {
	*Record
	first bool
}

// hits writes the rows and answers which it wrote. One that another
// transaction has brought to a final outcome meanwhile is not among them, and
// must leave no other trace.
func (w *writing) hits(records []*Record, again map[uuid.UUID]bool) []decided {
	var written []decided
	var fresh, known []*Record
	for _, r := range inOrder(records, func(r *Record) uuid.UUID { return r.Hit.ID }) {
		if w.afterMeeting || again[r.Hit.ID] {
			known = append(known, r)
		} else {
			fresh = append(fresh, r)
			written = append(written, decided{r, true})
		}
	}
	if len(fresh) > 0 {
		w.exec("insert_hits", hitColumns(fresh)...)
	}
	if len(known) > 0 {
		written = append(written, w.decideAnew(known)...)
	}
	return written
}

func (w *writing) decideAnew(records []*Record) []decided {
	var answer []struct {
		ID        uuid.UUID `db:"id"`
		Decisions int       `db:"decisions"`
	}
	w.query(&answer, "upsert_hits", hitColumns(records)...)
	decisions := make(map[uuid.UUID]int, len(answer))
	for _, row := range answer {
		decisions[row.ID] = row.Decisions
	}
	var written []decided
	for _, r := range records {
		if n := decisions[r.Hit.ID]; n > 0 {
			written = append(written, decided{r, n == 1})
		}
	}
	return written
}

func (w *writing) leaks(records []decided) {
	type place struct{ account, offer, publisher int64 }
	found := map[place]leak{}
	for _, r := range records {
		if !r.Hit.TokenLeaked || !r.first {
			continue
		}
		at := place{r.Decision.AccountID, r.Decision.OfferID, r.Decision.PublisherID}
		so := found[at]
		so.account, so.offer, so.publisher = at.account, at.offer, at.publisher
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

// waiting gives hits whose outcome is Waiting a place in the waiting room, and
// remembers those whose wait has ended.
func (w *writing) waiting(records []decided) {
	var those, ended []*Record
	for _, r := range records {
		switch r.Decision.Outcome {
		case attribution.Waiting:
			those = append(those, r.Record)
		case attribution.Unmatched:
			ended = append(ended, r.Record)
		}
	}
	if len(those) > 0 {
		w.exec("insert_waiting", waitingColumns(those)...)
	}
	if len(ended) > 0 {
		w.exec("insert_ended_waits", endedColumns(ended)...)
	}
}

func (w *writing) deadLetters(records []decided) {
	var those []*Record
	for _, r := range records {
		if r.dead() {
			those = append(those, r.Record)
		}
	}
	if len(those) > 0 {
		w.exec("upsert_dead_letters", deadColumns(those)...)
	}
}

// settleEarlier takes back what an earlier decision left behind: the place in
// the waiting room, and the dead letter.
func (w *writing) settleEarlier(records []decided, again map[uuid.UUID]bool) {
	var alive, left, transactions, matched, clicks []uuid.UUID
	for _, r := range records {
		if !again[r.Hit.ID] {
			continue
		}
		if !r.dead() {
			alive = append(alive, r.Hit.ID)
		}
		if r.Decision.Outcome != attribution.Waiting && !r.Hit.TransactionID.IsZero() {
			left, transactions = append(left, r.Hit.ID), append(transactions, r.Hit.TransactionID.UUID())
		}
		if r.Decision.Outcome != attribution.Unmatched && !r.Hit.TransactionID.IsZero() {
			matched, clicks = append(matched, r.Hit.ID), append(clicks, r.Hit.TransactionID.UUID())
		}
	}
	if len(alive) > 0 {
		w.exec("resolve_dead_letters", uuidArray(alive))
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
