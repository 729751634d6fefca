package reference

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
)

func TestEachFaultOfAFormNamesItsField(t *testing.T) {
	t.Parallel()
	require.NoError(t, At("name", nil))
	err := errors.Join(
		At("name", failure.WithHint(Refuse(ErrInvalid, "the name is empty"), "write one")),
		&NotFoundError{Object: AdvertiserObject, ID: 7, Account: 1},
		Refuse(ErrConflict, "something else"))
	require.Equal(t, []Fault{
		{Field: "name", Text: "the name is empty", Hint: "write one"},
		{Field: "advertiser", Text: "account 1 has no advertiser 7"},
		{Text: "something else"},
	}, FaultsOf(err))
	require.ErrorIs(t, At("x", ErrChanged), ErrChanged)
}

// TestAnOfferFormNamesEveryFieldThatIsWrong: a person mends all of them at once.
func TestAnOfferFormNamesEveryFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	wrong := OfferForm{Payout: "much", Revenue: "-1", Currency: "dollars", Window: "soon", Ceiling: "80%", BaseWords: []string{"-5"}, IgnoredParams: []string{"colour"}}
	_, err := wrong.NewOffer(1)
	require.ErrorIs(t, err, ErrInvalid)
	var fields []string
	for _, fault := range FaultsOf(err) {
		fields = append(fields, fault.Field)
	}
	require.Equal(t, []string{"payout", "revenue", "currency", "ceiling", "window", "base_words", "ignored_params"}, fields)
}
