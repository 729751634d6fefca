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

const (
	// unknownShownMost is how many unknown tokens are shown, those with the most hits.
	unknownShownMost = 5
	// networksShown is how many networks of each are shown.
	networksShown = 3
)

// unknownShown are the unknown tokens of a visit.
type unknownShown struct {
	item[[]unknownToken]
	Unread []string
	// Reveals is set for users who may import them, and Address is where the part is read
	// again.
	Reveals bool
	Address string
	account int64
}

func (c *Console) keepUnknown() *kept[[]unknownToken] {
	return &kept[[]unknownToken]{console: c, fresh: 15 * time.Second, bound: 30 * time.Second, read: c.readUnknown}
}

// readUnknown reads the tokens of the open dead letters whose token is unknown, of an
// account or with 0 of all. Most such letters belong to no account: only a tracking domain
// of its own says whose they are.
func (c *Console) readUnknown(ctx context.Context, account int64) ([]unknownToken, error) {
	filter := dead.Filter{AccountID: account, Reason: outcome.UnknownToken, State: dead.StateAttention}
	senders, err := c.senders(ctx, filter, dead.ByToken, unknownShownMost)
	if err != nil {
		return nil, err
	}
	found := []unknownToken{}
	for _, sender := range senders.Groups {
		if sender.ID == nil && sender.TokenDigest == "" {
			continue // they came without a token
		}
		one := unknownToken{SenderCount: sender}
		if sender.TokenDigest != "" {
			filter.TokenDigest = sender.TokenDigest
			networks, err := c.senders(ctx, filter, dead.ByNetwork, networksShown)
			if err != nil {
				return nil, err
			}
			one.Networks, one.MoreNetworks = networks.Groups, networks.MoreGroups
		}
		found = append(found, one)
	}
	return found, nil
}

// senders returns who sent the letters of a filter on one reason, by one kind.
func (c *Console) senders(ctx context.Context, filter dead.Filter, by dead.SenderKind, most int) (dead.Senders, error) {
	reasons := []dead.ReasonCount{{Reason: filter.Reason}}
	if _, err := c.Letters.Senders(ctx, filter, reasons, most); err != nil {
		return dead.Senders{}, err
	}
	for _, senders := range reasons[0].Senders {
		if senders.By == by {
			return senders, nil
		}
	}
	return dead.Senders{}, nil
}

// unknownTokens returns what a visit sees: a user of all accounts sees every unknown token,
// whatever account he looks at, because it may be that account's.
func (c *Console) unknownTokens(v *visit) unknownShown {
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
	return c.renderPart(v, "integration", "unknown", integrationShown{Unknown: c.unknownTokens(v)})
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
