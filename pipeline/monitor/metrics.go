// Package monitor tells what the pipeline is doing: metrics, health and
// readiness, on an address of its own.
//
// It watches and changes nothing. Label values come from closed lists, so
// that no request can make the number of series grow.
package monitor

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the counters of one process. Their methods are safe for
// concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	leaks          prometheus.Counter
	junk           *prometheus.CounterVec
	forgotten      *prometheus.CounterVec
	attempts       *prometheus.CounterVec
	attemptSeconds *prometheus.HistogramVec
	outcomes       *prometheus.CounterVec
	batchHits      *prometheus.HistogramVec
	droppedDays    *prometheus.CounterVec
}

// seconds are the histogram's bounds: from what a healthy broker answers in
// to the longest that anything here may take.
var seconds = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}

// NewMetrics makes and registers the metrics, with those of the Go runtime
// and the process beside them.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_requests_total",
			Help: "Requests at the doors, by kind, what came of them, why they were refused, and HTTP status.",
		}, []string{"kind", "result", "refusal", "status"}),
		requestSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_request_seconds",
			Help:    "Time from the first look at a request to its answer, the broker's confirm included.",
			Buckets: seconds,
		}, []string{"kind"}),
		leaks: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "integr8_token_leaks_total",
			Help: "Tracking links that carried a secure token that exists.",
		}),
		junk: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_junk_total",
			Help: "Hits that were not recorded as others are, by why, and why their request was refused: refusals over_quota and not_taken by the broker were dropped, surplus hits with an unknown token are kept for a day.",
		}, []string{"why", "refusal"}),
		forgotten: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_dead_letters_deleted_total",
			Help: "Dead letters deleted at the end of their retention: closed, unknown_token, surplus.",
		}, []string{"what"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_attempts_total",
			Help: "Attempts to handle a hit, by queue and by what their end means: none, outage, transient, permanent, shutdown.",
		}, []string{"queue", "class"}),
		attemptSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_attempt_seconds",
			Help:    "Time of one attempt to handle a hit, the commit included.",
			Buckets: seconds,
		}, []string{"queue"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_outcomes_total",
			Help: "Decisions committed, by kind of hit, outcome and reason.",
		}, []string{"kind", "outcome", "reason"}),
		batchHits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_batch_hits",
			Help:    "Hits that left together in one AMQP message.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128},
		}, []string{"topic"}),
		droppedDays: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_dropped_days_total",
			Help: "Days of clicks and of hits that this process dropped by retention.",
		}, []string{"table"}),
	}
	m.registry.MustRegister(m.requests, m.requestSeconds, m.leaks, m.junk, m.forgotten, m.attempts, m.attemptSeconds, m.outcomes, m.batchHits, m.droppedDays,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Request counts one answered request.
func (m *Metrics) Request(kind, result, refusal string, status int, took time.Duration) {
	m.requests.WithLabelValues(kind, result, refusal, strconv.Itoa(status)).Inc()
	m.requestSeconds.WithLabelValues(kind).Observe(took.Seconds())
}

// TokenLeak counts a tracking link that carried a secure token.
func (m *Metrics) TokenLeak() { m.leaks.Inc() }

// Junk counts a hit that was not recorded as others are.
func (m *Metrics) Junk(why, refusal string) { m.junk.WithLabelValues(why, refusal).Inc() }

// DeadLettersDeleted counts dead letters whose retention is over.
func (m *Metrics) DeadLettersDeleted(what string, n int64) {
	m.forgotten.WithLabelValues(what).Add(float64(n))
}

// Attempt counts one attempt to handle a hit.
func (m *Metrics) Attempt(queue, class string, took time.Duration) {
	m.attempts.WithLabelValues(queue, class).Inc()
	m.attemptSeconds.WithLabelValues(queue).Observe(took.Seconds())
}

// Outcome counts one committed decision.
func (m *Metrics) Outcome(kind, outcome, reason string) {
	m.outcomes.WithLabelValues(kind, outcome, reason).Inc()
}

// Batch tells how many hits left together.
func (m *Metrics) Batch(topic string, hits int) {
	m.batchHits.WithLabelValues(topic).Observe(float64(hits))
}

// DroppedDay counts a day of a table that retention has dropped.
func (m *Metrics) DroppedDay(table string) { m.droppedDays.WithLabelValues(table).Inc() }
