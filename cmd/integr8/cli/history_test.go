package cli

import (
	"regexp"
	"slices"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"integr8/handlers/operate/history"
	"integr8/pipeline/outcome"
)

func TestACommandThatChangesSomethingIsInTheHistoryWithWhoRanIt(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	s.variables["SUDO_USER"] = "ann"
	offer := number(s.Offer)
	for _, args := range [][]string{
		{"offer", "edit", offer, "--payout", "3.10", "--name", "winter"},
		{"offer", "edit", offer, "--publisher", number(s.Publisher), "--payout", "1"},
		{"token", "create", "--account", number(s.ID)},
	} {
		code, _, stderr := s.command(args...)
		require.Zero(t, code, stderr)
	}
	var edits []history.Entry
	s.answers(&edits, "history", "--noun", "offer", "--id", offer, "--by", "ANN@")
	require.Len(t, edits, 2)
	require.Equal(t, history.SetTerms, edits[0].Act)
	require.Equal(t, history.Edit, edits[1].Act)
	require.Regexp(t, "^ann@", edits[1].By)
	require.JSONEq(t, `{"name": "offer", "payout": "2.50"}`, string(edits[1].Old))
	require.JSONEq(t, `{"name": "winter", "payout": "3.10"}`, string(edits[1].New))

	code, stdout, _ := s.command("history", "--noun", "offer", "--id", offer, "--since", "1h")
	require.Zero(t, code)
	require.Regexp(t, `ann@.* offer +`+offer+` +edit +name "offer" -> "winter"; payout "2.50" -> "3.10"`, stdout)

	s.die(1, s.ID, outcome.OfferPaused, s.Offer)
	code, _, stderr := s.command("dead", "discard", "--all", "--yes", "--note", "the buyer is gone")
	require.Zero(t, code, stderr)
	var acts []history.Entry
	s.answers(&acts, "history", "--noun", "dead")
	require.Len(t, acts, 1)
	require.Equal(t, history.Discard, acts[0].Act)
	require.Contains(t, string(acts[0].New), "the buyer is gone")
}

func TestHistoryGoesOnAtItsCursorAndRefusesWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	var all, parts []history.Entry
	s.answers(&all, "history")
	require.Greater(t, len(all), 4)
	cursor := []string{}
	for len(parts) < len(all) {
		var part []history.Entry
		s.answers(&part, append([]string{"history", "--limit", "2"}, cursor...)...)
		require.NotEmpty(t, part)
		parts = append(parts, part...)
		cursor = []string{"--cursor", history.Behind(part[len(part)-1]).String()}
	}
	require.Equal(t, all, parts)
	code, _, stderr := s.command("history", "--limit", "2")
	require.Zero(t, code)
	require.Contains(t, stderr, "2 changes were written. To go on behind the last one: --cursor "+history.Behind(all[1]).String())

	for want, args := range map[string][]string{
		"there is no offer 4711":     {"--noun", "offer", "--id", "4711"},
		"there is no account 4711":   {"--account", "4711"},
		"--id needs --noun":          {"--id", "7"},
		"not a cursor":               {"--cursor", "-1"},
		"the text to look for is em": {"--by", " "},
	} {
		code, _, stderr := s.command(append([]string{"history"}, args...)...)
		require.NotZero(t, code, want)
		require.Contains(t, stderr, want)
	}
}

func TestHistoryKnowsEveryNoun(t *testing.T) {
	t.Parallel()
	leaf := parsedGrammar(t).Leaves(false)
	at := slices.IndexFunc(leaf, func(node *kong.Node) bool { return node.Name == "history" })
	require.GreaterOrEqual(t, at, 0)
	for _, flag := range leaf[at].Flags {
		if flag.Name == "noun" {
			var nouns []history.Noun
			for _, name := range regexp.MustCompile(`\w+`).FindAllString(flag.Enum, -1) {
				nouns = append(nouns, history.Noun(name))
			}
			require.Equal(t, history.Nouns(), nouns)
			return
		}
	}
	require.FailNow(t, "there is no --noun")
}
