package tester

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

// Way is how a test converts.
type Way string

// The ways.
const (
	// Global and OfferLevel are postbacks with the token of the account, or of the offer.
	Global     Way = "global"
	OfferLevel Way = "offer"
	Pixel      Way = "pixel"
	// Clickless fires no click.
	Clickless Way = "clickless"
)

// Ways are all of them.
func Ways() []Way { return []Way{Global, OfferLevel, Pixel, Clickless} }

// kind is the door of a way.
func (w Way) kind() hit.Kind {
	switch w {
	case Pixel:
		return hit.Pixel
	case Clickless:
		return hit.Clickless
	default:
		return hit.Postback
	}
}

// Plan says what to try.
type Plan struct {
	Offer     int64
	Publisher int64
	Way       Way
	// Revenue is sent as it is; empty for none.
	Revenue string
}

// State is a test that goes on.
type State struct {
	Plan
	Account int64
	// OrderID is made for the test, and finds its conversion.
	OrderID string
	// Click and Hit are the receipts of what was fired.
	Click, Hit    uuid.UUID
	TransactionID string
	// Since is when the last request was answered.
	Since time.Time
}

// Begin checks a plan and returns the test, of which nothing is fired yet. With account 0
// it is in the account that has the offer.
func (t Tester) Begin(ctx context.Context, account int64, plan Plan) (State, error) {
	if len(plan.Revenue) > 0 {
		if _, err := hit.Amount(plan.Revenue); err != nil {
			return State{}, reference.Refuse(reference.ErrInvalid, "revenue: %s", err)
		}
	}
	offer, err := t.Offers.Show(ctx, account, plan.Offer)
	if err != nil {
		return State{}, err
	}
	if _, err := t.Publishers.Show(ctx, offer.AccountID, plan.Publisher); err != nil {
		return State{}, err
	}
	state := State{Plan: plan, Account: offer.AccountID, OrderID: newOrderID()}
	_, err = t.conversion(ctx, state) // what is missing shows before anything is fired
	return state, err
}

// newOrderID returns an id that no order has.
func newOrderID() string { return "TEST-" + strings.ToUpper(rand.Text()[:12]) }
