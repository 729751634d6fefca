package main

import (
	"fmt"

	"integr8/cmd/bench/report"
)

// page describes the run for its reader.
func (b *bench) page() report.Page {
	sustain := fmt.Sprintf("A closed loop of %d connections that pauses while any hit that was accepted %s ago is not committed: "+
		"what goes in is what comes out, and the backlog cannot grow.", connections, backlogAge)
	open := "An open loop: requests leave at random moments of the offered mean rate, whatever became of earlier ones, and times " +
		"count from the moment a request was due."
	return report.Page{Facts: b.known, Targets: b.targets(), Measurements: b.measurements, Parts: []report.Part{
		{Name: partCompare, Title: "Sustained, side by side", Bases: []string{rawBroker, stockMany},
			Text: sustain + " The rate is the slower of both. The raw broker moves one message of 500 bytes a postback, confirmed in and " +
				"acknowledged out; its answer is the confirm, its commit the delivery. In a burst nothing holds the senders back: *accepted* is " +
				"what the doors take."},
		{Name: partLatency, Title: "Latency at shares of the sustained rate", Text: open},
		{Name: partStalls, Title: "Stalls", Text: open + fmt.Sprintf(" Hits stall while one that was sent %s ago is not committed. Shares are those of the time of all processors.", stallAge)},
		{Name: partDrain, Title: "Working off a backlog",
			Text: "Postbacks pile up while no worker runs; then one is started. The rate leaves out the first and the last twentieth."},
		{Name: partGrowth, Title: "Growth",
			Text: sustain + fmt.Sprintf(" Clicks lie in %d daily partitions; the postbacks name clicks of the last %d days at random.", days, clickDays)},
		{Name: partClicks, Title: "Clicks alone",
			Text: "*Steady*: " + open + " The bare handler is one of Go's that answers 302 and does nothing. *As many as possible*: " + sustain},
		{Name: partMixture, Title: "Mostly clicks", Text: sustain},
		{Name: partTenants, Title: "One account and many",
			Text: sustain + fmt.Sprintf(" Of %d requests %d are clicks, %d sales by postback, pixel and without a click, %d sales sent again, %d of a paused offer, and %d "+
				"sales whose click does not come. Accounts, and their %d offers and %d publishers, are drawn by Zipf's law with exponent %g.",
				crowdPeriod, crowdShares[aClick], crowdShares[aSale], crowdShares[aRepeat], crowdShares[aRefusal], crowdShares[anEarlySale],
				crowdOffers, crowdPublishers, crowdSkew)},
		{Name: partLaunch, Title: "One account that launches",
			Text: open + fmt.Sprintf(" The accounts of before, together at %g %% of what they sustain; besides one more account at %g %%: with the same mixture, and "+
				"with sales of a paused offer alone. The times are those of the others.", 100*othersShare, 100*loudShare)},
		{Name: partEdits, Title: "Edits",
			Text: open + fmt.Sprintf(" %d accounts with %d offers each, at half of what they sustain. An edit changes what an offer pays.", b.options.edited, crowdOffers)},
		{Name: partMemory, Title: "Memory under a full queue",
			Text: fmt.Sprintf("%d hits pile up while no worker runs; then one works them off, for %s, while as many come in as it sustains otherwise.",
				b.options.memoryHits, b.options.memoryTime)},
	}}
}

// targets are what is to be reached.
func (b *bench) targets() []report.Target {
	accepted := func(m report.Measurement) float64 { return m.Accepted }
	p99 := func(m report.Measurement) float64 { return m.Through.P99 }
	of := func(part, contender, setting string) report.Subject {
		return report.Subject{Part: part, Contender: contender, Setting: setting}
	}
	sustained, broker, memory := of(partCompare, ours, ""), of(partCompare, rawBroker, ""), of(partMemory, ours, "")
	return []report.Target{
		{Text: "sustained, × stock with 64 subscriptions", Want: 10, Figure: report.Measurement.Rate, Of: sustained, To: of(partCompare, stockMany, "")},
		{Text: "sustained, × raw broker", Want: 0.9, Figure: report.Measurement.Rate, Of: sustained, To: broker},
		{Text: "accepted in a burst, × raw broker", Want: 1.2, Figure: accepted, Of: of(partCompare, ours, burst), To: broker},
		{Text: "accepted in a burst with the worker stopped, × raw broker", Want: 1.2, Figure: accepted, Of: of(partCompare, ours, burstAlone), To: broker},
		{Text: "CPU a postback, × one hit a message", Want: 0.5, AtMost: true, Figure: report.Measurement.TotalCPU,
			Of: sustained, To: of(partCompare, oneHitMessage, "")},
		{Text: "request to committed, p99 at half the sustained rate", Want: 50, AtMost: true, Unit: " ms",
			Figure: func(m report.Measurement) float64 { return m.Through.P99 }, Of: of(partLatency, ours, "50 %")},
		{Text: "request to committed, p99 of each round at 75 %", Want: 100, AtMost: true, Each: true, Unit: " ms", Figure: p99, Of: of(partStalls, ours, shareOf(75))},
		{Text: "request to committed, longest of each round at 75 %", Want: 400, AtMost: true, Each: true, Unit: " ms",
			Figure: func(m report.Measurement) float64 { return m.Through.Max }, Of: of(partStalls, ours, shareOf(75))},
		{Text: "request to committed, p99 of each round at 50 %", Want: 35, AtMost: true, Each: true, Unit: " ms", Figure: p99, Of: of(partStalls, ours, shareOf(50))},
		{Text: "redirect p99, × bare handler", Want: 3, AtMost: true, Figure: func(m report.Measurement) float64 { return m.Answer.P99 },
			Of: of(partClicks, ours, steady), To: of(partClicks, bareHandler, steady)},
		{Text: "rate with the most clicks stored, × with the fewest", Want: 0.9, Figure: report.Measurement.Rate,
			Of: of(partGrowth, ours, growthSetting(b.options.growth[1])), To: of(partGrowth, ours, growthSetting(b.options.growth[0]))},
		{Text: "rate of many accounts, × of one", Want: 0.9, Figure: report.Measurement.Rate,
			Of: of(partTenants, ours, tenantsSetting(b.options.tenants[1])), To: of(partTenants, ours, tenantsSetting(b.options.tenants[0]))},
		{Text: "committed p99 of the others beside a launch, × calm", Want: 3, AtMost: true, Figure: func(m report.Measurement) float64 { return m.Through.P99 },
			Of: of(partLaunch, ours, launching), To: of(partLaunch, ours, calm)},
		{Text: "committed p99 of the others beside sales of a paused offer, × calm", Want: 3, AtMost: true,
			Figure: func(m report.Measurement) float64 { return m.Through.P99 }, Of: of(partLaunch, ours, refusedMany), To: of(partLaunch, ours, calm)},
		{Text: fmt.Sprintf("answer p99 beside %d edits a second, × at rest", editRate), Want: 1.1, AtMost: true,
			Figure: func(m report.Measurement) float64 { return m.Answer.P99 }, Of: of(partEdits, ours, editing), To: of(partEdits, ours, atRest)},
		{Text: "receiver's memory under a full queue", Want: 150, AtMost: true, Unit: " MB",
			Figure: func(m report.Measurement) float64 { return m.ReceiverMB }, Of: memory},
		{Text: "worker's memory under a full queue", Want: 150, AtMost: true, Unit: " MB",
			Figure: func(m report.Measurement) float64 { return m.WorkerMB }, Of: memory},
	}
}
