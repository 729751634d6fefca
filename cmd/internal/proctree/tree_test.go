package proctree_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/cmd/internal/proctree"
)

func TestAReusedProcessIDIsLeftAlone(t *testing.T) {
	command := exec.Command("sleep", "60")
	require.NoError(t, command.Start())
	now, err := proctree.Identify(command.Process.Pid)
	require.NoError(t, err)
	require.True(t, now.Alive())

	earlier := now
	earlier.Started--
	otherBoot := now
	otherBoot.Boot = "another run of the machine"
	for _, gone := range []proctree.ID{earlier, otherBoot, {}} {
		require.False(t, gone.Alive())
		require.NoError(t, gone.Signal(syscall.SIGKILL))
		require.NoError(t, proctree.KillTree(t.Context(), gone))
	}
	require.True(t, now.Alive())

	require.NoError(t, now.Signal(syscall.SIGKILL))
	require.NoError(t, now.Gone(t.Context()), "one that has ended counts as gone before its parent has noticed")
	require.Error(t, command.Wait())
	require.NoError(t, now.Signal(syscall.SIGKILL))
}

func TestKillTreeEndsDescendantsInTheirOwnSessions(t *testing.T) {
	command := exec.Command("sh", "-c", "setsid sleep 60 & setsid sh -c 'sleep 60 & wait' & wait")
	require.NoError(t, command.Start())
	root, err := proctree.Identify(command.Process.Pid)
	require.NoError(t, err)
	var members []proctree.ID
	require.Eventually(t, func() bool {
		members, err = proctree.Members(root)
		return err == nil && len(members) == 4
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, proctree.KillTree(t.Context(), root))
	for _, member := range members {
		require.False(t, member.Alive())
	}
	require.Error(t, command.Wait())
}
