package main

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/attribution"
	"integr8/sql/store"
)

// tokensRead is how many tokens are read of those that are used in two ways.
const tokensRead = 100

// purposes looks for tokens without a purpose that are used in two ways: one that
// stands in a pixel is public, and serves the others too.
func (e *examination) purposes(ctx context.Context, db *store.Store) {
	uses, err := db.TokensUsedInTwoWays(ctx, e.now.Add(-mistakesWindow), tokensRead)
	if err != nil {
		e.failed("tokens", err)
		return
	}
	var all []example
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
		all = append(all, example{what, party{AccountID: use.AccountID, Token: use.TokenID}})
	}
	e.several(levelWarning, "tokens", "tokens were made for every way in and are used in several",
		"make one for each way: integr8 token create --account ID --for pixel (or postback, clickless), then token edit ID --valid-until of the old one", all, 0)
}

// unusedTokens looks for tokens that can convert and with which nothing comes: one
// that nobody needs is one that others may find.
func (e *examination) unusedTokens(ctx context.Context, db *store.Store) {
	tokens, err := db.UnusedTokens(ctx, e.now.Add(-lastingWindow))
	if err != nil {
		e.failed("tokens", err)
		return
	}
	var all []example
	for _, token := range tokens {
		what := fmt.Sprintf("token %d of account %d, made at %s: no hit came with it within a week", token.ID, token.AccountID, clock(token.CreatedAt))
		all = append(all, example{what, party{AccountID: token.AccountID, Offer: token.OfferID, Token: token.ID}})
	}
	e.several(levelWarning, "tokens", "tokens are older than a week, and no hit came with them within a week",
		"if its advertiser does not need it: integr8 token edit ID --valid-until now; else look whether the postback URL was set up there", all, 0)
}
