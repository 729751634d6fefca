package monitor

import "github.com/prometheus/client_golang/prometheus"

// Connections is the state of the connections at the doors.
type Connections struct {
	// Open is how many connections are open, Bound how many may be.
	Open, Bound int
	// Bytes is the memory of the requests under way.
	Bytes int64
	// Evicted counts connections that were closed to make room for others.
	Evicted uint64
}

// WatchConnections exports the connections. It calls the function at each scrape.
func (m *Metrics) WatchConnections(connections func() Connections) {
	gauge := func(name, help string, value func(Connections) float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return value(connections()) }))
	}
	gauge("integr8_connections", "Connections that are open at the doors.",
		func(c Connections) float64 { return float64(c.Open) })
	gauge("integr8_connections_bound", "Connections that may be open at the doors.",
		func(c Connections) float64 { return float64(c.Bound) })
	gauge("integr8_under_way_bytes", "Bytes of requests that have not come whole, and of bodies that are being handled.",
		func(c Connections) float64 { return float64(c.Bytes) })
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "integr8_connections_evicted_total", Help: "Connections that were closed to make room for others.",
	}, func() float64 { return float64(connections().Evicted) }))
}
