// Package report turns measurements into a page: tables of medians with their
// spread and of ratios, and plots.
//
// A figure stands for nothing but the machine it was taken on. So all is told
// as ratios too, and a ratio is taken within a round, where what it compares
// ran one right after the other, before the median over the rounds is.
package report

import (
	"cmp"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Groups of processes among which cost is divided.
const (
	Receiver = "receiver"
	Broker   = "broker"
	Worker   = "worker"
	Postgres = "Postgres"
	Load     = "load generator"
)

// groups in the order of the way of a hit.
var groups = []string{Receiver, Broker, Worker, Postgres, Load}

// Latency is a distribution of times, in milliseconds.
type Latency struct {
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Max     float64 `json:"max"`
	Samples int64   `json:"samples"`
}

// LatencyOf sums up a histogram of microseconds.
func LatencyOf(h *hdrhistogram.Histogram) Latency {
	ms := func(us int64) float64 { return float64(us) / 1000 }
	return Latency{P50: ms(h.ValueAtQuantile(50)), P99: ms(h.ValueAtQuantile(99)), Max: ms(h.Max()), Samples: h.TotalCount()}
}

// Measurement is one contender in one setting, measured once.
type Measurement struct {
	// Part names the question, Contender and Setting what was measured to
	// answer it.
	Part      string `json:"part"`
	Contender string `json:"contender"`
	Setting   string `json:"setting,omitempty"`
	Round     int    `json:"round"`
	// Seconds is how long was measured.
	Seconds float64 `json:"seconds"`
	// Offered is the rate of an open loop, a second; 0 of a closed one.
	Offered float64 `json:"offered,omitempty"`
	// Accepted and Committed are rates a second. One that was not measured is
	// absent from the report: it is 0.
	Accepted  float64 `json:"accepted"`
	Committed float64 `json:"committed"`
	// Answer is the time of an HTTP answer, Through that from the request
	// until what became of it could be read from the database.
	Answer  Latency `json:"answer"`
	Through Latency `json:"through"`
	// CPU is microseconds for each hit, PeakMB megabytes of the largest
	// process; both by group.
	CPU    map[string]float64 `json:"cpu"`
	PeakMB map[string]float64 `json:"peak_mb"`
	// WALBytes is what Postgres wrote ahead for each hit.
	WALBytes float64 `json:"wal_bytes,omitempty"`
	// HitsAMessage and HitsATransaction are how many hits shared an AMQP
	// message and a transaction on average.
	HitsAMessage     float64 `json:"hits_a_message,omitempty"`
	HitsATransaction float64 `json:"hits_a_transaction,omitempty"`
	// Backlog is how many hits were accepted but not committed at the end.
	Backlog int `json:"backlog"`
	// Foreign is the share of the machine's CPU time that processes which
	// take no part in the bench used meanwhile, from 0 to 1.
	Foreign float64 `json:"foreign"`
	// Note is a remark for the reader.
	Note string `json:"note,omitempty"`
}

// Rate is the figure of a measurement: the slower of the two where both were
// measured.
func (m Measurement) Rate() float64 {
	switch {
	case m.Committed == 0:
		return m.Accepted
	case m.Accepted == 0:
		return m.Committed
	default:
		return min(m.Accepted, m.Committed)
	}
}

// TotalCPU is microseconds for each hit over all groups.
func (m Measurement) TotalCPU() float64 {
	total := 0.0
	for _, group := range groups {
		total += m.CPU[group]
	}
	return total
}

// SystemCPU is TotalCPU without the load generator.
func (m Measurement) SystemCPU() float64 { return m.TotalCPU() - m.CPU[Load] }

// Spread is the median of several values and the least and largest of them.
type Spread struct{ Median, Least, Most float64 }

func spreadOf(values []float64) (Spread, bool) {
	if len(values) == 0 {
		return Spread{}, false
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		middle = (middle + sorted[len(sorted)/2-1]) / 2
	}
	return Spread{Median: middle, Least: sorted[0], Most: sorted[len(sorted)-1]}, true
}

// row is all rounds of one contender in one setting.
type row struct {
	contender, setting string
	rounds             []Measurement
}

// Measurements are those of a run, in the order in which they were taken.
type Measurements []Measurement

// rows gathers the measurements of a part, in the order of their first round.
func (all Measurements) rows(part string) []row {
	var rows []row
	for _, m := range all {
		if m.Part != part {
			continue
		}
		i := slices.IndexFunc(rows, func(r row) bool { return r.contender == m.Contender && r.setting == m.Setting })
		if i < 0 {
			i = len(rows)
			rows = append(rows, row{contender: m.Contender, setting: m.Setting})
		}
		rows[i].rounds = append(rows[i].rounds, m)
	}
	return rows
}

// Find returns the rounds of a contender in a setting of a part.
func (all Measurements) Find(part, contender, setting string) []Measurement {
	for _, r := range all.rows(part) {
		if r.contender == contender && r.setting == setting {
			return r.rounds
		}
	}
	return nil
}

// Over returns the median and spread of a figure of some rounds; false when
// there are none.
func Over(rounds []Measurement, figure func(Measurement) float64) (Spread, bool) {
	values := make([]float64, len(rounds))
	for i, m := range rounds {
		values[i] = figure(m)
	}
	return spreadOf(values)
}

// Ratio returns a figure of some rounds divided by one of others, round by
// round.
func Ratio(of, to []Measurement, figure, divisor func(Measurement) float64) (Spread, bool) {
	var values []float64
	for _, m := range of {
		i := slices.IndexFunc(to, func(other Measurement) bool { return other.Round == m.Round })
		if i >= 0 && divisor(to[i]) != 0 {
			values = append(values, figure(m)/divisor(to[i]))
		}
	}
	return spreadOf(values)
}

// busiest is the largest share of CPU time that others took.
func (all Measurements) busiest() float64 {
	if len(all) == 0 {
		return 0
	}
	return slices.MaxFunc(all, func(a, b Measurement) int { return cmp.Compare(a.Foreign, b.Foreign) }).Foreign
}
