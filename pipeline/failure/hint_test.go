package failure

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAHintIsFoundAndChangesNeitherTextNorClass(t *testing.T) {
	cause := Never(io.ErrShortWrite)
	err := fmt.Errorf("save: %w", WithHint(cause, "make room"))
	require.Equal(t, "make room", Hint(err))
	require.Equal(t, "save: short write", err.Error())
	require.ErrorIs(t, err, io.ErrShortWrite)
	require.Equal(t, Permanent, Of(err))
	require.Equal(t, "outer", Hint(WithHint(err, "outer")))

	require.NoError(t, WithHint(nil, "nothing to do"))
	require.Empty(t, Hint(cause))
	require.Empty(t, Hint(nil))
}

func TestAnErrorOfSeveralIsOneLine(t *testing.T) {
	require.Equal(t, "first; second", OneLine(errors.Join(errors.New("first"), errors.New("second"))))
}
