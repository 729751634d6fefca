package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

func TestASecondOrderOfAClickSaysHowToCountIt(t *testing.T) {
	s := startSystem(t, 1)
	for name, orders := range map[string]struct {
		first, second []string
		says          string
	}{
		"another order":          {[]string{"order_id", "A-1"}, []string{"order_id", "A-2"}, `with order_id "A-1". This one has order_id "A-2".`},
		"the first without":      {nil, []string{"order_id", "A-2"}, `with no order_id. This one has order_id "A-2".`},
		"another foreign id":     {[]string{"external_transaction_id", "x1"}, []string{"external_transaction_id", "x2"}, `external_transaction_id "x2"`},
		"one order, another id":  {[]string{"order_id", "A-1", "external_transaction_id", "x1"}, []string{"order_id", "A-1", "external_transaction_id", "x2"}, `external_transaction_id "x2"`},
		"the same order":         {[]string{"order_id", "A-1"}, []string{"order_id", "A-1"}, ""},
		"no order":               {nil, nil, ""},
		"the second without one": {[]string{"order_id", "A-1"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			transaction := s.click()
			fire := func(params []string) string {
				return s.get("/", append([]string{"secure", s.Global, "transaction_id", transaction}, params...)...).receipt
			}
			s.becomes(fire(orders.first), attribution.Converted)
			second := fire(orders.second)
			s.becomes(second, attribution.Duplicate)
			var traced struct {
				Hits []struct{ Receipt, Hint string }
			}
			s.answers(&traced, "trace", second)
			for _, one := range traced.Hits {
				if one.Receipt != second {
					continue
				}
				if orders.says == "" {
					require.Equal(t, attribution.DuplicateSameURL.Hint(), one.Hint)
					return
				}
				require.Contains(t, one.Hint, "The offer counts one conversion a click")
				require.Contains(t, one.Hint, orders.says)
				require.Contains(t, one.Hint, "integr8 offer edit "+number(s.Offer)+" --many-per-click")
				return
			}
			require.Fail(t, "the duplicate is not in its own story")
		})
	}
}
