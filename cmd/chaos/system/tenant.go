package system

import (
	"context"
	"slices"

	"integr8/cmd/chaos/model"
)

// Tenant is an account whose requests are in no ledger.
type Tenant struct {
	Account int64
	Host    string
	// Tokens are the global token and then one for each offer.
	Tokens             []string
	Offers, Publishers []string
}

// FoundTenant makes such an account with every kind of offer. Its requests go to the
// host, which is its tracking domain.
func (s *System) FoundTenant(ctx context.Context, host string) (*Tenant, error) {
	world := &model.World{Offers: map[int64]*model.Offer{}, Publishers: map[int64]*model.Publisher{},
		Tokens: map[string]model.Token{}, Domains: map[string]int64{}}
	f := &founder{ctx: ctx, system: s, world: world, advertisers: map[int64]int64{}}
	account := f.account("tenant")
	f.publisher(account, "plain")
	f.offer(account, "fixed", model.Offer{Currency: "USD", Payout: terms("2.50"), Revenue: terms("4")})
	f.offer(account, "often", model.Offer{Currency: "USD", Payout: terms("1"), Revenue: terms("2"), Many: true})
	f.offer(account, "share", model.Offer{Currency: "EUR", Payout: terms("33.3%"), Revenue: terms("100%")})
	f.token(account, 0, "")
	for id := range world.Offers {
		f.token(account, id, "")
	}
	f.domain(account, host)
	tenant := &Tenant{Account: account, Host: host}
	for token, of := range world.Tokens {
		if of.Offer == 0 {
			tenant.Tokens = slices.Insert(tenant.Tokens, 0, token)
		} else {
			tenant.Tokens = append(tenant.Tokens, token)
		}
	}
	for id := range world.Offers {
		tenant.Offers = append(tenant.Offers, decimalOf(id))
	}
	for id := range world.Publishers {
		tenant.Publishers = append(tenant.Publishers, decimalOf(id))
	}
	return tenant, f.err
}
