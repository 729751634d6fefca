package handlers

import (
	"context"

	"integr8/pipeline/books"
	"integr8/pipeline/hit"
	"integr8/pipeline/worker"
)

// Arrival is a message in a queue of hits: a hit, or a statement of a receiver about the
// hits before it. One of the two is nil.
type Arrival struct {
	Hit       *hit.Hit
	Statement *books.Statement
}

// DecodeArrival reads a message. It is the decoder of the topics of hits.
func DecodeArrival(payload []byte) (Arrival, error) {
	if books.IsStatement(payload) {
		statement, err := books.DecodeStatement(payload)
		return Arrival{Statement: &statement}, err
	}
	h, err := hit.Decode(payload)
	return Arrival{Hit: h}, err
}

// Statements stores the statements of receivers.
type Statements interface {
	PassStatement(ctx context.Context, statement books.Statement) error
}

// Arrivals returns the handler of a topic of hits: hits go to handle, statements to the
// records.
func Arrivals(statements Statements, handle worker.Handler[*hit.Hit]) worker.Handler[Arrival] {
	return func(ctx context.Context, arrival Arrival, payload []byte) error {
		if arrival.Statement != nil {
			return statements.PassStatement(ctx, *arrival.Statement)
		}
		return handle(ctx, arrival.Hit, payload)
	}
}

// ArchiveArrivals returns the archive of a topic of hits. A statement whose handling has
// failed is recorded late: it is no dead letter that an operator could act on.
func ArchiveArrivals(statements Statements, archive worker.Archive[*hit.Hit]) worker.Archive[Arrival] {
	return func(ctx context.Context, arrival Arrival, letter worker.DeadLetter) error {
		if arrival.Statement != nil {
			return statements.PassStatement(ctx, *arrival.Statement)
		}
		return archive(ctx, arrival.Hit, letter)
	}
}
