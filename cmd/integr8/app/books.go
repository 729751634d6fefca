package app

import (
	"context"
	"time"

	"integr8/pipeline/books"
	"integr8/pipeline/hit"
	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

// newLedger returns the numbers of this run of the receiver.
func (p *process) newLedger() *books.Ledger {
	home, err := spool.Identify(p.options.Receiver.SpoolDir)
	if err != nil {
		p.logger.Warn("this receiver has another identity after its next start, so that the audit cannot prove what it leaves in the spool", "error", err)
	}
	return books.NewLedger(home)
}

// keepBooks states what the doors promise, and exports how far behind the queues are.
func (p *process) keepBooks(ledger *books.Ledger, queue *spool.Queue) {
	receiver := processName()
	keeper := books.NewKeeper(books.Options{
		Ledger: ledger, Topics: []string{hit.TopicClicks, hit.TopicPostbacks},
		State: queue.State, Spooled: p.spool.LaneRecords, Logger: p.logger,
		Report: func(ctx context.Context, standings []books.Standing) (map[string]time.Time, error) {
			return p.store.ReportStandings(ctx, receiver, standings)
		},
	})
	p.metrics.WatchLags(func() map[string]time.Duration {
		lags := map[string]time.Duration{}
		for topic, lag := range keeper.Lags() {
			lags[rabbit.QueueOf(topic)] = lag
		}
		return lags
	})
	p.add(component{name: "books", stops: stating, run: keeper.Run})
}
