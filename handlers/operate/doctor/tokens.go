package doctor

import (
	"context"
	"fmt"
	"strings"

	"integr8/handlers/operate"
	"integr8/pipeline/hit"
)

// tokensRead is how many tokens that are used in two ways are read.
const tokensRead = 100

// purposes looks for tokens without a purpose that are used in two ways: a token in a
// pixel is public, and this one serves the other ways too.
func (e *examination) purposes(ctx context.Context, db Store) {
	day, err := e.window(ctx, db, mistakesWindow)
	if err != nil {
		e.failed("tokens", err)
		return
	}
	uses, err := db.TokensUsedInTwoWays(ctx, day.from, tokensRead)
	if err != nil {
		e.failed("tokens", err)
		return
	}
	var all []Example
	for _, use := range uses {
		var came []string
		for _, way := range []struct {
			name string
			hits int64
		}{
			{"postbacks", use.Postbacks}, {"pixels", use.Pixels}, {string(hit.Clickless), use.Clickless},
		} {
			if way.hits > 0 {
				came = append(came, fmt.Sprintf("%d × %s", way.hits, way.name))
			}
		}
		what := fmt.Sprintf("token %d of account %d was made for every way in and is used in %d: %s %s",
			use.TokenID, use.AccountID, len(came), strings.Join(came, ", "), day.within)
		if use.Pixels > 0 {
			what += "; everybody can read it in the pixel"
		}
		all = append(all, Example{what, Party{AccountID: use.AccountID, Token: use.TokenID}})
	}
	e.several(Warning, "tokens", "tokens were made for every way in and are used in several",
		"make one for each way: `integr8 token create --account ID --for pixel` (or postback, clickless), then `integr8 token edit ID --valid-until` of the old one", all, 0)
}

// unusedTokens looks for valid tokens with which no hits come: a token that nobody
// needs may still be found and used by others.
func (e *examination) unusedTokens(ctx context.Context, db Store) {
	week, err := e.window(ctx, db, lastingWindow)
	if err != nil {
		e.failed("tokens", err)
		return
	}
	if e.now.Sub(week.from) < mistakesWindow {
		return // no hit in less than a day proves nothing; extent notes it
	}
	tokens, err := db.UnusedTokens(ctx, e.now.Add(-lastingWindow), week.from)
	if err != nil {
		e.failed("tokens", err)
		return
	}
	var all []Example
	for _, token := range tokens {
		what := fmt.Sprintf("token %d of account %d, made at %s: no hit came with it %s", token.ID, token.AccountID, operate.Clock(token.CreatedAt), week.within)
		all = append(all, Example{what, Party{AccountID: token.AccountID, Offer: token.OfferID, Token: token.ID}})
	}
	e.several(Warning, "tokens", "tokens are older than a week, and no hit came with them "+week.within,
		"if its advertiser does not need it: `integr8 token edit ID --valid-until now`; else check that the advertiser has set up the postback URL", all, 0)
}
