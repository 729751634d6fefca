package receiver

import (
	"context"
	"testing"

	"integr8/pipeline/hit"
)

type swallow struct{}

func (swallow) Put(_ context.Context, h *hit.Hit) error {
	_, err := h.Encode()
	return err
}

// The doors alone, without the server and the broker, with the hit encoded.
func benchmarkDoor(b *testing.B, target string) {
	rc, _ := newForFuzz(b, swallow{})
	ctx := asked("GET", target, "", "Host", "track.example",
		"User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Referer", "https://page.example/article?utm_source=news", "Accept", "*/*")
	b.ReportAllocs()
	for b.Loop() {
		ctx.Response.Reset()
		rc.Serve(ctx)
	}
}

func BenchmarkPostback(b *testing.B) {
	_, keys := newForFuzz(b, swallow{})
	benchmarkDoor(b, "/?secure="+keys.Token(7, 0, 1)+"&transaction_id="+keys.Mint(now).String()+"&revenue=12.50&currency=USD&order_id=A-1234")
}

func BenchmarkClick(b *testing.B) {
	benchmarkDoor(b, "/click?offer=1&publisher=2&sub_id=campaign-7&sub_id_2=banner&external_transaction_id=abc")
}
