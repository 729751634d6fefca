// Package report turns measurements into a page: tables of medians with their spread
// and of ratios, and plots.
//
// A figure is valid only for its machine. So the page has ratios too. A ratio is
// computed within a round, in which both subjects ran one right after the other, and
// then the median over the rounds.
package report

import (
	"fmt"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The groups of processes for which cost is measured.
const (
	Receiver = "receiver"
	Broker   = "broker"
	Worker   = "worker"
	Postgres = "Postgres"
	Load     = "load generator"
)

// groups are in the order in which a hit passes them.
var groups = []string{Receiver, Broker, Worker, Postgres, Load}

// Latency is a distribution of times, in milliseconds.
type Latency struct{ P50, P99, Max float64 }

// LatencyOf summarizes a histogram of microseconds.
func LatencyOf(h *hdrhistogram.Histogram) Latency {
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return Latency{P50: ms(h.ValueAtQuantile(50)), P99: ms(h.ValueAtQuantile(99)), Max: ms(h.Max())}
}

// Subject is what is measured in all rounds: a contender in a setting, for a part.
type Subject struct{ Part, Contender, Setting string }

// Name returns its name within its part.
func (s Subject) Name() string {
	if s.Setting == "" {
		return s.Contender
	}
	return s.Contender + ", " + s.Setting
}

// Measurement is one measurement of a subject. A figure that was not measured is 0.
type Measurement struct {
	Subject
	Round int
	// Seconds is the measured time.
	Seconds float64
	// Offered is the rate of an open loop, a second. Accepted and Committed are the
	// resulting rates, also of a closed loop.
	Offered, Accepted, Committed float64
	// Answer is the time until the HTTP answer. Through is the time from the request
	// until its outcome can be read from the database.
	Answer, Through Latency
	// CPU is microseconds for each hit, by group.
	CPU map[string]float64
	// ReceiverMB and WorkerMB are megabytes of the largest process of either.
	ReceiverMB, WorkerMB float64
	// WALBytes is how many bytes of write-ahead log Postgres wrote for each hit.
	WALBytes float64
	// Foreign is the share of the machine's CPU time that was used by processes outside
	// the bench, from 0 to 1.
	Foreign float64
	// Note is a remark for the reader.
	Note string
}

// Rate returns the rate of a measurement: the slower of the two when both were
// measured.
func (m Measurement) Rate() float64 {
	if m.Accepted == 0 || m.Committed == 0 {
		return max(m.Accepted, m.Committed)
	}
	return min(m.Accepted, m.Committed)
}

// TotalCPU returns microseconds for each hit over all groups.
func (m Measurement) TotalCPU() float64 {
	total := 0.0
	for _, spent := range m.CPU {
		total += spent
	}
	return total
}

// Measurements are the measurements of a run, in their order.
type Measurements []Measurement

// Of returns the rounds of a subject.
func (all Measurements) Of(subject Subject) Measurements {
	var rounds Measurements
	for _, m := range all {
		if m.Subject == subject {
			rounds = append(rounds, m)
		}
	}
	return rounds
}

// subjects returns the subjects of a part, in the order of their first round.
func (all Measurements) subjects(part string) []Subject {
	var found []Subject
	for _, m := range all {
		if m.Part == part && !slices.Contains(found, m.Subject) {
			found = append(found, m.Subject)
		}
	}
	return found
}

// Figure takes a number from a measurement.
type Figure func(Measurement) float64

// Spread is the median of several values and the least and largest of them.
type Spread struct{ Median, Least, Most float64 }

// Over returns the spread of a figure over some rounds; false when there are none.
func (all Measurements) Over(figure Figure) (Spread, bool) {
	var values []float64
	for _, m := range all {
		values = append(values, figure(m))
	}
	return spreadOf(values)
}

// Ratio returns the spread of a figure of some rounds divided by that of others, round
// by round.
func (all Measurements) Ratio(to Measurements, figure Figure) (Spread, bool) {
	var values []float64
	for _, m := range all {
		i := slices.IndexFunc(to, func(other Measurement) bool { return other.Round == m.Round })
		if i >= 0 && figure(to[i]) != 0 {
			values = append(values, figure(m)/figure(to[i]))
		}
	}
	return spreadOf(values)
}

func spreadOf(values []float64) (Spread, bool) {
	if len(values) == 0 {
		return Spread{}, false
	}
	slices.Sort(values)
	last := len(values) - 1
	return Spread{Median: (values[last/2] + values[(last+1)/2]) / 2, Least: values[0], Most: values[last]}, true
}

// text writes the median and, when the values differ, the least and the most.
func (s Spread) text(format string) string {
	median, least, most := fmt.Sprintf(format, s.Median), fmt.Sprintf(format, s.Least), fmt.Sprintf(format, s.Most)
	if least == most {
		return median
	}
	return fmt.Sprintf("%s [%s–%s]", median, least, most)
}
