package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnImportThatCanBeGuessedIsRefusedUnlessForced(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	const weak = "summer-sale-2024"
	tokens := p.succeed("token", "list", "--account", "1", "--json")
	got := p.runWith(weak, "token", "import", "--account", "1")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "bits of guessing")
	require.Contains(t, got.stderr, "--force")
	require.NotContains(t, got.stdout+got.stderr, weak)
	require.Equal(t, tokens, p.succeed("token", "list", "--account", "1", "--json"), "nothing was stored")

	got = p.runWith(weak, "token", "import", "--account", "1", "--force")
	require.Equal(t, exitOK, got.code, got.stderr)
	require.NotEqual(t, tokens, p.succeed("token", "list", "--account", "1", "--json"))
}

func TestARefusedImportNamesTheCommandThatMakesAToken(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	for name, token := range map[string]string{
		"too short": "Xk3!", "nothing": "", "too long": strings.Repeat("Xk3!q9Zv", 300), "two lines": "q8Zv3LrT1xW0\npYbN5dKs", "no ASCII": "q8Zv3LrT1xW0pYbN5dKs€",
		"a macro": "%%TOKEN%%", "another macro": "{secure_token}", "a third": "{{ postback.token }}", "a fourth": "${SECURE_TOKEN}", "a word in its place": "REPLACE_ME",
	} {
		for _, force := range [][]string{nil, {"--force"}} {
			got := p.runWith(token, append([]string{"token", "import", "--account", "1", "--offer", "1", "--for", "postback"}, force...)...)
			require.Equal(t, exitFailed, got.code, name)
			require.Contains(t, got.stderr, "hint: give the advertiser a generated one: `integr8 token create --account 1 --offer 1 --for postback`\n", name)
		}
	}
	require.Contains(t, p.runWith("Xk3!", "token", "import", "--account", "1", "--force").stderr, "fewer than 8 characters: too few for a secret, also with `--force`")
}
