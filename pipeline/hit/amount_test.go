package hit

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestAmountsThatAreTaken(t *testing.T) {
	for text, want := range map[string]string{
		"0":                      "0",
		"12":                     "12",
		"12.5":                   "12.5",
		".5":                     "0.5",
		"007.10":                 "7.1",
		"+3.99":                  "3.99",
		" 3.99 ":                 "3.99",
		"0.0000005":              "0.000001",
		"0.0000004999":           "0",
		"1.23456749":             "1.234567",
		"999999999999.999999":    "999999999999.999999",
		"999999999999.9999994":   "999999999999.999999",
		"0.10000000000000000555": "0.1",
	} {
		got, err := Amount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String(), text)
	}
}

func TestAmountsThatAreRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "-1", "-0", "- 1", "1e3", "1E-3", "1,50", "1.000,50", "1 000", "$5", "5 USD", "NaN", "Inf", "0x10",
		"1.", ".", "+", "++1", "1.2.3", "1_000", "\u0661", "\uff11", "1000000000000", "999999999999.9999995",
		strings.Repeat("9", 64), strings.Repeat("0", 65), "1." + strings.Repeat("0", 100_000), "1\x00",
	} {
		_, err := Amount(text)
		require.ErrorIs(t, err, ErrInvalidAmount, "%.20q", text)
		require.False(t, plainAmount(text), "%.20q", text)
	}
}

func FuzzAmount(f *testing.F) {
	for _, text := range []string{"1.5", "+.5", "999999999999.9999999", "1e9", "-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Amount(text)
		if err != nil {
			require.False(t, plainAmount(text))
			return
		}
		require.False(t, got.IsNegative())
		require.True(t, got.LessThan(decimal.New(1, 12)))
		require.LessOrEqual(t, -got.Exponent(), int32(AmountPlaces))
		again, err := Amount(got.String())
		require.NoError(t, err)
		require.True(t, got.Equal(again))
	})
}
