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

// generatedWorld is knownWorld without an imported token, as most are.
type generatedWorld struct{ knownWorld }

func (generatedWorld) HasImportedTokens() bool { return false }

// The doors alone, without the server and the broker, with the hit encoded.
func benchmarkDoor(b *testing.B, world Directory, target string) {
	rc, _ := newIn(b, world, swallow{})
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
	benchmarkDoor(b, generatedWorld{}, "/?secure="+keys.Token(7, 0, 1)+"&transaction_id="+keys.Mint(now).String()+"&revenue=12.50&currency=USD&order_id=A-1234")
}

func BenchmarkPostbackWithImportedTokens(b *testing.B) {
	_, keys := newForFuzz(b, swallow{})
	benchmarkDoor(b, knownWorld{}, "/?secure="+keys.Token(7, 0, 1)+"&transaction_id="+keys.Mint(now).String()+"&revenue=12.50&currency=USD&order_id=A-1234")
}

func BenchmarkClick(b *testing.B) {
	benchmarkDoor(b, generatedWorld{}, "/click?offer=1&publisher=2&sub_id=campaign-7&sub_id_2=banner&external_transaction_id=abc")
}
