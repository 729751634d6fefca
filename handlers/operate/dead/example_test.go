package dead_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/pipeline/outcome"
)

// shelf stands for the database, which package sql/store implements.
type shelf struct{ dead.Store }

func (shelf) DeadRetention(context.Context) (dead.Retention, error) {
	return dead.Retention{Closed: 90 * 24 * time.Hour}, nil
}

func (shelf) DeadLetters(_ context.Context, filter dead.Filter, _ dead.Order, _ *dead.Letter, _ int) ([]dead.Letter, error) {
	at := time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC)
	return []dead.Letter{{ID: uuid.MustParse("0195957f-0ab7-7000-8000-000000000001"), AccountID: filter.AccountID,
		Outcome: outcome.Rejected, Reason: outcome.UnknownOffer, Status: dead.Discarded, DiedAt: at, StatusAt: at}}, nil
}

// A web page or an API lists the dead letters of an account: the same JSON as
// integr8 dead list --json.
func Example() {
	letters := dead.Letters{Store: shelf{}}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for letter, err := range letters.List(r.Context(), dead.Filter{AccountID: 3, State: dead.StateDiscarded}, 50) {
			if err != nil {
				http.Error(w, "try again later", http.StatusServiceUnavailable)
				return
			}
			_ = json.NewEncoder(w).Encode(letter) // a client that is gone needs no more
		}
	})
	response := httptest.NewRecorder()
	page.ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/dead", nil))
	var first struct {
		Receipt   uuid.UUID `json:"receipt"`
		Reason    string    `json:"reason"`
		KeptUntil time.Time `json:"kept_until"`
	}
	if err := json.NewDecoder(response.Body).Decode(&first); err != nil {
		fmt.Println(err)
	}
	fmt.Println(first.Receipt, first.Reason, "kept until", first.KeptUntil.Format(time.DateOnly))
	// Output: 0195957f-0ab7-7000-8000-000000000001 unknown_offer kept until 2026-06-12
}
