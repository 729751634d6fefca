package store

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzDecodeSnapshot reads arbitrary bytes as the file of a snapshot, also with a
// correct checksum.
func FuzzDecodeSnapshot(f *testing.F) {
	f.Add([]byte(`{"loaded_at":"2026-01-02T03:04:05Z","tokens":null,"offers":{"1":{"ID":1,"Payout":{"Amount":"2.5"},"Identity":{"ManyPerClick":true},"Later":[{"Since":"2026-01-02T03:04:05Z","ManyPerClick":false}]}},"domains":{"a.example":1}}`), true)
	f.Add([]byte(`{"tokens":{"00":{}}}`), true)
	f.Add([]byte("integr8 reference data, format 2, sha256 00\n{}"), false)
	f.Add([]byte(""), false)
	f.Fuzz(func(t *testing.T, data []byte, sealed bool) {
		if sealed {
			data = append(fmt.Appendf(nil, snapshotHead, snapshotFormat, sha256.Sum256(data)), data...)
		}
		snapshot, err := decodeSnapshot(data)
		if err != nil {
			require.Nil(t, snapshot)
			return
		}
		_, err = digestOf(snapshot)
		require.NoError(t, err)
	})
}
