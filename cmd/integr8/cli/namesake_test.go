package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestANameThatIsTakenIsWarnedOf(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed("account", "create", "--name", "Other")
	const how = ": tell them apart by number, or rename "
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"account", "create", "--name", " acme "}, `warning: account 1 has the name "acme" too` + how + "one: `integr8 account edit ID --name NAME`\n"},
		{[]string{"account", "edit", "2", "--name", "ACME"}, `warning: accounts 1, 3 have the name "ACME" too` + how + "them: `integr8 account edit ID --name NAME`\n"},
		{[]string{"account", "edit", "2", "--name", "Another"}, ""},
		{[]string{"advertiser", "create", "--account", "2", "--name", "Shoes"}, ""}, // of another account
		{[]string{"advertiser", "create", "--account", "1", "--name", "shoes"}, `warning: advertiser 1 has the name "shoes" too` + how + "one: `integr8 advertiser edit ID --name NAME`\n"},
		{[]string{"advertiser", "edit", "1", "--name", "SHOES"}, `warning: advertiser 3 has the name "SHOES" too` + how + "one: `integr8 advertiser edit ID --name NAME`\n"},
		{[]string{"publisher", "create", "--account", "1", "--name", "BLOG"}, `warning: publisher 1 has the name "BLOG" too` + how + "one: `integr8 publisher edit ID --name NAME`\n"},
		{[]string{"publisher", "edit", "1", "--status", "paused"}, ""}, // no new name
		{[]string{"publisher", "edit", "1", "--name", "Blog"}, `warning: publisher 2 has the name "Blog" too` + how + "one: `integr8 publisher edit ID --name NAME`\n"},
		{offerArguments(), `warning: offer 1 has the name "Sale" too` + how + "one: `integr8 offer edit ID --name NAME`\n"},
		{[]string{"offer", "edit", "2", "--name", "sale"}, `warning: offer 1 has the name "sale" too` + how + "one: `integr8 offer edit ID --name NAME`\n"},
		{[]string{"offer", "edit", "2", "--window", "12h"}, ""},
	} {
		got := p.run(step.args...)
		require.Equal(t, exitOK, got.code, "%v: %s", step.args, got.stderr)
		require.Equal(t, step.want, got.stderr, "%v", step.args)
	}
}

func TestACreateThatCannotPrintItsLinksCreatesNothing(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.environment["INTEGR8_PUBLIC_URL"] = "track.example"
	for _, args := range [][]string{offerArguments(), {"token", "create", "--account", "1"}} {
		got := p.run(args...)
		require.Equal(t, exitFailed, got.code, "%v", args)
		require.Contains(t, got.stderr, "INTEGR8_PUBLIC_URL cannot be read\nhint: ")
	}
	delete(p.environment, "INTEGR8_PUBLIC_URL")
	require.EqualValues(t, 2, p.object(offerArguments()...)["id"])
	require.EqualValues(t, 1, p.object("token", "create", "--account", "1")["id"])
}
