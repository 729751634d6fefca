package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAKeyIsCreatedListedAndRevoked(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	text := p.succeed("key", "create", "--account", "1", "--role", "admin", "--name", "Console")
	require.Regexp(t, `(?m)^key +i8k_[0-9a-f]{64}$`, text)
	require.Contains(t, text, "cannot be shown again")
	made := p.object("key", "create", "--operator", "--name", "Watch")
	require.Regexp(t, `^i8k_[0-9a-f]{64}$`, made["key"])
	require.Equal(t, "read", made["role"], "the weakest is the default")
	require.Nil(t, made["account_id"])

	all := p.list("key", "list")
	require.Len(t, all, 2)
	for _, key := range all {
		require.NotContains(t, key, "key")
	}
	require.Len(t, p.list("key", "list", "--account", "1"), 1)
	require.Len(t, p.list("key", "list", "--operator"), 1)

	require.NotNil(t, p.object("key", "revoke", "2")["revoked_at"])
	require.Empty(t, p.list("key", "list", "--operator", "--current"))
	require.Contains(t, p.succeed("key", "list"), made["prefix"].(string)+"...")
}

// TestAKeyOfAllAccountsIsAskedFor: it is never what somebody gets who names no account.
func TestAKeyOfAllAccountsIsAskedFor(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, args := range [][]string{
		{"key", "create", "--name", "x"}, {"key", "create", "--name", "x", "--account", "1", "--operator"}, {"key", "create", "--account", "1"},
		{"key", "create", "--name", "x", "--operator", "--role", "root"},
	} {
		require.Equal(t, exitUsage, p.run(args...).code, "%v", args)
	}
	got := p.run("key", "create", "--name", "x", "--account", "7")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "there is no account 7")
	got = p.run("key", "revoke", "7")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "there is no key 7")
}
