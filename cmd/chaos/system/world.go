package system

import (
	"context"
	"strconv"

	"github.com/shopspring/decimal"

	"integr8/cmd/chaos/model"
)

// destination is the destination of every offer. check.DestinationParam is the
// parameter with the transaction_id.
const destination = "https://shop.example/buy?c={transaction_id}&s={sub_id}&p={publisher}"

// founder makes the reference data of a drill with the commands of the program, and
// records it for the model. After its first error it does nothing more.
type founder struct {
	ctx    context.Context
	system *System
	world  *model.World
	// advertisers holds the advertiser of each account.
	advertisers map[int64]int64
	err         error
}

// found makes two accounts with every kind of offer and publisher.
func (s *System) found(ctx context.Context, world *model.World) error {
	world.Offers, world.Publishers = map[int64]*model.Offer{}, map[int64]*model.Publisher{}
	world.Tokens, world.Domains = map[string]model.Token{}, map[string]int64{}
	f := &founder{ctx: ctx, system: s, world: world, advertisers: map[int64]int64{}}

	north, south := f.account("north"), f.account("south")
	f.publisher(north, "plain")
	favoured := f.publisher(north, "favoured")
	f.pause("publisher", f.publisher(north, "paused"))
	f.publisher(south, "plain")

	fixed := f.offer(north, "fixed", model.Offer{Currency: "USD", Payout: terms("2.50"), Revenue: terms("4")})
	f.favour(fixed, favoured, "3.75")
	f.offer(north, "share", model.Offer{Currency: "EUR", Payout: terms("33.3%"), Revenue: terms("100%")})
	f.offer(north, "often", model.Offer{Currency: "USD", Payout: terms("1"), Revenue: terms("2"), Many: true,
		OwnAmounts: true, Ceiling: new(decimal.New(50, 0))})
	paused := f.offer(north, "paused", model.Offer{Currency: "USD", Payout: terms("1"), Revenue: terms("2")})
	f.pause("offer", paused)
	f.offer(south, "fixed", model.Offer{Currency: "JPY", Payout: terms("120"), Revenue: terms("200")})
	f.offer(north, "orders", model.Offer{Currency: "USD", Payout: terms("3"), Revenue: terms("5"), UniqueOrders: true})
	f.offer(south, "orders, often", model.Offer{Currency: "EUR", Payout: terms("2"), Revenue: terms("2.50"), Many: true, UniqueOrders: true})
	f.offer(north, "mixed", model.Offer{Currency: "USD", Payout: terms("10%"), Revenue: terms("5.5")})
	for _, account := range []int64{north, south} {
		for _, purpose := range []string{"", "pixel", "clickless"} {
			f.token(account, 0, purpose)
		}
	}
	for id, offer := range world.Offers {
		f.token(offer.Account, id, "")
	}
	f.token(north, fixed, "postback")
	f.domain(north, "pixel.north.example")
	f.domain(south, "pixel.south.example")
	return f.err
}

func terms(text string) model.Terms {
	if n := len(text) - 1; text[n] == '%' {
		return model.Terms{Amount: decimal.RequireFromString(text[:n]), Percent: true}
	}
	return model.Terms{Amount: decimal.RequireFromString(text)}
}

func written(t model.Terms) string {
	if t.Percent {
		return t.Amount.String() + "%"
	}
	return t.Amount.String()
}

// made runs a create command and returns the id of the new object.
func (f *founder) made(into any, args ...string) int64 {
	var answer struct {
		ID    int64  `json:"id"`
		Token string `json:"token"`
	}
	if f.err == nil {
		f.err = f.system.ask(f.ctx, &answer, args...)
	}
	if token, ok := into.(*string); ok {
		*token = answer.Token
	}
	return answer.ID
}

func decimalOf(n int64) string { return strconv.FormatInt(n, 10) }

func (f *founder) account(name string) int64 {
	account := f.made(nil, "account", "create", "--name", name)
	f.advertisers[account] = f.made(nil, "advertiser", "create", "--account", decimalOf(account), "--name", "advertiser")
	return account
}

func (f *founder) publisher(account int64, name string) int64 {
	id := f.made(nil, "publisher", "create", "--account", decimalOf(account), "--name", name)
	f.world.Publishers[id] = &model.Publisher{Account: account}
	return id
}

func (f *founder) offer(account int64, name string, offer model.Offer) int64 {
	args := []string{"offer", "create", "--account", decimalOf(account), "--advertiser", decimalOf(f.advertisers[account]),
		"--name", name, "--destination", destination, "--payout", written(offer.Payout), "--revenue", written(offer.Revenue),
		"--currency", offer.Currency}
	if offer.Many {
		args = append(args, "--many-per-click")
	}
	if offer.UniqueOrders {
		args = append(args, "--unique-orders")
	}
	if offer.OwnAmounts {
		args = append(args, "--own-amounts")
	}
	if offer.Ceiling != nil {
		args = append(args, "--ceiling", offer.Ceiling.String())
	}
	id := f.made(nil, args...)
	offer.Account = account
	f.world.Offers[id] = &offer
	return id
}

// favour sets a publisher's own payout for an offer.
func (f *founder) favour(offer, publisher int64, payout string) {
	f.made(nil, "offer", "edit", decimalOf(offer), "--publisher", decimalOf(publisher), "--payout", payout)
	f.world.Offers[offer].Payouts = map[int64]model.Terms{publisher: terms(payout)}
}

func (f *founder) pause(object string, id int64) {
	f.made(nil, object, "edit", decimalOf(id), "--status", "paused")
	if object == "offer" {
		f.world.Offers[id].Paused = true
	} else {
		f.world.Publishers[id].Paused = true
	}
}

func (f *founder) token(account, offer int64, purpose string) {
	args := []string{"token", "create", "--account", decimalOf(account)}
	if offer != 0 {
		args = append(args, "--offer", decimalOf(offer))
	}
	if purpose != "" {
		args = append(args, "--for", purpose)
	}
	var token string
	f.made(&token, args...)
	f.world.Tokens[token] = model.Token{Account: account, Offer: offer, Purpose: purpose}
}

func (f *founder) domain(account int64, host string) {
	f.made(nil, "domain", "create", "--account", decimalOf(account), "--host", host)
	f.world.Domains[host] = account
}
