package receiver

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// encoder is a Queue that accepts every hit that can be encoded.
type encoder struct{}

func (encoder) Put(_ context.Context, h *hit.Hit) error {
	_, err := h.Encode()
	return err
}

// TestAHitThatNoWorkerCanReadIsRefusedAtTheDoor: it would never have an outcome, and
// a sender that is told to try again would try for ever.
func TestAHitThatNoWorkerCanReadIsRefusedAtTheDoor(t *testing.T) {
	d := open(t)
	d.receiver.options.Queue = encoder{}
	for _, target := range []string{"/?secure=TOKEN&transaction_id=ID", "/pixel?secure=TOKEN&transaction_id=ID", "/clickless?secure=TOKEN&publisher=2"} {
		target = d.fill(target)
		require.Equal(t, http.StatusOK, d.get(target, "Host", pixelHost).status)
		clock := d.receiver.options.Clock
		d.receiver.options.Clock = func() time.Time { return time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) } // which JSON cannot hold
		r := d.get(target, "Host", pixelHost)
		d.receiver.options.Clock = clock
		require.Equal(t, http.StatusBadRequest, r.status, target)
		require.Equal(t, "the request holds a NUL or is not UTF-8: send text encoded as UTF-8\n", r.body)
		observed := d.observed()
		last := observed[len(observed)-1]
		require.Equal(t, Refused, last.Result)
		require.Equal(t, outcome.InvalidText, last.Refusal)
	}
	require.Contains(t, d.log.String(), "no worker could read the hit")
}
