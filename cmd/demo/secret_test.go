package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSecretIsMadeOnceAndKeptToItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	first, err := keepSecret(path, "")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(first), 26)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	again, err := keepSecret(path, "")
	require.NoError(t, err)
	require.Equal(t, first, again)

	given, err := keepSecret(path, "from the environment")
	require.NoError(t, err)
	require.Equal(t, "from the environment", given)
	kept, err := keepSecret(path, "")
	require.NoError(t, err)
	require.Equal(t, first, kept, "a given secret is not kept")
}

func TestAnEmptySecretFileIsFilledAndClosedToOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	secret, err := keepSecret(path, "")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(secret), 26)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
