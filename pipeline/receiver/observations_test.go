package receiver

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var foreseen = Observations()

// foreseen fails a test whose request is observed in a way that Observations does
// not list: its metric would not begin at 0.
func (d *doors) foreseen(o Observation) {
	o.Duration, o.TokenLeaked = 0, false
	if !slices.Contains(foreseen, o) {
		d.t.Errorf("%+v is not among Observations", o)
	}
}

func TestNoObservationIsListedTwice(t *testing.T) {
	seen := map[Observation]bool{}
	for _, o := range Observations() {
		require.False(t, seen[o], "%+v", o)
		seen[o] = true
	}
}
