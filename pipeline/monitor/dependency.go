package monitor

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// WatchDependencies exports whether the servers that the process needs respond to it. It
// calls the checks, by the names of the servers, at each scrape.
func (m *Metrics) WatchDependencies(checks map[string]Check) {
	m.registry.MustRegister(&dependencies{
		readiness: readiness{checks: checks},
		up: prometheus.NewDesc("integr8_dependency_up",
			"1 when a server that this process needs responds to it within a second, else 0.", []string{"dependency"}, nil),
	})
}

type dependencies struct {
	readiness
	up *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (d *dependencies) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- d.up }

// Collect implements prometheus.Collector.
func (d *dependencies) Collect(metrics chan<- prometheus.Metric) {
	for name, found := range d.verdicts(context.Background()) {
		up := 1.0
		if found.err != nil {
			up = 0
		}
		metrics <- prometheus.MustNewConstMetric(d.up, prometheus.GaugeValue, up, name)
	}
}
