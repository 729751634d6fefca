package store

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Record is a hit with what was decided about it, ready to be written.
type Record struct {
	Hit *hit.Hit
	// Request is the hit as it travelled, and is stored as it is.
	Request []byte
	// Decision is what the rules said. Write replaces a decision to convert
	// by the duplicate that the database finds it to be.
	Decision attribution.Decision
	// WaitsUntil ends the wait of a hit whose outcome is Waiting.
	WaitsUntil time.Time
	// OnlyIfWaiting leaves the hit as it is unless its outcome still is
	// Waiting: several may have been told at once that its click has come.
	OnlyIfWaiting bool
	// Error is what handling a Failed hit met, in short.
	Error string
	// Details are kept with a conversion.
	Details Details

	// ConversionID and DuplicateOf are filled in by Write: the conversion
	// that the hit made, or the first hit of which it is a repeat.
	ConversionID uuid.UUID
	DuplicateOf  uuid.UUID
}

// Details are the parts of a conversion that no rule looks at.
type Details struct {
	OrderID               string
	ExternalTransactionID string
	SubIDs                [6]string
	AdvertiserSubIDs      [4]string
	ConversionIP          netip.Addr
	SessionTime           time.Time
	UserAgent             string
	UserEmailHash         string
}

// dead reports whether the hit is one that an operator can act on.
func (r *Record) dead() bool {
	switch r.Decision.Outcome {
	case attribution.Rejected, attribution.Unmatched, attribution.Failed:
		return true
	default:
		return false
	}
}

// The rows below are how records travel to Postgres: as one JSON array a
// statement, which keeps NULLs natural and the number of parameters at one.

type hitRow struct {
	ID            uuid.UUID       `json:"id"`
	AccountID     int64           `json:"account_id"`
	Kind          hit.Kind        `json:"kind"`
	ReceivedAt    time.Time       `json:"received_at"`
	Outcome       string          `json:"outcome"`
	Reason        string          `json:"reason"`
	Route         string          `json:"route"`
	TokenID       int64           `json:"token_id,omitzero"`
	OfferID       int64           `json:"offer_id,omitzero"`
	PublisherID   int64           `json:"publisher_id,omitzero"`
	TransactionID uuid.UUID       `json:"transaction_id,omitzero"`
	ConversionID  uuid.UUID       `json:"conversion_id,omitzero"`
	DuplicateOf   uuid.UUID       `json:"duplicate_of,omitzero"`
	Request       json.RawMessage `json:"request"`
}

func (r *Record) hitRow() hitRow {
	return hitRow{
		ID:            r.Hit.ID,
		AccountID:     r.Decision.AccountID,
		Kind:          r.Hit.Kind,
		ReceivedAt:    r.Hit.ReceivedAt,
		Outcome:       string(r.Decision.Outcome),
		Reason:        string(r.Decision.Reason),
		Route:         string(r.Decision.Route),
		TokenID:       r.Decision.TokenID,
		OfferID:       r.Decision.OfferID,
		PublisherID:   r.Decision.PublisherID,
		TransactionID: r.Hit.TransactionID.UUID(),
		ConversionID:  r.ConversionID,
		DuplicateOf:   r.DuplicateOf,
		Request:       r.Request,
	}
}

type conversionRow struct {
	ID            uuid.UUID       `json:"id"`
	AccountID     int64           `json:"account_id"`
	DedupKey      uuid.UUID       `json:"dedup_key"`
	TransactionID uuid.UUID       `json:"transaction_id,omitzero"`
	OfferID       int64           `json:"offer_id"`
	PublisherID   int64           `json:"publisher_id"`
	Event         string          `json:"event"`
	Status        string          `json:"status"`
	Method        string          `json:"method"`
	Route         string          `json:"route"`
	Revenue       decimal.Decimal `json:"revenue"`
	Payout        decimal.Decimal `json:"payout"`
	Currency      string          `json:"currency"`
	ConvertedAt   time.Time       `json:"converted_at"`
	OrderID       string          `json:"order_id,omitzero"`
	ExternalID    string          `json:"external_transaction_id,omitzero"`
	SubID1        string          `json:"sub_id,omitzero"`
	SubID2        string          `json:"sub_id_2,omitzero"`
	SubID3        string          `json:"sub_id_3,omitzero"`
	SubID4        string          `json:"sub_id_4,omitzero"`
	SubID5        string          `json:"sub_id_5,omitzero"`
	SubID6        string          `json:"sub_id_6,omitzero"`
	AdvSubID1     string          `json:"adv_sub_id,omitzero"`
	AdvSubID2     string          `json:"adv_sub_id_2,omitzero"`
	AdvSubID3     string          `json:"adv_sub_id_3,omitzero"`
	AdvSubID4     string          `json:"adv_sub_id_4,omitzero"`
	ConversionIP  netip.Addr      `json:"conversion_ip,omitzero"`
	SessionTime   time.Time       `json:"session_time,omitzero"`
	UserAgent     string          `json:"user_agent,omitzero"`
	UserEmailHash string          `json:"user_email_hash,omitzero"`
}

func (r *Record) conversionRow() conversionRow {
	c, d := r.Decision.Conversion, r.Details
	return conversionRow{
		ID:            r.Hit.ID,
		AccountID:     r.Decision.AccountID,
		DedupKey:      c.DedupKey,
		TransactionID: r.Hit.TransactionID.UUID(),
		OfferID:       r.Decision.OfferID,
		PublisherID:   r.Decision.PublisherID,
		Event:         c.Event,
		Status:        c.Status,
		Method:        string(c.Method),
		Route:         string(r.Decision.Route),
		Revenue:       c.Revenue,
		Payout:        c.Payout,
		Currency:      c.Currency,
		ConvertedAt:   r.Hit.ReceivedAt,
		OrderID:       d.OrderID,
		ExternalID:    d.ExternalTransactionID,
		SubID1:        d.SubIDs[0], SubID2: d.SubIDs[1], SubID3: d.SubIDs[2],
		SubID4: d.SubIDs[3], SubID5: d.SubIDs[4], SubID6: d.SubIDs[5],
		AdvSubID1: d.AdvertiserSubIDs[0], AdvSubID2: d.AdvertiserSubIDs[1],
		AdvSubID3: d.AdvertiserSubIDs[2], AdvSubID4: d.AdvertiserSubIDs[3],
		ConversionIP:  d.ConversionIP,
		SessionTime:   d.SessionTime,
		UserAgent:     d.UserAgent,
		UserEmailHash: d.UserEmailHash,
	}
}

type clickRow struct {
	TransactionID uuid.UUID `json:"transaction_id"`
	AccountID     int64     `json:"account_id"`
	HitID         uuid.UUID `json:"hit_id"`
	OfferID       int64     `json:"offer_id"`
	PublisherID   int64     `json:"publisher_id"`
	ClickedAt     time.Time `json:"clicked_at"`
	SubID1        string    `json:"sub_id,omitzero"`
	SubID2        string    `json:"sub_id_2,omitzero"`
	SubID3        string    `json:"sub_id_3,omitzero"`
	SubID4        string    `json:"sub_id_4,omitzero"`
	SubID5        string    `json:"sub_id_5,omitzero"`
	SubID6        string    `json:"sub_id_6,omitzero"`
	ExternalID    string    `json:"external_transaction_id,omitzero"`
	DeviceID      string    `json:"device_id,omitzero"`
}

func (r *Record) clickRow() clickRow {
	h := r.Hit
	return clickRow{
		TransactionID: h.TransactionID.UUID(),
		AccountID:     r.Decision.AccountID,
		HitID:         h.ID,
		OfferID:       r.Decision.OfferID,
		PublisherID:   r.Decision.PublisherID,
		ClickedAt:     h.ReceivedAt,
		SubID1:        h.Params["sub_id"], SubID2: h.Params["sub_id_2"], SubID3: h.Params["sub_id_3"],
		SubID4: h.Params["sub_id_4"], SubID5: h.Params["sub_id_5"], SubID6: h.Params["sub_id_6"],
		ExternalID: h.Params["external_transaction_id"],
		DeviceID:   h.Params["device_id"],
	}
}

type waitingRow struct {
	TransactionID uuid.UUID `json:"transaction_id"`
	AccountID     int64     `json:"account_id"`
	HitID         uuid.UUID `json:"hit_id"`
	WaitsUntil    time.Time `json:"waits_until"`
}

type deadRow struct {
	ID            uuid.UUID `json:"id"`
	AccountID     int64     `json:"account_id"`
	Kind          hit.Kind  `json:"kind"`
	Outcome       string    `json:"outcome"`
	Reason        string    `json:"reason"`
	Error         string    `json:"error"`
	OfferID       int64     `json:"offer_id,omitzero"`
	TransactionID uuid.UUID `json:"transaction_id,omitzero"`
	ReceivedAt    time.Time `json:"received_at"`
	Payload       string    `json:"payload"`
}

func (r *Record) deadRow() deadRow {
	return deadRow{
		ID:            r.Hit.ID,
		AccountID:     r.Decision.AccountID,
		Kind:          r.Hit.Kind,
		Outcome:       string(r.Decision.Outcome),
		Reason:        string(r.Decision.Reason),
		Error:         r.Error,
		OfferID:       r.Decision.OfferID,
		TransactionID: r.Hit.TransactionID.UUID(),
		ReceivedAt:    r.Hit.ReceivedAt,
		Payload:       string(r.Request),
	}
}

type leakRow struct {
	AccountID   int64     `json:"account_id"`
	OfferID     int64     `json:"offer_id"`
	PublisherID int64     `json:"publisher_id"`
	Clicks      int64     `json:"clicks"`
	SeenAt      time.Time `json:"seen_at"`
}
