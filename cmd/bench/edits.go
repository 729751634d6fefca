package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/handlers/operate/reference"
	"integr8/sql/store"
)

// editRate is in edits a second.
const editRate = 10

// The settings of the part edits.
var (
	atRest  = "at rest"
	editing = fmt.Sprintf("%d edits a second", editRate)
)

// edits measures the doors at half of what they sustain, with much reference data, at rest
// and while offers are edited.
func (b *bench) edits(ctx context.Context, round int) error {
	if b.edited == nil {
		b.say("making %d accounts", b.options.edited)
		made, err := b.newCrowd(ctx, "edits", b.options.edited)
		if err != nil {
			return err
		}
		b.edited = made
	}
	t := b.trial(partEdits, most, round)
	t.kind, t.crowd, t.ground = crowded, b.edited, b.edited.ground
	sustained, err := b.sustains(ctx, t, ours)
	if err != nil {
		return err
	}
	settings := []string{atRest, editing}
	if round%2 == 0 {
		slices.Reverse(settings)
	}
	for _, setting := range settings {
		t.setting, t.rate, t.edit = setting, sustained/2, nil
		if setting == editing {
			t.edit = b.edited.edit
		}
		if err := b.take(ctx, t, ours); err != nil {
			return err
		}
	}
	return nil
}

// edit changes what offers pay, at random, at editRate until ctx ends.
func (c *crowd) edit(ctx context.Context) error {
	opened, err := store.Open(c.url)
	if err != nil {
		return err
	}
	for n := int64(1); sleepUntil(ctx, time.Now().Add(time.Second/editRate)) == nil && err == nil; n++ {
		m := c.members[rand.N(len(c.members))]
		payout := attribution.Money{Amount: decimal.New(n, -2)}
		_, err = opened.EditOffer(ctx, m.account, m.offers[rand.N(len(m.offers))], reference.OfferChange{Payout: &payout})
	}
	if ctx.Err() != nil {
		err = nil // the sending is over
	}
	return errors.Join(err, opened.Close())
}
