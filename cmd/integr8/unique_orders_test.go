package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

// TestAnOrderIsPaidOnceByEachPairOfWaysIn fires the same order by two ways in, for
// each pair of them in either order, and by one way twice, at the same moment.
func TestAnOrderIsPaidOnceByEachPairOfWaysIn(t *testing.T) {
	s := startSystem(t, 2)
	offer := s.NewUniqueOrdersOffer(func(*attribution.Offer) {})
	own, other := s.NewToken(offer), s.NewPublisher()
	ways := map[string]func(order string) answer{
		"postback, global": func(order string) answer {
			return s.get("/", "secure", s.Global, "transaction_id", s.clickOn(offer), "order_id", order)
		},
		"postback, offer-level": func(order string) answer {
			return s.get("/postback", "secure", own, "transaction_id", s.clickOn(offer), "order_id", order)
		},
		"postback, another publisher's click": func(order string) answer {
			return s.get("/", "secure", s.Global, "transaction_id", s.clickOn(offer, "publisher", number(other)), "order_id", order)
		},
		"pixel": func(order string) answer {
			return s.pixel("secure", s.Global, "transaction_id", s.clickOn(offer), "order_id", order)
		},
		"clickless, global": func(order string) answer {
			return s.get("/clickless", "secure", s.Global, "offer", number(offer), "publisher", number(s.Publisher), "order_id", order)
		},
		"clickless, offer-level, own id": func(order string) answer {
			return s.get("/clickless", "secure", own, "publisher", number(s.Publisher), "order_id", order, "external_transaction_id", "E "+order)
		},
		"clickless, another publisher": func(order string) answer {
			return s.get("/clickless", "secure", s.Global, "offer", number(offer), "publisher", number(other), "order_id", " "+order+"\u200B")
		},
	}
	pairs := 0
	fired := map[string][2]answer{}
	for one, fire := range ways {
		for two, again := range ways {
			order := fmt.Sprint("A-", pairs)
			fired[one+" and "+two] = [2]answer{fire(order), again(order)}
			pairs++
		}
	}
	for pair, answers := range fired {
		var converted []string
		final := func(r row) bool { return r.Outcome.Final() }
		rows := [2]row{s.until(answers[0].receipt, final), s.until(answers[1].receipt, final)}
		for i, r := range rows {
			if r.Outcome == attribution.Converted {
				converted = append(converted, answers[i].receipt)
				require.Nil(t, r.DuplicateOf)
			}
		}
		require.Len(t, converted, 1, pair)
		for i, r := range rows {
			if r.Outcome == attribution.Duplicate {
				require.Equal(t, converted[0], r.DuplicateOf.String(), pair)
				require.Contains(t, []attribution.Reason{attribution.DuplicateOrder, attribution.DuplicateSameURL}, r.Reason, answers[i].receipt)
			}
		}
	}
	require.Equal(t, pairs, s.count("conversions WHERE offer_id = $1", offer))
	require.Equal(t, pairs, s.count("(SELECT DISTINCT order_id FROM conversions) AS o"))
	require.NotZero(t, s.count("hits WHERE reason = 'duplicate_order'"))

	// Without an order_id each converts as before, and another offer's orders are its own.
	for range 2 {
		s.becomes(ways["clickless, global"]("").receipt, attribution.Converted)
		s.becomes(ways["postback, global"]("null").receipt, attribution.Converted)
		s.becomes(s.get("/", "secure", s.Global, "transaction_id", s.click(), "order_id", "A-1").receipt, attribution.Converted)
	}
}

func TestDoctorNamesAnOfferWhoseOrdersAreNotUniqueYet(t *testing.T) {
	s := prepareSystem(t)
	_, err := s.db.Exec("INSERT INTO unique_order_offers (account_id, offer_id, state, began) VALUES ($1, $2, 'filling', 1)", s.ID, s.Offer)
	require.NoError(t, err)
	_, findings := s.doctor()
	require.Len(t, findings["orders"], 1)
	require.Contains(t, findings["orders"][0].Hint, fmt.Sprintf("integr8 offer edit %d --unique-orders", s.Offer))
	require.Contains(t, s.commandOutput("offer", "show", number(s.Offer)), "not unique yet")
	s.commandOutput("offer", "edit", number(s.Offer), "--unique-orders")
	_, findings = s.doctor()
	require.Empty(t, findings["orders"])
}
