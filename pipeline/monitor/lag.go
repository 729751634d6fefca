package monitor

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// WatchLags exports how far behind the queues are. It calls the function, which returns
// the lags by queue, at each scrape.
func (m *Metrics) WatchLags(lags func() map[string]time.Duration) {
	m.registry.MustRegister(lagCollector{lags, prometheus.NewDesc("integr8_queue_lag_seconds",
		"How long the oldest statement of this receiver has been in a queue without reaching a worker; 0 when none is. "+
			"Hits wait as long. Aggregate with max by (queue).", []string{"queue"}, nil)})
}

type lagCollector struct {
	lags func() map[string]time.Duration
	lag  *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c lagCollector) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- c.lag }

// Collect implements prometheus.Collector.
func (c lagCollector) Collect(metrics chan<- prometheus.Metric) {
	for queue, lag := range c.lags() {
		metrics <- prometheus.MustNewConstMetric(c.lag, prometheus.GaugeValue, lag.Seconds(), queue)
	}
}
