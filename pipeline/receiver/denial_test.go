package receiver

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

// lastHit keeps the last hit as the handler reads it.
type lastHit struct{ hit *hit.Hit }

func (q *lastHit) Put(_ context.Context, h *hit.Hit) error {
	data, err := h.Encode()
	if err != nil {
		return err
	}
	q.hit, err = hit.Decode(data)
	return err
}

// refusing returns what in a hit's parameters forbids that it converts, whatever its offer
// accepts but words, as name=text.
func refusing(h *hit.Hit) (all []string) {
	for name, value := range h.Params {
		switch hit.QualifierIn(name, value) {
		case hit.DenialQualifier:
			for text := range strings.SplitSeq(value, ",") {
				all = append(all, name+"="+hit.Trim(text))
			}
		case hit.ApprovalQualifier:
			if said, refused := hit.ApprovalRefusal(value); refused {
				all = append(all, name+"="+said)
			}
		case hit.NoQualifier:
		default:
			all = append(all, name+"="+value)
		}
	}
	return all
}

type denialDoor struct {
	t    *testing.T
	door *Receiver
	base string
	last lastHit
}

func newDenialDoor(t *testing.T) *denialDoor {
	d := &denialDoor{t: t}
	door, keys := newIn(t, knownWorld{}, &d.last)
	d.door = door
	d.base = "/?secure=" + keys.Token(7, 0, 1) + "&transaction_id=" + keys.Mint(now).String()
	return d
}

// send returns the hit that a request with these pairs leaves.
func (d *denialDoor) send(kind, body string, pairs ...string) *hit.Hit {
	target, method := d.base, "GET"
	for i := 0; i+1 < len(pairs); i += 2 {
		target += "&" + url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1])
	}
	if body != "" {
		method = "POST"
	}
	ctx := asked(method, target, body, "Host", "track.example", "Content-Type", kind, "User-Agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0")
	d.last.hit = nil
	d.door.Serve(ctx)
	require.Equal(d.t, 200, ctx.Response.StatusCode(), "%s: %s", target, ctx.Response.Body())
	require.NotNil(d.t, d.last.hit)
	return d.last.hit
}

func TestNothingBesideADenialHidesIt(t *testing.T) {
	t.Parallel()
	const report = "The order 4711 was sent by post on Monday the third of May and arrived"
	long := func(first string) string { return strings.Repeat(first+"q", 40) + "z" }
	d := newDenialDoor(t)
	for _, pairs := range [][]string{
		{"message", report, "message", "order cancelled by customer"},
		{"message", "order cancelled by customer", "message", report},
		{"info_text", report + ".", "info_text", "payment refund requested by customer"},
		{long("b"), "order refund requested completed by the customer", long("c"), "order refund requested completed of the customer", long("d"), "order refund requested completed in the customer"},
		{"amount", "10 EUR", "amount", "-10 EUR"},
		{"order_total", "10 EUR", "order_total", "-10 EUR"},
		{"order_total", "-10 EUR", "order_total", "10 EUR"},
		{"amount", "€10", "amount", "-€10"},
		{"payment_amount", "total", "payment_amount", "(12.50)"},
		{"order_total", strings.Repeat("9", 80), "order_total", "EUR -5.00"},
		{"revenue", strings.Repeat("1", 200), "revenue", "-10"},
		// Others of the kind.
		{"revenue", strings.Repeat("1", 3000), "revenue", "-10"},
		{"revenue", strings.Repeat("1", 200) + ", -10"},
		{"order_total" + strings.Repeat("-", 60), "-5"},
		{"amount", "-" + strings.Repeat("\v", 40) + "5"},
		{"amount", "EUR" + strings.Repeat(" ", 80) + "-5"},
		{"amount\xff", "10 EUR", "amount\xfe", "-10 EUR"},
		{"xx", "password=abc,refunded"},
		{"xx", strings.Repeat("a", 5000) + ",refunded"},
		{"e-mail", "refunded"},
		{"a@shop.example", strings.Repeat("a", 90), "b@shop.example", "refunded"},
		{"approved", strings.Repeat("a", 120) + ",no"},
		{"approved", strings.Repeat("a", 300), "approved", "0"},
		{"approved", "{" + strings.Repeat("a", 100) + "}"},
		{"approved", strings.Repeat("a<,", 100) + "no"},
	} {
		h := d.send("", "", pairs...)
		require.NotEmpty(t, refusing(h), "%q: %q", pairs, h.Params)
	}
	for _, body := range []string{
		`{"note_x":"` + report + `","note_x":"order was cancelled by the customer"}`,
		`{"history":[{"note_x":"` + report + `"},{"note_x":"order was cancelled by the customer"}]}`,
	} {
		h := d.send("application/json", body)
		require.NotEmpty(t, refusing(h), "%s: %q", body, h.Params)
	}
}

// TestEachDenyingWordIsKeptOrStoodFor, because an offer may accept one of them and not
// another.
func TestEachDenyingWordIsKeptOrStoodFor(t *testing.T) {
	t.Parallel()
	d := newDenialDoor(t)
	var many []string
	for i := range 11 {
		many = append(many, "a"+string(rune('a'+i)), "returned")
	}
	for _, sent := range []*hit.Hit{
		d.send("", "", "xx", "returned", "xx", "fraud"),
		d.send("", "", "xx", "fraud", "xx", "returned"),
		d.send("", "", "xx", "returned,fraud,"+strings.Repeat("a", 60)),
		d.send("application/json", `{"items":[{"xx":"returned"},{"xx":"fraud"}]}`),
		d.send("", "", append(many, "long", strings.Repeat("a", 4000), "status", "approved", "zz", "fraud", "zy", "refunded")...),
		d.send("application/xml", "<r><zz>fraud</zz></r>", many...),
	} {
		require.True(t, wordIsIn("fraud", refusing(sent)), "%q", sent.Params)
		require.True(t, wordIsIn("returned", refusing(sent)), "%q", sent.Params)
	}
	h := d.send("", "", "amount", "refunded", "amount", "-5")
	require.True(t, hit.TakesBack("amount", h.Params["amount"]), "%q", h.Params)
	h = d.send("", "", "xx", "order was cancelled by the customer", "xx", "order was returned by the customer", "xx", "fraud detected in the order", "xx", "fraud")
	require.True(t, wordIsIn(hit.FurtherDenials, refusing(h)), "%q", h.Params)
}

func wordIsIn(word string, all []string) bool {
	for _, one := range all {
		if _, text, _ := strings.Cut(one, "="); strings.EqualFold(text, word) {
			return true
		}
	}
	return false
}

// TestADenialIsKeptWhateverStandsBesideIt sends denials among random values and names: each
// is kept, or FurtherDenials stands for it.
func TestADenialIsKeptWhateverStandsBesideIt(t *testing.T) {
	t.Parallel()
	const tries = 2000
	d := newDenialDoor(t)
	random := rand.New(rand.NewPCG(4, 7))
	pick := func(texts ...string) string { return texts[random.IntN(len(texts))] }
	noise := func() string {
		var b strings.Builder
		for range random.IntN(6) {
			b.WriteString(strings.Repeat(pick("a", " ", ",", "\v", "\xff", "é", "[", "10 EUR", "-", "ok", "approved", "password=abc", "b@shop.example", "secure=abc", "\"", "{x}", "pending", ";", "2"), 1+random.IntN(60)))
		}
		return b.String()
	}
	for range tries {
		names := []string{pick("xx", "message", "items.status", "amount", "e-mail", "my_api_key", "b@shop.example"), "amount", pick("order_total", "xy") + strings.Repeat("-", random.IntN(99))}
		var pairs []string
		var said []string
		for range 1 + random.IntN(8) {
			name := pick(names...)
			switch random.IntN(4) {
			case 0:
				word := pick("refunded", "returned", "fraud", "order cancelled by customer", "payment refund requested completed by client")
				pairs, said = append(pairs, name, word), append(said, word)
			case 1:
				word := pick("refunded", "fraud", "Chargeback")
				pairs, said = append(pairs, name, noise()+","+word), append(said, word)
			default:
				pairs = append(pairs, name, noise())
			}
		}
		h := d.send("", "", pairs...)
		all := refusing(h)
		negative := false
		for name, value := range h.Params {
			negative = negative || hit.TakesBack(name, value)
		}
		for _, word := range said {
			require.True(t, negative || wordIsIn(word, all) || wordIsIn(hit.FurtherDenials, all), "%q of %s: %q", word, fmt.Sprintf("%q", pairs), h.Params)
		}
	}
}
