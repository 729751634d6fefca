package monitor

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"
)

// Depth is what waits in one queue, and how many consumers it has.
type Depth struct {
	Queue     string // without the prefix of the system's queues
	Messages  int
	Consumers int
}

// depthTimeout bounds how long a scrape waits for the broker.
const depthTimeout = 2 * time.Second

// sameForAll ends the help of figures that are the broker's, whichever process
// exports them.
const sameForAll = "Every process exports the same: aggregate with max by (queue), not sum."

// WatchQueues adds the depths of the queues to the metrics. They are asked
// for at each scrape; while the broker does not answer, the series are
// missing and integr8_queues_visible is 0.
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
	// asking lets scrapes at the same time share one look, and its connection.
	asking                       singleflight.Group
	depths                       func(context.Context) ([]Depth, error)
	messages, consumers, visible *prometheus.Desc
}

// Describe names the series.
func (q *queues) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- q.messages
	descriptions <- q.consumers
	descriptions <- q.visible
}

// Collect asks the broker, or waits for whoever is asking it.
func (q *queues) Collect(metrics chan<- prometheus.Metric) {
	found, err, _ := q.asking.Do("", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), depthTimeout)
		defer cancel()
		return q.depths(ctx)
	})
	depths, _ := found.([]Depth) // nil where they could not be seen
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
