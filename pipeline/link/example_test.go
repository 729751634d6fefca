package link_test

import (
	"fmt"

	"integr8/pipeline/hit"
	"integr8/pipeline/link"
)

func ExampleFill() {
	values := map[string]string{hit.ParamTransactionID: "01890a5d", hit.ParamSubID: "news & more"}
	fmt.Println(link.Fill(
		"https://shop.example/{sub_id}/?clickid={transaction_id}&s={sub_id}&x={unknown}",
		func(name string, _ link.Source) string { return values[name] },
	))
	// Output: https://shop.example/news%20&%20more/?clickid=01890a5d&s=news+%26+more&x=
}
