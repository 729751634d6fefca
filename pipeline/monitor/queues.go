package monitor

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"
)

// Depth is the number of messages and of consumers of one queue.
type Depth struct {
	Queue     string // without the prefix of the system's queues
	Messages  int
	Consumers int
}

// depthTimeout bounds how long a scrape waits for the broker.
const depthTimeout = 2 * time.Second

// sameForAll is added to the help of figures that every process reads from the broker.
const sameForAll = "Every process exports the same: aggregate with max by (queue), not sum."

// WatchQueues exports the depths of the queues. It calls the function at each scrape.
// While that returns an error, the series are missing and integr8_queues_visible is 0.
func (m *Metrics) WatchQueues(depths func(context.Context) ([]Depth, error)) {
	m.registry.MustRegister(&queues{
		depths: depths,
		messages: prometheus.NewDesc("integr8_queue_messages",
			"AMQP messages that are ready in a queue; one may hold many hits. "+sameForAll, []string{"queue"}, nil),
		consumers: prometheus.NewDesc("integr8_queue_consumers", "Consumers of a queue. "+sameForAll, []string{"queue"}, nil),
		visible:   prometheus.NewDesc("integr8_queues_visible", "1 when this process could read the figures of the queues from the broker, else 0.", nil, nil),
	})
}

type queues struct {
	// asking lets concurrent scrapes share one call of depths, and so one connection.
	asking                       singleflight.Group
	depths                       func(context.Context) ([]Depth, error)
	messages, consumers, visible *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (q *queues) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- q.messages
	descriptions <- q.consumers
	descriptions <- q.visible
}

// Collect implements prometheus.Collector. It reads the depths from the broker, or waits
// for a concurrent scrape that does.
func (q *queues) Collect(metrics chan<- prometheus.Metric) {
	found, err, _ := q.asking.Do("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), depthTimeout)
		defer cancel()
		return q.depths(ctx)
	})
	depths, _ := found.([]Depth) // nil after an error
	visible := 1.0
	if err != nil {
		visible = 0
	}
	metrics <- prometheus.MustNewConstMetric(q.visible, prometheus.GaugeValue, visible)
	for _, depth := range depths {
		metrics <- prometheus.MustNewConstMetric(q.messages, prometheus.GaugeValue, float64(depth.Messages), depth.Queue)
		metrics <- prometheus.MustNewConstMetric(q.consumers, prometheus.GaugeValue, float64(depth.Consumers), depth.Queue)
	}
}
