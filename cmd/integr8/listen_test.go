package main

import (
	"errors"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAddressThatCannotBeUsedIsOneLineThatNamesItsSetting(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for _, setting := range []listenSetting{hitsSetting, adminSetting} {
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
			_, err := setting.listen(t.Context(), net.ListenConfig{}, address)
			require.Error(t, err, address)
			require.Contains(t, err.Error(), want)
			require.True(t, strings.HasPrefix(err.Error(), setting.variable+" ("+setting.flag+"): "), err.Error())
			require.NotContains(t, err.Error(), "\n")
			require.NotEmpty(t, hintOf(err, nil), address)
		}
	}
}

func TestAPortThatTheUserMayNotTakeIsOneLineThatNamesItsSetting(t *testing.T) {
	refuse := net.ListenConfig{Control: func(string, string, syscall.RawConn) error { return os.NewSyscallError("bind", syscall.EACCES) }}
	_, err := hitsSetting.listen(t.Context(), refuse, "127.0.0.1:80")
	require.EqualError(t, err, "INTEGR8_ADDR (--addr): this user may not listen at 127.0.0.1:80")
	require.NotEmpty(t, hintOf(err, nil))
}

func TestTwoProcessesOfOneMachineShareNoAddress(t *testing.T) {
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

func TestAnAdminAddressWithoutAPortIsNoMatterOfAPassword(t *testing.T) {
	err := (&settings{AdminAddr: "8081"}).checkAdmin()
	require.ErrorContains(t, err, "INTEGR8_ADMIN_ADDR (--admin-addr): address 8081: missing port")
	var hinted hintedError
	require.True(t, errors.As(err, &hinted))
	require.Contains(t, hinted.hint, "127.0.0.1:8081")
}
