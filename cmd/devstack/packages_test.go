package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWayToInstallIsFoundOrTheReasonGiven(t *testing.T) {
	for _, test := range []struct {
		machine machine
		want    way
		reason  string
	}{
		{machine{root: true, aptGet: true}, asRoot, ""},
		{machine{root: true, aptGet: true, sudo: true}, asRoot, ""},
		{machine{aptGet: true, sudo: true}, bySudo, ""},
		{machine{aptGet: true}, noWay, "not root"},
		{machine{root: true}, noWay, "no apt-get"},
		{machine{}, noWay, "no apt-get"},
	} {
		got, reason := wayToInstall(test.machine)
		require.Equal(t, test.want, got, test.machine)
		require.Contains(t, reason, test.reason)
		require.Equal(t, test.reason == "", reason == "")
	}
}

func TestTheErrorOfAnInstallationSaysWhatToSet(t *testing.T) {
	known := needs()
	err := cannotInstall([]need{known["postgres"], known["rabbitmq"]}, errors.New("this system has no apt-get"))
	for _, part := range []string{"Postgres 13", "RabbitMQ 3.10", "DATABASE_URL", "AMQP_URL", "no apt-get", "postgresql rabbitmq-server"} {
		require.ErrorContains(t, err, part)
	}
}

func TestInstallingStartsNoServiceAndRestoresThePolicy(t *testing.T) {
	const earlier = "#!/bin/sh\n[ \"$1\" = nginx ] && exit 104\nexit 0\n"
	root := t.TempDir()
	path := filepath.Join(root, "usr/sbin/policy-rc.d")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	decision := func(arguments ...string) int {
		command := exec.Command(path, arguments...)
		if err := command.Run(); err != nil {
			var failed *exec.ExitError
			require.ErrorAs(t, err, &failed)
		}
		return command.ProcessState.ExitCode()
	}
	hold := func() *heldServices {
		held, err := holdServices(root)
		require.NoError(t, err)
		for _, service := range [][]string{
			{"rabbitmq-server", "start"}, {"--quiet", "postgresql", "restart", "2"}, {"postgresql@15-main.service", "start"}, {"epmd.socket", "start"}, {"prometheus", "start"},
		} {
			require.Equal(t, 101, decision(service...), service)
		}
		require.FileExists(t, filepath.Join(root, "etc/postgresql-common/createcluster.d/integr8.conf"))
		return held
	}

	// Without an earlier policy, other services are allowed, and no policy stays.
	held := hold()
	require.Zero(t, decision("nginx", "start"))
	require.NoError(t, held.release())
	require.NoFileExists(t, path)
	require.NoDirExists(t, filepath.Join(root, "etc/postgresql-common"))

	// An earlier policy continues to decide on other services, and is restored, also
	// when an earlier installation was killed in between.
	require.NoError(t, os.WriteFile(path, []byte(earlier), 0o700))
	hold()
	held = hold()
	require.Equal(t, 104, decision("nginx", "start"))
	require.NoError(t, held.release())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, earlier, string(text))
	require.NoError(t, held.release())
	require.FileExists(t, path)
}
