package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatTokenShowPrintsConvertsWhenItIsFilled(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop() // offer 1 takes 80 %
	p.succeed("domain", "create", "--account", "1", "--host", "px.example")
	p.succeed(offerArguments("--revenue=4")...)                     // 2
	p.succeed(offerArguments("--revenue=4", "--many-per-click")...) // 3
	p.succeed(offerArguments("--revenue=4", "--unique-orders")...)  // 4
	p.succeed(offerArguments("--revenue=4")...)                     // 5, but for a publisher
	p.succeed("offer", "edit", "5", "--publisher", "1", "--payout", "10%")
	for offer, want := range map[string]struct{ postback, pixel, clickless string }{
		"1": {"&revenue=REPLACE", "&revenue=REPLACE", ""},
		"2": {"", "", ""},
		"3": {"&order_id=REPLACE", "&order_id=REPLACE", "&order_id=REPLACE"},
		"4": {"&order_id=REPLACE", "&order_id=REPLACE", "&order_id=REPLACE"},
		"5": {"&revenue=REPLACE", "&revenue=REPLACE", ""},
	} {
		made := p.object("token", "create", "--account", "1", "--offer", offer)
		token := made["token"].(string)
		shown := p.object("token", "show", number(int64(made["id"].(float64))))
		const id = "&transaction_id=REPLACE"
		require.Equal(t, "https://track.example/postback?secure="+token+id+want.postback, shown["url"], offer)
		require.Equal(t, shown["url"], made["url"], offer)
		require.Contains(t, shown["pixels"].([]any)[0], "/pixel?secure="+token+id+want.pixel+`"`, offer)
		require.Regexp(t, "&user_email=REPLACE"+want.clickless+"$", shown["clickless_url"], offer)
	}
	global := p.object("token", "create", "--account", "1")
	require.Regexp(t, "&transaction_id=REPLACE&order_id=REPLACE&revenue=REPLACE$", global["url"])
}

func TestAPublicPixelThatConvertsNothingIsNotPrinted(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	p.succeed("domain", "create", "--account", "1", "--host", "px.example")
	const refused = "A token for pixels fires fixed amounts only, because everybody can read it: for percentages (offer 1) use the postback"
	made := p.run("token", "create", "--account", "1", "--for", "pixel")
	require.Contains(t, made.stderr, refused)
	text := p.succeed("token", "show", "--account", "1")
	require.Contains(t, text, refused)
	require.NotContains(t, text, "<img")
	require.Equal(t, []any{}, p.object("token", "show", "1")["pixels"])

	p.succeed(offerArguments("--revenue=4")...)
	text = p.succeed("token", "show", "--account", "1")
	require.Contains(t, text, "<img", "it converts for the other offer")
	require.NotContains(t, text, "revenue=REPLACE", "which counts in no public pixel")
	require.Contains(t, text, refused)
}
