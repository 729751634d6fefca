package reference

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTermsAreReadAndWrittenToTheLastDigit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2.50": "2.50", "2.5": "2.50", "0": "0.00", " 3 ": "3.00", "80%": "80%", "12.5%": "12.5%", "0.000001": "0.000001",
		"1.2300000000": "1.23", "999999999999.999999": "999999999999.999999", "150%": "150%",
	} {
		read, err := ParseTerms(text)
		require.NoError(t, err, text)
		require.Equal(t, want, WriteTerms(read), text)
	}
	for _, text := range []string{
		"", "%", "-1", "1e3", "1,000", "$2", "2.5 USD", "NaN", "1000000000000", "999999999999.9999999", "0.0000001", "2..5", "80%%",
	} {
		_, err := ParseTerms(text)
		require.Error(t, err, text)
		_, err = ParseCeiling(text)
		require.Error(t, err, text)
	}
}

func FuzzTerms(f *testing.F) {
	for _, seed := range []string{"2.50", "80%", "0.000001", "999999999999.999999", "+1", "1e3", " 3 ", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ParseTerms(text)
		if err != nil {
			return
		}
		require.False(t, read.Amount.IsNegative())
		again, err := ParseTerms(WriteTerms(read))
		require.NoError(t, err)
		require.Equal(t, read.Percent, again.Percent)
		require.True(t, read.Amount.Equal(again.Amount))
	})
}

func TestACeilingIsAnAmountAndNeverAShare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"250": "250", " 2.50 ": "2.5", "0": "0"} {
		read, err := ParseCeiling(text)
		require.NoError(t, err, text)
		require.Equal(t, want, read.String(), text)
	}
	none, err := ParseCeiling(" none ")
	require.NoError(t, err)
	require.Nil(t, none)
	for text, want := range map[string]string{
		"80%":       `"80%" is a share: a ceiling is an amount such as 250, or none`,
		"lots":      `"lots" is neither an amount such as 250 nor none: not negative, and below one trillion`,
		"-1":        `"-1" is neither an amount such as 250 nor none: not negative, and below one trillion`,
		"0.0000001": `"0.0000001" has more than 6 decimals`,
	} {
		_, err := ParseCeiling(text)
		require.EqualError(t, err, want)
	}
}
