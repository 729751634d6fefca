package links_test

import (
	"fmt"
	"net/url"

	"integr8/handlers/operate/links"
)

// A page of a console prints an offer's link, for a publisher to paste.
func ExampleBase_TrackingLink() {
	base := links.Base{URL: &url.URL{Scheme: "https", Host: "track.example.com"}}
	fmt.Println(base.TrackingLink(7))
	// Output: https://track.example.com/click?offer=7&publisher=REPLACE
}
