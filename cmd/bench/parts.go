package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"integr8/cmd/bench/report"
)

// measureParts measures what was asked for, in order.
func (b *bench) measureParts(ctx context.Context) error {
	for _, part := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{partCompare, b.compare}, {partLatency, b.latency}, {partDrain, b.drain}, {partWorkers, b.workers},
		{partGrowth, b.growth}, {partClicks, b.clicks}, {partMixture, b.mixture}, {partMemory, b.memory},
	} {
		if !b.options.asked(part.name) {
			continue
		}
		if err := part.measure(ctx); err != nil {
			return fmt.Errorf("measure %s: %w", part.name, err)
		}
	}
	return nil
}

// trial fills in what most trials have in common.
func (b *bench) trial(part, contender, setting string, round int) trial {
	return trial{
		part: part, setting: setting, round: round, contender: contenders[contender], ground: b.ground,
		workers: 1, warmup: b.options.Warmup, duration: b.options.Duration,
	}
}

// take measures a trial and keeps the outcome.
func (b *bench) take(ctx context.Context, t trial) error {
	m, err := b.measure(ctx, t)
	if err != nil {
		return fmt.Errorf("%s: %w", t.contender.name, err)
	}
	b.keep(m)
	return nil
}

// The settings of the part compare.
const (
	burst      = "burst"
	burstAlone = "burst, worker stopped"
)

// compare has all contenders in turn, round by round.
func (b *bench) compare(ctx context.Context) error {
	for round := 1; round <= b.options.Rounds; round++ {
		if b.options.Beside != "" {
			if err := b.pair(ctx, partCompare, round, func(*trial) {}); err != nil {
				return err
			}
			if err := b.pair(ctx, partCompare, round, func(t *trial) { t.setting, t.burst = burst, true }); err != nil {
				return err
			}
			continue
		}
		if err := b.rawBroker(ctx, round); err != nil {
			return err
		}
		for _, contender := range []string{stockOne, stockMany, oneHitMessage, ours} {
			if err := b.take(ctx, b.trial(partCompare, contender, "", round)); err != nil {
				return err
			}
		}
		for _, setting := range []string{burst, burstAlone} {
			t := b.trial(partCompare, ours, setting, round)
			t.burst = true
			if setting == burstAlone {
				t.workers = 0
			}
			if err := b.take(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

// pair takes a trial of this program and one of the program beside it. Which
// is first changes from round to round.
func (b *bench) pair(ctx context.Context, part string, round int, adapt func(*trial)) error {
	both := []string{ours, beside}
	if round%2 == 0 {
		slices.Reverse(both)
	}
	for _, contender := range both {
		t := b.trial(part, contender, "", round)
		adapt(&t)
		if err := b.take(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// loads are the shares of the sustained rate at which latency is measured.
var loads = []int{25, 50, 75}

// latency offers shares of what each contender sustains.
func (b *bench) latency(ctx context.Context) error {
	for round := 1; round <= b.options.some(3); round++ {
		if b.options.Beside != "" {
			sustained, err := b.sustained(ctx, beside)
			if err != nil {
				return err
			}
			for _, share := range loads {
				if err := b.pair(ctx, partLatency, round, func(t *trial) {
					t.setting, t.rate = fmt.Sprintf("%d %%", share), sustained*float64(share)/100
				}); err != nil {
					return err
				}
			}
			continue
		}
		for _, contender := range []string{stockMany, oneHitMessage, ours} {
			sustained, err := b.sustained(ctx, contender)
			if err != nil {
				return err
			}
			for _, share := range loads {
				t := b.trial(partLatency, contender, fmt.Sprintf("%d %%", share), round)
				t.rate = sustained * float64(share) / 100
				if err := b.take(ctx, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// sustained is what a contender sustained in the part compare, or in a
// measurement for this purpose.
func (b *bench) sustained(ctx context.Context, contender string) (float64, error) {
	for range 2 {
		if found, ok := report.Over(b.run.Measurements.Find(partCompare, contender, ""), report.Measurement.Rate); ok {
			return found.Median, nil
		}
		if err := b.take(ctx, b.trial(partCompare, contender, "", 1)); err != nil {
			return 0, err
		}
	}
	return 0, fmt.Errorf("%s sustains nothing", contender)
}

// workers scales out.
func (b *bench) workers(ctx context.Context) error {
	for round := 1; round <= b.options.some(3); round++ {
		for _, n := range []int{1, 2, 4} {
			t := b.trial(partWorkers, ours, workerSetting(n), round)
			t.workers = n
			if err := b.take(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func workerSetting(n int) string {
	if n == 1 {
		return "1 worker"
	}
	return fmt.Sprintf("%d workers", n)
}

// growth has a database for each number of stored clicks, in turn.
func (b *bench) growth(ctx context.Context) (err error) {
	var grounds []*ground
	defer func() {
		for _, g := range grounds {
			_ = g.close() // all has been measured; the servers go next
		}
	}()
	for _, clicks := range b.options.Growth {
		b.say("storing %d clicks", clicks)
		g, err := b.newGround(ctx, fmt.Sprintf("growth_%d", clicks))
		if err != nil {
			return err
		}
		grounds = append(grounds, g)
		if err := g.grow(ctx, clicks); err != nil {
			return err
		}
	}
	for round := 1; round <= b.options.some(3); round++ {
		for i, g := range grounds {
			t := b.trial(partGrowth, ours, growthSetting(b.options.Growth[i]), round)
			t.ground = g
			if err := b.take(ctx, t); err != nil {
				return err
			}
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

// clicks times redirects beside a handler that does nothing else.
func (b *bench) clicks(ctx context.Context) error {
	for round := 1; round <= b.options.some(3); round++ {
		if b.options.Beside != "" {
			if err := b.pair(ctx, partClicks, round, func(t *trial) {
				t.setting, t.kind, t.rate = steady, onlyClicks, b.options.ClickRate
			}); err != nil {
				return err
			}
			continue
		}
		for _, contender := range []string{bareHandler, ours} {
			t := b.trial(partClicks, contender, steady, round)
			t.kind, t.rate = onlyClicks, b.options.ClickRate
			if contender == bareHandler {
				t.workers = 0
			}
			if err := b.take(ctx, t); err != nil {
				return err
			}
		}
		t := b.trial(partClicks, ours, most, round)
		t.kind = onlyClicks
		if err := b.take(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// mixture sends mostly clicks.
func (b *bench) mixture(ctx context.Context) error {
	for round := 1; round <= b.options.some(3); round++ {
		t := b.trial(partMixture, ours, "70 % clicks", round)
		t.kind = mixed
		if err := b.take(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// longest is more time than a number of requests will take.
const longest = time.Hour
