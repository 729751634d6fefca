package link

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"integr8/pipeline/hit"
)

func TestDestinationsThatReturnTheWholeTransactionID(t *testing.T) {
	for _, text := range []string{
		"https://shop.example/?c={transaction_id}",
		"https://shop.example?c={transaction_id}",
		"https://shop.example/?c={TRANSACTION_ID}",
		"https://shop.example/?c=%7Btransaction_id%7D",
		"https://shop.example/?c=%7btransaction_id%7D&d=%7Bsub_id%7D",
		"https://shop.example/?a=1&c={transaction_id}&x={nope}#top",
		"https://shop.example/?c[id]={transaction_id}",
		"https://shop.example/?a=1;2&c={transaction_id}",
		"https://shop.example/?c={transaction_id}&d={transaction_id}",
		"https://shop.example/?c={transaction_id}&c={transaction_id}",
		"https://shop.example/?d=x-{transaction_id}&c={transaction_id}",
		"https://shop.example/?j=%7B%22a%22:1%7D&c={transaction_id}",
		"https://shop.example/{transaction_id}",
		"https://shop.example/land/{transaction_id}/{sub_id}?a=1",
		"https://shop.example/a/../{transaction_id}/",
		"https://shop.example/?c={sub_id}&d=50%-off&t={transaction_id}",
		"https://hop.example/go?url=https%3A%2F%2Fshop.example%2F%3Fc%3D{transaction_id}",
		"https://hop.example/go?url=https%3A%2F%2Fshop.example%2F{transaction_id}%2Fx",
		"https://hop.example/go?u=https%3A%2F%2Fb.example%2F%3Fu%3Dhttps%253A%252F%252Fc.example%252F%253Fc%253D{transaction_id}",
	} {
		destination, err := Normalize(text)
		require.NoError(t, err, text)
		require.NoError(t, CheckReturn(destination), text)
	}
}

func TestDestinationsThatLoseTheTransactionID(t *testing.T) {
	for text, cause := range map[string]string{
		"https://shop.example/?c={{transaction_id}}":                           `"c" would hold "{{transaction_id}}"`,
		"https://shop.example/?c=${transaction_id}":                            `"c" would hold "${transaction_id}"`,
		"https://shop.example/?a=1&amp;c={transaction_id}":                     `in place of &amp;`,
		"https://shop.example/?a=1?c={transaction_id}":                         `"a" would hold "1?c={transaction_id}"`,
		"https://shop.example/?c=#{transaction_id}":                            `behind #`,
		"https://shop.example/?c=1#/landing?c={transaction_id}":                `behind #`,
		"https://shop.example/":                                                `lacks {transaction_id}: the advertiser`,
		"https://shop.example/?c={clickid}":                                    `lacks {transaction_id}: the advertiser`,
		"https://shop.example/?transaction_id=":                                `lacks {transaction_id}: the advertiser`,
		"https://shop.example/?c=%257Btransaction_id%257D":                     `"transaction_id" in it is not the macro`,
		"https://shop.example/?c=%7B%7B+Transaction_ID+%7D%7D":                 `"Transaction_ID" in it is not the macro`,
		"https://shop.example/?c={transaction_id%20}":                          `"transaction_id" in it is not the macro`,
		"https://shop.example/?c={transactionid}":                              `"transactionid" in it is not the macro`,
		"https://shop.example/?c=[transaction_id]":                             `"transaction_id" in it is not the macro`,
		"https://shop.example/?c=%20{transaction_id}":                          `" {transaction_id}"`,
		"https://shop.example/?c={transaction_id}+":                            `"{transaction_id} "`,
		"https://shop.example/?c=%22{transaction_id}%22":                       `would hold`,
		"https://shop.example/?a=1;c={transaction_id}":                         `"a" would hold "1;c={transaction_id}"`,
		"https://shop.example/?;c={transaction_id}":                            `the parameter ";c"`,
		"https://shop.example/??c={transaction_id}":                            `the parameter "?c"`,
		"https://shop.example/?a=1%26c={transaction_id}":                       `"a" would hold "1&c={transaction_id}"`,
		"https://shop.example/?a=1%26amp;c={transaction_id}":                   `would hold`,
		"https://shop.example/&c={transaction_id}":                             `not a whole segment`,
		"https://shop.example/c={transaction_id}":                              `not a whole segment`,
		"https://shop.example/x-{transaction_id}.html":                         `not a whole segment`,
		"https://shop.example/{transaction_id}/../x":                           `not a whole segment`,
		"https://shop.example/{transaction_id}/%2e%2e/x":                       `not a whole segment`,
		"https://shop.example/?c=%{transaction_id}":                            `a stray % in`,
		"https://shop.example/?c={transaction_id}{sub_id}":                     `"{transaction_id}{..}"`,
		"https://shop.example/?c={sub_id}&c={transaction_id}":                  `stands 2 times`,
		"https://shop.example/?c=={transaction_id}":                            `"={transaction_id}"`,
		"https://shop.example/?{transaction_id}":                               `in the name`,
		"https://shop.example/?{transaction_id}=1":                             `in the name`,
		"https://shop.example/?={transaction_id}":                              `the parameter ""`,
		"https://shop.example/?c={transaction_id}/":                            `"{transaction_id}/"`,
		"https://shop.example/?c={transaction_id}?utm_source=x":                `"{transaction_id}?utm_source=x"`,
		"https://hop.example/?u=https%3A%2F%2Fs.example%2F%23{transaction_id}": `would hold`,
		"https://hop.example/?u=https://s.example/?a=1?c={transaction_id}":     `would hold`,
	} {
		destination, err := Normalize(text)
		require.NoError(t, err, text)
		require.ErrorContains(t, CheckReturn(destination), cause, text)
		require.NotContains(t, CheckReturn(destination).Error(), sampleID, text)
	}
	for _, text := range []string{
		"https://{transaction_id}.shop.example/", "https://shop.example:{transaction_id}/", "https://shop.example/%{transaction_id}",
	} {
		_, err := Normalize(text)
		require.Error(t, err, text)
	}
}

// Whatever is taken brings the id back to a server that reads the query with
// the standard library, or it stands in the path.
func FuzzCheckReturn(f *testing.F) {
	f.Add("https://shop.example/?c={transaction_id}")
	f.Add("https://hop.example/go?url=https%3A%2F%2Fshop.example%2F%3Fc%3D{transaction_id}")
	f.Fuzz(func(t *testing.T, text string) {
		destination, err := Normalize(text)
		if err != nil || CheckReturn(destination) != nil {
			return
		}
		require.Contains(t, Macros(destination), hit.ParamTransactionID)
		filled := Fill(destination, fillFrom(map[string]string{hit.ParamTransactionID: sampleID}))
		beforeFragment, _, _ := strings.Cut(filled, "#")
		require.Contains(t, beforeFragment, sampleID)
	})
}
