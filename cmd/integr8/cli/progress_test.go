package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgressWithoutATerminalIsALineNowAndThen(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := newProgress(&out, "replayed", 100)
	p.add(10)
	require.Empty(t, out.String(), "no line yet")
	p.last = time.Now().Add(-progressInterval)
	p.add(20)
	p.add(1)
	p.finish()
	require.Equal(t, "replayed 30 of 100\n", out.String())
}
