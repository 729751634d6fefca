package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const userPassword = "a password for tests"

func TestAUserIsCreatedListedAndEdited(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	created := p.runWith(userPassword+"\n", "user", "create", "ann", "--role", "operator", "--account", "1")
	require.Equal(t, exitOK, created.code, created.stderr)
	require.Contains(t, created.stdout, "account 1")
	require.Equal(t, exitOK, p.runWith(userPassword, "user", "create", "bob", "--role", "viewer", "--all-accounts").code)
	require.Len(t, p.list("user", "list"), 2)
	require.Equal(t, "admin", p.object("user", "edit", "bob", "--role", "admin")["role"])
	require.NotNil(t, p.object("user", "edit", "bob", "--disable")["disabled_at"])
	require.Nil(t, p.object("user", "edit", "bob", "--enable")["disabled_at"])
	require.Equal(t, exitOK, p.runWith(userPassword, "user", "password", "bob").code)
	require.Regexp(t, `^http://127\.0\.0\.1:8082/login/link#i8l_[0-9a-f]{64}\n$`, p.succeed("user", "link", "bob"))
	require.Equal(t, "eve", p.object("user", "create", "eve", "--role", "viewer", "--all-accounts", "--no-password")["name"])
	require.Contains(t, p.object("user", "link", "eve", "--base", "https://console.example/")["link"], "https://console.example/login/link#i8l_")
	for listens, wanted := range map[string]string{"0.0.0.0:9000": "127.0.0.1:9000", "[::]:9000": "127.0.0.1:9000", ":9000": "127.0.0.1:9000", "console.internal:80": "console.internal:80"} {
		p.environment["INTEGR8_WEB_ADDR"] = listens
		require.Contains(t, p.object("user", "link", "eve")["link"], "http://"+wanted+"/login/link#i8l_")
	}
	delete(p.environment, "INTEGR8_WEB_ADDR")
	require.Empty(t, p.list("user", "sessions"))
	require.Contains(t, p.succeed("user", "logout", "bob"), "0 sessions were ended")
	require.NotContains(t, p.succeed("history", "--noun", "user", "--json"), userPassword)
}

// TestAUserOfAllAccountsIsAskedForAndAPasswordIsNoArgument: neither is a default.
func TestAUserOfAllAccountsIsAskedForAndAPasswordIsNoArgument(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, args := range [][]string{
		{"user", "create", "ann", "--role", "viewer"}, {"user", "create", "ann", "--account", "1"},
		{"user", "create", "ann", "--role", "viewer", "--account", "1", "--all-accounts"},
		{"user", "create", "ann", userPassword, "--role", "viewer", "--account", "1"},
		{"user", "password", "ann", userPassword}, {"user", "edit", "ann"}, {"user", "edit", "ann", "--account", "0"},
	} {
		got := p.runWith(userPassword, args...)
		require.Equal(t, exitUsage, got.code, "%v", args)
		require.NotContains(t, got.stderr, userPassword)
	}
	got := p.run("user", "edit", "nobody", "--disable")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, `there is no user "nobody"`)
}
