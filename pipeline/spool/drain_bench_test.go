package spool_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
	"integr8/pipeline/spool"
)

// BenchmarkHitsThatArrive measures how long a hit that arrives waits for the
// broker: alone, and while a spool of 100,000 hits is drained. Run it with
// -benchtime=1x; only the figures of one run can be compared.
func BenchmarkHitsThatArrive(b *testing.B) {
	const (
		spooled = 100_000
		senders = 16
		pace    = 10 * time.Millisecond // of each sender: 1,600 hits a second
		alone   = 8 * time.Second
	)
	for _, mode := range []string{"alone", "beside a drain", "alone again"} {
		b.Run(mode, func(b *testing.B) {
			w := newWay(b, rabbit.Topology{}, spool.Options{})
			w.comeBack()
			over, end := context.WithTimeout(b.Context(), alone)
			defer end()
			began := time.Now()
			if mode == "beside a drain" {
				w.proxy.Refuse()
				require.Eventually(b, func() bool { return !w.broker.Ready() }, testTimeout, time.Millisecond)
				var filling sync.WaitGroup
				for range 64 {
					filling.Go(func() {
						for i := range spooled / 64 {
							if err := w.queue.Put(context.Background(), newHit(i)); err != nil {
								b.Error(err)
							}
						}
					})
				}
				filling.Wait()
				w.comeBack()
				w.run()
				b.Logf("%d spooled in %s", w.log.State().Records, time.Since(began))
				end()
				over, end = context.WithCancel(b.Context())
				defer end()
				began = time.Now()
				go func() {
					w.empties()
					end()
				}()
			}
			var arriving sync.WaitGroup
			took := make([][]time.Duration, senders)
			for sender := range senders {
				arriving.Go(func() {
					ticker := time.NewTicker(pace)
					defer ticker.Stop()
					for i := 0; over.Err() == nil; i++ {
						<-ticker.C
						start := time.Now()
						if err := w.queue.Put(context.Background(), newHit(i)); err != nil {
							b.Error(err)
						}
						took[sender] = append(took[sender], time.Since(start))
					}
				})
			}
			arriving.Wait()
			all := slices.Concat(took...)
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(len(all))/time.Since(began).Seconds(), "hits/s")
			b.ReportMetric(float64(w.log.State().Drained)/time.Since(began).Seconds(), "drained/s")
		})
	}
}
