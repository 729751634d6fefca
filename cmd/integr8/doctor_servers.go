package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/sql/store"
)

// broker looks at RabbitMQ: is it there, are the queues, does anything pile
// up.
func (e *examination) broker(ctx context.Context) {
	address, err := e.app.settings.amqpURL()
	if err != nil {
		e.failed("settings", err)
		return
	}
	topology := e.app.settings.topology()
	switch err := topology.Check(ctx, address); {
	case errors.Is(err, rabbit.ErrUnavailable):
		e.broken("broker", oneLine(err), "is RabbitMQ running, and does AMQP_URL name it, with a user that may log in?")
		return
	case err != nil:
		e.broken("topology", oneLine(err), "run integr8 topology with the INTEGR8_QUEUE_PREFIX that the processes have")
		return
	}
	switch err := topology.CheckDeadLettering(ctx, address); {
	case errors.Is(err, rabbit.ErrDeadLettersAtRisk):
		e.broken("dead-lettering", oneLine(err), hintStreams)
	case err != nil:
		e.warn("dead-lettering", party{}, e.app.hideSecrets("it could not be seen whether the feature flag stream_queue is on: "+oneLine(err)),
			"look yourself: rabbitmqctl list_feature_flags; this user may need the permission to configure queues")
	}
	queues, err := lookAtQueues(ctx, e.app, topology, address, map[string]int{})
	if err != nil {
		e.failed("broker", err)
		return
	}
	for _, queue := range queues {
		if queue.Hint != "" {
			e.warn("queues", party{}, fmt.Sprintf("%s holds %s, %d hits in flight, and has %d consumers",
				queue.Queue, queue.holds(), queue.InFlight, queue.Consumers), queue.Hint)
		}
	}
}

// partitions looks for those of today and tomorrow, and for rows that found
// none.
func (e *examination) partitions(ctx context.Context, db *store.Store) {
	today, err := db.MissingPartitions(ctx, e.now, 1)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if len(today) > 0 {
		e.broken("partitions", "missing for today: "+strings.Join(today, ", "),
			"run integr8 migrate; a running worker makes them each minute, so look whether one runs")
	}
	tomorrow, err := db.MissingPartitions(ctx, e.now.AddDate(0, 0, 1), 1)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if len(tomorrow) > 0 {
		e.warn("partitions", party{}, "missing for tomorrow: "+strings.Join(tomorrow, ", "),
			"run integr8 migrate; a running worker makes them each minute, so look whether one runs")
	}
	// A week ahead is made; a day more is that of a clock an hour ahead at the
	// turn of the day.
	stray, err := db.StrayRows(ctx, e.now.AddDate(0, 0, 1))
	if err != nil {
		e.failed("partitions", err)
		return
	}
	margin, err := db.LockMargin(ctx)
	if err != nil {
		e.failed("partitions", err)
		return
	}
	if needed := margin.Needed(); needed > margin.Locks {
		e.warn("partitions", party{}, fmt.Sprintf("the server's lock table takes %d locks, and %d sessions with %d partitions and indexes may need %d",
			margin.Locks, margin.Sessions, margin.Relations, needed),
			fmt.Sprintf("raise max_locks_per_transaction %d-fold in postgresql.conf and restart Postgres, before a backup or a worker fails with out of shared memory; or keep fewer days: integr8 retention show",
				(needed+margin.Locks-1)/margin.Locks))
	}
	for _, table := range stray {
		e.warn("partitions", party{}, table+" holds rows of a day that has not come or is long past",
			"the clock of a receiver is days off, or was: synchronise it; retention drops such rows when their day has passed")
	}
}

// droppingGrace is how long the dropping of a day may take before it is told: it
// waits for whoever reads the day, such as a backup.
const droppingGrace = 6 * time.Hour

// retention looks whether what should be dropped can be, and is.
func (e *examination) retention(ctx context.Context, db *store.Store) {
	retention, err := db.Retention(ctx)
	if err != nil {
		e.failed("retention", err)
		return
	}
	var short *store.RetentionError
	switch err := db.CheckRetention(ctx, retention, e.app.settings.LateClicks); {
	case errors.As(err, &short):
		e.broken("retention", "nothing is dropped: "+oneLine(err), retentionHint(short))
	case err != nil:
		e.failed("retention", err)
	}
	begun, err := db.UnfinishedDrops(ctx, droppingGrace)
	if err != nil {
		e.failed("retention", err)
		return
	}
	for _, day := range begun {
		e.warn("retention", party{}, fmt.Sprintf("%s should have been dropped more than %s ago, and is still there", day.Partition(), droppingGrace),
			"a worker drops it as soon as nobody reads it: look for a backup or another statement that does not end, in pg_stat_activity")
	}
}

// overdueGrace is many rounds of the sweep that ends waits, besides the two
// graces that pass before one ends.
const overdueGrace = 5 * time.Minute

// waiting looks for postbacks whose wait should be over, and for those whose
// click came and did not wake them.
func (e *examination) waiting(ctx context.Context, db *store.Store) {
	stranded, err := db.UnmatchedWithClick(ctx)
	if err != nil {
		e.failed("waiting", err)
		return
	}
	if stranded > 0 {
		e.warn("waiting", party{}, fmt.Sprintf("%d postbacks are unmatched although their click is there", stranded),
			"integr8 dead replay --reason click_never_came decides them anew, by their own receipts, so that none pays twice")
	}
	count, oldest, err := db.Overdue(ctx, e.now.Add(-overdueGrace-2*e.app.settings.LateGrace))
	if err != nil {
		e.failed("waiting", err)
		return
	}
	if count > 0 {
		e.warn("waiting", party{}, fmt.Sprintf("%d postbacks still wait for a click although the late-click window ended, the first one's at %s",
			count, clock(oldest)),
			"workers end these waits once they have caught up with the clicks: look whether they run, how long the queue of clicks is (integr8 queues), and what they log")
	}
}

func (e *examination) deadLetters(ctx context.Context, db *store.Store) {
	reasons, err := db.DeadReasons(ctx, store.DeadFilter{State: store.StateOpen})
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	for _, dead := range reasons {
		e.warn("dead letters", party{}, fmt.Sprintf("%d open with %s, the oldest of %s", dead.Letters, dead.Reason, clock(dead.Oldest)),
			fmt.Sprintf("%s See: integr8 dead list --reason %s", dead.Reason.Hint(), dead.Reason))
	}
	retention, err := db.Retention(ctx)
	if err != nil {
		e.failed("dead letters", err)
		return
	}
	e.remarks = append(e.remarks, deadRetention(retention))
}

// secrets looks whether the service secrets are those that made the tokens.
func (e *examination) secrets(ctx context.Context, db *store.Store) {
	keys, err := e.app.settings.keys()
	if err != nil {
		return // told before
	}
	tokens, err := db.GeneratedTokens(ctx)
	if err != nil {
		e.failed("secrets", err)
		return
	}
	var foreign []string
	for _, token := range tokens {
		if _, ok := keys.RecoverToken(hit.Kind(token.Purpose), token.AccountID, token.OfferID, token.Generation, token.Digest); !ok {
			foreign = append(foreign, fmt.Sprint(token.ID))
		}
	}
	hint := "add the secret that made them to the end of INTEGR8_SECRET: transaction_ids of that time do not verify without it"
	switch {
	case len(foreign) == 0:
	case len(foreign) == len(tokens):
		e.broken("secrets", "INTEGR8_SECRET made none of the tokens: it is another one than the processes had", hint)
	default:
		e.warn("secrets", party{}, fmt.Sprintf("INTEGR8_SECRET did not make these tokens, which cannot be shown: %s", shortList(foreign)), hint)
	}
}

// shortList names the first few.
func shortList(items []string) string {
	const shown = 10
	if len(items) <= shown {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(items[:shown], ", "), len(items)-shown)
}
