package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
)

// TestAHitIsATestByItsMarkOrItsClickWithinOneAccount alone: neither says anything in
// another account.
func TestAHitIsATestByItsMarkOrItsClickWithinOneAccount(t *testing.T) {
	for name, row := range map[string]struct {
		from func() attribution.Case
		make func(*attribution.Case)
		test bool
	}{
		"a sale":                              {postback, func(*attribution.Case) {}, false},
		"marked":                              {postback, func(c *attribution.Case) { c.TestAccount = 1 }, true},
		"marked for another account":          {postback, func(c *attribution.Case) { c.TestAccount = 2 }, false},
		"marked, with an unknown token":       {postback, func(c *attribution.Case) { c.TestAccount, c.Token = 1, nil }, false},
		"by its click":                        {postback, func(c *attribution.Case) { c.Click.Test = true }, true},
		"by the click of another account":     {postback, func(c *attribution.Case) { c.Click.Test, c.Click.AccountID = true, 2 }, false},
		"marked, before its click":            {postback, func(c *attribution.Case) { c.TestAccount, c.Click = 1, nil }, true},
		"clickless, marked":                   {clickless, func(c *attribution.Case) { c.TestAccount = 1 }, true},
		"clickless, marked for another":       {clickless, func(c *attribution.Case) { c.TestAccount = 2 }, false},
		"refused at the door, marked":         {postback, func(c *attribution.Case) { c.TestAccount, c.Refusal = 1, "missing_transaction_id" }, true},
		"refused at the door, and not marked": {postback, func(c *attribution.Case) { c.Refusal = "missing_transaction_id" }, false},
	} {
		c := row.from()
		row.make(&c)
		require.Equal(t, row.test, attribution.Decide(c).Test, name)
	}
}

// A test has a key of its own where only the ids of its sender make it.
func TestATestRepeatsNoSaleAndNoSaleRepeatsATest(t *testing.T) {
	key := func(marked int64) [16]byte {
		c := clickless()
		c.OrderID, c.TestAccount = "A-1", marked
		return attribution.Decide(c).Conversion.DedupKey
	}
	require.NotEqual(t, key(0), key(1))
	require.Equal(t, key(0), key(2), "the mark of another account changes nothing")
}
