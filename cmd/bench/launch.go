package main

import (
	"context"
	"net/http"

	"integr8/pipeline/token"
)

// The settings of the part launch.
const (
	calm        = "the others alone"
	launching   = "beside a launch"
	refusedMany = "beside sales of a paused offer"
)

const (
	// othersShare is the rate of the others, and loudShare that of the loud account, as
	// shares of what the mixture sustains.
	othersShare = 0.1
	loudShare   = 0.8
)

// launch measures how long the hits of many accounts take while another sends four fifths
// of what can be handled: a launch, or sales of an offer that is paused.
func (b *bench) launch(ctx context.Context, round int) error {
	if b.launched == nil {
		accounts := b.options.tenants[1]
		b.say("making %d accounts, and one that launches", accounts)
		made, err := b.newCrowd(ctx, "launch", accounts+1)
		if err != nil {
			return err
		}
		b.launched = made
	}
	others, loud := b.launched.parted()
	t := b.trial(partLaunch, most, round)
	t.kind, t.crowd, t.ground = crowded, others, others.ground
	sustained, err := b.sustains(ctx, t, ours)
	if err != nil {
		return err
	}
	for _, one := range []struct {
		setting string
		traffic func(n int, ids []token.TransactionID) traffic
	}{
		{calm, nil},
		{launching, func(_ int, ids []token.TransactionID) traffic { return loud.traffic(ids) }},
		{refusedMany, func(n int, _ []token.TransactionID) traffic { return loud.refusals(n) }},
	} {
		t.setting, t.rate, t.besides = one.setting, sustained*othersShare, nil
		if one.traffic != nil {
			t.besides = &besides{crowd: loud, rate: sustained * loudShare, traffic: one.traffic}
		}
		if err := b.take(ctx, t, ours); err != nil {
			return err
		}
	}
	return nil
}

// parted returns the crowd without its last account, and that account alone.
func (c *crowd) parted() (others, loud *crowd) {
	last := len(c.members) - 1
	others = &crowd{ground: c.ground, members: c.members[:last]}
	loud = &crowd{ground: c.ground, members: c.members[last:]}
	others.deal()
	loud.deal()
	return others, loud
}

// refusals sends n sales of the paused offers.
func (c *crowd) refusals(n int) traffic {
	return traffic{limit: n, accepted: []int{http.StatusOK}, postbacks: func(int) int { return 0 }, request: c.refusal}
}
