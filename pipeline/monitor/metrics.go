// Package monitor exports the metrics, the health and the readiness of a process, on an
// address of its own.
//
// It only observes. Label values come from closed lists, so
// that no request can make the number of series grow, and every combination
// that can occur is exported from the start as 0: rate() sees the first event,
// and an alert need not check whether a series exists.
package monitor

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the metrics of one process. Their methods are safe for
// concurrent use. A process with doors calls AddDoors, a process with a worker
// AddWorker, one that carries out jobs AddJobs; without the call those metrics are not exported.
type Metrics struct {
	registry    *prometheus.Registry
	messageHits *prometheus.HistogramVec
	doors
	worker
	jobsEnded *prometheus.CounterVec
}

// seconds are the buckets of histograms of time: from the confirm time of a healthy
// broker to the longest timeout here.
var seconds = []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30}

// NewMetrics returns metrics with those that every process exports: the hits in
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

// Register adds other collectors. It panics when a name is used twice.
func (m *Metrics) Register(collectors ...prometheus.Collector) {
	m.registry.MustRegister(collectors...)
}

// Message observes the number of hits in an AMQP message that was published to a queue.
func (m *Metrics) Message(queue string, hits int) {
	m.messageHits.WithLabelValues(queue).Observe(float64(hits))
}
