package search

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Conversion is a conversion with all that is kept of it. A nil field was not sent, or is
// not known.
type Conversion struct {
	// ID is the receipt of the hit that made it.
	ID        uuid.UUID `db:"id" json:"id"`
	AccountID int64     `db:"account_id" json:"account_id"`
	// TransactionID is 32 hex digits, or nil for a clickless conversion.
	TransactionID *string           `db:"transaction_id" json:"transaction_id"`
	OfferID       int64             `db:"offer_id" json:"offer"`
	PublisherID   int64             `db:"publisher_id" json:"publisher"`
	Event         string            `db:"event" json:"event"`
	Status        string            `db:"status" json:"status"`
	Revenue       decimal.Decimal   `db:"revenue" json:"revenue"`
	Payout        decimal.Decimal   `db:"payout" json:"payout"`
	Currency      string            `db:"currency" json:"currency"`
	Method        hit.Kind          `db:"method" json:"method"`
	Route         attribution.Route `db:"route" json:"route"`
	ConvertedAt   time.Time         `db:"converted_at" json:"converted_at"`

	OrderID               *string    `db:"order_id" json:"order_id"`
	ExternalTransactionID *string    `db:"external_transaction_id" json:"external_transaction_id"`
	SubID                 *string    `db:"sub_id" json:"sub_id"`
	SubID2                *string    `db:"sub_id_2" json:"sub_id_2"`
	SubID3                *string    `db:"sub_id_3" json:"sub_id_3"`
	SubID4                *string    `db:"sub_id_4" json:"sub_id_4"`
	SubID5                *string    `db:"sub_id_5" json:"sub_id_5"`
	SubID6                *string    `db:"sub_id_6" json:"sub_id_6"`
	AdvSubID              *string    `db:"adv_sub_id" json:"adv_sub_id"`
	AdvSubID2             *string    `db:"adv_sub_id_2" json:"adv_sub_id_2"`
	AdvSubID3             *string    `db:"adv_sub_id_3" json:"adv_sub_id_3"`
	AdvSubID4             *string    `db:"adv_sub_id_4" json:"adv_sub_id_4"`
	ConversionIP          *string    `db:"conversion_ip" json:"conversion_ip"`
	SessionTime           *time.Time `db:"session_time" json:"session_time"`
	UserAgent             *string    `db:"user_agent" json:"user_agent"`
	UserEmailHash         *string    `db:"user_email_hash" json:"user_email_hash"`

	DeviceID       *string             `db:"device_id" json:"device_id"`
	PurchaseValue  decimal.NullDecimal `db:"purchase_value" json:"purchase_value"`
	ClickedAt      *time.Time          `db:"clicked_at" json:"clicked_at"`
	ClickIP        *string             `db:"click_ip" json:"click_ip"`
	ClickUserAgent *string             `db:"click_user_agent" json:"click_user_agent"`
	// Test is set for the conversion of a test, which no report counts.
	Test bool `db:"test" json:"test,omitempty"`
}
