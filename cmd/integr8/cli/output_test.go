package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

// What a terminal would take for an order of ours, or shows in another order
// than it stands.
const hiddenText = "a\x1b[2Jb\x9b31mc\u0085d\x7fe\u202etxt.exe\u2066f\u2069g\u200bh\ufefft\u2028u\u00adv\U000e0041w\r\nx\u200fy"

func showsNothingHidden(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		require.True(t, r == '\n' || unicode.IsPrint(r), "%q in %q", r, text)
	}
}

func TestForeignTextIsEscapedInBothForms(t *testing.T) {
	t.Parallel()
	text := strings.ToValidUTF8(hiddenText, "\uFFFD")
	for _, form := range []bool{true, false} {
		var out bytes.Buffer
		require.NoError(t, output{JSON: form}.print(&invocation{stdout: &out}, map[string]any{text: text, "raw": json.RawMessage(`{"a":"` + "\u202e\u009b" + `"}`)}, func(table *table) {
			table.row(text, "x")
		}))
		showsNothingHidden(t, out.String())
		require.Contains(t, out.String(), `\u202etxt.exe`, "it is told what stands there")
		if form {
			var back map[string]any
			require.NoError(t, json.Unmarshal(out.Bytes(), &back))
			require.Equal(t, text, back[text], "JSON stays the same JSON")
		}
	}
	var list, errs bytes.Buffer
	require.NoError(t, writeJSONList(&list, func(write func(any) error) error { return write(text) }))
	showsNothingHidden(t, list.String())
	fail(&errs, 1, fmt.Errorf("no offer named %s", text), nil)
	(&invocation{stderr: &errs}).warn("%s", text)
	showsNothingHidden(t, errs.String())
	require.Equal(t, "größe \U0001F600 é", printable("größe \U0001F600 é"))
}

// Through the doors to all commands that print what visitors sent.
func TestWhatVisitorsSendDoesNotReachTheTerminalRaw(t *testing.T) {
	t.Parallel()
	s := startSystem(t, 1)
	text := strings.ToValidUTF8(strings.ReplaceAll(hiddenText, "\x9b", "\u009b"), "")
	click := s.click("sub_id", text, "utm", text, text, "1")
	unmatched := s.get("/", "secure", s.Global, "transaction_id", click, "adv_sub_id", text, "x", text, "order_id", text)
	s.becomes(unmatched.receipt, outcome.Converted)
	rejected := s.get("/", "secure", "nobody's", "transaction_id", click, "adv_sub_id", text, "order_id", text).receipt
	s.becomes(rejected, outcome.Rejected)
	for _, command := range [][]string{
		{"trace", click}, {"dead", "show", rejected}, {"dead", "list"}, {"report"}, {"report", "--by", "publisher"}, {"report", "--reasons"}, {"queues"},
	} {
		for _, form := range [][]string{nil, {"--json"}} {
			code, stdout, stderr := s.command(append(command, form...)...)
			require.Zero(t, code, "%s: %s", command, stderr)
			showsNothingHidden(t, stdout+stderr)
		}
	}
	_, stdout, _ := s.command("trace", click)
	require.Contains(t, stdout, `\u202etxt.exe`)
}
