package report

import (
	"reflect"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestASumHasEveryFigure adds a row of ones to itself, by reflection: a figure that sum
// forgets would be 0 in the total.
func TestASumHasEveryFigure(t *testing.T) {
	var money Takings
	money.Currency = "USD"
	fillWithOnes(&money)
	row := Row{Money: []Takings{money}}
	fillWithOnes(&row)
	row.AccountID, row.PartyID = 0, 0 // a total is of no party

	total := sum([]Row{row, row})
	require.Len(t, total.Money, 1)
	requireDoubled(t, row, total)
	requireDoubled(t, money, total.Money[0])
}

// fillWithOnes sets each number of a struct to 1.
func fillWithOnes[T any](whole *T) {
	for _, value := range reflect.ValueOf(whole).Elem().Fields() {
		switch value.Interface().(type) {
		case int64:
			value.SetInt(1)
		case decimal.Decimal:
			value.Set(reflect.ValueOf(decimal.NewFromInt(1)))
		}
	}
}

func requireDoubled[T any](t *testing.T, row, total T) {
	t.Helper()
	doubled := reflect.ValueOf(total)
	for field, value := range reflect.ValueOf(row).Fields() {
		switch one := value.Interface().(type) {
		case int64:
			require.Equal(t, 2*one, doubled.FieldByIndex(field.Index).Int(), field.Name)
		case decimal.Decimal:
			require.Equal(t, one.Add(one).String(), doubled.FieldByIndex(field.Index).Interface().(decimal.Decimal).String(), field.Name)
		}
	}
}
