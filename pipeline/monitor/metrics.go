// Package monitor exports what the pipeline is doing: metrics, health and
// readiness, on an address of its own.
//
// It watches and changes nothing. Label values come from closed lists, so
// that no request can make the number of series grow, and every combination
// that can occur is exported from the start as 0: rate() sees the first event,
// and an alert need not care whether a series exists.
package monitor

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the counters of one process. Their methods are safe for
// concurrent use. What AddDoors and AddWorker add is exported by the processes
// that have these.
type Metrics struct {
	registry    *prometheus.Registry
	messageHits *prometheus.HistogramVec
	doors
	worker
}

// seconds are the bounds of histograms of time: from what a healthy broker takes
// to the longest that anything here may take.
var seconds = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}

// NewMetrics makes the metrics and registers those of every process: the hits of
// messages to these queues, the Go runtime and the process itself.
func NewMetrics(queues ...string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		messageHits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "integr8_batch_hits",
			Help:    "Hits of one AMQP message that this process published.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128},
		}, []string{"queue"}),
		doors:  newDoors(),
		worker: newWorker(),
	}
	for _, queue := range queues {
		m.messageHits.WithLabelValues(queue)
	}
	m.Register(m.messageHits, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Register adds metrics that others collect. It panics when one of them has the
// name of another.
func (m *Metrics) Register(collectors ...prometheus.Collector) {
	m.registry.MustRegister(collectors...)
}

// Message observes the hits of an AMQP message that was published to a queue.
func (m *Metrics) Message(queue string, hits int) {
	m.messageHits.WithLabelValues(queue).Observe(float64(hits))
}
