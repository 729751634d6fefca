package hit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbers(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, " 42 ": 42, "007": 7, "9223372036854775807": 9223372036854775807} {
		got, err := Number(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "0", "-1", "+1", "1.0", "1e3", "0x1", "a", "1 2", "9223372036854775808", "\u0661", strings.Repeat("1", 10_000)} {
		_, err := Number(text)
		require.ErrorIs(t, err, ErrInvalidNumber, "%.30q", text)
	}
}

func FuzzNumber(f *testing.F) {
	f.Add("42")
	f.Add("-1")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := Number(text); err == nil {
			require.Positive(t, got)
		}
	})
}
