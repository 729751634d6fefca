package store

import (
	"context"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/lib/pq"

	"integr8/handlers/operate/dead"
)

// deadOrders are the statements that read dead letters in an order.
var deadOrders = map[dead.Order]string{dead.OldestFirst: "dead_letters/oldest", dead.NewestFirst: "dead_letters/newest"}

// DeadLetters returns a page of at most limit dead letters that the filter selects. after
// is the last letter of the previous page, or nil for the first page. Pages neither skip
// nor repeat a letter that does not change between them.
func (s *Store) DeadLetters(ctx context.Context, filter dead.Filter, order dead.Order, after *dead.Letter, limit int) ([]dead.Letter, error) {
	from := args{"page": limit, "after_died_at": nil, "after_id": nil}
	if after != nil {
		from["after_died_at"], from["after_id"] = after.DiedAt, after.ID
	}
	var page []dead.Letter
	if err := selectRows(ctx, s.db, &page, deadOrders[order], chosenBy(filter).with(from)); err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return page, nil
}

// DeadReasons counts the dead letters that the filter selects by reason, the
// most frequent first.
func (s *Store) DeadReasons(ctx context.Context, filter dead.Filter) ([]dead.ReasonCount, error) {
	var reasons []dead.ReasonCount
	if err := selectRows(ctx, s.db, &reasons, "dead_letters/count_by_reason", chosenBy(filter)); err != nil {
		return nil, fmt.Errorf("count dead letters: %w", err)
	}
	return reasons, nil
}

// CountDeadLetters counts all dead letters by status and reason. It reads every row.
func (s *Store) CountDeadLetters(ctx context.Context) ([]dead.StatusCount, error) {
	var counts []dead.StatusCount
	if err := selectRows(ctx, s.db, &counts, "dead_letters/count", nil); err != nil {
		return nil, fmt.Errorf("count all dead letters: %w", err)
	}
	return counts, nil
}

// DecisionOf returns the outcome of a hit; nil when the hit has no row.
func (s *Store) DecisionOf(ctx context.Context, receipt uuid.UUID) (*dead.Decision, error) {
	var decisions []dead.Decision
	if err := selectRows(ctx, s.db, &decisions, "hits/decision", args{"id": receipt}); err != nil {
		return nil, fmt.Errorf("read the decision about %s: %w", receipt, err)
	}
	if len(decisions) == 0 {
		return nil, nil
	}
	return &decisions[0], nil
}

// Now returns the time of the database's clock, which sets the times of dead letters.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	if err := selectRow(ctx, s.db, &now, "server/clock", nil); err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return now, nil
}

// chosenBy returns the arguments of dead_letters/chosen.
func chosenBy(f dead.Filter) args {
	ids := f.IDs
	if ids == nil {
		ids = []uuid.UUID{}
	}
	statuses, replayed := statusesOf(f.State)
	var act *uuid.UUID
	if f.Act != uuid.Nil {
		act = &f.Act
	}
	return args{
		"token_id":      f.TokenID,
		"digest_prefix": bytesOrNull(string(f.TokenDigest.Bytes())),
		"advertiser_id": f.AdvertiserID,
		"publisher_id":  f.PublisherID,
		"network":       networkText(f.Network),
		"text":          textInJSON(f.Text),
		"text_of_error": bytesOrNull(f.Text),

		"ids":        pq.Array(ids),
		"statuses":   pq.Array(statuses),
		"replayed":   replayed,
		"silence":    dead.SilentAfter.Seconds(),
		"act":        act,
		"account_id": f.AccountID,
		"reason":     string(f.Reason),
		"kind":       string(f.Kind),
		"offer_id":   f.OfferID,
		"since":      orNull(f.Since),
		"until":      orNull(f.Until),
	}
}

// textInJSON returns a text as the JSON of a request holds it, without quotes; nil for the
// empty text, which excludes nothing.
func textInJSON(text string) []byte {
	quoted, err := jsontext.AppendQuote(nil, text)
	if err != nil { // no UTF-8, as no request is
		return bytesOrNull(text)
	}
	return bytesOrNull(string(quoted[1 : len(quoted)-1]))
}

func bytesOrNull(text string) []byte {
	if text == "" {
		return nil
	}
	return []byte(text)
}

// orNull returns nil for the zero time, which means no bound.
func orNull(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
