package proctree_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/proctree"
)

func TestATreeCountsItsChildrenAlsoThoseThatHaveEnded(t *testing.T) {
	// A shell whose child uses CPU and ends, and which then waits for the end of its
	// input.
	command := exec.Command("sh", "-c", `sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; echo done; read end`)
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		require.NoError(t, input.Close())
		_ = command.Wait() // read meets the end of its input, which is no success
	})
	line := make([]byte, 5)
	_, err = output.Read(line)
	require.NoError(t, err)
	used, err := proctree.UsageOf(command.Process.Pid)
	require.NoError(t, err)
	require.Greater(t, used.CPU, 20*time.Millisecond)
	require.NotZero(t, used.PeakBytes)
}

func TestAProcessThatDoesNotRunIsAnError(t *testing.T) {
	command := exec.Command("true")
	require.NoError(t, command.Run())
	_, err := proctree.UsageOf(command.Process.Pid)
	require.Error(t, err)
}

func TestSelfGrows(t *testing.T) {
	used, err := proctree.Self()
	require.NoError(t, err)
	require.Positive(t, used.CPU)
	require.NotZero(t, used.PeakBytes)
}
