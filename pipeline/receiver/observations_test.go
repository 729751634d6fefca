package receiver

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var foreseen = Observations()

// foreseen fails a test whose request has an observation that is missing in
// Observations: its metric would not start at 0.
func (d *doors) foreseen(o Observation) {
	o.Duration, o.TokenLeaked = 0, false
	if !slices.Contains(foreseen, o) {
		d.t.Errorf("%+v is not among Observations", o)
	}
}

func TestNoObservationIsListedTwice(t *testing.T) {
	t.Parallel()
	seen := map[Observation]bool{}
	for _, o := range Observations() {
		require.False(t, seen[o], "%+v", o)
		seen[o] = true
	}
}
