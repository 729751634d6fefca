package console

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/outcome"
)

// unknownToken is a token that nobody knows and that hits came with.
type unknownToken struct {
	dead.SenderCount
	// Networks are where most of the hits came from, and MoreNetworks counts the rest.
	Networks     []dead.SenderCount
	MoreNetworks int64
}

// unknownTokens are the unknown tokens with the most hits.
type unknownTokens struct {
	Tokens []unknownToken
	// After is when the letters died after which they are counted; zero for all.
	After time.Time
}

const (
	// unknownShownMost is how many unknown tokens are shown, those with the most hits.
	unknownShownMost = 5
	// networksShown is how many networks of each are shown.
	networksShown = 3
)

// unknownShown are the unknown tokens of a visit.
type unknownShown struct {
	item[unknownTokens]
	Unread []string
	// Reveals is set for users who may import them, and Address is where the part is read
	// again.
	Reveals bool
	Address string
	account int64
}

func (c *Console) keepUnknown() *kept[unknownTokens] {
	return &kept[unknownTokens]{console: c, fresh: 15 * time.Second, bound: 30 * time.Second, read: c.readUnknown}
}

// readUnknown reads the tokens of the open dead letters whose token is unknown, of an
// account or with 0 of all. Most such letters belong to no account: only a tracking domain
// of its own says whose they are.
func (c *Console) readUnknown(ctx context.Context, account int64) (found unknownTokens, err error) {
	filter := dead.Filter{AccountID: account, Reason: outcome.UnknownToken, State: dead.StateAttention}
	senders, after, err := c.senders(ctx, filter, dead.ByToken, unknownShownMost)
	if err != nil {
		return found, err
	}
	found.After = after
	for _, sender := range senders.Groups {
		if sender.ID == nil && sender.TokenDigest == "" {
			continue // they came without a token
		}
		one := unknownToken{SenderCount: sender}
		if sender.TokenDigest != "" {
			filter.TokenDigest = sender.TokenDigest
			networks, _, err := c.senders(ctx, filter, dead.ByNetwork, networksShown)
			if err != nil {
				return found, err
			}
			one.Networks, one.MoreNetworks = networks.Groups, networks.MoreGroups
		}
		found.Tokens = append(found.Tokens, one)
	}
	return found, nil
}

// senders returns who sent the letters of a filter on one reason, by one kind, and after when
// the letters died of which that is counted; zero for all.
func (c *Console) senders(ctx context.Context, filter dead.Filter, by dead.SenderKind, most int) (found dead.Senders, after time.Time, err error) {
	reasons := []dead.ReasonCount{{Reason: filter.Reason}}
	if after, err = c.Letters.Senders(ctx, filter, reasons, most); err != nil {
		return found, after, err
	}
	for _, senders := range reasons[0].Senders {
		if senders.By == by {
			found = senders
		}
	}
	return found, after, nil
}

// unknownSeen returns what a visit sees: a user of all accounts sees every unknown token,
// whatever account he looks at, because it may be that account's.
func (c *Console) unknownSeen(v *visit) unknownShown {
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	of := int64(0)
	if v.user.AccountID != nil {
		of = *v.user.AccountID
	}
	found := c.unknown.get(ctx, of)
	return unknownShown{
		item: found, Unread: c.unread(v, map[string]error{"unknown tokens": found.Err}),
		Reveals: revealing.allows(v.user) == nil, Address: inAccount(v, "/integration/unknown"), account: v.chosen,
	}
}

// unknownPart is the part of the page for a page that is open already.
func (c *Console) unknownPart(v *visit) error {
	return c.renderPart(v, "integration", "unknown", integrationShown{Unknown: c.unknownSeen(v)})
}

// inAccount returns an address with the account that the visit has chosen.
func inAccount(v *visit, path string) string {
	if v.chosen == 0 {
		return path
	}
	return address(path, url.Values{"account": {strconv.FormatInt(v.chosen, 10)}})
}

// Import is where a token is imported: into the account that is looked at, or else into
// the one that its hits are of.
func (u unknownShown) Import(one unknownToken) string {
	values := url.Values{"digest": {string(one.TokenDigest)}}
	if account := max(u.account, one.AccountID); account != 0 {
		values.Set("account", strconv.FormatInt(account, 10))
	}
	return address("/integration/import", values)
}

// Letters is the address of the dead letters of a token.
func (u unknownShown) Letters(one unknownToken) string {
	values := url.Values{"reason": {string(outcome.UnknownToken)}}
	if one.ID != nil {
		values.Set("token", strconv.FormatInt(*one.ID, 10))
	} else {
		values.Set("token_digest", string(one.TokenDigest))
	}
	return address("/dead", values)
}
