package monitor

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestConcurrentScrapesShareOneRequestToTheBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMetrics()
		var looks atomic.Int32
		release := make(chan struct{})
		m.WatchQueues(func(context.Context) ([]Depth, error) {
			looks.Add(1)
			<-release
			return []Depth{{Queue: "clicks", Messages: 7}}, nil
		})
		found := make(chan bool, 20)
		for range cap(found) {
			go func() {
				families, err := m.registry.Gather()
				seen := false
				for _, family := range families {
					seen = seen || family.GetName() == "integr8_queue_messages"
				}
				found <- err == nil && seen
			}()
		}
		synctest.Wait()
		close(release)
		for range cap(found) {
			require.True(t, <-found)
		}
		require.EqualValues(t, 1, looks.Load())
	})
}
