package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFindAnswersHitsAndConversions(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	receipts := p.converted(3)
	found := p.object("find", "--order-id", "=1")
	require.Len(t, found["hits"], 1)
	require.Len(t, found["conversions"], 1)
	require.NotEmpty(t, found["not_looked_at"])
	require.Nil(t, found["next"])
	require.Len(t, p.object("find", "--receipt", receipts[0])["hits"], 1)
	require.Len(t, p.object("find", "--ip", "::ffff:192.0.2.7", "--limit", "2")["hits"], 2)
	require.Contains(t, p.succeed("find", "--ip", "192.0.2.7", "--limit", "2"), "There is more: --cursor ")
	require.Contains(t, p.succeed("find", "--order-id", "none"), "Nothing was found.")
	for _, wrong := range [][]string{{}, {"--receipt", receipts[0], "--order-id", "x"}, {"--ip", "x"}, {"--order-id", "x", "--limit", "0"}, {"--token", "--email"},
		{"--order-id", "", "--ip", "192.0.2.7"}} {
		require.Equal(t, exitUsage, p.run(append([]string{"find"}, wrong...)...).code, wrong)
	}
}

// TestASecretGivenToFindIsNeverShown, neither where it is read from standard input nor
// where it was written as an argument by mistake.
func TestASecretGivenToFindIsNeverShown(t *testing.T) {
	t.Parallel()
	const token, email = "tok-Zq81MmPq0r", "ann.Zq81MmPq0r@shop.example"
	p := newProgram(t)
	for _, got := range []result{
		p.runWith(token, "find", "--token"), p.runWith(email, "find", "--email", "--json"), p.runWith("Zq81MmPq0r", "find", "--email"),
		p.run("find", "--token="+token), p.run("find", "--token", token), p.run("find", "--email="+email), p.run("find", "--email", email),
		p.run("find", token),
	} {
		require.NotContains(t, got.stdout+got.stderr, "Zq81MmPq0r")
	}
	require.Equal(t, exitFailed, p.runWith("", "find", "--token").code)
	require.Equal(t, exitUsage, p.run("find", "--token="+token).code)
}
