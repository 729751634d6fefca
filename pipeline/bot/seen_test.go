package bot

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAUserAgentNeverGetsTheResultOfAnotherThatTookItsPlace(t *testing.T) {
	s := newSeen()
	even := func(userAgent string) bool {
		return strings.HasSuffix(userAgent, "0") || strings.HasSuffix(userAgent, "2")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 20_000 { // twenty for each place
				userAgent := fmt.Sprintf("agent %d", i)
				for range 2 {
					if s.is(userAgent, even) != even(userAgent) {
						t.Errorf("%s is judged as another one", userAgent)
					}
				}
			}
		})
	}
	all.Wait()
}

func TestAUserAgentThatIsSentAgainIsNotJudgedAgain(t *testing.T) {
	s, judged := newSeen(), 0
	judge := func(string) bool { judged++; return true }
	buffer := []byte("shop/1.0")
	for range 3 {
		require.True(t, s.is(string(buffer), judge))
	}
	require.Equal(t, 1, judged)
	long := strings.Repeat("x", maxSeenBytes+1)
	for range 3 {
		require.True(t, s.is(long, judge))
	}
	require.Equal(t, 4, judged, "a long one is not kept")
}
