package edge_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/receiver/edge"
)

func TestRequestsRepeatAndReachEveryDoor(t *testing.T) {
	world := edge.World{Tokens: []string{"t"}, TransactionIDs: []string{"i"}, Offers: []string{"1"}, Publishers: []string{"2"}}
	first, second := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for range 1000 {
		r := edge.Next(first, world)
		require.Equal(t, r, edge.Next(second, world))
		path, _, _ := strings.Cut(r.Target, "?")
		seen[r.Method+" "+path]++
	}
	for _, door := range edge.Doors {
		require.NotZero(t, seen["GET "+door], door)
	}
	require.NotZero(t, seen["POST /clickless"])
}
