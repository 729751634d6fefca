package search

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/attribution"
	"integr8/handlers/operate"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Hit is a hit and what became of it.
type Hit struct {
	ID          uuid.UUID         `db:"id" json:"receipt"`
	AccountID   int64             `db:"account_id" json:"account_id"`
	Kind        hit.Kind          `db:"kind" json:"kind"`
	ReceivedAt  time.Time         `db:"received_at" json:"received_at"`
	Outcome     outcome.Outcome   `db:"outcome" json:"outcome"`
	Reason      outcome.Reason    `db:"reason" json:"reason"`
	Hint        string            `db:"-" json:"hint"`
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
	// What follows is of the request. It is empty where that cannot be read.
	ClientIP  string            `db:"-" json:"client_ip"`
	UserAgent string            `db:"-" json:"user_agent"`
	Params    map[string]string `db:"-" json:"params"`
	Notes     []string          `db:"-" json:"notes"`
	// Test is set for a hit that is a test, which no report counts.
	Test bool `db:"test" json:"test,omitempty"`
	// Request is the hit's JSON as the door made it.
	Request []byte `db:"request" json:"-"`
}

// read fills in what the request and the reason say.
func (h *Hit) read() {
	var request struct {
		ClientIP  string            `json:"client_ip"`
		UserAgent string            `json:"user_agent"`
		Params    map[string]string `json:"params"`
		Notes     []string          `json:"notes"`
	}
	h.Params, h.Notes = map[string]string{}, []string{}
	if err := json.Unmarshal(h.Request, &request); err == nil {
		h.ClientIP, h.UserAgent = request.ClientIP, request.UserAgent
		if request.Params != nil {
			h.Params = request.Params
		}
		if request.Notes != nil {
			h.Notes = request.Notes
		}
	}
	if h.Reason != outcome.NoReason {
		h.Hint = operate.HintOf(h.Reason, h.Request)
	}
}
