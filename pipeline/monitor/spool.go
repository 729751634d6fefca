package monitor

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Spool is the state of a receiver's spool, and its counters since the process began.
type Spool struct {
	Hits, Bytes int64
	// Bound is how many bytes it may take, and Free how many are free on its disk; a
	// negative Free is not known.
	Bound, Free int64
	// Oldest is how long the oldest hit has waited.
	Oldest time.Duration
	// Appended and Drained count hits; Cut counts pieces that could not be
	// read: torn by a crash, or damaged.
	Appended, Drained, Cut uint64
}

// WatchSpool exports the spool. It calls the function at each scrape.
func (m *Metrics) WatchSpool(spool func() Spool) {
	about := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("integr8_spool_"+name, help, nil, nil)
	}
	m.registry.MustRegister(&spoolCollector{
		spool:    spool,
		hits:     about("hits", "Hits that wait on disk for the broker."),
		bytes:    about("bytes", "Bytes that the spool takes on disk."),
		bound:    about("bound_bytes", "Bytes that the spool may take on disk; 0 when it only drains."),
		free:     about("free_bytes", "Bytes that are free on the disk of the spool; missing when the disk does not say."),
		oldest:   about("oldest_seconds", "How long the oldest hit on disk has waited; 0 when none does."),
		appended: about("appended_total", "Hits put on disk because the broker did not confirm in time."),
		drained:  about("drained_total", "Hits handed from disk to the broker."),
		cut:      about("cut_total", "Pieces of the spool that could not be read: torn by a crash, or damaged."),
	})
}

type spoolCollector struct {
	spool                                                    func() Spool
	hits, bytes, bound, free, oldest, appended, drained, cut *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c *spoolCollector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{c.hits, c.bytes, c.bound, c.free, c.oldest, c.appended, c.drained, c.cut} {
		descriptions <- description
	}
}

// Collect implements prometheus.Collector.
func (c *spoolCollector) Collect(metrics chan<- prometheus.Metric) {
	spool := c.spool()
	gauge := func(description *prometheus.Desc, value float64) {
		metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value)
	}
	counter := func(description *prometheus.Desc, value uint64) {
		metrics <- prometheus.MustNewConstMetric(description, prometheus.CounterValue, float64(value))
	}
	gauge(c.hits, float64(spool.Hits))
	gauge(c.bytes, float64(spool.Bytes))
	gauge(c.bound, float64(spool.Bound))
	if spool.Free >= 0 {
		gauge(c.free, float64(spool.Free))
	}
	gauge(c.oldest, spool.Oldest.Seconds())
	counter(c.appended, spool.Appended)
	counter(c.drained, spool.Drained)
	counter(c.cut, spool.Cut)
}
