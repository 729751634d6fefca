package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAReusedProcessIDIsLeftAlone(t *testing.T) {
	command := exec.Command("sleep", "60")
	require.NoError(t, command.Start())
	now, err := identify(command.Process.Pid)
	require.NoError(t, err)
	require.True(t, now.alive())

	earlier := now
	earlier.Started--
	otherBoot := now
	otherBoot.Boot = "another run of the machine"
	for _, gone := range []process{earlier, otherBoot, {}} {
		require.False(t, gone.alive())
		require.NoError(t, gone.signal(syscall.SIGKILL))
		require.NoError(t, killTree(t.Context(), gone))
	}
	require.True(t, now.alive())

	require.NoError(t, now.signal(syscall.SIGKILL))
	require.NoError(t, now.gone(t.Context()), "one that has ended counts as gone before its parent has noticed")
	require.Error(t, command.Wait())
	require.NoError(t, now.signal(syscall.SIGKILL))
}

func TestKillTreeEndsDescendantsInTheirOwnSessions(t *testing.T) {
	command := exec.Command("sh", "-c", "setsid sleep 60 & setsid sh -c 'sleep 60 & wait' & wait")
	require.NoError(t, command.Start())
	root, err := identify(command.Process.Pid)
	require.NoError(t, err)
	var members []process
	require.Eventually(t, func() bool {
		members, err = tree(root)
		return err == nil && len(members) == 4
	}, patience, tick)
	require.NoError(t, killTree(t.Context(), root))
	for _, member := range members {
		require.False(t, member.alive())
	}
	require.Error(t, command.Wait())
}

func TestStatusIsReadWhateverTheProgramIsCalled(t *testing.T) {
	const rest = " 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 0 0"
	for name, want := range map[string]status{
		"1 (sleep) S" + rest:          {state: 'S', parent: 1, started: 4711},
		"1 (a b) T" + rest:            {state: 'T', parent: 1, started: 4711},
		"1 (odd) Z 9 (name) R" + rest: {state: 'R', parent: 1, started: 4711},
	} {
		got, err := parseStatus(name)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, broken := range []string{"", "1 (sleep", "1 (sleep) S 1 2", "1 (sleep) S x" + rest} {
		_, err := parseStatus(broken)
		require.Error(t, err, broken)
	}
	own, err := readStatus(os.Getpid())
	require.NoError(t, err)
	require.Equal(t, os.Getppid(), own.parent)
}
