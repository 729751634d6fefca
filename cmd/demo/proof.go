package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"integr8/cmd/internal/poll"
)

// proofTimeout bounds the wait for one hit to be decided.
const proofTimeout = 30 * time.Second

// prove sends a click through the doors, follows it to the shop, sends the postback
// twice, and waits until both are decided. It prints what happens, step by step, and
// returns the transaction_id.
func prove(ctx context.Context, out io.Writer, t *tracker) (string, error) {
	p := &proof{out: out}
	p.step("A visitor clicks the publisher's tracking link", t.trackingLink())
	clicked, err := get(ctx, t.trackingLink())
	if err != nil {
		return "", err
	}
	landing := clicked.header.Get("Location")
	if clicked.status != http.StatusFound || landing == "" {
		return "", fmt.Errorf("the tracking link answered %d %s", clicked.status, strings.TrimSpace(clicked.body))
	}
	page, err := url.Parse(landing)
	if err != nil {
		return "", fmt.Errorf("the tracking link leads nowhere: %w", err)
	}
	transaction := page.Query().Get("clickid")
	p.tell("302 to %s", landing)
	p.tell("transaction_id %s", transaction)

	p.step("The redirect leads to the shop", landing)
	visited, err := get(ctx, landing)
	if err != nil {
		return "", err
	}
	if visited.status != http.StatusOK || !strings.Contains(visited.body, transaction) {
		return "", fmt.Errorf("the shop answered %d", visited.status)
	}
	p.tell("200, and the page knows the click")

	sale := t.postback(byGlobal, transaction, "")
	first, err := p.fire(ctx, "The visitor buys; the shop's server fires the postback", sale)
	if err != nil {
		return "", err
	}
	told, err := p.await(ctx, t, transaction, first, "converted")
	if err != nil {
		return "", err
	}
	if len(told.Conversions) != 1 {
		return "", fmt.Errorf("there are %d conversions, not one", len(told.Conversions))
	}
	conversion := told.Conversions[0]
	p.tell("conversion %s, %s: revenue %s %s, payout %s %s", conversion.ID, conversion.Status,
		conversion.Revenue.StringFixed(2), conversion.Currency, conversion.Payout.StringFixed(2), conversion.Currency)

	again, err := p.fire(ctx, "The shop fires the same postback again", sale)
	if err != nil {
		return "", err
	}
	told, err = p.await(ctx, t, transaction, again, "duplicate")
	if err != nil {
		return "", err
	}
	if len(told.Conversions) != 1 {
		return "", fmt.Errorf("after the repeat there are %d conversions, not one", len(told.Conversions))
	}
	p.tell("still one conversion: nothing is paid twice")
	return transaction, nil
}

// proof numbers the steps.
type proof struct {
	out   io.Writer
	steps int
}

func (p *proof) step(what, address string) {
	p.steps++
	fmt.Fprintf(p.out, "\n%d. %s\n   GET %s\n", p.steps, what, address)
}

func (p *proof) tell(format string, args ...any) {
	fmt.Fprintf(p.out, "   -> "+format+"\n", args...)
}

// fire sends a postback and returns the receipt.
func (p *proof) fire(ctx context.Context, what, address string) (string, error) {
	p.step(what, address)
	answered, err := get(ctx, address)
	if err != nil {
		return "", err
	}
	receipt := answered.header.Get("X-Receipt")
	p.tell("%d %s", answered.status, strings.TrimSpace(answered.body))
	if answered.status != http.StatusOK || receipt == "" {
		return "", errors.New("the postback was not accepted")
	}
	return receipt, nil
}

// await waits until the hit has the outcome. An outcome that is not final may still
// change to it.
func (p *proof) await(ctx context.Context, t *tracker, transaction, receipt, outcome string) (story, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	last := "nothing is recorded yet"
	var told story
	err := poll.Until(ctx, 20*time.Millisecond, func() (done bool, err error) {
		if told, err = t.trace(ctx, transaction); err != nil {
			return false, err
		}
		hit, found := told.hit(receipt)
		if found {
			last = strings.TrimSpace(hit.Outcome + " " + hit.Reason)
		}
		return found && hit.Outcome == outcome, nil
	})
	switch {
	case ctx.Err() != nil:
		return story{}, fmt.Errorf("the hit is not %s: %s (integr8 trace %s)", outcome, last, receipt)
	case err != nil:
		return story{}, err
	}
	p.tell("%s, within %d ms", last, time.Since(start).Milliseconds())
	return told, nil
}
