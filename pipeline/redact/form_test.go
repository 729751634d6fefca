package redact

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
		"sub_id=zoe.q+tag@shop&a=1+2":                  "sub_id=zoe.q%2Btag@shop&a=1+2",
		"a=1+2&order_id=1001+b@shop&sub_id=c+d@shop":   "a=1+2&order_id=1001+b@shop&sub_id=c%2Bd@shop",
		"sub_id=zoe.q+tag%0a@shop.example":             "sub_id=zoe.q%2Btag%0a@shop.example",
		"sub_id=zoe.q+tag@@shop.example":               "sub_id=zoe.q%2Btag@@shop.example",
		"":                                             "",
	} {
		require.Equal(t, want, MendAddresses(raw))
	}
}
