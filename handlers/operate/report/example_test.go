package report_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"integr8/handlers/operate/report"
)

// An HTTP API does not know where the figures of a report come from. A program passes a
// *store.Store.
func Example() {
	var db report.Store = sample()
	reports := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		orders, err := report.Reports{Store: db}.Orders(r.Context(), report.Filter{AccountID: 1})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(orders.Orders[0].PayoutRepeated) // nobody reads on if it fails
	})
	response := httptest.NewRecorder()
	reports.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/accounts/1/orders", nil))
	fmt.Print(response.Body)
	// Output: "5"
}
