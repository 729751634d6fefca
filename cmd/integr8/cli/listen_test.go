package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTwoProcessesOfOneMachineShareNoAddress(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_ADDR"] = "127.0.0.1:0"
	worker := s.start("work", "admin")
	doors := s.start("receive", "hits")

	s.variables["INTEGR8_ADMIN_ADDR"] = worker
	for _, command := range []string{"work", "receive", "up"} {
		s.variables["INTEGR8_SPOOL_DIR"] = t.TempDir()
		code, _, stderr := s.command(command)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, "integr8: INTEGR8_ADMIN_ADDR (--admin-addr): "+worker+" is in use already\nhint: ")
		require.NotContains(t, stderr, `"msg":"listening"`)
	}

	s.variables["INTEGR8_ADMIN_ADDR"] = "127.0.0.1:0"
	s.variables["INTEGR8_ADDR"] = doors
	code, _, stderr := s.command("receive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "integr8: INTEGR8_ADDR (--addr): "+doors+" is in use already\nhint: ")
}
