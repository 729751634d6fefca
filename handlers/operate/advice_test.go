package operate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADrainHintCanBePastedIntoAShell(t *testing.T) {
	t.Parallel()
	require.Equal(t, "`integr8 spool drain /var/lib/integr8_1`", DrainHint("/var/lib/integr8_1"))
	require.Equal(t, "`integr8 spool drain '/srv/it'\\''s $HOME'`", DrainHint("/srv/it's $HOME"))
}
