package dead

import (
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func TestAReplayLooksAtTheReferenceDataForEveryReasonThatItShows(t *testing.T) {
	for _, reason := range outcome.Reasons() {
		require.Equal(t, reason.OfReference(), referenceCauses[reason] != nil,
			"%s: ofReference in pipeline/outcome/table.go, and a function in referenceCauses here", reason)
	}
}
