package spool

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"integr8/pipeline/books"
)

// State publishes what the Ledger can say about a topic, and returns it. It returns an
// error while the broker accepts nothing; the next statement says the same and more. A
// statement is never spooled: it would say on the same disk what the hits there say.
func (q *Queue) State(ctx context.Context, topic string) (books.Statement, error) {
	statement := q.options.Ledger.Statement(topic)
	// In this order: what was promised before is in the queue if nothing is spooled now.
	statement.Spooled = q.options.Log.LaneRecords(topic)
	payload, err := statement.Encode()
	if err != nil {
		return statement, err
	}
	msg := entry{id: uuid.Must(uuid.NewV7()), topic: topic, payload: payload}.message()
	msg.SetContext(ctx)
	if err := q.options.Broker.Publish(topic, msg); err != nil {
		return statement, fmt.Errorf("state what was promised of %s: %w", topic, err)
	}
	q.options.Ledger.Stated(statement)
	return statement, nil
}
