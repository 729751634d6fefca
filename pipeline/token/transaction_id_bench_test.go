package token

import (
	"testing"
	"time"
)

// BenchmarkVerify measures the check of a transaction_id at the door.
func BenchmarkVerify(b *testing.B) {
	k := keys(b, secretA)
	text := k.Mint(time.Now()).String()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Verify(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMint measures the making of a transaction_id.
func BenchmarkMint(b *testing.B) {
	k := keys(b, secretA)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		k.Mint(now)
	}
}
