package app

import (
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/failure"
)

func TestAnAddressThatCannotBeUsedIsOneLineThatNamesItsSetting(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for purpose, setting := range addressSettings {
		for address, want := range map[string]string{
			taken.Addr().String(): taken.Addr().String() + " is in use already",
			"192.0.2.1:0":         "192.0.2.1:0 is no address of this machine",
			"8080":                "missing port",
			"127.0.0.1":           "missing port",
			"127.0.0.1:99999":     "invalid port",
			"127.0.0.1:x y":       "unknown port",
			"::1:8080":            "too many colons",
			"host.invalid:8080":   "no such host",
		} {
			_, err := listen(t.Context(), net.ListenConfig{}, purpose, address)
			require.Error(t, err, address)
			require.Contains(t, err.Error(), want)
			require.True(t, strings.HasPrefix(err.Error(), setting.name+": "), err.Error())
			require.NotContains(t, err.Error(), "\n")
			require.NotEmpty(t, failure.Hint(err), address)
		}
	}
}

func TestAPortThatTheUserMayNotTakeIsOneLineThatNamesItsSetting(t *testing.T) {
	refuse := net.ListenConfig{Control: func(string, string, syscall.RawConn) error { return os.NewSyscallError("bind", syscall.EACCES) }}
	_, err := listen(t.Context(), refuse, ForHits, "127.0.0.1:80")
	require.EqualError(t, err, "INTEGR8_ADDR (--addr): this user may not listen at 127.0.0.1:80")
	require.NotEmpty(t, failure.Hint(err))
}
