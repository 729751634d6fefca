package receiver

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/outcome"
)

// TestAPlaceholderIsNoKeyAtAnyDoor: two orders with one placeholder would be one
// order, and the second a duplicate.
func TestAPlaceholderIsNoKeyAtAnyDoor(t *testing.T) {
	d := open(t)
	for _, placeholder := range []string{
		"{order", "order}", "@order@", "@@ORDER@@", "%%ORDER", "(order_id)", "!order!", "[[order]]", "<%= order %>", "__ORDER_ID__", "$order_id", ":order_id",
		"&lt;order_id&gt;", "%(order_id)s", "'order_id'", "$order->id", "order[id]",
	} {
		for query, refusal := range map[string]outcome.Reason{
			"/?secure=TOKEN&transaction_id=ID&order_id=":                   outcome.PlaceholderOrderID,
			"/clickless?secure=TOKEN&publisher=2&order_id=":                outcome.PlaceholderOrderID,
			"/clickless?secure=TOKEN&publisher=2&external_transaction_id=": outcome.PlaceholderExternalID,
		} {
			r := d.get(d.fill(query) + url.QueryEscape(placeholder))
			require.Equal(t, 400, r.status, "%s%s", query, placeholder)
			observed := d.observed()
			require.Equal(t, refusal, observed[len(observed)-1].Refusal, "%s%s", query, placeholder)
		}
	}
	d.get(d.fill("/?secure=TOKEN&transaction_id=ID&order_id=%%ORDER"))
	observed := d.observed()
	require.Equal(t, outcome.PlaceholderOrderID, observed[len(observed)-1].Refusal, "also where it is not percent-encoded")
	for _, id := range []string{"A-1", "#1001", "INV(2)-77", "order_55", "(55)", "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}", "1001@shop", "[1234]"} {
		d.queue.forget()
		d.get(d.fill("/?secure=TOKEN&transaction_id=ID&order_id=") + url.QueryEscape(id)).accepted(t)
		require.Equal(t, id, d.only().Params["order_id"])
	}
}

// An unfilled macro between percent signs is not malformed encoding.
func TestARawMacroIsAPlaceholderAndNoBrokenEncoding(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, macro := range []string{"%%ID%%", "%ORDER_ID%", "%%DEAL_ID%%", "%%CD%%", "%ADID%", "%%click.id%%", "%%ORDER+ID%%"} {
		for query, refusal := range map[string]outcome.Reason{
			"/?secure=TOKEN&transaction_id=":                               outcome.PlaceholderTransaction,
			"/?secure=TOKEN&transaction_id=ID&order_id=":                   outcome.PlaceholderOrderID,
			"/clickless?secure=TOKEN&publisher=2&order_id=":                outcome.PlaceholderOrderID,
			"/clickless?secure=TOKEN&publisher=2&external_transaction_id=": outcome.PlaceholderExternalID,
			"/clickless?secure=TOKEN&publisher=":                           outcome.InvalidPublisher,
			"/click?offer=1&publisher=":                                    outcome.InvalidPublisher,
		} {
			r := d.get(d.fill(query) + macro)
			require.Equal(t, 400, r.status)
			observed := d.observed()
			require.Equal(t, refusal, observed[len(observed)-1].Refusal, "%s%s", query, macro)
		}
		d.queue.forget()
		r := d.send("POST", "/", d.fill("secure=TOKEN&transaction_id=ID")+"&sub_id="+macro+"&adv_sub_id="+macro, "Content-Type", formType)
		r.accepted(t)
		require.Equal(t, "sub_id, adv_sub_id: a placeholder that was never filled in, counts as absent", r.header.Get("X-Note"), macro)
		require.NotContains(t, d.only().Params, "sub_id")
		// No door knows which texts are tokens.
		d.get(d.fill("/?transaction_id=ID&secure=") + macro).accepted(t)
	}
	for _, broken := range []string{"%zz", "50%", "%E9%", "%C3%A9%", "A%%", "%%1%%"} {
		r := d.get(d.fill("/?secure=TOKEN&transaction_id=ID&order_id=") + broken)
		require.Contains(t, r.body, "order_id cannot be read: percent-encode every value", broken)
	}
}
