package rabbit

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAChannelIsReplacedWhenAResponseIsMissingOrItIsNackedForLong(t *testing.T) {
	t.Parallel()
	now := time.Now()
	young := &confirmChannel{opened: now}
	old := &confirmChannel{opened: now.Add(-2 * nackedLife)}
	for name, c := range map[string]struct {
		outcome    error
		young, old bool
	}{
		"confirmed":                     {nil, true, true},
		"unroutable":                    {fmt.Errorf("publish: %w", ErrUnroutable), true, true},
		"refused":                       {fmt.Errorf("publish: %w", ErrNacked), true, false},
		"no answer":                     {ErrUnavailable, false, false},
		"unroutable, and then silent":   {errors.Join(ErrUnroutable, ErrUnavailable), false, false},
		"blocked for want of memory":    {ErrBlocked, false, false},
		"anything that nobody expected": {errors.New("surprise"), false, false},
	} {
		require.Equal(t, c.young, young.reusable(c.outcome), name)
		require.Equal(t, c.old, old.reusable(c.outcome), name)
	}
}
