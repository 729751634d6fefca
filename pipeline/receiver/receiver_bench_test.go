package receiver

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"integr8/pipeline/hit"
)

type swallow struct{}

func (swallow) Put(_ context.Context, h *hit.Hit) error {
	_, err := h.Encode()
	return err
}

// blackHole is a ResponseWriter that costs nothing.
type blackHole struct{ header http.Header }

func (b *blackHole) Header() http.Header         { return b.header }
func (b *blackHole) Write(p []byte) (int, error) { return len(p), nil }
func (b *blackHole) WriteHeader(int)             {}

// The doors alone, without net/http and the broker, with the hit encoded.
func benchmarkDoor(b *testing.B, path, query string) {
	rc, _ := newForFuzz(b, swallow{})
	target := &url.URL{Path: path, RawQuery: query}
	r := &http.Request{
		Method: "GET", URL: target, RequestURI: target.RequestURI(), Host: "track.example", RemoteAddr: "198.51.100.7:1234",
		Header: http.Header{
			"User-Agent": {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"},
			"Referer":    {"https://page.example/article?utm_source=news"},
			"Accept":     {"*/*"},
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		w := &blackHole{http.Header{}}
		rc.ServeHTTP(w, r)
	}
}

func BenchmarkPostback(b *testing.B) {
	_, keys := newForFuzz(b, swallow{})
	benchmarkDoor(b, "/", "secure="+keys.Token(7, 0, 1)+"&transaction_id="+keys.Mint(now).String()+"&revenue=12.50&currency=USD&order_id=A-1234")
}

func BenchmarkClick(b *testing.B) {
	benchmarkDoor(b, "/click", "offer=1&publisher=2&sub_id=campaign-7&sub_id_2=banner&external_transaction_id=abc")
}
