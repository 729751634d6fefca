package redact_test

import (
	"fmt"

	"integr8/pipeline/redact"
)

func ExampleRedactor_Text() {
	clean, found := redact.Redactor{}.Text("https://page.example/?secure=abc&mail=joe%40example.com")
	fmt.Println(clean)
	fmt.Println(found == redact.FoundToken|redact.FoundEmail)
	// Output:
	// https://page.example/?secure=[token]&mail=[email sha256:2481f36dfc515ca76451aaadf1399026942a01ee50c6d0a61988b43cef039bc2]
	// true
}
