package main

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// tokensShown is how many tokens are told.
const tokensShown = 20

// purposes looks for tokens without a purpose that are used in two ways: one that
// stands in a pixel is public, and serves the others too.
func (e *examination) purposes(ctx context.Context, db *store.Store) {
	uses, err := db.TokensUsedInTwoWays(ctx, e.now.Add(-mistakesWindow), tokensShown)
	if err != nil {
		e.failed("tokens", err)
		return
	}
	for _, use := range uses {
		var came []string
		for _, way := range []struct {
			name string
			hits int64
		}{
			{"postbacks", use.Postbacks}, {"pixels", use.Pixels}, {string(attribution.ByClickless), use.Clickless},
		} {
			if way.hits > 0 {
				came = append(came, fmt.Sprintf("%d × %s", way.hits, way.name))
			}
		}
		what := fmt.Sprintf("token %d of account %d was made for every way in and is used in %d: %s in a day",
			use.TokenID, use.AccountID, len(came), strings.Join(came, ", "))
		if use.Pixels > 0 {
			what += "; everybody can read it in the pixel"
		}
		e.warn("tokens", party{AccountID: use.AccountID, Token: use.TokenID}, what,
			fmt.Sprintf("make one for each way: integr8 token create --account %d --for pixel (or postback, clickless), then token edit %d --valid-until",
				use.AccountID, use.TokenID))
	}
}
