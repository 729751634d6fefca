package outcome_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

// raisers are the raisers by their names in testdata/reasons.txt.
var raisers = []struct {
	raiser outcome.Raiser
	name   string
}{{outcome.Door, "door"}, {outcome.Rules, "rules"}, {outcome.Machinery, "machinery"}}

// described returns all that the table says of a reason.
func described(reason outcome.Reason) string {
	var by []string
	for _, one := range raisers {
		if reason.RaisedBy(one.raiser) {
			by = append(by, one.name)
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n  outcome %s, raised by %s", reason, reason.Outcome(), strings.Join(by, " and "))
	if reason.OfValue() {
		text.WriteString(", about a value")
	}
	if reason.OfSender() {
		text.WriteString(", doctor names its senders")
	}
	if reason.OfReference() {
		text.WriteString(", a replay looks at the reference data")
	}
	text.WriteString("\n")
	if reason.RaisedBy(outcome.Door) {
		fmt.Fprintf(&text, "  sender: %s\n", reason.SenderText(""))
		if about := reason.SenderText("revenue"); about != reason.SenderText("") {
			fmt.Fprintf(&text, "  about revenue: %s\n", about)
		}
	}
	fmt.Fprintf(&text, "  hint: %s\n", reason.Hint())
	return text.String()
}

// Names are in rows, metrics and JSON, and texts in what senders and operators
// read: a change of one is a change of the contract, and of testdata/reasons.txt.
func TestReasonsAndTheirTextsAreThoseOfTheContract(t *testing.T) {
	want, err := os.ReadFile("testdata/reasons.txt")
	require.NoError(t, err)
	reasons := outcome.Reasons()
	slices.Sort(reasons)
	var got strings.Builder
	for _, reason := range reasons {
		got.WriteString(described(reason))
	}
	require.Equal(t, string(want), got.String())
}

func TestEveryReasonHasWhatItsRaiserNeeds(t *testing.T) {
	general := outcome.Reason("no such reason").SenderText("")
	seen := map[string]outcome.Reason{}
	for _, reason := range outcome.Reasons() {
		require.NotEmpty(t, reason.Hint(), "%s: an operator needs a hint", reason)
		require.NotContains(t, reason.Hint(), "\n", reason)
		require.NotEmpty(t, reason.Cause())
		require.NotContains(t, reason.Cause(), "`", "a sender reads it, who has no commands: %s", reason)
		require.Less(t, len(reason.Hint()), 200, "a hint is one line: %s", reason)
		text := reason.SenderText("")
		if !reason.RaisedBy(outcome.Door) {
			require.Equal(t, general, text, "%s: nobody reads a text for the sender", reason)
			continue
		}
		require.NotEqual(t, general, text, "%s: a sender needs a text", reason)
		require.NotContains(t, text, "\n", reason)
		require.NotContains(t, text, "{", reason)
		if reason == outcome.OfferPaused || reason == outcome.PublisherPaused {
			continue // a visitor can do nothing, and need not know which
		}
		require.Contains(t, text, ": ", "%s says what to send instead", reason)
		require.Empty(t, seen[text], "%s and %s say the same", reason, seen[text])
		seen[text] = reason
	}
	require.NotEmpty(t, seen)
}

func TestOutcomeFollowsFromTheReason(t *testing.T) {
	require.Empty(t, outcome.NoReason.Outcome())
	require.Equal(t, outcome.Rejected, outcome.Reason("of_a_later_version").Outcome())
	for _, reason := range outcome.RaisedBy(outcome.Door) {
		require.Equal(t, outcome.Rejected, reason.Outcome(), reason)
	}
	for _, reason := range outcome.RaisedBy(outcome.Machinery) {
		require.Equal(t, outcome.Failed, reason.Outcome(), reason)
	}
	for _, reason := range outcome.RaisedBy(outcome.Rules) {
		require.NotContains(t, []outcome.Outcome{"", outcome.Recorded, outcome.Converted, outcome.Failed}, reason.Outcome(), reason)
	}
}

func TestAReasonOfAnotherVersionHasNoTexts(t *testing.T) {
	for _, reason := range []outcome.Reason{outcome.NoReason, "of_a_later_version"} {
		require.False(t, reason.Exists())
		require.Empty(t, reason.Hint())
		require.False(t, reason.OfValue())
		for _, one := range raisers {
			require.False(t, reason.RaisedBy(one.raiser))
		}
	}
}
