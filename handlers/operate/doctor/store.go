package doctor

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/audit"
	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/report"
	"integr8/handlers/operate/rollup"
	"integr8/handlers/operate/secrets"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Store is the database that is examined. Each method reads it at one moment.
type Store interface {
	audit.Store
	serverStore
	partitionStore
	moneyStore
	secretStore
	hitStore
	waitingStore
	jobStore
	// RollupSpan returns since when there are rows, and since when roll-ups count them.
	RollupSpan(context.Context) (rollup.Span, error)
	// LoadSnapshot reads the reference data.
	LoadSnapshot(context.Context) (*attribution.Snapshot, error)
}

// serverStore reads the state of the server itself.
type serverStore interface {
	Ping(context.Context) error
	// CheckSchema returns an error with the method Newer when the schema is of another
	// version than this program.
	CheckSchema(context.Context) error
	Durability(context.Context) (Durability, error)
	// Now returns the time of the server's clock.
	Now(context.Context) (time.Time, error)
}

// Durability says which committed rows Postgres may lose when it crashes.
type Durability struct {
	// Off holds the names of the settings for durability that are off in our sessions.
	Off []string
	// Unlogged holds the names of the tables that are emptied after a crash.
	Unlogged []string
	// Disposable is set when the server's setting integr8.disposable marks its data
	// as data that may be lost.
	Disposable bool
}

// partitionStore reads the days of clicks and hits.
type partitionStore interface {
	// MissingPartitions lists the daily partitions that are missing among that many
	// days. The first day is that of the given time.
	MissingPartitions(ctx context.Context, from time.Time, days int) ([]string, error)
	// StrayRows lists the partitions that hold rows from a clock that was far off: rows
	// of before 2020, of 2100 and later, and of days that begin after the given time.
	StrayRows(ctx context.Context, after time.Time) ([]string, error)
	LockMargin(context.Context) (LockMargin, error)
	// CheckStoredRetention returns an error with the method Hint when retention would
	// drop clicks and hits that are still needed, and therefore drops nothing.
	CheckStoredRetention(ctx context.Context, lateClicks time.Duration) error
	// OverdueDrops lists the partitions whose drop has been due for longer than that.
	OverdueDrops(ctx context.Context, longer time.Duration) ([]string, error)
}

// LockMargin is the size of the server's lock table, and the numbers that determine how
// many locks are needed.
type LockMargin struct {
	// Locks is how many locks the server guarantees: max_locks_per_transaction for
	// each possible session.
	Locks int64 `db:"locks"`
	// Relations counts the partitions of clicks and hits and their indexes.
	Relations int64 `db:"relations"`
	// Sessions counts the sessions of this database.
	Sessions int64 `db:"sessions"`
	// Needed is the largest number of locks that is needed at once.
	Needed int64 `db:"-"`
}

// moneyStore reads payments.
type moneyStore interface {
	// LosingConversions returns the conversions received since the given time that paid
	// more than they brought, in at most limit groups, those with the largest loss
	// first. It leaves out conversions at the offer's own fixed terms.
	LosingConversions(ctx context.Context, since time.Time, limit int) (Losses, error)
	// ReportOrders lists the order ids for which an offer paid more than once, the most
	// expensive first, and at most limit of them. It also returns how many there are.
	ReportOrders(ctx context.Context, filter report.Filter, limit int) ([]report.Order, int, error)
	// FillingOffers returns the offers whose switch to unique orders has begun but not
	// ended.
	FillingOffers(context.Context) ([]attribution.PartyID, error)
}

// Loss sums up the conversions of a publisher through one way in whose payout is higher
// than their revenue.
type Loss struct {
	AccountID   int64    `db:"account_id"`
	OfferID     int64    `db:"offer_id"`
	PublisherID int64    `db:"publisher_id"`
	Method      hit.Kind `db:"method"`
	Currency    string   `db:"currency"`
	Conversions int64    `db:"conversions"`
	// Payout and Revenue are sums over the conversions.
	Payout  decimal.Decimal `db:"payout"`
	Revenue decimal.Decimal `db:"revenue"`
	// WorstID is the conversion with the largest loss.
	WorstID uuid.UUID `db:"worst_id"`
}

// Losses is the result of LosingConversions.
type Losses struct {
	// Worst holds the groups with the largest losses.
	Worst []Loss
	// Groups and Conversions count all groups, also those that are not in Worst.
	Groups, Conversions int64
}

// secretStore reads the service secrets that are known, and the tokens that they made.
type secretStore interface {
	// Secrets lists the service secrets that processes have had, the newest signer
	// first.
	Secrets(context.Context) ([]secrets.Secret, error)
	// GeneratedTokens lists the tokens of all accounts that were not imported.
	GeneratedTokens(context.Context) ([]reference.StoredToken, error)
}

// hitStore reads hits.
type hitStore interface {
	// HitsWithin returns the time since which the hits fill that many pages of 8 KiB, or
	// since when they fill fewer.
	HitsWithin(ctx context.Context, since, now time.Time, pages int64) (time.Time, error)
	// Troubles counts the hits received since the given time that have one of the
	// reasons, and returns the most frequent groups, at most limit.
	Troubles(ctx context.Context, since time.Time, reasons []outcome.Reason, limit int) ([]Trouble, error)
	// PixelsWithoutDomain lists the accounts without a tracking domain whose tokens came
	// in a pixel, on another account's domain, since the given time.
	PixelsWithoutDomain(ctx context.Context, since time.Time) ([]int64, error)
	// TokensUsedInTwoWays lists the tokens without a purpose that were used through more
	// than one way in since the given time, at most limit, those in pixels first.
	TokensUsedInTwoWays(ctx context.Context, since time.Time, limit int) ([]TokenUse, error)
	// UnusedTokens lists the tokens, also imported ones, that were made before
	// madeBefore and with which no hit has come since the given time. It leaves out
	// expired tokens and those of paused offers.
	UnusedTokens(ctx context.Context, madeBefore, since time.Time) ([]reference.StoredToken, error)
	// ReportConflicts lists the offers for which both URL forms were used, those with
	// the most repeated conversions first.
	ReportConflicts(context.Context, report.Filter) ([]report.Conflict, error)
	// TokenLeaks lists the tracking links that carried a secure token since the given
	// time, at most limit. Those of a known token come first, and among them the latest.
	// It also returns how many there are.
	TokenLeaks(ctx context.Context, since time.Time, limit int) (leaks []TokenLeak, total int, err error)
}

// Trouble counts the hits with the same reason and the same ids. An id is 0 when the
// hits have none.
type Trouble struct {
	AccountID   int64          `db:"account_id"`
	Kind        hit.Kind       `db:"kind"`
	Reason      outcome.Reason `db:"reason"`
	TokenID     int64          `db:"token_id"`
	OfferID     int64          `db:"offer_id"`
	PublisherID int64          `db:"publisher_id"`
	Hits        int64          `db:"hits"`
	LastSeen    time.Time      `db:"last_seen"`
}

// TokenUse counts the hits with a token, by way in.
type TokenUse struct {
	AccountID int64 `db:"account_id"`
	TokenID   int64 `db:"token_id"`
	Postbacks int64 `db:"postbacks"`
	Pixels    int64 `db:"pixels"`
	Clickless int64 `db:"clickless"`
}

// TokenLeak counts the clicks of one publisher's tracking links for one offer that
// contained the same secure token.
type TokenLeak struct {
	AccountID   int64 `db:"account_id"`
	OfferID     int64 `db:"offer_id"`
	PublisherID int64 `db:"publisher_id"`
	// TokenID is 0 for leaks that were counted before leaks were counted by token.
	TokenID   int64     `db:"token_id"`
	Clicks    int64     `db:"clicks"`
	FirstSeen time.Time `db:"first_seen"`
	LastSeen  time.Time `db:"last_seen"`
}

// waitingStore reads waiting postbacks and dead letters.
type waitingStore interface {
	// UnmatchedWithClick counts the postbacks that are unmatched although their click is
	// recorded.
	UnmatchedWithClick(context.Context) (int64, error)
	// Overdue counts the postbacks that still wait for their click although their wait
	// ended before the given time, and returns when the first of these waits ended; zero
	// when there are none.
	Overdue(ctx context.Context, before time.Time) (int64, time.Time, error)
	// DeadLetters reads at most limit dead letters that match the filter.
	DeadLetters(ctx context.Context, filter dead.Filter, order dead.Order, after *dead.Letter, limit int) ([]dead.Letter, error)
	// DeadReasons counts the matching letters by reason.
	DeadReasons(ctx context.Context, filter dead.Filter) ([]dead.ReasonCount, error)
	// CountDeadStates counts the matching letters by state.
	CountDeadStates(ctx context.Context, filter dead.Filter) ([]dead.StateCount, error)
	// DeadRetention reads how long dead letters are kept.
	DeadRetention(context.Context) (dead.Retention, error)
}
