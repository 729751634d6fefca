package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// options are the flags of a run.
type options struct {
	Quick    bool          `help:"Small and short, about three minutes: shows that everything works, proves nothing."`
	Part     []string      `help:"What to measure: compare, latency, stalls, drain, growth, clicks, mixture, tenants, launch, edits, memory. Default: all." placeholder:"PART"`
	Rounds   int           `help:"How often everything is measured in turn. Default 5, quick 1; the costly parts take fewer."`
	Duration time.Duration `help:"How long each measurement counts. Default 10s, quick 2s."`
	Most     float64       `help:"Postbacks a second that are prepared for; more could not be measured." default:"65000"`
	Beside   string        `help:"Another integr8 program, measured in turn with this one in the parts compare, latency, stalls and clicks, and no other contender: what a change does." type:"existingfile"`
	Profile  bool          `help:"Write CPU profiles of receivers and workers and the cost of each statement, taken while they are measured, into the directory of the page. Costs a little itself."`
	Out      string        `help:"Directory for the page and its plots." type:"path" default:"bin/bench"`
	Stack    string        `help:"Directory for the servers of the bench; what is there of an earlier run is deleted." type:"path" default:".stack-bench"`

	size `kong:"-"`
}

// size is the extent of the measurements.
type size struct {
	// warmup is how long each measurement runs before it counts.
	warmup time.Duration
	// backlog is how many hits wait when the part drain begins.
	backlog int
	// growth is how many clicks are stored in the part growth, in turn.
	growth [2]int
	// tenants are how many accounts share the load of the part tenants, in turn.
	tenants [2]int
	// edited is how many accounts there are in the part edits.
	edited int
	// memoryHits wait throughout the part memory, which lasts for memoryTime.
	memoryHits int
	memoryTime time.Duration
}

const (
	// connections is the number of connections of the load generator.
	connections = 256
	// backlogAge is the age up to which uncommitted hits are no backlog: sending pauses
	// while an accepted hit of this age is not committed.
	backlogAge = 200 * time.Millisecond
	// clickRate is the rate of clicks, a second, at which redirects are timed.
	clickRate = 5000
)

// settle fills in the defaults and refuses values without a meaning.
func (o *options) settle() error {
	rounds, duration := 5, 10*time.Second
	o.size = size{3 * time.Second, 500_000, [2]int{1_000_000, 20_000_000}, [2]int{1, 1000}, 10_000, 1_000_000, 5 * time.Minute}
	if o.Quick {
		rounds, duration = 1, 2*time.Second
		o.size = size{500 * time.Millisecond, 20_000, [2]int{100_000, 500_000}, [2]int{1, 50}, 200, 20_000, 5 * time.Second}
	}
	if o.Rounds == 0 {
		o.Rounds = rounds
	}
	if o.Duration == 0 {
		o.Duration = duration
	}
	if o.Rounds < 0 || o.Duration < 0 || o.Most <= 0 {
		return errors.New("rounds, times and rates must be positive")
	}
	known, paired := partNames(func(part) bool { return true }), partNames(func(p part) bool { return p.paired })
	for _, name := range o.Part {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no part %q: there are %s", name, strings.Join(known, ", "))
		}
	}
	if len(o.Part) == 0 {
		o.Part = known
	}
	if o.Beside != "" {
		o.Part = slices.DeleteFunc(o.Part, func(name string) bool { return !slices.Contains(paired, name) })
		if len(o.Part) == 0 {
			return fmt.Errorf("two programs are compared in the parts %s only", strings.Join(paired, ", "))
		}
	}
	return nil
}
