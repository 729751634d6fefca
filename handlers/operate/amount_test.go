package operate

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestAnAmountHasThePlacesOfItsCurrency(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ amount, code, want string }{
		{"2", "USD", "2.00"}, {"2.5", "EUR", "2.50"}, {"0.333333", "USD", "0.333333"}, {"-0.5", "USD", "-0.50"},
		{"2", "JPY", "2"}, {"120.000000", "KRW", "120"}, {"120.5", "JPY", "120.5"},
		{"1.5", "KWD", "1.500"}, {"1.5", "UYW", "1.5000"},
		{"2", "XAU", "2.00"}, {"2", "", "2.00"}, {"2", "EUR, JPY", "2.00"},
	} {
		require.Equal(t, row.want, Amount(decimal.RequireFromString(row.amount), row.code), row)
	}
}
