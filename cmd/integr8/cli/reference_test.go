package cli

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"integr8/handlers/operate"
)

func TestAnAccountIsSetUpFromTheCommandLine(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, step := range []struct {
		args []string
		want map[string]any
	}{
		{[]string{"account", "create", "--name", "Acme"}, map[string]any{"id": 1.0, "name": "Acme", "time_zone": "UTC"}},
		{[]string{"account", "edit", "1", "--name", "Emca"}, map[string]any{"id": 1.0, "name": "Emca"}},
		{[]string{"account", "edit", "1", "--time-zone", "Asia/Kolkata"}, map[string]any{"name": "Emca", "time_zone": "Asia/Kolkata"}},
		{[]string{"account", "show", "1"}, map[string]any{"name": "Emca", "time_zone": "Asia/Kolkata"}},
		{[]string{"advertiser", "create", "--account", "1", "--name", "Shoes"}, map[string]any{"id": 1.0, "account_id": 1.0}},
		{[]string{"advertiser", "edit", "1", "--name", "Boots"}, map[string]any{"name": "Boots"}},
		{[]string{"advertiser", "show", "1", "--account", "1"}, map[string]any{"name": "Boots"}},
		{[]string{"publisher", "create", "--account", "1", "--name", "Blog"}, map[string]any{"id": 1.0, "status": "active"}},
		{[]string{"publisher", "edit", "1", "--status", "paused"}, map[string]any{"name": "Blog", "status": "paused"}},
		{[]string{"publisher", "show", "1"}, map[string]any{"status": "paused"}},
		{offerArguments(), map[string]any{
			"id": 1.0, "account_id": 1.0, "advertiser": 1.0, "name": "Sale", "status": "active", "currency": "USD",
			"destination": "https://shop.example/?c={transaction_id}", "payout": "2.50", "revenue": "80%",
			"window": "30d", "many_per_click": false, "unique_orders": false, "unique_orders_state": "", "overrides": []any{},
			"tracking_link": "https://track.example/click?offer=1&publisher=REPLACE",
		}},
		{
			[]string{"offer", "edit", "1", "--window", "36h", "--many-per-click", "--status", "paused", "--currency", "eur", "--revenue", "4"},
			map[string]any{"window": "1d12h", "many_per_click": true, "status": "paused", "currency": "EUR", "payout": "2.50", "revenue": "4.00"},
		},
		{[]string{"offer", "edit", "1", "--no-many-per-click"}, map[string]any{"window": "1d12h", "many_per_click": false}},
		{[]string{"offer", "edit", "1", "--unique-orders"}, map[string]any{"unique_orders": true, "unique_orders_state": "on", "window": "1d12h"}},
		{[]string{"offer", "edit", "1", "--no-unique-orders", "--payout", "2.50"}, map[string]any{"unique_orders": false, "unique_orders_state": "off"}},
		{[]string{"offer", "edit", "1", "--unique-orders"}, map[string]any{"unique_orders": true}},
		{[]string{"offer", "edit", "1", "--publisher", "1", "--payout", "3.10"}, map[string]any{
			"payout": "2.50", "overrides": []any{map[string]any{"publisher": 1.0, "payout": "3.10", "revenue": nil}},
		}},
		{[]string{"offer", "edit", "1", "--publisher", "1", "--revenue", "90%"}, map[string]any{
			"overrides": []any{map[string]any{"publisher": 1.0, "payout": "3.10", "revenue": "90%"}},
		}},
		{[]string{"offer", "edit", "1", "--publisher", "1", "--clear-override"}, map[string]any{"overrides": []any{}}},
		{[]string{"domain", "create", "--account", "1", "--host", "Track.Example.com:443"}, map[string]any{"id": 1.0, "host": "track.example.com"}},
		{[]string{"domain", "edit", "1", "--host", "t.example.com"}, map[string]any{"host": "t.example.com"}},
		{[]string{"domain", "show", "1"}, map[string]any{"host": "t.example.com"}},
	} {
		answer := p.object(step.args...)
		for key, want := range step.want {
			require.Equal(t, want, answer[key], "%v: %s", step.args, key)
		}
	}
	for _, command := range []string{"account", "advertiser", "publisher", "offer", "domain"} {
		args := []string{command, "list"}
		if command != "account" {
			args = append(args, "--account", "1")
		}
		listed := p.list(args...)
		require.Len(t, listed, 1, command)
		shown := p.object(command, "show", "1")
		require.Equal(t, shown, listed[0], command)
		require.Regexp(t, `(?m)^ID +`, p.succeed(args...))
	}
}

func TestOfferEditAndShowSayFromWhenAClickConvertsOftener(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	created := p.object(offerArguments()...)
	first := map[string]any{"from": nil, "many_per_click": false}
	require.Equal(t, []any{first}, created["identity"])

	before := time.Now()
	edited := p.object("offer", "edit", "1", "--many-per-click")
	rules := edited["identity"].([]any)
	require.Len(t, rules, 2)
	require.Equal(t, first, rules[0])
	later := rules[1].(map[string]any)
	require.Equal(t, true, later["many_per_click"])
	from, err := time.Parse(time.RFC3339, later["from"].(string))
	require.NoError(t, err)
	require.WithinRange(t, from, before.Add(59*time.Second), time.Now().Add(61*time.Second))
	require.Equal(t, edited, p.object("offer", "show", "1"))

	for _, args := range [][]string{{"offer", "show", "1"}, {"offer", "edit", "1", "--many-per-click"}} {
		text := p.succeed(args...)
		require.Regexp(t, `(?m)^conversions +one conversion a click$`, text)
		require.Regexp(t, `(?m)^for clicks from +`+operate.PreciseClock(from)+`: several conversions a click, one for each order_id$`, text)
	}
}

func TestAnOfferThroughWhichNoIDWouldReachTheAdvertiserIsRefused(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	const without = "--destination=https://shop.example/?c=1"

	got := p.run(offerArguments(without)...)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "lacks {transaction_id}")
	require.Contains(t, got.stderr, "--allow-missing-transaction-id")
	require.Len(t, p.list("offer", "list", "--account", "1"), 1)
	p.succeed(offerArguments(without, "--allow-missing-transaction-id")...)

	got = p.run("offer", "edit", "1", without)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, p.object("offer", "show", "1")["destination"], "{transaction_id}")

	got = p.run(offerArguments("--destination=https://shop.example/?c={TRANSACTION_ID}&z={foo}&y={sub_id}")...)
	require.Equal(t, exitOK, got.code)
	require.Contains(t, got.stderr, "warning: {foo} will be left empty")
	require.NotContains(t, got.stderr, "{sub_id}")

	for _, bad := range []string{"shop.example", "ftp://shop.example/{transaction_id}", "https://{sub_id}.example/{transaction_id}", "javascript:alert(1)"} {
		require.Equal(t, exitFailed, p.run(offerArguments("--destination="+bad)...).code, bad)
	}
}

func TestAPayoutAboveTheRevenueIsWarnedOf(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	got := p.run(offerArguments("--payout=5", "--revenue=4")...)
	require.Equal(t, exitOK, got.code)
	require.Contains(t, got.stderr, "warning: the offer's payout 5.00 is more than the revenue 4.00")
	got = p.run("offer", "edit", "1", "--publisher", "1", "--payout", "90%")
	require.Equal(t, exitOK, got.code)
	require.Contains(t, got.stderr, "warning: publisher 1's payout 90% is more than the revenue 80%")
}

func TestOneAccountIsNotShownOrChangedThroughAnother(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed("domain", "create", "--account", "1", "--host", "t.example.com")
	p.succeed("token", "create", "--account", "1")
	p.succeed("account", "create", "--name", "Other")
	for object, edit := range map[string][]string{
		"advertiser": {"--name", "x"}, "publisher": {"--name", "x"}, "offer": {"--name", "x"},
		"domain": {"--host", "x.example"}, "token": {"--valid-until", "now"},
	} {
		for _, args := range [][]string{{object, "show", "1", "--account", "2"}, append([]string{object, "edit", "1", "--account", "2"}, edit...)} {
			got := p.run(args...)
			require.Equal(t, exitFailed, got.code, "%v", args)
			require.Equal(t, "integr8: account 2 has no "+object+" 1\nhint: integr8 "+object+" list --account 2 shows which it has\n", got.stderr)
		}
		require.Empty(t, p.list(object, "list", "--account", "2"))
		require.Contains(t, p.run(object, "list", "--account", "3").stderr, "there is no account 3\nhint: integr8 account list")
	}
	got := p.run("domain", "create", "--account", "2", "--host", "T.example.com")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.stderr, "taken by another account")
}

func TestWhatOthersWroteCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	require.Equal(t, `a\u001b[31mb\u000ac\u202e`, printable("a\x1b[31mb\nc\u202e"))
	require.Equal(t, "Ångström 東京", printable("Ångström 東京"))
}
