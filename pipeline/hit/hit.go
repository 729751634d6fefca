// Package hit holds the unit that the whole pipeline moves: one raw request
// as a door received it, already free of secrets.
//
// A Hit is made at a door, travels through RabbitMQ as JSON, is decided by a
// handler and is stored as received, so that it can be decided anew. Nothing
// in this package knows what an offer pays or how a click is matched.
package hit

import (
	"time"

	"github.com/google/uuid"

	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// Kind is the door that a hit came in by.
type Kind string

// The doors. Pixels and clickless postbacks travel the same queue as
// postbacks do; only the rules that decide them differ.
const (
	Click     Kind = "click"
	Postback  Kind = "postback"
	Pixel     Kind = "pixel"
	Clickless Kind = "clickless"
)

// The queues that hits travel, named as the exchange's routing keys.
const (
	TopicClicks    = "clicks"
	TopicPostbacks = "postbacks"
)

// Topic names the queue that hits of this kind travel.
func (k Kind) Topic() string {
	if k == Click {
		return TopicClicks
	}
	return TopicPostbacks
}

// Hit is one request. Every text in it is valid UTF-8 without NUL and holds
// neither a raw secure token nor a raw e-mail address.
type Hit struct {
	// ID is a UUIDv7 and also the receipt that the sender got.
	ID         uuid.UUID `json:"id"`
	Kind       Kind      `json:"kind"`
	ReceivedAt time.Time `json:"received_at"`
	Method     string    `json:"method"`
	Host       string    `json:"host"`
	Path       string    `json:"path"`
	// Params are the parameters as sent, without the secure token; of a
	// repeated parameter the first value, except where KeepsEveryValue.
	Params map[string]string `json:"params,omitempty"`
	// TokenDigest stands for the secure token, which stops at the door. In a
	// tracking link, where none belongs, it is the first that was found.
	TokenDigest token.Digest `json:"token_digest,omitzero"`
	// TransactionID is the one minted for a click, or the one that a
	// postback or pixel named and that verified. Zero when there is none.
	TransactionID token.TransactionID `json:"transaction_id,omitzero"`
	// AccountID is the offer's account for a click and the account of the
	// tracking domain for a pixel; 0 elsewhere, where the token names it.
	AccountID   int64 `json:"account_id,omitempty"`
	OfferID     int64 `json:"offer_id,omitempty"`
	PublisherID int64 `json:"publisher_id,omitempty"`
	// Destination is where a click's visitor was sent.
	Destination string `json:"destination,omitempty"`
	ClientIP    string `json:"client_ip,omitempty"`
	UserAgent   string `json:"user_agent,omitempty"`
	Referer     string `json:"referer,omitempty"`
	// Refusal is the reason why the door refused the request; empty for a hit that
	// it accepted.
	Refusal outcome.Reason `json:"refusal,omitempty"`
	// TokenLeaked is set when a tracking link carried a text in the form of a secure
	// token. Only the worker finds out whether TokenDigest is that of a token.
	TokenLeaked bool `json:"token_leaked,omitempty"`
	// Notes say which parts of the request were mended, cut or dropped. They hold no
	// text of the sender's.
	Notes []string `json:"notes,omitempty"`
	// Surplus marks a hit with a token that its door did not know, past the
	// rate of such hits: while it stays unknown it is kept for a short time.
	Surplus bool `json:"surplus,omitempty"`
	// Incarnation and Number say which of its receiver's hits this is, see package
	// books. They are 0 in a hit of a version that did not number.
	Incarnation int64 `json:"incarnation,omitempty"`
	Number      int64 `json:"number,omitempty"`
	// TestAccount is the account whose test the request is, by a mark that the door has
	// verified: see TestMark. It is 0 in a hit without a mark, and counts only where the
	// hit turns out to be of that account.
	TestAccount int64 `json:"test_account,omitempty"`
}
