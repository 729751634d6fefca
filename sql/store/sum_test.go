package store

import (
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestASumOfAmountsIsExact(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	amounts := []decimal.Decimal{
		{}, decimal.New(1, -6), decimal.New(-1, -6), decimal.New(1, -7), decimal.New(999_999_999_999, 0), decimal.New(999_999_999_999, -6),
		decimal.New(1, 12), decimal.New(-1, 11), decimal.New(1, 30), decimal.RequireFromString("12345678901234567890.123456789"),
	}
	for range 10_000 {
		amounts = append(amounts, decimal.New(random.Int64()-random.Int64(), int32(random.IntN(14))-10))
	}
	var got sum
	want := decimal.Decimal{}
	for _, amount := range amounts {
		got.add(amount)
		want = want.Add(amount)
		require.Equal(t, want.String(), got.String(), amount)
	}
}

func TestUsualAmountsAreAddedWithoutAllocations(t *testing.T) {
	amounts := []decimal.Decimal{decimal.RequireFromString("2.5"), decimal.RequireFromString("1234.567891"), decimal.New(4, 0), decimal.New(1, 3)}
	var got sum
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for _, amount := range amounts {
			got.add(amount)
		}
	}))
	require.True(t, got.rest.IsZero())
}
