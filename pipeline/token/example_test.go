package token_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"integr8/pipeline/token"
)

func ExampleKeys_Verify() {
	keys, err := token.ParseKeys("a-service-secret-of-some-length")
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
	fmt.Println(errors.Is(err, token.ErrUnverifiedTransactionID))
	// Output:
	// true <nil> 2026-03-04 05:06:07 +0000 UTC
	// true
}
