package cli

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAdminAddressNeedsAPasswordWhereOthersCanReachIt(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_ADDR"] = "0.0.0.0:0"
	code, _, stderr := s.command("receive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "INTEGR8_ADMIN_PASSWORD")
}

func TestAdminPasswordGuardsAllButTheProbes(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_PASSWORD"] = "correct horse"
	address := "http://" + s.start("receive", "admin")
	status := func(path, password string) int {
		t.Helper()
		request, err := http.NewRequest(http.MethodGet, address+path, nil)
		require.NoError(t, err)
		if password != "" {
			request.SetBasicAuth("admin", password)
		}
		return s.send(request).status
	}
	require.Equal(t, http.StatusOK, status("/healthz", ""))
	require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, status("/readyz", ""))
	require.Equal(t, http.StatusUnauthorized, status("/metrics", ""))
	require.Equal(t, http.StatusUnauthorized, status("/metrics", "wrong"))
	require.Equal(t, http.StatusOK, status("/metrics", "correct horse"))
	require.NotContains(t, s.logs.text(), "correct horse")
	require.Contains(t, s.logs.text(), "a wrong user or password at the admin address")
}

func TestAShortAdminPasswordIsRefused(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["INTEGR8_ADMIN_PASSWORD"] = "horse"
	code, _, stderr := s.command("receive")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "fewer than 12")
}
