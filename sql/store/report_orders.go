package store

import (
	"context"
	"fmt"

	"integr8/handlers/operate/report"
)

// ReportOrders returns the order ids for which an offer paid more than once within
// the period, at most limit of them, the most expensive first; and the number of all.
func (s *Store) ReportOrders(ctx context.Context, filter report.Filter, limit int) (orders []report.Order, total int, err error) {
	var rows []struct {
		report.Order
		Total int `db:"total"`
	}
	if err := readRows(ctx, s, &rows, "reports/orders", reportArguments(filter).with(args{"most": limit})); err != nil {
		return nil, 0, fmt.Errorf("look for orders that were paid more than once: %w", err)
	}
	for _, row := range rows {
		orders, total = append(orders, row.Order), row.Total
	}
	return orders, total, nil
}
