package monitor

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// System are the figures of the whole system that are in the database. A process reads
// them now and then, because they cost more than a scrape may: their series exist once
// they were read, and keep the last value when a reading fails.
type System struct {
	deadLetters          *prometheus.GaugeVec
	waiting, unaccounted *prometheus.GaugeVec // without labels, so that there is no series before the first value
	daysAhead            *prometheus.GaugeVec
	read                 *prometheus.GaugeVec
}

// DeadLetterLabels are the labels of dead letters.
type DeadLetterLabels struct{ Status, Reason string }

// AddSystem exports the figures of the whole system. names are those that Read is called
// with.
func (m *Metrics) AddSystem(names ...string) *System {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(vec)
		return vec
	}
	system := &System{
		deadLetters: gauge("integr8_dead_letters", "Dead letters by status and reason. "+sameForAPI, "status", "reason"),
		waiting:     gauge("integr8_waiting_postbacks", "Postbacks that wait for their click. "+sameForAPI),
		unaccounted: gauge("integr8_unaccounted_hits",
			"Hits that receivers promised and that are neither settled nor on their way, as integr8 audit says. "+sameForAPI),
		daysAhead: gauge("integr8_partitions_ahead",
			"Daily partitions of a table after today, without a gap; -1 when today has none. "+sameForAPI, "table"),
		read: gauge("integr8_figures_timestamp_seconds",
			"When this process last read figures of the whole system: dead_letters, waiting, unaccounted, partitions; 0 when it has not.", "figures"),
	}
	for _, name := range names {
		system.read.WithLabelValues(name)
	}
	return system
}

// sameForAPI is added to the help of the figures of the whole system.
const sameForAPI = "Read each minute, or less often when that takes long. Every API exports the same: aggregate with max, not sum."

// DeadLetters sets how many dead letters there are. Labels that counts lacks keep their
// value, so it must have all.
func (s *System) DeadLetters(counts map[DeadLetterLabels]int64) {
	for labels, letters := range counts {
		s.deadLetters.WithLabelValues(labels.Status, labels.Reason).Set(float64(letters))
	}
}

// Waiting sets how many postbacks wait for their click.
func (s *System) Waiting(postbacks int64) { s.waiting.WithLabelValues().Set(float64(postbacks)) }

// Unaccounted sets how many promised hits are missing.
func (s *System) Unaccounted(hits int64) { s.unaccounted.WithLabelValues().Set(float64(hits)) }

// DaysAhead sets for how many days after today a table has partitions.
func (s *System) DaysAhead(table string, days int) {
	s.daysAhead.WithLabelValues(table).Set(float64(days))
}

// Read notes that figures were read at a time.
func (s *System) Read(figures string, at time.Time) {
	s.read.WithLabelValues(figures).Set(float64(at.UnixMilli()) / 1000)
}
