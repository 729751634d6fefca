package hit

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnfilledMacrosAreNoKeys(t *testing.T) {
	for _, text := range []string{
		"REPLACE", "REPLACE_ME", "replace-this", "{order_id}", "{{order.name}}", "{{ order.name }}", "INSERT_ORDER_ID", "%%ID%%", "%ORDER%",
		"[ORDER]", "[[order_id]]", "<order>", "<%= order.id %>", "$ORDER", "${orderId}", "$(order)", "YOUR_ID", "YOUR_ORDER_ID_HERE",
		"#ORDER_ID#", "#order_id", "*|ORDER|*", "__ORDER_ID__", "~order~", "|order|", "%7Border_id%7D", "%257Border_id%257D", "{aff_sub2}",
		"order-{order_id}", "ORDER_ID", "orderid", "transaction_id", "external_transaction_id", "id", "order number", "xxx", "XXXXXX",
		"[object Object]", "put your order id here", "{}{order}", "\uFEFFREPLACE", "{{order.name | default: 'x'}}", "paste order id",
		"%%FACE%%%%B00C%%", "%ORDER%%ID%",
		// Cut off at one end.
		"{order", "order}", "{{order", "order}}", "${order", "{sku", "A-{order", "[[order", "order]]", "<%= order", "order %>", "%%ORDER", "ORDER%%", "@@DEAL", "!!ref",
		// Other marks around the name.
		"@order@", "@@ORDER@@", "@@DEAL@@", "!order!", "^order^", "+order+", "=order=", "?order?", "$order$", "$$sku$$", "!sku!",
		// Marks around a noun.
		"(order_id)", "(order)", "(Order Number)", "[order", "order]", "<order", "$order->id", "$order['id']", "order[id]", "@order.Id", "@Model.OrderId",
		"%(order_id)s", "\"order_id\"", "'order'", "`id`", "/order/", "order_id=", "(transaction_id", "{#order#}", "\\{order_id\\}", "(invoice no)", "__ORDER",
		// Written as HTML.
		"&lt;order_id&gt;", "&#123;order_id&#125;", "&amp;#123;order&amp;#125;", "&#x5B;ORDER&#x5D;", "&quot;order_id&quot;",
	} {
		require.True(t, IsPlaceholderKey(text), text)
	}
}

func TestWhatAShopCallsItsOrdersIsAKey(t *testing.T) {
	for _, text := range []string{
		"", "1", "#1001", "#A1001", "1001", "A-1", "ORDER-1234", "order1234", "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}",
		"{a7f3c2d1-4f89-41d3-9a0c-0305e82c3301}", "[1234]", "(123)", "<1234>", "$100", "100%", "50%off", "test", "TEST-1", "demo123", "ADDQWE",
		"PUTXYZ", "YOURSHOP-77", "USE", "INSERTA7", "id-123", "ID7", "x", "XX", "X1", "wc_order_5f3a9", "cs_test_a1B2c3D4", "pi_3MtwBwLkdIwHu7ix",
		"INV(2)-77", "order_55", "(55)", "(A)", "A!", "#A", "*A*1", "a(b)", "ORD(A)-1", "order#5", "id:7", "order/5", "10%", "c++", "YWJj==", "QmFzZQ==", "A&B", "A&amp;B",
		"[token sha256:" + strings.Repeat("ab", 32) + "]", "1001@shop", "shop@1001", "+1", "=1=", "@5@", "!7!", "(order 5)", "{a7f3c2d1", "<5", "\"A-1\"", "'77'", "x{1}",
		"MYQZRT", "replacement-12", "order:55", "@joe", "ü-1", "2026/00017", "A_B_C", "null-7", "0001",
	} {
		require.False(t, IsPlaceholderKey(text), text)
	}
}

func TestWordsForNothingAreToldFromIDs(t *testing.T) {
	for _, text := range []string{"null", "NULL", "(null)", "nil", "undefined", "None", "N/A", "n.a.", "NaN", "-", "--", "0", "00", "0.00", "empty",
		"(not set)", "unknown", "false", "00000000-0000-0000-0000-000000000000", "''", "\u200B", "{}", "[]", "...", "—", "–", "——", "\u2212", "…", "•", " — "} {
		require.True(t, MeansNothing(text), text)
	}
	for _, text := range []string{"", "1", "10", "01", "null1", "none-of-your-business", "A", "test", "ü", "nullable", "-1", "—1", "A—", "日本", "→", "\x00", "0\x00", "\xff"} {
		require.False(t, MeansNothing(text), text)
	}
}

func TestWordsForNoValueAreToldFromWordsOfAStatus(t *testing.T) {
	for _, text := range []string{"", "null", "NULL", "(null)", "<undefined>", "None", "N/A", "n.a.", "NaN", "not set", "[unset]", "\"null\"", "empty"} {
		require.True(t, SaysNothing(text), text)
	}
	for _, text := range []string{"0", "00", "false", "unknown", "-", "+", "?", "{}", "void 0", "{status}", "null1", "nonempty", "no", "\u65e5\u672c", "\x00"} {
		require.False(t, SaysNothing(text), text)
	}
}

func FuzzIsPlaceholderKey(f *testing.F) {
	for _, text := range []string{"{order_id}", "%257Border%257D", "REPLACE", "%", "{{{{{{{{", "$(", "####"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if IsPlaceholderKey(text) {
			require.NotEmpty(t, Trim(text))
		}
	})
}
