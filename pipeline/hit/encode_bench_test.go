package hit

import (
	"testing"

	"integr8/pipeline/token"
)

// BenchmarkEncode measures a postback's way into its travelling form.
func BenchmarkEncode(b *testing.B) {
	h := postbackForBench(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode measures the way back.
func BenchmarkDecode(b *testing.B) {
	data, err := postbackForBench(b).Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(data); err != nil {
			b.Fatal(err)
		}
	}
}

// postbackForBench is a postback as advertisers send it.
func postbackForBench(b *testing.B) *Hit {
	k := keys(b)
	h := wholeHit(k)
	h.Kind, h.Destination, h.Refusal, h.TokenLeaked = Postback, "", "", false
	h.AccountID, h.OfferID, h.PublisherID = 0, 0, 0
	h.TokenDigest = token.DigestOf(k.Token(7, 0, 1))
	h.Params = map[string]string{ParamTransactionID: h.TransactionID.String(), ParamOrderID: "A-1234"}
	h.UserAgent, h.Referer = "shop-postback/2.4 (+https://shop.example)", ""
	return h
}
