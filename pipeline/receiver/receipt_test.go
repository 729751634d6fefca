package receiver

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestReceiptBearsTheTimeOfReceiving(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(-time.Hour)
	seen := map[uuid.UUID]bool{}
	for range 1000 {
		receipt := NewReceipt(at)
		require.Equal(t, uuid.Version(7), receipt.Version())
		seconds, nanoseconds := receipt.Time().UnixTime()
		require.Equal(t, at.UnixMilli(), time.Unix(seconds, nanoseconds).UnixMilli())
		seen[receipt] = true
	}
	require.Len(t, seen, 1000, "all differ")
}
