package attribution_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
)

// BenchmarkLookUp measures look-ups in a snapshot with a million offers and tokens, beside
// Go maps of the same.
func BenchmarkLookUp(b *testing.B) {
	const n = 200_000
	snapshot := new(attribution.Snapshot)
	offers, tokens := make(map[int64]attribution.Offer, n), make(map[token.Digest]attribution.Token, n)
	digests := make([]token.Digest, n)
	for first := 0; first < n; first += 10_000 {
		batch := new(attribution.Batch)
		for i := first; i < first+10_000; i++ {
			id := int64(i + 1)
			offer := attribution.Offer{ID: id, AccountID: id / 1000, AdvertiserID: id / 100, Name: fmt.Sprint("offer ", id), Status: attribution.Active,
				Destination: fmt.Sprintf("https://shop.example/landing/%d?clickid={transaction_id}&source={publisher_id}", id), Currency: "USD",
				Payout: attribution.Money{Amount: decimal.New(id%500, -2)}, Revenue: attribution.Money{Amount: decimal.New(id%900, -2)}, Window: 720 * time.Hour}
			digests[i] = token.DigestOf(fmt.Sprint(id))
			secure := attribution.Token{ID: id, AccountID: id / 1000, OfferID: id}
			batch.AddOffer(&offer)
			batch.AddToken(digests[i], &secure, false)
			offers[id], tokens[digests[i]] = offer, secure
		}
		snapshot = snapshot.With(batch)
	}
	var found struct {
		attribution.Offer
		attribution.Token
	}
	for name, look := range map[string]func(i int) bool{
		"offer": func(i int) (ok bool) { found.Offer, ok = snapshot.Offer(int64(i + 1)); return ok },
		"token": func(i int) (ok bool) { found.Token, ok = snapshot.Token(digests[i]); return ok },
		"offer-in-map": func(i int) (ok bool) {
			found.Offer, ok = offers[int64(i+1)]
			found.KnownUntil = snapshot.IdentityKnownUntil
			return ok
		},
		"token-in-map": func(i int) (ok bool) { found.Token, ok = tokens[digests[i]]; return ok },
	} {
		b.Run(name, func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			b.ReportAllocs()
			before := cpu(b)
			for b.Loop() {
				if !look(random.IntN(n)) {
					b.Fatal("a look-up finds nothing")
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
	b.Run("edit", func(b *testing.B) {
		b.ReportAllocs()
		before, id := cpu(b), int64(0)
		for b.Loop() {
			batch := new(attribution.Batch)
			id = id%n + 1
			offer := offers[id]
			batch.AddOffer(&offer)
			snapshot = snapshot.With(batch)
		}
		b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
	})
}

// cpu returns the CPU time that this process has used: unlike the time of the clock it
// says something on a machine that is busy.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
