package trace

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/dead"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Story is everything that is recorded about a click or a hit, each part in order of
// time. The rows may belong to several accounts, because one account may have sent
// another's transaction_id. Each row names its account.
type Story struct {
	Clicks      []Click
	Hits        []Record
	Conversions []Conversion
	Attempts    []Attempt
}

// Attempt is an attempt at a hit that failed, and after which it is tried again.
type Attempt struct {
	HitID uuid.UUID `db:"hit_id" json:"receipt"`
	// TransactionID is the one that the hit names; Trace has it.
	TransactionID uuid.NullUUID `db:"transaction_id" json:"-"`
	// AccountID is 0 while it is not known whose hit it is.
	AccountID int64    `db:"account_id" json:"account_id"`
	Kind      hit.Kind `db:"kind" json:"kind"`
	Queue     string   `db:"topic" json:"queue"`
	// Attempt counts from 1.
	Attempt int `db:"attempt" json:"attempt"`
	// Error is one line.
	Error    string    `db:"error" json:"error"`
	FailedAt time.Time `db:"failed_at" json:"failed_at"`
	// NextAt is when the hit is tried again.
	NextAt time.Time `db:"next_at" json:"next_at"`
}

// Click is a recorded click with the destination of its visitor.
type Click struct {
	// TransactionID is 32 hex digits.
	TransactionID string          `db:"transaction_id" json:"transaction_id"`
	AccountID     int64           `db:"account_id" json:"account_id"`
	HitID         uuid.UUID       `db:"hit_id" json:"receipt"`
	OfferID       int64           `db:"offer_id" json:"offer"`
	PublisherID   int64           `db:"publisher_id" json:"publisher"`
	ClickedAt     time.Time       `db:"clicked_at" json:"clicked_at"`
	Outcome       outcome.Outcome `db:"outcome" json:"outcome"`
	Destination   string          `db:"destination" json:"destination"`
	ClientIP      string          `db:"client_ip" json:"client_ip"`
	UserAgent     string          `db:"user_agent" json:"user_agent"`
	Referer       string          `db:"referer" json:"referer"`
	TokenLeaked   bool            `db:"token_leaked" json:"token_leaked"`
	// Bot marks a click that reports do not count.
	Bot bool `db:"bot" json:"bot"`
	// Test marks a click of a test, which reports do not count.
	Test bool `db:"test" json:"test,omitempty"`
	// Notes is a JSON list of the notes on what was cut or dropped in the request.
	Notes json.RawMessage `db:"notes" json:"notes"`
	// Parameters is a JSON object of the sub ids and foreign ids sent.
	Parameters json.RawMessage `db:"parameters" json:"parameters"`
}

// Record is a hit with its outcome, as the Store returns it.
type Record struct {
	ID          uuid.UUID         `db:"id" json:"receipt"`
	AccountID   int64             `db:"account_id" json:"account_id"`
	Kind        hit.Kind          `db:"kind" json:"kind"`
	ReceivedAt  time.Time         `db:"received_at" json:"received_at"`
	Outcome     outcome.Outcome   `db:"outcome" json:"outcome"`
	Reason      outcome.Reason    `db:"reason" json:"reason"`
	Route       attribution.Route `db:"route" json:"route"`
	TokenID     *int64            `db:"token_id" json:"token_id"`
	OfferID     *int64            `db:"offer_id" json:"offer"`
	PublisherID *int64            `db:"publisher_id" json:"publisher"`
	// TransactionID is 32 hex digits, or nil.
	TransactionID *string    `db:"transaction_id" json:"transaction_id"`
	ConversionID  *uuid.UUID `db:"conversion_id" json:"conversion_id"`
	DuplicateOf   *uuid.UUID `db:"duplicate_of" json:"duplicate_of"`
	DecidedAt     time.Time  `db:"decided_at" json:"decided_at"`
	Decisions     int        `db:"decisions" json:"decisions"`
	// WaitsUntil is set while the hit waits for its click.
	WaitsUntil *time.Time `db:"waits_until" json:"waits_until"`
	// DeadStatus and the fields behind it are set when the hit is or was a dead letter.
	DeadStatus *dead.Status `db:"dead_status" json:"dead_status"`
	DiedAt     *time.Time   `db:"died_at" json:"died_at"`
	Deaths     *int         `db:"deaths" json:"deaths"`
	Error      *string      `db:"error" json:"error"`
	// Notes is a JSON list of the notes on what was cut or dropped in the request.
	Notes json.RawMessage `db:"notes" json:"notes"`
	// Request is the hit's JSON as the door wrote it.
	Request json.RawMessage `db:"request" json:"request"`
	// Test marks a hit of a test, which reports do not count.
	Test bool `db:"test" json:"test,omitempty"`
}

// Conversion is a conversion with its amounts.
type Conversion struct {
	ID        uuid.UUID `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	// TransactionID is 32 hex digits, or nil for a clickless conversion.
	TransactionID *string           `db:"transaction_id" json:"transaction_id"`
	OfferID       int64             `db:"offer_id" json:"offer"`
	PublisherID   int64             `db:"publisher_id" json:"publisher"`
	Event         string            `db:"event" json:"event"`
	Status        string            `db:"status" json:"status"`
	Method        hit.Kind          `db:"method" json:"method"`
	Route         attribution.Route `db:"route" json:"route"`
	Revenue       decimal.Decimal   `db:"revenue" json:"revenue"`
	Payout        decimal.Decimal   `db:"payout" json:"payout"`
	Currency      string            `db:"currency" json:"currency"`
	ConvertedAt   time.Time         `db:"converted_at" json:"converted_at"`
	// ClickedAt, ClickIP and ClickUserAgent are its click's, kept when that is gone. They
	// are nil without one, and the last two of clicks that an earlier version recorded.
	ClickedAt      *time.Time `db:"clicked_at" json:"clicked_at"`
	ClickIP        *string    `db:"click_ip" json:"click_ip"`
	ClickUserAgent *string    `db:"click_user_agent" json:"click_user_agent"`
	// Test marks the conversion of a test, which reports do not count.
	Test bool `db:"test" json:"test,omitempty"`
	// Parameters is a JSON object of the advertiser's other parameters, and the device.
	Parameters json.RawMessage `db:"parameters" json:"parameters"`
}
