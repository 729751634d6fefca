// Package model is the reference: from a ledger alone it computes what the system must
// have made of every request. It is written from the design and not from the handlers,
// uses one thread and no database, and shares no code with the system that it judges.
package model

import (
	"time"

	"github.com/shopspring/decimal"
)

// World is the reference data of a drill. It does not change during a drill.
type World struct {
	// Secret is the service secret that verifies transaction_ids.
	Secret string
	// NextSecret verifies too, if set. So does HastySecret, but some processes lacked it
	// for a while; the hits that they refused were replayed later.
	NextSecret  string
	HastySecret string
	// LateClicks is how long a postback waits for its click from its receipt, and
	// LateGrace how long it waits at least from its last decision to wait.
	LateClicks time.Duration
	LateGrace  time.Duration
	// EndsEarly means that a wait may have ended before the click was written. The dead
	// letter of a postback that was unmatched and then found its click stays, as
	// resolved.
	EndsEarly  bool
	Offers     map[int64]*Offer
	Publishers map[int64]*Publisher
	// Tokens are all tokens, by their text.
	Tokens map[string]Token
	// ForeignHost is the host of a tenant whose requests are not in the ledger; empty
	// when there is none. They are not judged.
	ForeignHost string
	// Domains holds the account of each tracking domain.
	Domains map[string]int64
}

// Visit returns an offer and a publisher whose clicks are recorded; 0 when there are none.
func (w *World) Visit() (offer, publisher int64) {
	for o, terms := range w.Offers {
		for p, sender := range w.Publishers {
			if !terms.Paused && !sender.Paused && terms.Account == sender.Account {
				return o, p
			}
		}
	}
	return 0, 0
}

// Offer is an offer with its terms and rules.
type Offer struct {
	Account  int64
	Currency string
	Payout   Terms
	Revenue  Terms
	// Many lets a click convert once for each order_id.
	Many bool
	// UniqueOrders lets each order_id convert once, through all ways in together.
	UniqueOrders bool
	Paused       bool
	// OwnAmounts lets the amounts of clickless hits count with every token. Ceiling is
	// the largest amount that counts.
	OwnAmounts bool
	Ceiling    *decimal.Decimal
	// Payouts are the terms of single publishers.
	Payouts map[int64]Terms
}

// Terms are an amount, or a percentage of the revenue that is sent.
type Terms struct {
	Amount  decimal.Decimal
	Percent bool
}

// Publisher sends visitors.
type Publisher struct {
	Account int64
	Paused  bool
}

// Token is what a secure token allows; Offer is 0 for a global one.
type Token struct {
	Account int64
	Offer   int64
	// Purpose is the only kind of hit that the token allows; empty for all.
	Purpose string
}

// Route returns the URL form that the token determines.
func (t Token) Route() string {
	if t.Offer != 0 {
		return "offer"
	}
	return "global"
}
