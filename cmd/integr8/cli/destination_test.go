package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

// manglingDestinations hold {transaction_id} where it cannot come back whole.
var manglingDestinations = []string{
	"https://shop.example/?c={{transaction_id}}",
	"https://shop.example/?c=${transaction_id}",
	"https://shop.example/?a=1&amp;c={transaction_id}",
	"https://shop.example/?a=1?c={transaction_id}",
	"https://shop.example/?c=#{transaction_id}",
	"https://shop.example/?a=1;c={transaction_id}",
	"https://shop.example/?c=%257Btransaction_id%257D",
	"https://shop.example/&c={transaction_id}",
}

func TestOffersRefuseADestinationThatCannotReturnTheWholeID(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	for _, destination := range manglingDestinations {
		for _, args := range [][]string{offerArguments("--destination=" + destination), {"offer", "edit", "1", "--destination", destination}} {
			got := p.run(args...)
			require.Equal(t, exitFailed, got.code, destination)
			require.Contains(t, got.stderr, "{transaction_id}", destination)
			require.Contains(t, got.stderr, "--allow-missing-transaction-id", destination)
			p.succeed(append(args, "--allow-missing-transaction-id")...)
		}
	}
	for _, destination := range []string{
		"https://shop.example/?c={TRANSACTION_ID}", "https://shop.example/?c=%7Btransaction_id%7D", "https://shop.example/in/{transaction_id}",
		"https://hop.example/?to=https%3A%2F%2Fshop.example%2F%3Fc%3D{transaction_id}",
	} {
		p.succeed(offerArguments("--destination=" + destination)...)
		p.succeed("offer", "edit", "1", "--destination", destination)
	}
}

func TestDoctorNamesEachDestinationThatCannotReturnTheWholeID(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	offers := map[int64]bool{}
	for _, destination := range manglingDestinations {
		offers[s.NewOffer(func(offer *attribution.Offer) { offer.Destination = destination })] = true
	}
	_, findings := s.doctor()
	require.Len(t, findings["offers"], 1, "one line a cause")
	require.EqualValues(t, len(manglingDestinations), findings["offers"][0].Count)
	for _, one := range findings["offers"][0].Examples {
		require.True(t, offers[one.Offer])
		require.Contains(t, one.What, "no click can convert: ")
		delete(offers, one.Offer)
	}
	require.Empty(t, offers)
}
