package monitor

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RequestLabels are the labels of a request at the doors. Kind is empty when no
// door matched, Refusal when the request was not refused for its content.
type RequestLabels struct {
	Kind, Result, Refusal string
	Status                int // of HTTP
}

// JunkLabels are the labels of a hit that was dropped, or is kept only for a day.
type JunkLabels struct{ Why, Refusal string }

// doors are the metrics of a process with doors.
type doors struct {
	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	leaks          prometheus.Counter
	junk           *prometheus.CounterVec
}

func newDoors() doors {
	return doors{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "integr8_requests_total",
			Help: "Requests at the doors, by kind of hit, result, reason of a refusal, and HTTP status.",
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
			Help: "Hits that were not recorded as others are, by why and the reason of their refusal: refusals over_quota, or not_taken by the broker, were dropped; surplus hits with an unknown token are kept for a day.",
		}, []string{"why", "refusal"}),
	}
}

// AddDoors exports the metrics of doors. The series with these labels start at 0.
func (m *Metrics) AddDoors(requests []RequestLabels, junk []JunkLabels) {
	for _, labels := range requests {
		m.requests.WithLabelValues(labels.values()...)
		m.requestSeconds.WithLabelValues(labels.Kind)
	}
	for _, labels := range junk {
		m.junk.WithLabelValues(labels.Why, labels.Refusal)
	}
	m.Register(m.requests, m.requestSeconds, m.leaks, m.junk)
}

func (l RequestLabels) values() []string {
	return []string{l.Kind, l.Result, l.Refusal, strconv.Itoa(l.Status)}
}

// Request counts one request that was responded to.
func (m *Metrics) Request(labels RequestLabels, took time.Duration) {
	m.requests.WithLabelValues(labels.Kind, labels.Result, labels.Refusal, strconv.Itoa(labels.Status)).Inc()
	m.requestSeconds.WithLabelValues(labels.Kind).Observe(took.Seconds())
}

// TokenLeak counts a tracking link that carried a secure token.
func (m *Metrics) TokenLeak() { m.leaks.Inc() }

// Junk counts a hit that was dropped, or is kept only for a day.
func (m *Metrics) Junk(labels JunkLabels) { m.junk.WithLabelValues(labels.Why, labels.Refusal).Inc() }
