package operate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNounsAndVerbsAgreeWithTheirNumbers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "0 hits", Counted(0, "hit"))
	require.Equal(t, "1 dead letter", Counted(int64(1), "dead letter"))
	require.Equal(t, "2 dead letters", Counted(uint64(2), "dead letter"))
	require.Equal(t, "1 dead letter is", Count(1, "dead letter", "is", "are"))
	require.Equal(t, "0 dead letters are", Count(0, "dead letter", "is", "are"))
	require.Equal(t, "1 of them is", Count(1, "of them", "is", "are"))
	require.Equal(t, "3 of them are", Count(3, "of them", "is", "are"))
	require.Equal(t, "1 holds", Count(1, "", "holds", "hold"))
	require.Equal(t, "1 of 3 findings is", Share(1, 3, "finding", "is", "are"))
	require.Equal(t, "2 of 3 findings are", Share(2, 3, "finding", "is", "are"))
	require.Equal(t, "3 findings are", Share(3, 3, "finding", "is", "are"))
	require.Equal(t, "0 of 1 findings are", Share(0, 1, "finding", "is", "are"))
}
