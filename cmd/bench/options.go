package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The parts of a run, each of which can be asked for alone.
const (
	partCompare = "compare"
	partLatency = "latency"
	partDrain   = "drain"
	partWorkers = "workers"
	partGrowth  = "growth"
	partClicks  = "clicks"
	partMixture = "mixture"
	partMemory  = "memory"
)

var allParts = []string{partCompare, partLatency, partDrain, partWorkers, partGrowth, partClicks, partMixture, partMemory}

// pairedParts can measure another program beside this one.
var pairedParts = []string{partCompare, partLatency, partClicks}

// options are the flags of a run. A zero number stands for the default of the
// quick or the full run.
type options struct {
	Quick bool     `help:"Small and short, about three minutes: shows that everything works, proves nothing."`
	Part  []string `help:"What to measure: compare, latency, drain, workers, growth, clicks, mixture, memory. Default: all, in the quick run all but memory."`
	Out   string   `help:"Directory for the page, its plots and the raw figures." type:"path" default:"bin/bench"`

	Rounds      int           `help:"How often everything is measured in turn. Default 5, quick 1; the costly parts take fewer."`
	Warmup      time.Duration `help:"How long each measurement runs before it counts. Default 3s, quick 500ms."`
	Duration    time.Duration `help:"How long each measurement counts. Default 10s, quick 2s."`
	Most        float64       `help:"Postbacks a second that are prepared for; more could not be measured." default:"65000"`
	Connections int           `help:"Connections of the load generator." default:"256"`
	Delay       time.Duration `help:"What counts as no backlog: sending pauses while a hit that was accepted this long ago is not committed." default:"200ms"`
	Backlog     int           `help:"Hits that wait when the part drain begins. Default 500000, quick 20000."`
	Growth      []int         `help:"Clicks stored in the part growth. Default 1000000,20000000, quick 100000,500000."`
	ClickRate   float64       `help:"Clicks a second at which redirects are timed." default:"5000"`
	MemoryHits  int           `help:"Hits that wait throughout the part memory. Default 1000000, quick 20000."`
	MemoryTime  time.Duration `help:"How long the part memory lasts. Default 5m, quick 5s."`

	Beside   string   `help:"Another integr8 program, measured in turn with this one in the parts compare, latency and clicks, and no other contender: what a change does." type:"existingfile"`
	Stack    string   `help:"Directory for the servers of the bench; what is there of an earlier run is deleted." type:"path" default:".stack-bench"`
	Keep     bool     `help:"Leave the servers and their data when the run has ended."`
	Postgres []string `help:"Settings of Postgres beside its defaults, as name=value. They hold for all that is compared." placeholder:"NAME=VALUE"`
	Profile  bool     `help:"Write CPU profiles of receivers and workers and the cost of each statement, taken while they are measured, into the directory of the page. Costs a little itself."`
}

// settle fills in the defaults and refuses what makes no sense.
func (o *options) settle() error {
	if o.Quick {
		o.scale(1, 500*time.Millisecond, 2*time.Second, 20_000, []int{100_000, 500_000}, 20_000, 5*time.Second)
	} else {
		o.scale(5, 3*time.Second, 10*time.Second, 500_000, []int{1_000_000, 20_000_000}, 1_000_000, 5*time.Minute)
	}
	if len(o.Part) == 0 {
		o.Part = slices.Clone(allParts)
		if o.Quick {
			o.Part = slices.DeleteFunc(o.Part, func(part string) bool { return part == partMemory })
		}
	}
	if o.Beside != "" {
		o.Part = slices.DeleteFunc(o.Part, func(part string) bool { return !slices.Contains(pairedParts, part) })
		if len(o.Part) == 0 {
			return fmt.Errorf("two programs are compared in the parts %s only", strings.Join(pairedParts, ", "))
		}
	}
	for _, part := range o.Part {
		if !slices.Contains(allParts, part) {
			return fmt.Errorf("there is no part %q: there are %s", part, strings.Join(allParts, ", "))
		}
	}
	for _, setting := range o.Postgres {
		if name, _, ok := strings.Cut(setting, "="); !ok || name == "" {
			return fmt.Errorf("%q is not of the form name=value", setting)
		}
	}
	if o.Rounds < 1 || o.Duration <= 0 || o.Warmup < 0 || o.Connections < 1 || o.Delay <= 0 || o.ClickRate <= 0 || o.Most <= 0 {
		return errors.New("rounds, times, rates and connections must be positive")
	}
	return nil
}

func (o *options) scale(rounds int, warmup, duration time.Duration, backlog int, growth []int, memoryHits int, memoryTime time.Duration) {
	setDefault(&o.Rounds, rounds)
	setDefault(&o.Warmup, warmup)
	setDefault(&o.Duration, duration)
	setDefault(&o.Backlog, backlog)
	setDefault(&o.MemoryHits, memoryHits)
	setDefault(&o.MemoryTime, memoryTime)
	if len(o.Growth) == 0 {
		o.Growth = growth
	}
}

func setDefault[T int | time.Duration](value *T, standard T) {
	if *value == 0 {
		*value = standard
	}
}

// asked reports whether a part is to be measured.
func (o *options) asked(part string) bool { return slices.Contains(o.Part, part) }

// some is how many rounds a part gets that costs more than others.
func (o *options) some(most int) int { return min(o.Rounds, most) }
