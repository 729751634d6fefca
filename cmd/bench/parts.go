package main

import (
	"context"
	"fmt"
	"slices"

	"integr8/cmd/bench/report"
)

// The parts of a run, each of which can be measured alone.
const (
	partCompare = "compare"
	partLatency = "latency"
	partStalls  = "stalls"
	partDrain   = "drain"
	partGrowth  = "growth"
	partClicks  = "clicks"
	partMixture = "mixture"
	partTenants = "tenants"
	partLaunch  = "launch"
	partEdits   = "edits"
	partMemory  = "memory"
)

// part is a question that a run answers.
type part struct {
	name string
	// rounds bounds the rounds of the part.
	rounds int
	// paired is set when the part can measure another program beside this one.
	paired  bool
	measure func(b *bench, ctx context.Context, round int) error
}

// parts in the order in which they are measured.
func parts() []part {
	return []part{
		{partCompare, 100, true, (*bench).compare},
		{partLatency, 3, true, (*bench).latency},
		{partStalls, 10, true, (*bench).stalls},
		{partDrain, 2, false, (*bench).drain},
		{partGrowth, 3, false, (*bench).growth},
		{partClicks, 3, true, (*bench).clicks},
		{partMixture, 3, false, (*bench).mixture},
		{partTenants, 5, false, (*bench).tenants},
		{partLaunch, 3, false, (*bench).launch},
		{partEdits, 5, false, (*bench).edits},
		{partMemory, 1, false, (*bench).memory},
	}
}

func partNames(choose func(part) bool) []string {
	var names []string
	for _, p := range parts() {
		if choose(p) {
			names = append(names, p.name)
		}
	}
	return names
}

// measureParts measures the chosen parts, in order.
func (b *bench) measureParts(ctx context.Context) error {
	for _, p := range parts() {
		if !slices.Contains(b.options.Part, p.name) {
			continue
		}
		for round := 1; round <= min(b.options.Rounds, p.rounds); round++ {
			if err := p.measure(b, ctx, round); err != nil {
				return fmt.Errorf("measure %s: %w", p.name, err)
			}
		}
	}
	return nil
}

// trial returns a trial with the fields that most trials share.
func (b *bench) trial(part, setting string, round int) trial {
	return trial{part: part, setting: setting, round: round, ground: b.ground, workers: 1, duration: b.options.Duration}
}

// take measures a trial with each contender, and keeps the results. With --beside the
// contenders are this program and the one beside it, and the first one alternates from
// round to round.
func (b *bench) take(ctx context.Context, t trial, names ...string) error {
	if b.options.Beside != "" {
		names = []string{ours, beside}
		if t.round%2 == 0 {
			slices.Reverse(names)
		}
	}
	for _, name := range names {
		t.contender = contenders[name]
		m, err := b.measure(ctx, t)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		b.keep(m)
	}
	return nil
}

// The settings of the part compare.
const (
	burst      = "burst"
	burstAlone = "burst, worker stopped"
)

// compare measures all contenders in turn.
func (b *bench) compare(ctx context.Context, round int) error {
	if b.options.Beside == "" {
		if err := b.rawBroker(ctx, round); err != nil {
			return err
		}
	}
	if err := b.take(ctx, b.trial(partCompare, "", round), stockOne, stockMany, oneHitMessage, ours); err != nil {
		return err
	}
	t := b.trial(partCompare, burst, round)
	t.burst = true
	if err := b.take(ctx, t, ours); err != nil {
		return err
	}
	t.setting, t.workers = burstAlone, 0
	return b.take(ctx, t, ours)
}

// latency offers shares of the rate that each contender, or the program beside this
// one, sustains.
func (b *bench) latency(ctx context.Context, round int) error {
	names := []string{stockMany, oneHitMessage, ours}
	if b.options.Beside != "" {
		names = []string{beside}
	}
	for _, name := range names {
		sustained, err := b.sustained(ctx, name)
		if err != nil {
			return err
		}
		for _, share := range []float64{25, 50, 75} {
			t := b.trial(partLatency, shareOf(share), round)
			t.rate = sustained * share / 100
			if err := b.take(ctx, t, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// stalls offers what must always pass without a stall, for longer, and records what runs
// when hits do stall.
func (b *bench) stalls(ctx context.Context, round int) error {
	name := ours
	if b.options.Beside != "" {
		name = beside
	}
	sustained, err := b.sustained(ctx, name)
	if err != nil {
		return err
	}
	for _, share := range []float64{50, 75} {
		t := b.trial(partStalls, shareOf(share), round)
		t.rate, t.traced, t.duration = sustained*share/100, true, 2*t.duration
		if err := b.take(ctx, t, name); err != nil {
			return err
		}
	}
	return nil
}

// shareOf is the setting of a share of the sustained rate, in percent.
func shareOf(percent float64) string { return fmt.Sprintf("%g %%", percent) }

// sustained returns the rate that a contender sustained in the part compare, or in a
// measurement for this purpose.
func (b *bench) sustained(ctx context.Context, contender string) (float64, error) {
	return b.sustains(ctx, b.trial(partCompare, "", 1), contender)
}

// sustains returns the rate of a closed loop, from earlier measurements or from one for this
// purpose.
func (b *bench) sustains(ctx context.Context, t trial, contender string) (float64, error) {
	for range 2 {
		found, ok := b.measurements.Of(report.Subject{Part: t.part, Contender: contender, Setting: t.setting}).Over(report.Measurement.Rate)
		if ok {
			return found.Median, nil
		}
		if err := b.take(ctx, t, contender); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("%s sustains nothing", contender)
}

// growth measures with a database for each number of stored clicks.
func (b *bench) growth(ctx context.Context, round int) error {
	for i, clicks := range b.options.growth {
		if b.grown[i] == nil {
			b.say("storing %d clicks", clicks)
			g, err := b.newGround(ctx, fmt.Sprintf("growth_%d", clicks))
			if err != nil {
				return err
			}
			b.grown[i] = g
			if err := g.grow(ctx, clicks); err != nil {
				return err
			}
		}
	}
	for i, clicks := range b.options.growth {
		t := b.trial(partGrowth, growthSetting(clicks), round)
		t.ground = b.grown[i]
		if err := b.take(ctx, t, ours); err != nil {
			return err
		}
	}
	return nil
}

func growthSetting(clicks int) string { return fmt.Sprintf("%d clicks stored", clicks) }

// The settings of the part clicks.
const (
	steady = "steady"
	most   = "as many as possible"
)

// clicks measures redirects beside a handler that does nothing else.
func (b *bench) clicks(ctx context.Context, round int) error {
	t := b.trial(partClicks, steady, round)
	t.kind, t.rate = onlyClicks, clickRate
	if err := b.take(ctx, t, bareHandler, ours); err != nil {
		return err
	}
	t.setting, t.rate = most, 0
	return b.take(ctx, t, ours)
}

// tenants measures the same load, by all doors and with what is refused, of one account and
// of many.
func (b *bench) tenants(ctx context.Context, round int) error {
	for i, accounts := range b.options.tenants {
		if b.crowds[i] == nil {
			b.say("making %d accounts", accounts)
			made, err := b.newCrowd(ctx, fmt.Sprintf("tenants_%d", accounts), accounts)
			if err != nil {
				return err
			}
			b.crowds[i] = made
		}
		t := b.trial(partTenants, tenantsSetting(accounts), round)
		t.kind, t.crowd, t.ground = crowded, b.crowds[i], b.crowds[i].ground
		if err := b.take(ctx, t, ours); err != nil {
			return err
		}
	}
	return nil
}

func tenantsSetting(accounts int) string { return fmt.Sprintf("accounts: %d", accounts) }

// mixture measures a load of mostly clicks.
func (b *bench) mixture(ctx context.Context, round int) error {
	t := b.trial(partMixture, "70 % clicks", round)
	t.kind = mixed
	return b.take(ctx, t, ours)
}
