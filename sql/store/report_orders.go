package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// PaidOrder is an order id for which an offer has paid more than once.
type PaidOrder struct {
	AccountID   int64  `db:"account_id" json:"account_id"`
	OfferID     int64  `db:"offer_id" json:"offer"`
	OrderID     string `db:"order_id" json:"order_id"`
	Conversions int64  `db:"conversions" json:"conversions"`
	// Ways and Currencies are lists, by comma.
	Ways       string `db:"ways" json:"ways"`
	Currencies string `db:"currencies" json:"currency"`
	// RevenueRepeated and PayoutRepeated are the sums of all but the first.
	RevenueRepeated decimal.Decimal `db:"revenue_repeated" json:"revenue_repeated"`
	PayoutRepeated  decimal.Decimal `db:"payout_repeated" json:"payout_repeated"`
	FirstAt         time.Time       `db:"first_at" json:"first_at"`
	LastAt          time.Time       `db:"last_at" json:"last_at"`
	// FirstID is the conversion that came first.
	FirstID uuid.UUID `db:"first_id" json:"first_id"`
}

// ReportOrders lists the order ids for which an offer paid more than once within
// the period, those that cost most first, at most so many; and how many there are.
func (s *Store) ReportOrders(ctx context.Context, filter ReportFilter, most int) (orders []PaidOrder, total int, err error) {
	var rows []struct {
		PaidOrder
		Total int `db:"total"`
	}
	arguments := filter.arguments()
	arguments["most"] = most
	if err := s.selectNamed(ctx, &rows, "report_orders", arguments); err != nil {
		return nil, 0, fmt.Errorf("look for orders that were paid more than once: %w", err)
	}
	for _, row := range rows {
		orders, total = append(orders, row.PaidOrder), row.Total
	}
	return orders, total, nil
}
