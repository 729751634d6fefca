package monitor

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// AddReplica exports the state of the replica that reports and searches read. known says
// whether it is known how far it is behind.
func (m *Metrics) AddReplica(state func() (behind time.Duration, known, read bool)) {
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "integr8_replica_behind_seconds",
			Help: "How far the replica of INTEGR8_REPLICA_URL is behind the primary, at most; -1 while that is not known.",
		}, func() float64 {
			if behind, known, _ := state(); known {
				return behind.Seconds()
			}
			return -1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "integr8_replica_read",
			Help: "1 while reports and searches read the replica, 0 while they read the primary in place of it.",
		}, func() float64 {
			if _, _, read := state(); read {
				return 1
			}
			return 0
		}),
	)
}
