package hit_test

import (
	"fmt"

	"integr8/pipeline/hit"
)

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
