package monitor

import "github.com/prometheus/client_golang/prometheus"

// WatchHold exports whether the worker holds its hits. It calls the function, which
// returns the server of the outage or "", at each scrape. servers are all that it returns.
func (m *Metrics) WatchHold(servers []string, held func() string) {
	m.registry.MustRegister(holdCollector{servers, held, prometheus.NewDesc("integr8_held",
		"1 while this worker handles no hit because a server cannot be used, else 0.", []string{"server"}, nil)})
}

type holdCollector struct {
	servers []string
	server  func() string
	held    *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c holdCollector) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- c.held }

// Collect implements prometheus.Collector.
func (c holdCollector) Collect(metrics chan<- prometheus.Metric) {
	away := c.server()
	for _, server := range c.servers {
		held := 0.0
		if server == away {
			held = 1
		}
		metrics <- prometheus.MustNewConstMetric(c.held, prometheus.GaugeValue, held, server)
	}
}
