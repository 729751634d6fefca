package main

import (
	"fmt"

	"integr8/cmd/bench/report"
)

// parts are how the parts are told.
func (b *bench) parts() []report.Part {
	o := b.options
	sustain := fmt.Sprintf("A closed loop of %d connections that pauses while any hit that was accepted %s ago is not committed: "+
		"what goes in is what comes out, and the backlog cannot grow.", o.Connections, o.Delay)
	open := "An open loop: requests leave at random moments of the offered mean rate, whatever became of earlier ones, and times " +
		"count from the moment a request was due."
	one := []report.Base{{Contender: ours, Setting: workerSetting(1)}}
	grown := []report.Base{{Contender: ours, Setting: growthSetting(o.Growth[0])}}
	return []report.Part{
		{Name: partCompare, Title: "Sustained, side by side", Bases: []report.Base{{Contender: rawBroker}, {Contender: stockMany}},
			Text: sustain + " The raw broker moves one message of 500 bytes a postback, confirmed in and acknowledged out; its answer is the " +
				"confirm, its commit the delivery. In a burst nothing holds the senders back: *accepted* is what the doors take."},
		{Name: partLatency, Title: "Latency at shares of the sustained rate", Text: open},
		{Name: partDrain, Title: "Working off a backlog", Bases: []report.Base{{Contender: oneHitMessage, Setting: fmt.Sprintf("%d hits", o.Backlog)}},
			Text: "Postbacks pile up while no worker runs; then one is started. The rate leaves out the first and the last twentieth."},
		{Name: partWorkers, Title: "More workers", Bases: one, Text: sustain + " All processes share the machine, so that workers gain only what others leave."},
		{Name: partGrowth, Title: "Growth", Bases: grown,
			Text: sustain + fmt.Sprintf(" Clicks lie in %d daily partitions; the postbacks name clicks of the last %d days at random.", days, clickDays)},
		{Name: partClicks, Title: "Clicks alone", Bases: []report.Base{{Contender: bareHandler, Setting: steady}},
			Text: "*Steady*: " + open + " The bare handler is one of Go's that answers 302 and does nothing. *As many as possible*: " + sustain},
		{Name: partMixture, Title: "Mostly clicks", Text: sustain},
		{Name: partMemory, Title: "Memory under a full queue",
			Text: "Hits pile up while no worker runs; then one works them off while senders fire just as many again."},
	}
}

// targets are what is to be reached.
func targets() []report.Target {
	type all = report.Measurements
	rate := report.Measurement.Rate
	accepted := func(m report.Measurement) float64 { return m.Accepted }
	beside := func(setting string, figure func(report.Measurement) float64, other string, divisor func(report.Measurement) float64) func(all) (report.Spread, bool) {
		return func(ms all) (report.Spread, bool) {
			return report.Ratio(ms.Find(partCompare, ours, setting), ms.Find(partCompare, other, ""), figure, divisor)
		}
	}
	peak := func(group string) func(all) (report.Spread, bool) {
		return func(ms all) (report.Spread, bool) {
			var rounds []report.Measurement
			for _, m := range ms {
				if m.Part == partMemory {
					rounds = append(rounds, m)
				}
			}
			return report.Over(rounds, func(m report.Measurement) float64 { return m.PeakMB[group] })
		}
	}
	return []report.Target{
		{Text: "sustained, × stock with 64 subscriptions", Want: 10, Value: beside("", rate, stockMany, rate)},
		{Text: "sustained, × raw broker", Want: 0.9, Value: beside("", rate, rawBroker, rate)},
		{Text: "accepted in a burst, × raw broker", Want: 1.2, Value: beside(burst, accepted, rawBroker, rate)},
		{Text: "accepted in a burst with the worker stopped, × raw broker", Want: 1.2, Value: beside(burstAlone, accepted, rawBroker, rate)},
		{Text: "CPU a postback, × one hit a message", Want: 0.5, AtMost: true,
			Value: beside("", report.Measurement.TotalCPU, oneHitMessage, report.Measurement.TotalCPU)},
		{Text: "request to committed, p99 at half the sustained rate", Want: 50, AtMost: true, Unit: " ms",
			Value: func(ms all) (report.Spread, bool) {
				return report.Over(ms.Find(partLatency, ours, "50 %"), func(m report.Measurement) float64 { return m.Through.P99 })
			}},
		{Text: "redirect p99, × bare handler", Want: 3, AtMost: true, Value: func(ms all) (report.Spread, bool) {
			p99 := func(m report.Measurement) float64 { return m.Answer.P99 }
			return report.Ratio(ms.Find(partClicks, ours, steady), ms.Find(partClicks, bareHandler, steady), p99, p99)
		}},
		{Text: "rate with the most clicks stored, × with the fewest", Want: 0.9, Value: grownRatio},
		{Text: "receiver's memory under a full queue", Want: 150, AtMost: true, Unit: " MB", Value: peak(report.Receiver)},
		{Text: "worker's memory under a full queue", Want: 150, AtMost: true, Unit: " MB", Value: peak(report.Worker)},
	}
}

// grownRatio compares the last setting of the part growth with the first.
func grownRatio(all report.Measurements) (report.Spread, bool) {
	var settings []string
	for _, m := range all {
		if m.Part == partGrowth && (len(settings) == 0 || m.Round == 1 && settings[len(settings)-1] != m.Setting) {
			settings = append(settings, m.Setting)
		}
	}
	if len(settings) < 2 {
		return report.Spread{}, false
	}
	return report.Ratio(all.Find(partGrowth, ours, settings[len(settings)-1]), all.Find(partGrowth, ours, settings[0]),
		report.Measurement.Rate, report.Measurement.Rate)
}
