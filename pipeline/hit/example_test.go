package hit_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/pipeline/hit"
)

func ExampleKeys_Verify() {
	keys, err := hit.ParseKeys("a-service-secret-of-some-length")
	if err != nil {
		fmt.Println(err)
		return
	}
	id := keys.Mint(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))

	// Advertisers send it back in upper case, or as a UUID.
	same, err := keys.Verify(strings.ToUpper(id.UUID().String()))
	fmt.Println(same == id, err, same.Time())

	// An id of another system is told without any lookup.
	_, err = keys.Verify("0123456789abcdef0123456789abcdef")
	fmt.Println(errors.Is(err, hit.ErrUnverifiedTransactionID))
	// Output:
	// true <nil> 2026-03-04 05:06:07 +0000 UTC
	// true
}

func ExampleFillDestination() {
	values := map[string]string{hit.ParamTransactionID: "01890a5d", hit.ParamSubID: "news & more"}
	fmt.Println(hit.FillDestination(
		"https://shop.example/{sub_id}/?clickid={transaction_id}&s={sub_id}&x={unknown}",
		func(name string) string { return values[name] },
	))
	// Output: https://shop.example/news%20&%20more/?clickid=01890a5d&s=news+%26+more&x=
}

func ExampleRedactor_Text() {
	clean, found := hit.Redactor{}.Text("https://page.example/?secure=abc&mail=joe%40example.com")
	fmt.Println(clean)
	fmt.Println(found == hit.FoundToken|hit.FoundEmail)
	// Output:
	// https://page.example/?secure=[token]&mail=[email sha256:2481f36dfc515ca76451aaadf1399026942a01ee50c6d0a61988b43cef039bc2]
	// true
}

func ExampleAmount() {
	amount, err := hit.Amount("12.3456789")
	fmt.Println(amount, err)
	_, err = hit.Amount("1e9")
	fmt.Println(err)
	// Output:
	// 12.345679 <nil>
	// an amount is a plain decimal number, not negative, below one trillion
}

func ExampleIsPlaceholder() {
	for _, sent := range []string{"%7Bclickid%7D", "REPLACE_ME", "01890a5dac96774bbcceb302099a8057"} {
		fmt.Println(sent, hit.IsPlaceholder(sent))
	}
	// Output:
	// %7Bclickid%7D true
	// REPLACE_ME true
	// 01890a5dac96774bbcceb302099a8057 false
}
