package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"integr8/cmd/internal/process"

	"github.com/shopspring/decimal"
)

// way is how the shop reports a sale.
type way string

// The ways.
const (
	byGlobal way = "global"
	byOffer  way = "offer"
	byPixel  way = "pixel"
)

// tracker is integr8 from the side of an advertiser and a publisher: URLs.
type tracker struct {
	base    string
	setup   setup
	program program
}

func newTracker(base string, setup setup, program program) *tracker {
	return &tracker{base: base, setup: setup, program: program}
}

// trackingLink returns the link to which the demo publisher sends visitors.
func (t *tracker) trackingLink() string {
	return fmt.Sprintf("%s/click?offer=%d&publisher=%d&sub_id=demo", t.base, t.setup.offer, t.setup.publisher)
}

// postback returns the URL that the shop's server requests for a sale.
func (t *tracker) postback(by way, transaction, order string) string {
	token := t.setup.global.Token
	if by == byOffer {
		token = t.setup.offerOnly.Token
	}
	return address(t.base+"/postback", "secure", token, "transaction_id", transaction, "order_id", order)
}

// pixel returns the address of the image that the shop's thank-you page shows for a
// sale. Its host must be the account's tracking domain.
func (t *tracker) pixel(transaction, order string) string {
	return address(t.pixelBase()+"/pixel", "secure", t.setup.pixel.Token, "transaction_id", transaction, "order_id", order)
}

func (t *tracker) pixelBase() string { return strings.Replace(t.base, "127.0.0.1", pixelHost, 1) }

// clickless returns the URL for a sale without a click.
func (t *tracker) clickless(order string) string {
	return address(t.base+"/clickless", "secure", t.setup.clickless.Token, "publisher", number(t.setup.publisher),
		"external_transaction_id", order, "revenue", "12.34", "payout", "1.50")
}

// address adds parameters, name and value in turn, in this order; it skips empty ones.
func address(base string, parameters ...string) string {
	var query []string
	for i := 0; i < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			query = append(query, parameters[i]+"="+url.QueryEscape(parameters[i+1]))
		}
	}
	return base + "?" + strings.Join(query, "&")
}

// hideTokens hides the tokens in an address, so that it can be shown to visitors.
func (t *tracker) hideTokens(address string) string {
	for _, token := range []string{t.setup.global.Token, t.setup.offerOnly.Token, t.setup.pixel.Token, t.setup.clickless.Token} {
		if token != "" {
			address = strings.ReplaceAll(address, token, "i8t_...")
		}
	}
	return address
}

// story is what integr8 has recorded about a click.
type story struct {
	Hits        []storyHit        `json:"hits"`
	Conversions []storyConversion `json:"conversions"`
}

type storyHit struct {
	Receipt     string `json:"receipt"`
	Kind        string `json:"kind"`
	Route       string `json:"route"`
	Outcome     string `json:"outcome"`
	Reason      string `json:"reason"`
	Hint        string `json:"hint"`
	DuplicateOf string `json:"duplicate_of"`
}

type storyConversion struct {
	ID       string          `json:"id"`
	Revenue  decimal.Decimal `json:"revenue"`
	Payout   decimal.Decimal `json:"payout"`
	Currency string          `json:"currency"`
	Status   string          `json:"status"`
}

// trace returns the story from integr8; an empty one when nothing is recorded yet.
func (t *tracker) trace(ctx context.Context, id string) (story, error) {
	told := story{Hits: []storyHit{}, Conversions: []storyConversion{}}
	err := t.program.ask(ctx, &told, "trace", id)
	var failed *process.Failed
	if errors.As(err, &failed) && strings.Contains(failed.Said, "nothing is known") {
		return told, nil
	}
	return told, err
}

// hit finds a hit by its receipt.
func (s story) hit(receipt string) (storyHit, bool) {
	for _, hit := range s.Hits {
		if hit.Receipt == receipt {
			return hit, true
		}
	}
	return storyHit{}, false
}
