package hit

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/token"
)

func TestUnfilledMacrosAreToldFromIDs(t *testing.T) {
	for _, text := range []string{
		"REPLACE", "REPLACE_ME", "replace-me", "REPLACE_WITH_CLICK_ID", "ReplaceThis", "INSERT_CLICK_ID_HERE", "YOUR_CLICK_ID",
		"enter your transaction id here", "{clickid}", "{{clickid}}", "{{ click.id }}", "[clickid]", "<clickid>", "%clickid%",
		"%7Bclickid%7D", "%%DEAL_REF%%", "%%FACE%%%%B00C%%", "%7bclickid%7d", "%257Bclickid%257D", "%7B%7Bclickid%7D%7D", "%5Bclickid%5D", "%3Cclickid%3E",
		"$clickid", "${clickid}", "$(clickid)", "#clickid#", "#clickid", "#{clickid}", ":clickid", "@clickid", "__CLICKID__", "*clickid*",
		"|clickid|", "!clickid!", "~clickid~", "[[clickid]]", "<%= clickid %>", "<?php echo $clickid ?>", "{transaction_id}", "{TRANSACTION_ID}",
		"{}", "[]", "{clickid", "clickid}", "[CLICK_ID]", "prefix-{clickid}", "{aff_sub}", "{subid1}", "{external_id}",
		"transaction_id", "TRANSACTION_ID", "Transaction-Id", "clickid", "click_id", "CLICKID", "clid", "tid", "txid", "id", "token", "macro",
		"value", "null", "NULL", "nil", "undefined", "none", "None", "NaN", "n/a", "N/A", "na", "empty", "unknown", "not set", "(not set)",
		"true", "false", "[object Object]", "test", "TEST", "test123", "testing", "test_click_id", "test-transaction-id", "demo", "sample",
		"example", "dummy", "foo", "foobar", "asdf", "xxx", "XXXXXXXX", "-", "--", "...", "?", "todo", " REPLACE ", "placeholder", "click",
	} {
		require.True(t, IsPlaceholder(text), text)
	}
}

func TestWhatSomebodyMeantAsAnIDIsNoPlaceholder(t *testing.T) {
	id := keys(t).Mint(time.Now())
	for _, text := range []string{
		"", " ", id.String(), strings.ToUpper(id.String()), id.UUID().String(), "{" + id.String() + "}", "%7B" + id.String() + "%7D",
		id.String()[:31], id.String()[:8], "0", "12345", "abc123def456", "deadbeef", "102f0b1c-77a1", "EAIaIQobChMI8", "a1b2c3",
		"order-1234", "test-7f3a9c21", "100%", "50%off", "$100", strings.Repeat("x", 200),
	} {
		require.False(t, IsPlaceholder(text), text)
	}
}

func FuzzIsPlaceholder(f *testing.F) {
	for _, text := range []string{"{clickid}", "%257Bclickid%257D", "REPLACE", "%", "((((((((((", strings.Repeat("{", 128)} {
		f.Add(text)
	}
	k := keys(f)
	f.Fuzz(func(t *testing.T, text string) {
		if IsPlaceholder(text) {
			_, err := k.Verify(text)
			require.ErrorIs(t, err, token.ErrMalformedTransactionID)
		}
	})
}
