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

func TestWhoCannotInstallIsToldWhatToSet(t *testing.T) {
	known := needs()
	err := cannotInstall([]need{known["postgres"], known["rabbitmq"]}, errors.New("this system has no apt-get"))
	for _, part := range []string{"Postgres 13", "RabbitMQ 3.10", "DATABASE_URL", "AMQP_URL", "no apt-get", "postgresql rabbitmq-server"} {
		require.ErrorContains(t, err, part)
	}
}

func TestNewestPostgresIsUsedUnlessDataNeedAnother(t *testing.T) {
	library := t.TempDir()
	for _, version := range []string{"9.6", "12", "13", "15", "junk"} {
		directory := filepath.Join(library, version, "bin")
		require.NoError(t, os.MkdirAll(directory, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(directory, "initdb"), nil, 0o700))
	}
	newest, err := findPostgres(library, 0)
	require.NoError(t, err)
	require.Equal(t, 15, newest.major)
	require.Equal(t, filepath.Join(library, "15", "bin", "postgres"), newest.path("postgres"))
	older, err := findPostgres(library, 13)
	require.NoError(t, err)
	require.Equal(t, 13, older.major)
	_, err = findPostgres(library, 14)
	require.ErrorIs(t, err, errMissing)
	require.ErrorContains(t, err, "Postgres 14")
	require.NoError(t, os.RemoveAll(filepath.Join(library, "15")))
	require.NoError(t, os.RemoveAll(filepath.Join(library, "13")))
	t.Setenv("PATH", "")
	_, err = findPostgres(library, 0)
	require.ErrorIs(t, err, errMissing, "12 is too old")
}

func TestNewestRabbitMQIsUsedAndAnOldOneIsNot(t *testing.T) {
	t.Setenv("PATH", "")
	library := t.TempDir()
	add := func(version string) string {
		path := filepath.Join(library, "rabbitmq_server-"+version, "sbin", "rabbitmq-server")
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, 0o700))
		return path
	}
	add("3.9.13")
	_, err := findRabbitMQ(library)
	require.ErrorIs(t, err, errMissing)
	for _, version := range []string{"3.10.8", "3.12.1", "4.0.5"} {
		newest := add(version)
		got, err := findRabbitMQ(library)
		require.NoError(t, err)
		require.Equal(t, newest, got)
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
			{"rabbitmq-server", "start"}, {"--quiet", "postgresql", "restart", "2"}, {"postgresql@15-main.service", "start"}, {"epmd.socket", "start"},
		} {
			require.Equal(t, 101, decision(service...), service)
		}
		require.FileExists(t, filepath.Join(root, "etc/postgresql-common/createcluster.d/integr8.conf"))
		return held
	}

	// Where there was no policy, other services are free, and none stays.
	held := hold()
	require.Zero(t, decision("nginx", "start"))
	require.NoError(t, held.release())
	require.NoFileExists(t, path)
	require.NoDirExists(t, filepath.Join(root, "etc/postgresql-common"))

	// Where there was one, it goes on to decide on others, and comes back,
	// also when an earlier installation was killed in the middle.
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
