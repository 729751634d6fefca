package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"integr8/pipeline/token"
)

// sort is what a request of a crowd leads to.
type sort int

const (
	aClick      sort = iota
	aSale            // a conversion, by any of the doors
	aRepeat          // of a sale that was sent shortly before
	aRefusal         // a sale of an offer that is paused
	anEarlySale      // whose click does not come
	sorts
)

// crowdShares are how many of crowdPeriod requests are of each sort.
var crowdShares = [sorts]int{aClick: 700, aSale: 210, aRepeat: 20, aRefusal: 50, anEarlySale: 20}

const crowdPeriod = 1000

// salesFor returns how many sales are among n requests, rounded up to whole periods.
func salesFor(n int) int { return (n/crowdPeriod + 1) * crowdShares[aSale] }

// deck is the order in which the sorts come, over and over.
type deck struct {
	order [crowdPeriod]sort
	// before counts the requests of a sort before each place.
	before [sorts][crowdPeriod + 1]int
}

func newDeck() *deck {
	d := &deck{}
	at := 0
	for kind, share := range crowdShares {
		for range share {
			d.order[at] = sort(kind)
			at++
		}
	}
	rand.New(rand.NewPCG(7, 8)).Shuffle(crowdPeriod, func(i, j int) { d.order[i], d.order[j] = d.order[j], d.order[i] })
	for i, kind := range d.order {
		for of := range sorts {
			d.before[of][i+1] = d.before[of][i]
		}
		d.before[kind][i+1]++
	}
	return d
}

// count returns how many of the first n requests are of a sort.
func (d *deck) count(of sort, n int) int {
	return n/crowdPeriod*crowdShares[of] + d.before[of][n%crowdPeriod]
}

// traffic sends a sale for each id, and everything else in its share among them.
func (c *crowd) traffic(ids []token.TransactionID) traffic {
	d := newDeck()
	return traffic{
		limit:     len(ids) / crowdShares[aSale] * crowdPeriod,
		accepted:  []int{http.StatusFound, http.StatusOK},
		postbacks: func(n int) int { return d.count(aSale, n) },
		request: func(to []byte, i int) []byte {
			kind := d.order[i%crowdPeriod]
			number := d.count(kind, i)
			switch kind {
			case aClick:
				return c.click(to, number)
			case aSale:
				return c.sale(to, ids, number)
			case aRepeat:
				const recent = 50
				return c.sale(to, ids, max(0, d.count(aSale, i)-1-number%recent))
			case aRefusal:
				return c.refusal(to, number)
			default:
				return c.earlySale(to, number)
			}
		},
	}
}

func (c *crowd) draw(i int) (member, draw) {
	d := c.draws[i%len(c.draws)]
	return c.members[d.member], d
}

const (
	ofShop    = "\r\nUser-Agent: shop-postback/2.4 (+https://shop.example)\r\nAccept: */*\r\n\r\n"
	ofBrowser = "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n" +
		"Accept-Encoding: gzip, deflate, br\r\nReferer: https://blog.example/best-shoes\r\n\r\n"
)

func (c *crowd) click(to []byte, i int) []byte {
	m, d := c.draw(i * 7) // others than those of the sales
	return fmt.Appendf(to, "GET /click?offer=%d&publisher=%d&sub_id=summer-campaign&sub_id_2=banner&external_transaction_id=%s HTTP/1.1\r\nHost: %s%s",
		m.offers[d.offer], m.publishers[d.publisher], strconv.FormatInt(int64(i)+1<<40, 36), host, ofBrowser)
}

// sale sends the i-th sale: five of ten by the offer's token, three by the account's, one
// as a pixel, and one without a click.
func (c *crowd) sale(to []byte, ids []token.TransactionID, i int) []byte {
	m, d := c.draw(i)
	switch i % 10 {
	case 8:
		to = append(append(to, "GET /pixel?secure="...), m.offerTokens[d.offer]...)
		to = appendHex(append(to, "&transaction_id="...), ids[i])
		return fmt.Appendf(to, "&order_id=order-%d HTTP/1.1\r\nHost: %s%s", i, m.domain(), ofBrowser)
	case 9:
		return fmt.Appendf(to, "GET /clickless?secure=%s&offer=%d&publisher=%d&external_transaction_id=sale-%d HTTP/1.1\r\nHost: %s%s",
			m.global, m.offers[d.offer], m.publishers[d.publisher], i, host, ofShop)
	}
	secure := m.offerTokens[d.offer]
	if i%10 >= 5 {
		secure = m.global
	}
	to = append(append(to, "GET /postback?secure="...), secure...)
	to = appendHex(append(to, "&transaction_id="...), ids[i])
	return fmt.Appendf(to, "&order_id=order-%d HTTP/1.1\r\nHost: %s%s", i, host, ofShop)
}

func (c *crowd) refusal(to []byte, i int) []byte {
	m, d := c.draw(i * 11)
	return fmt.Appendf(to, "GET /clickless?secure=%s&offer=%d&publisher=%d&external_transaction_id=refused-%d HTTP/1.1\r\nHost: %s%s",
		m.global, m.offers[crowdOffers-1], m.publishers[d.publisher], i, host, ofShop)
}

func (c *crowd) earlySale(to []byte, i int) []byte {
	m, d := c.draw(i * 13)
	to = append(append(to, "GET /postback?secure="...), m.offerTokens[d.offer]...)
	to = appendHex(append(to, "&transaction_id="...), c.keys.Mint(time.Now()))
	return fmt.Appendf(to, " HTTP/1.1\r\nHost: %s%s", host, ofShop)
}
