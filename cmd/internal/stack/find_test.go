package stack

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

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
	require.ErrorIs(t, err, ErrMissing)
	require.ErrorContains(t, err, "Postgres 14")
	require.NoError(t, os.RemoveAll(filepath.Join(library, "15")))
	require.NoError(t, os.RemoveAll(filepath.Join(library, "13")))
	t.Setenv("PATH", "")
	_, err = findPostgres(library, 0)
	require.ErrorIs(t, err, ErrMissing, "12 is too old")
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
	require.ErrorIs(t, err, ErrMissing)
	for _, version := range []string{"3.10.8", "3.12.1", "4.0.5"} {
		newest := add(version)
		got, err := findRabbitMQ(library)
		require.NoError(t, err)
		require.Equal(t, newest, got)
	}
}
