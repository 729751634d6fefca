package stack

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRunHandsTheSignalOnAndLeavesNothing checks what make test relies on: the program
// gets the addresses and the interrupt, its exit code is the result, and the disposable
// servers are removed with their data.
func TestRunHandsTheSignalOnAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stack")
	command := exec.Command(built, "run", "--dir", dir, "--fresh", "--disposable", "--", "sh", "-c",
		`trap 'exit 7' INT; echo "$DATABASE_URL $AMQP_URL"; while :; do sleep 0.05; done`)
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Regexp(t, `^postgres://\S+ amqp://\S+\n$`, line)
	s := opened(t, dir)
	require.True(t, s.postgres.Disposable)

	second := devstack(t, dir, "run", "--", "true")
	require.Equal(t, 1, second.code)
	pid := strconv.Itoa(command.Process.Pid)
	const who = `devstack: \S+/stack is in use by another devstack run \(process PID: sh -c .+\): end that first, with Ctrl-C where it runs or with kill PID, or wait for it\n`
	require.Regexp(t, "^"+strings.ReplaceAll(who, "PID", pid)+"$", second.stderr)
	cleaning := devstack(t, dir, "clean")
	require.Equal(t, 1, cleaning.code)
	require.Equal(t, second.stderr, cleaning.stderr)

	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	require.Error(t, command.Wait())
	require.Equal(t, 7, command.ProcessState.ExitCode())
	require.NoDirExists(t, dir)
	require.Empty(t, strays(t, s))
}
