// Package model is the reference: it says, from a ledger alone, what the
// system must have made of every request. It is written from the design and
// not from the handlers, knows one thread and no database, and shares no code
// with what it judges.
package model

import (
	"time"

	"github.com/shopspring/decimal"
)

// World is the reference data of a drill. It does not change while one runs.
type World struct {
	// Secret is the service secret under which transaction_ids verify.
	Secret string `json:"-"`
	// NextSecret, where set, verifies too. HastySecret does as well, but some
	// processes lacked it for a while: what they refused was replayed later.
	NextSecret  string `json:"-"`
	HastySecret string `json:"-"`
	// LateClicks is how long a postback waits for its click, from its receipt,
	// and LateGrace how long at least from when it was last decided to wait.
	LateClicks time.Duration `json:"late_clicks"`
	LateGrace  time.Duration `json:"late_grace"`
	// EndsEarly says that a wait may have ended before the click was written.
	// The dead letter of a postback that was unmatched, and then found its
	// click, stays, resolved.
	EndsEarly  bool                 `json:"ends_early,omitempty"`
	Offers     map[int64]*Offer     `json:"offers"`
	Publishers map[int64]*Publisher `json:"publishers"`
	// Tokens by their text.
	Tokens map[string]Token `json:"-"`
	// ForeignHost is the host that a tenant sends to whose requests are not in
	// the ledger; empty when there is none. They are not judged.
	ForeignHost string `json:"foreign_host,omitempty"`
	// Domains returns the account of each tracking domain.
	Domains map[string]int64 `json:"domains"`
}

// Offer is what an offer pays, and for what.
type Offer struct {
	Account  int64  `json:"account"`
	Currency string `json:"currency"`
	Payout   Terms  `json:"payout"`
	Revenue  Terms  `json:"revenue"`
	// Many lets a click convert once for each order_id.
	Many bool `json:"many,omitempty"`
	// UniqueOrders lets each order_id convert once, whatever the way in.
	UniqueOrders bool `json:"unique_orders,omitempty"`
	Paused       bool `json:"paused,omitempty"`
	// OwnAmounts lets those of clickless hits count with every token, and Ceiling
	// is the largest that counts.
	OwnAmounts bool             `json:"own_amounts,omitempty"`
	Ceiling    *decimal.Decimal `json:"ceiling,omitempty"`
	// Payouts are the terms of single publishers.
	Payouts map[int64]Terms `json:"payouts,omitempty"`
}

// Terms are an amount, or a percentage of the revenue that is sent.
type Terms struct {
	Amount  decimal.Decimal `json:"amount"`
	Percent bool            `json:"percent,omitempty"`
}

// Publisher sends visitors.
type Publisher struct {
	Account int64 `json:"account"`
	Paused  bool  `json:"paused,omitempty"`
}

// Token is what a secure token is good for; Offer is 0 for a global one.
type Token struct {
	Account int64
	Offer   int64
	// Purpose is the only kind of hit that it is good for; empty for all.
	Purpose string
}

// Route names the URL form that the token makes.
func (t Token) Route() string {
	if t.Offer != 0 {
		return "offer"
	}
	return "global"
}
