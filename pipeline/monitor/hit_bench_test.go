package monitor_test

import (
	"testing"
	"time"

	"integr8/pipeline/monitor"
)

// BenchmarkOutcome is a counter increment, with which the figures of each hit compare.
func BenchmarkOutcome(b *testing.B) {
	labels := monitor.OutcomeLabels{Kind: "postback", Outcome: "converted"}
	metrics := monitor.NewMetrics()
	b.RunParallel(func(running *testing.PB) {
		for running.Next() {
			metrics.Outcome(labels)
		}
	})
}

func BenchmarkFirstCommit(b *testing.B) {
	metrics := monitor.NewMetrics()
	metrics.AddWorker(monitor.WorkerLabels{Kinds: []string{"click", "postback", "pixel", "clickless"}})
	b.RunParallel(func(running *testing.PB) {
		for running.Next() {
			metrics.FirstCommit("postback", 7*time.Millisecond)
		}
	})
}
