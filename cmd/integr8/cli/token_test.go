package cli

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTokensAreMadeAndShownReadyToPaste(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	global := p.object("token", "create", "--account", "1")
	offer := p.object("token", "create", "--account", "1", "--offer", "1")
	require.Regexp(t, `^i8t_[0-9a-f]{40}$`, global["token"])
	require.NotEqual(t, global["token"], offer["token"])
	require.Equal(t, "https://track.example/postback?secure="+global["token"].(string)+"&transaction_id=REPLACE&revenue=REPLACE", global["url"],
		"the offer takes a percentage of the revenue")
	require.Equal(t, "global", global["scope"])
	require.Equal(t, "offer", offer["scope"])
	require.Equal(t, 1.0, offer["offer"])

	text := p.succeed("token", "show", "--account", "1", "--offer", "1")
	require.Contains(t, text, global["url"])
	require.Contains(t, text, offer["url"])
	require.Contains(t, text, "No pixel: it needs a tracking domain. Make one with: integr8 domain create --account 1")

	p.succeed("domain", "create", "--account", "1", "--host", "px.example")
	text = p.succeed("token", "show", "--account", "1")
	require.NotContains(t, text, "No pixel")
	require.Contains(t, text, `<img src="https://px.example/pixel?secure=`+offer["token"].(string)+`&transaction_id=REPLACE&revenue=REPLACE"`)

	links := regexp.MustCompile(`https://track.example/clickless\S+`).FindAllString(text, -1)
	require.Len(t, links, 2)
	for i, token := range []any{global["token"], offer["token"]} {
		link, err := url.Parse(links[i])
		require.NoError(t, err)
		query := link.Query()
		require.Equal(t, token, query.Get("secure"))
		for _, name := range strings.Fields("publisher sub_id session_time conversion_ip user_agent revenue payout external_transaction_id user_email") {
			require.Equal(t, "REPLACE", query.Get(name), name)
		}
		require.Equal(t, token == global["token"], query.Has("offer"), "only a global token needs the offer")
	}

	one := p.object("token", "show", "2")
	require.Equal(t, offer["token"], one["token"])
	require.Equal(t, offer["url"], one["url"])
	require.Len(t, one["pixels"], 1)
}

func TestTheNewestValidTokenIsShown(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	first := p.object("token", "create", "--account", "1")["token"]
	second := p.object("token", "create", "--account", "1")["token"]
	require.NotEqual(t, first, second)
	shown := func() string { return p.succeed("token", "show", "--account", "1") }
	require.Contains(t, shown(), second)
	require.NotContains(t, shown(), first)

	p.succeed("token", "edit", "2", "--valid-until", "now")
	require.Contains(t, shown(), first)
	require.NotContains(t, shown(), second)
	p.succeed("token", "edit", "1", "--valid-until", "now")
	require.Contains(t, shown(), "No global token. Make one with: integr8 token create --account 1")
	p.succeed("token", "edit", "2", "--valid-until", "never")
	require.Contains(t, shown(), second)

	p.environment["INTEGR8_SECRET"] = "a new service secret, a service secret for tests"
	require.Contains(t, shown(), second, "an older secret still shows its tokens")
	p.environment["INTEGR8_SECRET"] = "another service secret"
	require.Contains(t, shown(), "made with a service secret that INTEGR8_SECRET no longer lists")
	require.Equal(t, exitFailed, p.run("token", "show", "2").code)
}

func TestListsNeverShowATokenAndImportNeverRepeatsIt(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	const secure = "older-Kq7Zp2Vx9-Rt4Wm8Yb3-77"
	made := p.object("token", "create", "--account", "1")["token"]

	got := p.runWith(secure+"\n", "token", "import", "--account", "1", "--offer", "1", "--json")
	require.Equal(t, exitOK, got.code, got.stderr)
	require.NotContains(t, got.stdout+got.stderr, secure)
	require.NotContains(t, p.succeed("token", "list", "--account", "1", "--json"), made)
	require.NotContains(t, p.succeed("token", "list", "--account", "1"), made)

	got = p.run("token", "show", "2")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "was imported")

	got = p.runWith(secure, "token", "import", "--account", "1")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "account 1 has this token already, as token 2")

	got = p.run("token", "import", "--account", "1", secure)
	require.Equal(t, exitUsage, got.code)
	require.NotContains(t, got.stderr, secure)

	for name, stdin := range map[string]string{
		"nothing": "", "short": "1234567", "two lines": "first-token\nsecond-token", "space": "a token with spaces",
		"not ASCII": "tøken-tøken", "NUL": "token\x00token", "too long": strings.Repeat("x", 5000),
	} {
		got := p.runWith(stdin, "token", "import", "--account", "1")
		require.Equal(t, exitFailed, got.code, name)
		if stdin != "" {
			require.NotContains(t, got.stderr, stdin, name)
		}
	}
}

func TestATokenOfAnotherAccountsOfferIsRefused(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed("account", "create", "--name", "Other")
	for _, args := range [][]string{
		{"token", "create", "--account", "2", "--offer", "1"},
		{"token", "show", "--account", "2", "--offer", "1"},
	} {
		got := p.run(args...)
		require.Equal(t, exitFailed, got.code)
		require.Contains(t, got.stderr, "account 2 has no offer 1", "%v", args)
	}
	got := p.runWith("older-Kq7Zp2Vx9-Rt4Wm8Yb3-77", "token", "import", "--account", "2", "--offer", "1")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "account 2 has no offer 1")
}
