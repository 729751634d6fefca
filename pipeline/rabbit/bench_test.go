package rabbit_test

import (
	"log/slog"
	"testing"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"integr8/pipeline/rabbit"
)

// A hit is about this large when it travels.
var benchPayload = make([]byte, 500)

// callers is how many goroutines a benchmark publishes from, for each CPU.
const callers = 64

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func publishAll(b *testing.B, publisher *rabbit.Publisher) {
	b.SetParallelism(callers)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := publisher.Publish("clicks", message.NewMessage(watermill.NewUUID(), benchPayload)); err != nil {
				b.Error(err)
			}
		}
	})
}

func rate(b *testing.B) { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hits/s") }

// BenchmarkPublish measures confirmed hits from many callers at once.
func BenchmarkPublish(b *testing.B) {
	for name, maxItems := range map[string]int{"batches": 0, "one hit a message": 1} {
		b.Run(name, func(b *testing.B) {
			publisher := newPublisher(b, rabbit.PublisherOptions{Topology: declare(b, rabbit.Topology{}), MaxItems: maxItems, Logger: quiet()})
			require.Eventually(b, publisher.Ready, testTimeout, 1)
			b.ReportAllocs()
			b.ResetTimer()
			publishAll(b, publisher)
			b.StopTimer()
			rate(b)
		})
	}
}

// BenchmarkConsume measures hits taken from a full queue and acked at once.
func BenchmarkConsume(b *testing.B) {
	for name, maxItems := range map[string]int{"batches": 0, "one hit a message": 1} {
		b.Run(name, func(b *testing.B) {
			topology := declare(b, rabbit.Topology{})
			publisher := newPublisher(b, rabbit.PublisherOptions{Topology: topology, MaxItems: maxItems, Logger: quiet()})
			publishAll(b, publisher)
			subscriber := newSubscriber(b, rabbit.SubscriberOptions{Topology: topology, Logger: quiet()})
			b.ReportAllocs()
			b.ResetTimer()
			messages := subscribe(b, subscriber, "clicks")
			for range b.N {
				(<-messages).Ack()
			}
			b.StopTimer()
			rate(b)
		})
	}
}
