package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"integr8/handlers/attribution"
	"integr8/pipeline/books"
)

// rows are the rows that one transaction of Write writes: for each table the records to
// write. Their values are read when they are written, because writing the conversions
// may change the decisions of their hits.
//
// Order of locks. A transaction takes its locks table by table, and in a table in
// ascending order of the key, so that transactions never deadlock:
//
//  1. the rows of hits that were decided before (by id), all at once: see find;
//  2. unique orders (by key), then conversions (by dedup_key), then clicks (by
//     transaction_id);
//  3. new rows of hits (by id). A hit that another transaction has committed
//     since step 1 is an error here, never a wait, because a wait would be for
//     the lock of a step 1 (see Write). For the same reason new rows are inserted before
//     the rows of step 1 are changed;
//  4. token leaks (by account, offer, publisher and token);
//  5. waiting postbacks and dead letters of the hits whose rows it holds. Only
//     operators change dead letters of other hits, and they too lock them by id.
//     The dead letters are locked, by id, before the first statement that changes
//     some of them;
//  6. the numbers of new hits (by incarnation, topic and block), in rows that only
//     this connection writes;
//  7. roll-ups. They are only added to, without a unique index, so that no lock is
//     waited for.
//
// The fields are in that order. In steps 2 and 3 the slices are sorted; the
// statements of 4 and 5 sort in SQL.
type rows struct {
	// rules are the rules on orders that the plan used. repeatsOrder is set when they made
	// a conversion a duplicate.
	rules        *orderRules
	repeatsOrder bool
	takes        []taking
	conversions  []*attribution.Record
	clicks       []*attribution.Record

	newHits   []*attribution.Record
	knownHits []*attribution.Record

	leaks []leak

	waits        []*attribution.Record
	endedWaits   []*attribution.Record
	mayHaveDied  []*attribution.Record // dead letters to lock
	died         []*attribution.Record
	resolved     []*attribution.Record
	noWaits      []*attribution.Record // waits to delete
	noEndedWaits []*attribution.Record // ended waits to delete

	settled []books.Block
	counted map[uuid.UUID]rollupKey // of the known hits: what the roll-ups count them as so far
}

// apply writes the rows. It changes the decisions of conversions that turn out to be
// duplicates.
func (r *rows) apply(ctx context.Context, tx *sqlx.Tx) error {
	if err := r.applyConversions(ctx, tx); err != nil {
		return err
	}
	w := &writer{ctx: ctx, tx: tx}
	write(w, insertClicks, r.clicks)
	write(w, insertHits, r.newHits)
	write(w, upsertHits, r.knownHits)
	write(w, countLeaks, r.leaks)
	write(w, insertWaiting, r.waits)
	write(w, insertEndedWaits, r.endedWaits)
	write(w, lockDeadLetters, r.mayHaveDied)
	write(w, upsertDeadLetters, r.died)
	write(w, resolveDeadLetters, r.resolved)
	write(w, deleteWaiting, r.noWaits)
	write(w, deleteEndedWaits, r.noEndedWaits)
	write(w, settleNumbers, r.settled)
	write(w, addToRollups, r.rollupDeltas())
	return w.err
}

// writer runs statements one after the other. After the first error it does nothing.
type writer struct {
	ctx context.Context // of Write; the writer ends before Write returns
	tx  *sqlx.Tx
	err error
}

// write runs a statement, unless it has no rows.
func write[R any](w *writer, b batch[R], rows []R) {
	if w.err != nil || len(rows) == 0 {
		return
	}
	if _, err := w.tx.ExecContext(w.ctx, b.statement.Text, b.bind(rows, nil)...); err != nil {
		w.err = fmt.Errorf("%s: %w", b.statement.Name, err)
	}
}
