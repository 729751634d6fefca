package report

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Order is an order id for which an offer has paid more than once.
type Order struct {
	AccountID   int64  `db:"account_id" json:"account_id"`
	OfferID     int64  `db:"offer_id" json:"offer"`
	OrderID     string `db:"order_id" json:"order_id"`
	Conversions int64  `db:"conversions" json:"conversions"`
	// Ways and Currencies are lists, separated by commas.
	Ways       string `db:"ways" json:"ways"`
	Currencies string `db:"currencies" json:"currency"`
	// RevenueRepeated and PayoutRepeated sum up all conversions but the first.
	RevenueRepeated decimal.Decimal `db:"revenue_repeated" json:"revenue_repeated"`
	PayoutRepeated  decimal.Decimal `db:"payout_repeated" json:"payout_repeated"`
	FirstAt         time.Time       `db:"first_at" json:"first_at"`
	LastAt          time.Time       `db:"last_at" json:"last_at"`
	// FirstID is the conversion that came first.
	FirstID uuid.UUID `db:"first_id" json:"first_id"`
}

// OrderReport lists orders that were paid more than once. Conversions stay for ever,
// so only the period bounds what is compared.
type OrderReport struct {
	From time.Time `json:"from"`
	// To is exclusive.
	To time.Time `json:"to"`
	// Total is how many there are; Orders holds the most expensive.
	Total  int     `json:"total"`
	Orders []Order `json:"orders"`
}

// OrdersListed is how many orders a report lists.
const OrdersListed = 200

// Orders lists the order ids for which an offer paid more than once within the period,
// the most expensive first, at most OrdersListed.
func (r Reports) Orders(ctx context.Context, filter Filter) (OrderReport, error) {
	filter, err := r.check(ctx, filter)
	if err != nil {
		return OrderReport{}, err
	}
	orders, total, err := r.Store.ReportOrders(ctx, filter, OrdersListed)
	if err != nil {
		return OrderReport{}, err
	}
	return OrderReport{From: filter.From, To: filter.To, Total: total, Orders: append([]Order{}, orders...)}, nil
}
