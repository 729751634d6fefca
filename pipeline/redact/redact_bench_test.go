package redact

import (
	"strings"
	"testing"

	"integr8/pipeline/hit"
)

// hitForBench is a postback as advertisers send it.
func hitForBench() *hit.Hit {
	return &hit.Hit{
		Kind: hit.Postback, Method: "GET", Host: "track.example", Path: "/pixel", ClientIP: "2001:db8::1", UserAgent: "shop-postback/2.4 (+https://shop.example)",
		Params: map[string]string{hit.ParamTransactionID: "01890a5dac96774bbcceb302099a8057", hit.ParamOrderID: "A-1234"},
	}
}

func BenchmarkRedactOrdinaryHit(b *testing.B) {
	redactor := knows(imported)
	h := hitForBench()
	h.Params = map[string]string{
		hit.ParamTransactionID: "01890a5dac96774bbcceb302099a8057", hit.ParamRevenue: "12.50", hit.ParamCurrency: "USD", hit.ParamOrderID: "A-1234",
	}
	h.UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	h.Referer = "https://page.example/"
	b.ReportAllocs()
	for b.Loop() {
		redactor.Hit(h)
	}
}

func BenchmarkRedactHostileText(b *testing.B) {
	for name, unit := range map[string]string{
		"at signs": "a@", "percents": "%25", "colons": `secure" :`, "underscores": "i8t_", "nested": "%2525", "quotes": `"@`, "brackets": "a@[",
		"gaps": "a @ ", "blanks": "     @", "runs": "@@@@", "hosts": "ab@ab", "segments": "/token", "names": "access_token-",
	} {
		text := strings.Repeat(unit, 64<<10/len(unit))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Redactor{}.Text(text)
			}
		})
	}
}

// BenchmarkRedactWithoutImports is what a hit costs where all tokens were
// generated, as for most.
func BenchmarkRedactWithoutImports(b *testing.B) {
	redactor := Redactor{IsToken: func(string) bool { return false }, HasImported: func() bool { return false }}
	h := hitForBench()
	h.UserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	b.ReportAllocs()
	for b.Loop() {
		redactor.Hit(h)
	}
}
