package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

func TestAFilterThatNamesWhatIsNotThereIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed("account", "create", "--name", "Other")
	const id = "0199f0a0-0000-7000-8000-000000000000"
	const noAccount = "integr8: there is no account 9\nhint: integr8 account list shows which there are\n"
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"report", "--account", "9"}, noAccount},
		{[]string{"report", "--reasons", "--account", "9"}, noAccount},
		{[]string{"report", "--orders", "--json", "--account", "9"}, noAccount},
		{[]string{"report", "--offer", "9"}, "integr8: there is no offer 9\nhint: integr8 offer list --account ID shows which an account has\n"},
		{[]string{"report", "--publisher", "9"}, "integr8: there is no publisher 9\nhint: integr8 publisher list --account ID shows which an account has\n"},
		{[]string{"report", "--account", "2", "--offer", "1"}, "integr8: account 2 has no offer 1\nhint: integr8 offer list --account 2 shows which it has\n"},
		{[]string{"report", "--conflicts", "--account", "2", "--publisher", "1"}, "integr8: account 2 has no publisher 1\nhint: integr8 publisher list --account 2 shows which it has\n"},
		{[]string{"dead", "list", "--account", "9"}, noAccount},
		{[]string{"dead", "list", "--summary", "--json", "--account", "9"}, noAccount},
		{[]string{"dead", "list", "--offer", "9", "--json"}, "integr8: there is no offer 9\nhint: integr8 offer list --account ID shows which an account has\n"},
		{[]string{"dead", "list", "--account", "2", "--offer", "1"}, "integr8: account 2 has no offer 1\nhint: integr8 offer list --account 2 shows which it has\n"},
		{[]string{"dead", "replay", "--account", "9"}, noAccount},
		{[]string{"dead", "discard", "--offer", "9", "--dry-run"}, "integr8: there is no offer 9\nhint: integr8 offer list --account ID shows which an account has\n"},
		{[]string{"trace", id, "--account", "9"}, noAccount},
		{[]string{"token", "show", "--account", "9"}, noAccount},
		{[]string{"token", "show", "--account", "1", "--offer", "9"}, "integr8: account 1 has no offer 9\nhint: integr8 offer list --account 1 shows which it has\n"},
	} {
		got := p.run(step.args...)
		require.Equal(t, result{code: exitFailed, stderr: step.want}, got, "%v", step.args)
	}
	for _, args := range [][]string{
		{"report", "--account", "1", "--offer", "1", "--publisher", "1"}, {"dead", "list", "--account", "1", "--offer", "1"}, {"dead", "list", "--json"},
	} {
		p.succeed(args...)
	}
}

func TestDeadLettersOfAnOfferThatNeverWasCanBeListed(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.die(2, s.ID, outcome.UnknownOffer, 4711)
	var letters []map[string]any
	s.answers(&letters, "dead", "list", "--offer", "4711")
	require.Len(t, letters, 2)
}

func TestAValueThatWouldPassForALeftOutFlagIsBadUsage(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	for _, args := range [][]string{
		{"report", "--account", "0"}, {"report", "--offer=-1"}, {"report", "--publisher=" + "0"}, {"report", "--by="},
		{"dead", "list", "--kind="}, {"dead", "list", "--kind=banner"}, {"dead", "list", "--reason="}, {"dead", "list", "--account="},
		{"dead", "list", "--status="}, {"dead", "discard", "--reason", "unknown_token", "--account", "0"}, {"dead", "replay", "--kind", "", "--offer", "1"},
		{"token", "create", "--account", "1", "--offer", "0"}, {"token", "import", "--account", "1", "--offer=0"},
		{"token", "create", "--account", "1", "--for="}, {"offer", "edit", "1", "--publisher", "0", "--payout", "3"},
		{"offer", "show", "1", "--account", "0"}, {"offer", "edit", "0", "--name", "x"}, {"offer", "edit", "1", "--status="},
		{"account", "show", "1.0"}, {"account", "show", "99999999999999999999"}, {"trace", "x", "--account", "0"},
	} {
		got := p.run(args...)
		require.Equal(t, exitUsage, got.code, "%v", args)
		require.Regexp(t, `^integr8: .+\nhint: see: integr8.* --help\n$`, got.stderr, "%v", args)
	}
	require.Contains(t, p.run("dead", "list", "--kind=").stderr, "--kind must be one of click,postback,pixel,clickless, and is empty")
	require.Contains(t, p.run("offer", "show", "Sneakers").stderr, `"Sneakers" is not the number of anything`)
	for written, want := range map[string]string{
		"publisher":     "is invalid_publisher or missing_publisher or publisher_paused or unknown_publisher meant?",
		"UNKNOWN-TOKEN": "is unknown_token or ", "unknwon_tokn": "is unknown_token or ", "click": "is click_expired or click_never_came or click_not_yet or test_of_real_click meant?",
		"zzz": `"zzz" is not a reason: integr8 dead list --status all --summary lists those that hits died for`, "": `"" is not a reason: integr8 dead list`,
	} {
		require.Contains(t, p.run("dead", "list", "--reason="+written).stderr, want, written)
	}
}

// TestAValueThatLooksLikeAFlagIsNamedAsWhatItIs: the parser takes -1 for a flag.
func TestAValueThatLooksLikeAFlagIsNamedAsWhatItIs(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	for line, want := range map[string]string{
		"offer edit 1 --payout -1":            `--payout: "-1" is neither an amount such as 2.50 nor a share such as 80%: not negative, and below one trillion`,
		"offer edit 1 --payout -.5":           `--payout: "-.5" is neither an amount`,
		"offer edit 1 --ceiling -1":           `--ceiling: "-1" is neither an amount`,
		"offer edit 1 --account -5":           `--account: "-5" is not the number of anything`,
		"queues --interval -1s":               `--interval: "-1s" is not a duration`,
		"dead list --limit -1":                "--limit cannot be negative; 0 is all",
		"dead list --reason":                  "--reason: a value must follow",
		"dead list --reason --json":           `--reason: a value must follow, and "--json" looks like a flag`,
		"account create --name -x":            `--name: a value must follow, and "-x" looks like a flag; perhaps try --name="-x"?`,
		"dead replay --all --rate -1":         `--rate: "-1"`,
		"token edit 1 --valid-until -3d":      `--valid-until: "-3d"`,
		"offer edit 1 --window -30d":          `--window: "-30d" is not a duration`,
		"report --from -7d --to -1d --orders": `--from: "-7d"`,
	} {
		got := p.run(strings.Fields(line)...)
		require.Equal(t, exitUsage, got.code, line)
		require.Contains(t, got.stderr, want, line)
		require.NotContains(t, got.stderr, "expected", line)
	}
}
