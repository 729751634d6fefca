package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"

	"integr8/pipeline/token"
)

// traffic is the sequence of requests of the load generator.
type traffic struct {
	request  func(to []byte, i int) []byte
	limit    int
	accepted []int
	// postbacks returns how many of the first n requests are postbacks.
	postbacks func(n int) int
}

const host = "track.example.com"

// postbacks sends one postback for each id: half of them with the account's
// global token, half with the offer's own, as advertisers do.
func (g *ground) postbacks(ids []token.TransactionID) traffic {
	heads := make([]string, 2*offerCount)
	for i := range heads {
		token := g.global
		if i%2 == 1 {
			token = g.offerTokens[i/2]
		}
		heads[i] = "GET /postback?secure=" + token + "&transaction_id="
	}
	const tail = " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: shop-postback/2.4 (+https://shop.example)\r\nAccept: */*\r\n\r\n"
	return traffic{
		limit:    len(ids),
		accepted: []int{http.StatusOK},
		request: func(to []byte, i int) []byte {
			// The click of index i belongs to offer i modulo offerCount.
			to = append(to, heads[2*(i%offerCount)+i/offerCount%2]...)
			to = appendHex(to, ids[i])
			to = append(to, "&order_id=order-"...)
			to = strconv.AppendInt(to, int64(i), 10)
			return append(to, tail...)
		},
		postbacks: func(n int) int { return n },
	}
}

// clicks sends n tracking links, each like the browser of another visitor.
func (g *ground) clicks(n int) traffic {
	const tail = " HTTP/1.1\r\nHost: " + host + "\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n" +
		"Accept-Encoding: gzip, deflate, br\r\nReferer: https://blog.example/best-shoes\r\n\r\n"
	heads := make([]string, offerCount*publisherCount)
	for i := range heads {
		heads[i] = fmt.Sprintf("GET /click?offer=%d&publisher=%d&sub_id=summer-campaign&sub_id_2=banner&external_transaction_id=",
			g.offers[i%offerCount], g.publishers[i/offerCount])
	}
	return traffic{
		limit:    n,
		accepted: []int{http.StatusFound},
		request: func(to []byte, i int) []byte {
			to = append(to, heads[i%len(heads)]...)
			to = strconv.AppendInt(to, int64(i)+1<<40, 36)
			return append(to, tail...)
		},
		postbacks: func(int) int { return 0 },
	}
}

// mixture sends a share of clicks among postbacks, in random order. Answers to both
// kinds count.
func mixture(clicks, postbacks traffic, share float64) traffic {
	// The pattern is fixed, so that each request is found by its number.
	const period = 1000
	random := rand.New(rand.NewPCG(3, 4))
	isClick := make([]bool, period)
	before := make([]int, period+1) // postbacks before each place
	for i := range isClick {
		isClick[i] = float64(i) < share*period
	}
	random.Shuffle(period, func(i, j int) { isClick[i], isClick[j] = isClick[j], isClick[i] })
	for i, click := range isClick {
		before[i+1] = before[i]
		if !click {
			before[i+1]++
		}
	}
	count := func(n int) int { return n/period*before[period] + before[n%period] }
	return traffic{
		limit:    min(clicks.limit/(period-before[period]), postbacks.limit/before[period]) * period,
		accepted: append(slices.Clone(clicks.accepted), postbacks.accepted...),
		request: func(to []byte, i int) []byte {
			if isClick[i%period] {
				return clicks.request(to, i-count(i))
			}
			return postbacks.request(to, count(i))
		},
		postbacks: count,
	}
}

// appendHex writes a transaction_id in the form in which it is sent.
func appendHex(to []byte, id token.TransactionID) []byte {
	const digits = "0123456789abcdef"
	for _, b := range id {
		to = append(to, digits[b>>4], digits[b&15])
	}
	return to
}
