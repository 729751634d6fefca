package hit

import (
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestAmountsThatAreTaken(t *testing.T) {
	for text, want := range map[string]string{
		"0":                      "0",
		"12":                     "12",
		"12.5":                   "12.5",
		".5":                     "0.5",
		"007.10":                 "7.1",
		"+3.99":                  "3.99",
		" 3.99 ":                 "3.99",
		"0.0000005":              "0.000001",
		"0.0000004999":           "0",
		"1.23456749":             "1.234567",
		"999999999999.999999":    "999999999999.999999",
		"999999999999.9999994":   "999999999999.999999",
		"0.10000000000000000555": "0.1",
	} {
		got, err := Amount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String(), text)
	}
}

func TestAmountsThatAreRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "-1", "-0", "- 1", "1e3", "1E-3", "1,50", "1.000,50", "1 000", "$5", "5 USD", "NaN", "Inf", "0x10",
		"1.", ".", "+", "++1", "1.2.3", "1_000", "\u0661", "\uff11", "1000000000000", "999999999999.9999995",
		strings.Repeat("9", 64), strings.Repeat("0", 65), "1." + strings.Repeat("0", 100_000), "1\x00",
	} {
		_, err := Amount(text)
		require.ErrorIs(t, err, ErrInvalidAmount, "%.20q", text)
		require.False(t, plainAmount(text), "%.20q", text)
	}
}

func FuzzAmount(f *testing.F) {
	for _, text := range []string{"1.5", "+.5", "999999999999.9999999", "1e9", "-1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Amount(text)
		if err != nil {
			require.False(t, plainAmount(text))
			return
		}
		require.False(t, got.IsNegative())
		require.True(t, got.LessThan(decimal.New(1, 12)))
		require.LessOrEqual(t, -got.Exponent(), int32(AmountPlaces))
		again, err := Amount(got.String())
		require.NoError(t, err)
		require.True(t, got.Equal(again))
	})
}

func TestCurrencies(t *testing.T) {
	for text, want := range map[string]string{"USD": "USD", "eur": "EUR", " jPy ": "JPY"} {
		got, err := Currency(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "US", "USDT", "XXX", "xts", "ZZZ", "€", "U\x00D", "12 ", strings.Repeat("U", 1000)} {
		_, err := Currency(text)
		require.ErrorIs(t, err, ErrUnknownCurrency, "%.20q", text)
	}
}

func FuzzCurrency(f *testing.F) {
	f.Add("usd")
	f.Add("XXX")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := Currency(text); err == nil {
			require.Regexp(t, `^[A-Z]{3}$`, got)
			require.Equal(t, strings.ToUpper(strings.TrimSpace(text)), got)
		}
	})
}

func TestSessionTimes(t *testing.T) {
	want := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, text := range []string{
		"1772600767", "1772600767000", " 1772600767 ", "2026-03-04T05:06:07Z", "2026-03-04t05:06:07z",
		"2026-03-04T07:06:07+02:00", "2026-03-04T07:06:07 02:00", "2026-03-04T00:06:07-05:00", "2026-03-04T05:06:07.000Z",
		"1772600767.0", "1772600767000000", "1772600767000000000", "2026-03-04 05:06:07", "2026-03-04T05:06:07", "2026-03-04 05:06:07.000",
		"2026-03-04T07:06:07+0200", "2026-03-04 07:06:07+02:00", "2026-03-04 07:06:07 02:00", "2026-03-04 07:06:07 +0200", "2026-03-04 05:06:07 UTC",
		"Wed, 04 Mar 2026 05:06:07 GMT", "Wed, 04 Mar 2026 07:06:07 +0200",
	} {
		got, err := SessionTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	got, err := SessionTime("1772600767891")
	require.NoError(t, err)
	require.Equal(t, want.Add(891*time.Millisecond), got)
	got, err = SessionTime("1772600767.123")
	require.NoError(t, err)
	require.Equal(t, want.Add(123*time.Millisecond), got)
	got, err = SessionTime("2026-03-04")
	require.NoError(t, err)
	require.Equal(t, time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), got)

	for _, text := range []string{
		"", "0", "1", "-1772600767", "1772600767.5.5", "1772600767.x", "946684799", "4102444800", "4102444800000", "17726007670000", "2026-03-04 05:06:07 EST",
		"99999999999999999999", "yesterday", "04/03/2026", "1999-12-31T23:59:59Z",
		"2100-01-01T00:00:00Z", "2026-02-30T00:00:00Z", strings.Repeat("1", 100),
	} {
		_, err := SessionTime(text)
		require.ErrorIs(t, err, ErrInvalidTime, "%.30q", text)
	}
}

func FuzzSessionTime(f *testing.F) {
	for _, text := range []string{"1772600767", "1772600767891", "2026-03-04T07:06:07 02:00", "2026-03-04T05:06:07,5Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := SessionTime(text)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, got.Year(), 2000)
		require.Less(t, got.Year(), 2100)
		again, err := SessionTime(got.Format(time.RFC3339Nano))
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

func TestConversionIPs(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", " 192.0.2.1 ": "192.0.2.1", "2001:DB8::1": "2001:db8::1", "::ffff:192.0.2.1": "192.0.2.1",
		"192.0.2.1:80": "192.0.2.1", "[::1]": "::1", "[2001:db8::1]:443": "2001:db8::1", "fe80::1%eth0": "fe80::1", "::ffff:192.0.2.1%eth0": "192.0.2.1",
		"192.0.2.1, 198.51.100.7": "192.0.2.1", "192.0.2.1,10.0.0.1": "192.0.2.1", "2001:db8::1;192.0.2.1": "2001:db8::1", "192.0.2.1:80, 10.0.0.1:1": "192.0.2.1",
	} {
		got, err := ConversionIP(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String())
	}
	for _, text := range []string{
		"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1:x", "192.0.2.1:99999", "[::1",
		"unknown, 192.0.2.1", "192.0.2.0/24", "1::2::3", ", 192.0.2.1",
	} {
		_, err := ConversionIP(text)
		require.ErrorIs(t, err, ErrInvalidIP, text)
	}
}

func FuzzConversionIP(f *testing.F) {
	f.Add("::ffff:192.0.2.1")
	f.Add("fe80::1%eth0")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ConversionIP(text); err == nil {
			again, err := ConversionIP(got.String())
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
	})
}

// joeHash is the SHA-256 of joe@example.com, by `printf joe@example.com | sha256sum`.
const joeHash = "2481f36dfc515ca76451aaadf1399026942a01ee50c6d0a61988b43cef039bc2"

func TestEmailHashes(t *testing.T) {
	hash, err := EmailHash("joe@example.com")
	require.NoError(t, err)
	require.Equal(t, joeHash, hash)
	for _, text := range []string{"  Joe@Example.COM\t", hash, strings.ToUpper(hash)} {
		got, err := EmailHash(text)
		require.NoError(t, err, text)
		require.Equal(t, hash, got)
	}
	for _, digits := range []int{32, 40} {
		got, err := EmailHash(strings.Repeat("A", digits))
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("a", digits), got)
	}
	for _, text := range []string{
		"", "@", "joe", "joe@", "@example.com", "joe@x@y", "joe@exam ple.com", "joe@", "joe@ ", " @example.com", "a@b <c@d@e>", strings.Repeat("a", 33),
		strings.Repeat("g", 64), strings.Repeat("j", 320) + "@example.com",
	} {
		_, err := EmailHash(text)
		require.ErrorIs(t, err, ErrInvalidEmail, "%.30q", text)
	}
}

// An address has one hash, in whatever spelling it arrives.
func TestAnAddressHasOneHashInEverySpelling(t *testing.T) {
	for address, spellings := range map[string][]string{
		"jane+promo@shop.example": {
			"jane promo@shop.example", "Jane Promo@SHOP.example", "jane%2Bpromo@shop.example", "jane%252Bpromo%2540shop.example", "jane%2bpromo%40shop%2eexample",
			"mailto:jane+promo@shop.example?subject=x", "Jane P. <jane+promo@shop.example>", "<jane+promo@shop.example>", "jane&plus;promo&#64;shop.example",
			"jane\u002bpromo\u0040shop.example", "jane+promo\uFF20shop.example", "jane+promo@shop\uFF0Eexample", "\uFEFFjane+promo@shop.example", "jane + promo@shop.example",
			"jane+promo @ shop.example", "jane+promo&#x40;shop.example",
		},
		"joe@localhost":           {"JOE@localhost", "joe&commat;localhost"},
		"joe@192.0.2.1":           {"joe%40192.0.2.1"},
		`"joe smith"@example.com`: {`"Joe Smith"@example.com`},
		`"a@b"@example.com`:       {`%22a%40b%22%40example.com`},
		"jörg@bücher.example":     {"JÖRG@BÜCHER.example", "j%C3%B6rg@b%C3%BCcher.example", "j&#246;rg@b&#xfc;cher.example", "jörg@bücher\u3002example"},
	} {
		for _, spelling := range append(spellings, address) {
			got, err := EmailHash(spelling)
			require.NoError(t, err, spelling)
			if spelling == "jane + promo@shop.example" {
				require.NotEqual(t, sha256Hex(address), got, "two blanks more are another address")
				continue
			}
			require.Equal(t, sha256Hex(address), got, spelling)
		}
	}
}

func TestAPlusInAnAddressIsNotReadAsABlank(t *testing.T) {
	for raw, want := range map[string]string{
		"user_email=jane+promo@shop.example":           "user_email=jane%2Bpromo@shop.example",
		"a=1+2&contact=zoe.q+tag%40shop.example&b=3+4": "a=1+2&contact=zoe.q%2Btag%40shop.example&b=3+4",
		"contact=zoe.q+tag%2540shop.example":           "contact=zoe.q%2Btag%2540shop.example",
		"contact=zoe.q+a+b@localhost+now":              "contact=zoe.q%2Ba%2Bb@localhost+now",
		"note=see+(joe@example.com)+now":               "note=see+(joe@example.com)+now",
		"user_email=jane%2Bpromo@shop.example":         "user_email=jane%2Bpromo@shop.example",
		"zoe.q+tag@shop.example=1":                     "zoe.q%2Btag@shop.example=1",
		"contact=joe&#64;example.com&x=1":              "contact=joe%40example.com&x=1",
		"contact=joe+x&commat;example.com":             "contact=joe%2Bx%40example.com",
		"a=1+2&b=@media+x":                             "a=1+2&b=@media+x",
		"a=x@example.com+y@example.com":                "a=x@example.com+y@example.com",
		"":                                             "",
	} {
		require.Equal(t, want, MendAddresses(raw))
	}
}

func FuzzEmailHash(f *testing.F) {
	f.Add("Joe@Example.com")
	f.Add(strings.Repeat("A", 64))
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := EmailHash(text); err == nil {
			require.Regexp(t, `^([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})$`, got)
			again, err := EmailHash(got)
			require.NoError(t, err)
			require.Equal(t, got, again)
		}
	})
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, " 42 ": 42, "007": 7, "9223372036854775807": 9223372036854775807} {
		got, err := Number(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "0", "-1", "+1", "1.0", "1e3", "0x1", "a", "1 2", "9223372036854775808", "\u0661", strings.Repeat("1", 10_000)} {
		_, err := Number(text)
		require.ErrorIs(t, err, ErrInvalidNumber, "%.30q", text)
	}
}

func FuzzNumber(f *testing.F) {
	f.Add("42")
	f.Add("-1")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := Number(text); err == nil {
			require.Positive(t, got)
		}
	})
}
