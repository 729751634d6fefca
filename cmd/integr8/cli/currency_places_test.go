package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnAmountOfAnOfferHasNoMoreDecimalsThanItsCurrency(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop()
	for _, step := range []struct {
		flags []string
		want  string // of the error; empty where it is taken
	}{
		{[]string{"--currency=JPY", "--payout=120.5", "--revenue=200"}, "the payout 120.5 JPY has more decimals than the currency: JPY has none\nhint: name an amount such as 121, or a share such as 80%\n"},
		{[]string{"--currency=jpy", "--payout=120", "--revenue=200.01"}, "the revenue 200.01 JPY has more"},
		{[]string{"--currency=KRW", "--payout=0.5", "--revenue=1"}, "KRW has none"},
		{[]string{"--currency=USD", "--payout=2.505"}, "the payout 2.505 USD has more decimals than the currency: USD has 2\nhint: name an amount such as 2.51, or a share such as 80%\n"},
		{[]string{"--currency=EUR", "--payout=1", "--ceiling=99.999"}, "the ceiling 99.999 EUR has more decimals than the currency: EUR has 2\nhint: name an amount such as 100.00\n"},
		{[]string{"--currency=KWD", "--payout=1.2345"}, "KWD has 3"},
		{[]string{"--currency=BHD", "--payout=0.0001"}, "BHD has 3"},
		{[]string{"--currency=IQD", "--payout=1.2345"}, "IQD has 3"},

		{[]string{"--currency=JPY", "--payout=120.00", "--revenue=200"}, ""},
		{[]string{"--currency=KWD", "--payout=1.234"}, ""},
		{[]string{"--currency=RSD", "--payout=1.50"}, ""},
		{[]string{"--currency=IDR", "--payout=1.50"}, ""},
		{[]string{"--currency=COP", "--payout=1.50"}, ""},
		{[]string{"--currency=JPY", "--payout=33.333333%", "--revenue=0.5%"}, ""}, // a share is rounded as before
		{[]string{"--currency=XAU", "--payout=0.000001"}, ""},
	} {
		got := p.run(offerArguments(append(step.flags, "--json")...)...)
		if step.want == "" {
			require.Equal(t, exitOK, got.code, "%v: %s", step.flags, got.stderr)
			continue
		}
		require.Equal(t, exitFailed, got.code, "%v", step.flags)
		require.Contains(t, got.stderr, step.want, "%v", step.flags)
	}
}

func TestAnEditLeavesNoAmountWithMoreDecimalsThanItsCurrency(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.shop() // USD, payout 2.50
	p.succeed("offer", "edit", "1", "--publisher", "1", "--payout", "3.10")
	for _, step := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--payout", "2.555"}, "the payout 2.555 USD has more"},
		{[]string{"--ceiling", "2.555"}, "the ceiling 2.555 USD has more"},
		{[]string{"--publisher", "1", "--revenue", "2.555"}, "the revenue 2.555 USD has more"},
		{[]string{"--currency", "JPY"}, "the payout 2.5 JPY has more"},
		{[]string{"--currency", "JPY", "--payout", "250"}, "publisher 1's own: the payout 3.1 JPY has more"},
		{[]string{"--currency", "JPY", "--payout", "2.4"}, "the payout 2.4 JPY has more"},
	} {
		got := p.run(append([]string{"offer", "edit", "1"}, step.flags...)...)
		require.Equal(t, exitFailed, got.code, "%v", step.flags)
		require.Contains(t, got.stderr, step.want, "%v", step.flags)
	}
	require.Equal(t, "USD", p.object("offer", "show", "1")["currency"])
	p.succeed("offer", "edit", "1", "--publisher", "1", "--payout", "3")
	p.succeed("offer", "edit", "1", "--currency", "JPY", "--payout", "250", "--ceiling", "1000")
	p.succeed("offer", "edit", "1", "--currency", "KWD", "--payout", "2.505")
}

func TestAnOfferWithMoreDecimalsFromBeforeCanStillBeEdited(t *testing.T) {
	t.Parallel()
	s := prepareSystem(t)
	_, err := s.db.Exec("UPDATE offers SET payout = 2.505 WHERE id = $1::bigint", s.Offer)
	require.NoError(t, err)
	code, _, stderr := s.command("offer", "edit", number(s.Offer), "--name", "renamed")
	require.Zero(t, code, stderr)
}
