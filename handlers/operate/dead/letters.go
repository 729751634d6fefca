package dead

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/handlers/operate/queues"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/token"
)

// Store is the record of dead letters. Each method reads one moment of the database, or
// changes it in one transaction.
type Store interface {
	reference.NamedStore
	// DeadLetters reads at most limit dead letters that match the filter. For the next
	// page, after is the last letter that was read; nil is for the first page. Pages
	// neither skip nor repeat letters that do not change between them.
	DeadLetters(ctx context.Context, filter Filter, order Order, after *Letter, limit int) ([]Letter, error)
	// DeadReasons counts the matching letters by reason, the most frequent first. It
	// leaves out the hints.
	DeadReasons(ctx context.Context, filter Filter) ([]ReasonCount, error)
	// DeadSenders counts the senders of the matching letters, of each reason and kind those
	// with the most letters, at most groups, in the order of reasons, kinds and places.
	DeadSenders(ctx context.Context, filter Filter, groups int) ([]SenderRow, error)
	// NthNewestDeath returns when the letter died that comes behind the newest n of those
	// that match; zero when there are no more than n.
	NthNewestDeath(ctx context.Context, filter Filter, n int) (time.Time, error)
	// CountDeadStates counts the matching letters by state, in no order.
	CountDeadStates(ctx context.Context, filter Filter) ([]StateCount, error)
	// DeadEvents reads the events of letters, those of each letter in order of time.
	// Events may be missing when a program of an earlier version changed the letter.
	DeadEvents(ctx context.Context, letters ...uuid.UUID) (map[uuid.UUID][]Event, error)
	// DecisionOf reads the outcome of a hit; nil when the hit has no row.
	DecisionOf(ctx context.Context, receipt uuid.UUID) (*Decision, error)
	// SettleDeadLetters adds an act to letters and returns the status of those that it
	// changed. A letter that has changed since it was read, above all one that died
	// again, keeps its status. The event of a replay is added in any case.
	SettleDeadLetters(ctx context.Context, read []Letter, act Act) (map[uuid.UUID]Status, error)
	// ReplayEnds reads the first outcome of the hits whose letters were replayed after
	// they had been read. It leaves out hits without any news yet.
	ReplayEnds(ctx context.Context, replayed []Letter) ([]ReplayEnd, error)
	// LastDiscard returns the newest discard of which a letter still is discarded, or
	// uuid.Nil.
	LastDiscard(ctx context.Context) (uuid.UUID, error)
	// DeadRetention reads how long dead letters are kept.
	DeadRetention(ctx context.Context) (Retention, error)
	// PausedQueues lists the queues that no worker takes from.
	PausedQueues(context.Context) ([]queues.Pause, error)
	// Now returns the database's time, by which dead letters die.
	Now(ctx context.Context) (time.Time, error)
	// LoadSnapshot reads the reference data.
	LoadSnapshot(ctx context.Context) (*attribution.Snapshot, error)
}

// Letters are the use cases. They hold no state of their own and may be called from
// many goroutines at once.
type Letters struct {
	Store Store
	// Broker receives the hits of a replay; only Replay needs it.
	Broker Broker
	// Keys let a replay warn of a transaction_id that still does not verify. With the
	// zero value there is no such warning.
	Keys token.Keys
}

// pageSize is how many dead letters are read at once.
const pageSize = 512

// Listed is a dead letter in a list.
type Listed struct {
	Letter
	Hint string `json:"hint"`
	// KeptUntil is null for a letter that is kept for ever, or as long as it is open.
	KeptUntil *time.Time `json:"kept_until"`
}

func listed(letter Letter, retention Retention) Listed {
	entry := Listed{Letter: letter, Hint: operate.HintOf(letter.Reason, letter.Payload)}
	if until := retention.KeptUntil(&letter); !until.IsZero() {
		entry.KeptUntil = &until
	}
	return entry
}

// Summary counts the dead letters that match the filter, by reason, the most frequent
// first, and all together. The list is never nil. When there are none, it returns a
// reference.NotFoundError for an account, offer, advertiser, publisher or token of the
// filter that does not exist; letters that name it are counted all the same, because a
// hit may name an offer that never was.
func (l Letters) Summary(ctx context.Context, filter Filter) (reasons []ReasonCount, total int64, err error) {
	counted, err := l.Store.DeadReasons(ctx, filter)
	if err != nil {
		return nil, 0, err
	}
	reasons = []ReasonCount{}
	for _, reason := range counted {
		reason.Hint = reason.Reason.Hint()
		reasons = append(reasons, reason)
		total += reason.Letters
	}
	if total == 0 {
		err = l.checkNamed(ctx, filter)
	}
	return reasons, total, err
}

// checkNamed refuses an account or an object that is not there.
func (l Letters) checkNamed(ctx context.Context, filter Filter) error {
	return reference.Named{Account: filter.AccountID, Offer: filter.OfferID, Advertiser: filter.AdvertiserID,
		Publisher: filter.PublisherID, Token: filter.TokenID}.Check(ctx, l.Store)
}

// LeftOut counts by state the letters that match the filter in everything but its
// state, in the order of States; nil when the filter names no state.
func (l Letters) LeftOut(ctx context.Context, filter Filter) ([]StateCount, error) {
	if filter.State == "" {
		return nil, nil
	}
	chosen := filter.State.States()
	filter.State = ""
	counts, err := l.Store.CountDeadStates(ctx, filter)
	if err != nil {
		return nil, err
	}
	var left []StateCount
	for _, state := range States() {
		for _, counted := range counts {
			if counted.State == state && !slices.Contains(chosen, state) {
				left = append(left, counted)
			}
		}
	}
	return left, nil
}

// List yields at most limit dead letters (0: all) that match the filter, the newest
// death first. It reads them page by page, so their number is not limited. It ends with
// the first error, which for an empty list may be that of Summary.
func (l Letters) List(ctx context.Context, filter Filter, limit int) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		retention, err := l.Store.DeadRetention(ctx)
		if err != nil {
			yield(Listed{}, err)
			return
		}
		var after *Letter
		for read := 0; limit == 0 || read < limit; {
			size := pageSize
			if limit > 0 {
				size = min(size, limit-read)
			}
			page, err := l.Store.DeadLetters(ctx, filter, NewestFirst, after, size)
			if err != nil {
				yield(Listed{}, err)
				return
			}
			for _, letter := range page {
				if !yield(listed(letter, retention), nil) {
					return
				}
			}
			read += len(page)
			if read == 0 {
				if err := l.checkNamed(ctx, filter); err != nil {
					yield(Listed{}, err)
				}
			}
			if len(page) < size {
				return
			}
			after = &page[len(page)-1]
		}
	}
}

// Retention reads how long dead letters are kept.
func (l Letters) Retention(ctx context.Context) (Retention, error) { return l.Store.DeadRetention(ctx) }

// find returns the dead letter of a receipt that an account (0: any) has; nil when there
// is none.
func (l Letters) find(ctx context.Context, account int64, receipt uuid.UUID) (*Letter, error) {
	letters, err := l.Store.DeadLetters(ctx, Filter{IDs: []uuid.UUID{receipt}, AccountID: account}, NewestFirst, nil, 1)
	if err != nil || len(letters) == 0 {
		return nil, err
	}
	return &letters[0], nil
}

// traceInstead is the hint for a receipt without a dead letter.
func traceInstead(receipt uuid.UUID) string {
	return "`integr8 trace " + receipt.String() + "` shows what became of the hit"
}
