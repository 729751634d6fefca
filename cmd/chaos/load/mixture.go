package load

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"integr8/cmd/chaos/ledger"
	"integr8/cmd/chaos/model"
)

// mixture makes up stories: a click and its consequences, a clickless postback and its
// repeats, a forgery. It is not safe for concurrent use.
type mixture struct {
	world      *model.World
	random     *rand.Rand
	offers     []int64
	publishers []int64
	hosts      []string
	global     map[int64]string // by account
	own        map[int64]string // by offer
	pixels     map[int64]string // made for pixels, by account
	unclicked  map[int64]string // made for clickless, by account
	tokens     []string
	external   int
	orders     map[int64]*order // by offer with unique orders
	ordered    int
}

func newMixture(world *model.World, random *rand.Rand) *mixture {
	m := &mixture{world: world, random: random, global: map[int64]string{}, own: map[int64]string{},
		pixels: map[int64]string{}, unclicked: map[int64]string{}, orders: map[int64]*order{},
		offers:     often(world.Offers, func(o *model.Offer) bool { return !o.Paused }),
		publishers: often(world.Publishers, func(p *model.Publisher) bool { return !p.Paused }),
		hosts:      slices.Sorted(maps.Keys(world.Domains)), tokens: slices.Sorted(maps.Keys(world.Tokens))}
	for text, token := range world.Tokens {
		switch {
		case token.Purpose == "pixel":
			m.pixels[token.Account] = text
		case token.Purpose == "clickless":
			m.unclicked[token.Account] = text
		case token.Purpose != "": // one of the tokens that are chosen at random
		case token.Offer == 0:
			m.global[token.Account] = text
		default:
			m.own[token.Offer] = text
		}
	}
	return m
}

// often lists ids, those of the usual kind many times.
func often[T any](of map[int64]T, usual func(T) bool) []int64 {
	var ids []int64
	for _, id := range slices.Sorted(maps.Keys(of)) {
		weight := 1
		if usual(of[id]) {
			weight = 20
		}
		ids = append(ids, slices.Repeat([]int64{id}, weight)...)
	}
	return ids
}

// chance returns true in perMille of a thousand cases.
func (m *mixture) chance(perMille int) bool { return m.random.IntN(1000) < perMille }

func pick[T any](m *mixture, of []T) T { return of[m.random.IntN(len(of))] }

// within returns a random time between now and longest from now.
func (m *mixture) within(longest time.Duration) time.Time {
	return time.Now().Add(time.Duration(m.random.Int64N(int64(longest) + 1)))
}

// story returns the first request of a new story.
func (m *mixture) story() *step {
	switch {
	case m.chance(650):
		return m.click()
	case m.chance(800):
		return m.clickless()
	case m.chance(300): // a genuine id whose click was never made
		return m.forClick(m.world.Mint(time.Now().Add(-time.Minute)), pick(m, m.offers))
	default:
		return m.forgery()
	}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func seqPair(seq int64) ledger.Pair { return ledger.Pair{Name: ledger.SeqParam, Value: number(seq)} }

// pairs makes parameters of names and values in turn, without those whose value is
// empty.
func pairs(texts ...string) []ledger.Pair {
	var made []ledger.Pair
	for i := 0; i < len(texts); i += 2 {
		if texts[i+1] != "" {
			made = append(made, ledger.Pair{Name: texts[i], Value: texts[i+1]})
		}
	}
	return made
}

// publisherFor returns mostly a publisher of the account, and sometimes one of another
// account or one that does not exist.
func (m *mixture) publisherFor(account int64) int64 {
	if m.chance(8) {
		return 999_999
	}
	for {
		if id := pick(m, m.publishers); m.world.Publishers[id].Account == account || m.chance(5) {
			return id
		}
	}
}

func (m *mixture) click() *step {
	offer := pick(m, m.offers)
	if m.chance(4) {
		offer = 888_888
	}
	account := int64(0)
	if known := m.world.Offers[offer]; known != nil {
		account = known.Account
	} else {
		account = m.world.Offers[m.offers[0]].Account
	}
	params := pairs("offer", number(offer), "publisher", number(m.publisherFor(account)),
		"sub_id", pick(m, []string{"", "news", "a b&c=d", "grün/ß", "50%25", "x+y"}))
	if m.chance(5) {
		params = append(params, pairs("secure", pick(m, m.tokens))...)
	}
	if m.chance(10) {
		params = append(params, pairs("external_transaction_id", "ext-"+number(m.random.Int64N(1e9)))...)
	}
	return &step{
		request: ledger.Request{Method: http.MethodGet, Path: "/click", Form: ledger.Query, Params: params},
		follow: func(a ledger.Answer) []*step {
			target, err := url.Parse(a.Location)
			if err != nil || a.Location == "" || m.chance(200) {
				return nil
			}
			return m.conversions(target.Query().Get("c"), offer)
		},
	}
}

// conversions returns the reports of an advertiser for a click: mostly one, often two,
// through both URL forms, at once or later.
func (m *mixture) conversions(id string, offer int64) []*step {
	known := m.world.Offers[offer]
	if known != nil && known.UniqueOrders {
		return m.contested(id, offer)
	}
	orders := []string{""}
	if known != nil && known.Many {
		orders = []string{"A-1", "A-2", "A-3"}[:1+m.random.IntN(3)]
	}
	var steps []*step
	for _, order := range orders {
		first := m.forClick(id, offer)
		if order != "" && !m.chance(30) {
			first.request.Params = append(first.request.Params, pairs("order_id", order)...)
		}
		first.due = pick(m, []time.Time{time.Now(), time.Now(), m.within(time.Second), m.within(5 * time.Second)})
		steps = append(steps, first)
		repeats := 0
		switch {
		case m.chance(5):
			repeats = 20
		case m.chance(300):
			repeats = 1 + m.random.IntN(3)
		}
		for range repeats {
			again := m.forClick(id, offer)
			if order != "" {
				again.request.Params = append(again.request.Params, pairs("order_id", order)...)
			}
			again.due = first.due
			if m.chance(500) {
				again.due = first.due.Add(time.Duration(m.random.Int64N(int64(6 * time.Second))))
			}
			steps = append(steps, again)
		}
	}
	return steps
}

// forClick returns a postback or a pixel for a click.
func (m *mixture) forClick(id string, offer int64) *step {
	account := int64(0)
	terms := m.world.Offers[offer]
	if terms != nil {
		account = terms.Account
	}
	token := pick(m, []string{m.global[account], m.own[offer]})
	switch {
	case m.chance(15) || token == "":
		token = pick(m, m.tokens) // that of another offer or of another account
	case m.chance(5):
		token = "i8t_0123456789abcdef0123456789abcdef01234567"
	}
	if m.chance(40) {
		id = strings.ToUpper(id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:])
	}
	revenue := pick(m, []string{"", "10", "10.01", "0.333333", "+7.5"})
	if terms != nil && (terms.Payout.Percent || terms.Revenue.Percent) && !m.chance(50) {
		revenue = pick(m, []string{"10", "99.99", "0.07", "1234.567891"})
	}
	if m.chance(10) {
		revenue = pick(m, []string{"2,000.00", "-1", "1e3", "$5"})
	}
	params := pairs("secure", token, "transaction_id", id, "revenue", revenue)
	if m.chance(20) {
		params = append(params, pairs("currency", pick(m, []string{"USD", "EUR", "JPY"}))...)
	}
	if m.chance(200) {
		params = append(params, pairs("sub_id", "back", "adv_sub_id", "a1")...)
	}
	if m.chance(10) {
		params = append(params, pairs("transaction_id", id, "items[]", "a", "items[]", "b", "city", "Montr\xe9al")...)
	}
	if m.chance(20) {
		params = append(params, pairs(pick(m, model.Statements()), pick(m, []string{"approved", "Rejected", "sale", "7"}))...)
	}
	if m.chance(150) {
		if made := m.pixels[account]; made != "" && m.chance(500) {
			params[0].Value = made
		}
		return &step{request: ledger.Request{Method: http.MethodGet, Host: pick(m, m.hosts), Path: "/pixel", Form: ledger.Query, Params: params}}
	}
	return m.sendable(pick(m, []string{"/", "/postback"}), params)
}

// sendable returns a request in one of the forms of an S2S postback.
func (m *mixture) sendable(path string, params []ledger.Pair) *step {
	s := &step{request: ledger.Request{Method: http.MethodGet, Path: path, Form: ledger.Query, Params: params}}
	if m.chance(400) {
		s.request.Method = http.MethodPost
		s.request.Form = pick(m, []ledger.Form{ledger.Body, ledger.JSON})
	}
	return s
}

func (m *mixture) clickless() *step {
	offer := pick(m, m.offers)
	order := pick(m, []string{"", "", "O-1"})
	if m.world.Offers[offer].UniqueOrders && !m.chance(200) {
		order = m.orderOf(offer).id
	}
	first := m.unclickedClaim(offer, order)
	params := first.request.Params
	first.follow = func(ledger.Answer) []*step {
		var steps []*step
		for range pick(m, []int{0, 0, 0, 1, 2}) {
			again := m.sendable("/clickless", params)
			again.due = m.within(4 * time.Second)
			steps = append(steps, again)
		}
		return steps
	}
	return first
}

// unclickedClaim returns a clickless postback, with an order unless that is empty.
func (m *mixture) unclickedClaim(offer int64, order string) *step {
	account := m.world.Offers[offer].Account
	publisher := m.publisherFor(account)
	token := pick(m, []string{m.global[account], m.own[offer], m.unclicked[account], m.unclicked[account]})
	if m.chance(10) {
		token = pick(m, m.tokens)
	}
	named := ""
	if m.world.Tokens[token].Offer == 0 || m.chance(300) {
		named = number(offer)
	}
	external := ""
	if !m.chance(150) {
		m.external++
		external = "E-" + strconv.Itoa(m.external)
	}
	params := pairs("secure", token, "offer", named, "publisher", number(publisher), "external_transaction_id", external,
		"order_id", order, "sub_id", pick(m, []string{"", "s"}),
		"revenue", pick(m, []string{"", "12.34", "100"}), "payout", pick(m, []string{"", "", "1.5"}),
		"conversion_ip", pick(m, []string{"", "2001:db8::1", "192.0.2.7"}), "session_time", pick(m, []string{"", "1772366400"}),
		"user_agent", "Mozilla/5.0", "user_email", pick(m, []string{"", "Ann@Example.com"}))
	if m.chance(20) {
		params = append(params, pairs(pick(m, model.Statements()), pick(m, []string{"approved", "Rejected", "sale", "7"}))...)
	}
	return m.sendable("/clickless", params)
}

// forgery returns a request that must never convert.
func (m *mixture) forgery() *step {
	token := pick(m, m.tokens)
	id := m.world.Mint(time.Now())
	typo := []byte(id)
	for typo[20] == id[20] {
		typo[20] = "0123456789abcdef"[m.random.IntN(16)]
	}
	params := pick(m, [][]ledger.Pair{
		pairs("secure", token, "transaction_id", string(typo)),
		pairs("secure", token, "transaction_id", id[:31]),
		pairs("secure", token, "transaction_id", pick(m, model.Placeholders())),
		pairs("secure", token),
		pairs("transaction_id", id),
		pairs("secure", "i8t_ffffffffffffffffffffffffffffffffffffffff", "transaction_id", id),
		pairs("secure", token, "transaction_id", id, "revenue", "-1"),
		pairs("secure", token, "transaction_id", id, "transaction_id", string(typo)),
	})
	return m.sendable(pick(m, []string{"/", "/postback"}), params)
}
