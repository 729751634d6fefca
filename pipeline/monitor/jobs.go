package monitor

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// JobCount is the number of jobs in a state.
type JobCount struct {
	State string
	Jobs  int64
}

// AddJobs exports how many jobs have not ended, by state, as counts returns it at each
// scrape, and how many this process has brought to an end. While counts returns an error,
// its series are missing.
func (m *Metrics) AddJobs(ends []string, counts func(context.Context) ([]JobCount, error)) {
	m.jobsEnded = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "integr8_jobs_ended_total",
		Help: "Jobs that this process brought to an end, by state: cancelled, done, failed.",
	}, []string{"state"})
	for _, state := range ends {
		m.jobsEnded.WithLabelValues(state)
	}
	m.Register(m.jobsEnded, &jobs{counts: counts, unended: prometheus.NewDesc("integr8_jobs",
		"Jobs that have not ended, by state: waiting, running, cancelling. Every process with the API exports the same: aggregate with max by (state), not sum.",
		[]string{"state"}, nil)})
}

// JobEnded counts a job that this process brought to an end in a state.
func (m *Metrics) JobEnded(state string) { m.jobsEnded.WithLabelValues(state).Inc() }

type jobs struct {
	counts  func(context.Context) ([]JobCount, error)
	unended *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (j *jobs) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- j.unended }

// Collect implements prometheus.Collector.
func (j *jobs) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), depthTimeout)
	defer cancel()
	counts, err := j.counts(ctx)
	if err != nil {
		return
	}
	for _, count := range counts {
		metrics <- prometheus.MustNewConstMetric(j.unended, prometheus.GaugeValue, float64(count.Jobs), count.State)
	}
}
