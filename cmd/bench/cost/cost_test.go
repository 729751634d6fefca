package cost_test

import (
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/bench/cost"
)

func TestATreeCountsItsChildrenAlsoThoseThatHaveEnded(t *testing.T) {
	// A shell whose child burns CPU and ends, and that waits to be told to end.
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
	used, err := cost.Tree{Root: command.Process.Pid}.Usage()
	require.NoError(t, err)
	require.Greater(t, used.CPU, 20*time.Millisecond)
	require.NotZero(t, used.PeakBytes)
	require.NoError(t, cost.Tree{Root: command.Process.Pid}.ResetPeak())
}

func TestAProcessThatDoesNotRunIsAnError(t *testing.T) {
	command := exec.Command("true")
	require.NoError(t, command.Run())
	_, err := cost.Tree{Root: command.Process.Pid}.Usage()
	require.Error(t, err)
}

func TestListenerFindsWhoListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	tree, err := cost.Listener(listener.Addr().String())
	require.NoError(t, err)
	require.Equal(t, os.Getpid(), tree.Root)
	require.NoError(t, listener.Close())
	_, err = cost.Listener(listener.Addr().String())
	require.Error(t, err)
}

func TestSelfGrows(t *testing.T) {
	used, err := cost.Self()
	require.NoError(t, err)
	require.Positive(t, used.CPU)
	require.NotZero(t, used.PeakBytes)
}
