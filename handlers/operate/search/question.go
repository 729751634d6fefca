package search

import (
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// Question is what Find is asked in JSON. A secret in it reaches no URL, and no log that
// keeps URLs.
type Question struct {
	Receipt       *uuid.UUID `json:"receipt,omitempty" format:"uuid" doc:"The hit with this receipt, and what it made. Asked for alone."`
	TransactionID *uuid.UUID `json:"transaction_id,omitempty" doc:"All hits and conversions of this transaction_id. Asked for alone."`
	OrderID       string     `json:"order_id,omitempty" maxLength:"500" doc:"Those with this order_id."`
	ExternalID    string     `json:"external_id,omitempty" maxLength:"500" doc:"Those with this external_transaction_id."`
	SubID         string     `json:"sub_id,omitempty" maxLength:"500" doc:"Those with this sub_id."`
	DeviceID      string     `json:"device_id,omitempty" maxLength:"500" doc:"Those with this device_id."`
	IP            string     `json:"ip,omitempty" maxLength:"50" doc:"Those from this address, or whose click or conversion_ip is from it."`
	Token         string     `json:"token,omitempty" maxLength:"500" doc:"Those with this secure token, of which only the digest is looked for."`
	Email         string     `json:"email,omitempty" maxLength:"500" doc:"Those with this e-mail address, or its hash. Only the hash is looked for."`

	Offer     int64      `json:"offer,omitempty" minimum:"1" doc:"Only this offer's."`
	Publisher int64      `json:"publisher,omitempty" minimum:"1" doc:"Only this publisher's."`
	Since     *time.Time `json:"since,omitempty" doc:"Only what was received since. Without it, the last 24 hours."`
	Until     *time.Time `json:"until,omitempty" doc:"Only what was received before."`
	Test      bool       `json:"test,omitempty" doc:"Those of tests too, which are left out otherwise."`
	Limit     int        `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"50" doc:"At most so many."`
	Cursor    string     `json:"cursor,omitempty" maxLength:"200" doc:"The next of the answer before."`
}

// The errors of a question that cannot be asked.
var (
	// ErrAlone means that a receipt or a transaction_id is named beside something else.
	ErrAlone = errors.New("receipt and transaction_id are each asked for alone")
	// ErrAddress means that a text is no IP address. It does not repeat the text.
	ErrAddress = errors.New("ip is no IP address")
	// ErrEmail means that a text is no e-mail address. It does not repeat the text.
	ErrEmail = errors.New("email is neither an e-mail address nor the hash of one")
)

// Query returns what the question asks within an account (0: all). No error repeats a
// secret.
func (q Question) Query(account int64) (Query, error) {
	query := Query{Limit: q.Limit, Filter: Filter{
		AccountID: account, OfferID: q.Offer, PublisherID: q.Publisher,
		OrderID: q.OrderID, ExternalID: q.ExternalID, SubID: q.SubID, DeviceID: q.DeviceID, Tests: q.Test,
	}}
	var err error
	if q.IP != "" {
		if query.IP, err = netip.ParseAddr(q.IP); err != nil {
			return Query{}, ErrAddress
		}
	}
	if q.Token != "" {
		query.NameToken(q.Token)
	}
	if q.Email != "" {
		if err := query.NameEmail(q.Email); err != nil {
			return Query{}, ErrEmail
		}
	}
	if q.Since != nil {
		query.Since = *q.Since
	}
	if q.Until != nil {
		query.Until = *q.Until
	}
	if q.Cursor != "" {
		if err := query.Behind.UnmarshalText([]byte(q.Cursor)); err != nil {
			return Query{}, err
		}
	}
	if q.Receipt != nil {
		query.Receipt = *q.Receipt
	}
	if q.TransactionID != nil {
		query.TransactionID = *q.TransactionID
	}
	if q.Receipt != nil && q.TransactionID != nil || (q.Receipt != nil || q.TransactionID != nil) && query.hasValue() {
		return Query{}, ErrAlone
	}
	return query, nil
}
