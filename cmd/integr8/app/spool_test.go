package app

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/spool"
)

func TestTheProbeOfTheSpoolShowsNoAddressOfTheBroker(t *testing.T) {
	unreachable := errors.New("dial tcp 127.0.0.1:1: connect: connection refused")
	for _, failing := range []error{spool.ErrFull, errors.New("open /var/lib/integr8: read-only file system")} {
		err := withoutAddress(errors.Join(failing, unreachable))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "127.0.0.1")
		require.NotContains(t, err.Error(), "/var/lib")
	}
	require.NoError(t, withoutAddress(nil))
}
