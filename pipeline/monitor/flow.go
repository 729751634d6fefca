package monitor

import "github.com/prometheus/client_golang/prometheus"

// Flow is what a worker has of a queue.
type Flow struct {
	// Hits counts the hits in AMQP messages that are not settled.
	Hits int
	// Redelivered counts AMQP messages that the broker had delivered before.
	Redelivered uint64
}

// WatchFlows exports the work of a worker by queue. It calls the function at each scrape.
func (m *Metrics) WatchFlows(flows func() map[string]Flow) {
	m.registry.MustRegister(flowCollector{
		flows: flows,
		hits: prometheus.NewDesc("integr8_in_flight_hits",
			"Hits in the AMQP messages of a queue that this worker has and that are not settled.", []string{"queue"}, nil),
		redelivered: prometheus.NewDesc("integr8_redelivered_total",
			"AMQP messages of a queue that came to this worker although the broker had delivered them before.", []string{"queue"}, nil),
	})
}

type flowCollector struct {
	flows             func() map[string]Flow
	hits, redelivered *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c flowCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- c.hits
	descriptions <- c.redelivered
}

// Collect implements prometheus.Collector.
func (c flowCollector) Collect(metrics chan<- prometheus.Metric) {
	for queue, flow := range c.flows() {
		metrics <- prometheus.MustNewConstMetric(c.hits, prometheus.GaugeValue, float64(flow.Hits), queue)
		metrics <- prometheus.MustNewConstMetric(c.redelivered, prometheus.CounterValue, float64(flow.Redelivered), queue)
	}
}
