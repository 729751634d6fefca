package hit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCurrencies(t *testing.T) {
	for text, want := range map[string]string{"USD": "USD", "eur": "EUR", " jPy ": "JPY"} {
		got, err := Currency(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "US", "USDT", "XXX", "xts", "ZZZ", "€", "U\x00D", "12 ", strings.Repeat("U", 1000)} {
		_, err := Currency(text)
		require.ErrorIs(t, err, ErrUnknownCurrency, "%.20q", text)
	}
}

func FuzzCurrency(f *testing.F) {
	f.Add("usd")
	f.Add("XXX")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := Currency(text); err == nil {
			require.Regexp(t, `^[A-Z]{3}$`, got)
			require.Equal(t, strings.ToUpper(strings.TrimSpace(text)), got)
		}
	})
}
