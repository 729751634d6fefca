package store

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"integr8/handlers/attribution"
	"integr8/pipeline/token"
)

// FuzzDecodeFile reads arbitrary bytes as the file of a snapshot, also as the content of
// frames with a correct checksum.
func FuzzDecodeFile(f *testing.F) {
	batch := new(attribution.Batch)
	ceiling := decimal.NewFromInt(9)
	batch.AddOffer(&attribution.Offer{ID: 1, Destination: "https://shop.example/", Ceiling: &ceiling,
		Later: []attribution.LaterIdentity{{}}, Consent: attribution.Consent{Words: []string{"yes"}},
		Overrides: attribution.OverridesOf(map[int64]attribution.Override{4: {Payout: &attribution.Money{Amount: ceiling}}})})
	batch.AddToken(token.DigestOf("a token"), &attribution.Token{ID: 1}, true)
	batch.AddPublisher(&attribution.Publisher{ID: 1, AccountID: 2})
	batch.AddDomain(&attribution.Domain{ID: 1, AccountID: 2, Host: "a.example"})
	objects, err := batch.AppendBinary(nil)
	require.NoError(f, err)
	moment := []byte(`{"loaded_at":"2026-01-02T03:04:05Z","offers":1,"publishers":1,"tokens":1,"domains":1}`)
	f.Add(moment, objects, append([]byte{2, '{', '}'}, objects...), true)
	f.Add(moment, objects[:9], []byte{}, true)
	f.Add([]byte(`{"offers":-1}`), []byte{}, []byte{}, true)
	f.Add([]byte("integr8 reference data, format 2, sha256 00\n{}"), []byte{}, []byte{}, false)
	f.Fuzz(func(t *testing.T, moment, objects, change []byte, sealed bool) {
		data := bytes.Join([][]byte{moment, objects, change}, nil)
		if sealed {
			data = appendFrame(fmt.Appendf(nil, fileHead+"\n", fileFormat), momentFrame, moment)
			data = appendFrame(data, batchFrame, objects)
			data = appendFrame(data, endFrame, nil)
			data = appendFrame(data, changeFrame, change)
		}
		snapshot, err := decodeFile(bufio.NewReader(bytes.NewReader(data)), int64(len(data)))
		if err != nil {
			require.Nil(t, snapshot)
			return
		}
		for offer := range snapshot.Offers() {
			found, ok := snapshot.Offer(offer.ID)
			require.True(t, ok)
			offer.TermsFor(4)
			require.Equal(t, offer.Destination, found.Destination)
		}
		for digest := range snapshot.Tokens() {
			_, ok := snapshot.Token(digest)
			require.True(t, ok)
		}
		for publisher := range snapshot.Publishers() {
			_, ok := snapshot.Publisher(publisher.AccountID, publisher.ID)
			require.True(t, ok)
		}
		for domain := range snapshot.Domains() {
			snapshot.Domain(domain.Host)
		}
	})
}
