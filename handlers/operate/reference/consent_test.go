package reference_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
)

func TestANegativeAmountAndWhatStandsForDenialsAreNoBaseWords(t *testing.T) {
	for _, word := range []string{"-5", "trial,(12.50)", "EUR -3", hit.FurtherDenials} {
		_, err := reference.ParseBaseWords(word)
		require.Error(t, err, word)
	}
	words, err := reference.ParseBaseWords("Returned, trial,5")
	require.NoError(t, err)
	require.Equal(t, []string{"returned", "trial", "5"}, words)
}
