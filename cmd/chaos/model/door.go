package model

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"integr8/cmd/chaos/ledger"
)

// The kinds of hits, as in the rows.
const (
	click     = "click"
	postback  = "postback"
	pixel     = "pixel"
	clickless = "clickless"
)

// Door is what the door must make of a request, before any look-up.
type Door struct {
	// Kind is empty when there is no such door.
	Kind string
	// Status is the status of the answer when nothing fails. A door that cannot make a
	// hit durable may answer 503 instead; a click has this status even then.
	Status int
	// Recorded is set when the request leaves a row.
	Recorded bool
	// Doubtful is set when a receiver that lacked a secret may have answered 400 to a
	// genuine id, or 200 to a forged one. The end of the hit is the same.
	Doubtful bool
	// Refusal is the reason for which the door answered 400, or 404 to a paused click.
	Refusal string
}

// At returns what the door must make of a request.
func (w *World) At(r ledger.Request) Door {
	switch r.Path {
	case "/click":
		return w.clickDoor(r)
	case "/", "/postback":
		return w.conversionDoor(postback, r)
	case "/pixel":
		if _, ok := w.Domains[r.Host]; !ok {
			return Door{Status: http.StatusNotFound}
		}
		return w.conversionDoor(pixel, r)
	case "/clickless":
		return w.tokenDoor(clickless, r, w.clicklessRefusal(r))
	}
	return Door{Status: http.StatusNotFound}
}

// clickDoor is the door of clicks. It records only links that it understands.
func (w *World) clickDoor(r ledger.Request) Door {
	_, offerErr := positive(r.Get("offer"))
	_, publisherErr := positive(r.Get("publisher"))
	if doubts(r, "offer", "publisher") || offerErr != nil || publisherErr != nil {
		return Door{Kind: click, Status: http.StatusBadRequest}
	}
	offer, known := w.Offers[number(r.Get("offer"))]
	switch publisher := w.Publishers[number(r.Get("publisher"))]; {
	case !known:
		return Door{Kind: click, Status: http.StatusNotFound}
	case offer.Paused:
		return Door{Kind: click, Status: http.StatusNotFound, Recorded: true, Refusal: "offer_paused"}
	case publisher != nil && publisher.Account == offer.Account && publisher.Paused:
		return Door{Kind: click, Status: http.StatusNotFound, Recorded: true, Refusal: "publisher_paused"}
	}
	return Door{Kind: click, Status: http.StatusFound, Recorded: true}
}

func (w *World) conversionDoor(kind string, r ledger.Request) Door {
	refusal := ""
	id, form := canonical(r.Get("transaction_id"))
	switch {
	case doubts(r, "transaction_id", "order_id"):
		refusal = "repeated_parameter"
	case r.Get("transaction_id") == "":
		refusal = "missing_transaction_id"
	case placeholders[r.Get("transaction_id")]:
		refusal = "placeholder_transaction_id"
	case !form:
		refusal = "malformed_transaction_id"
	case !w.verifies(id):
		refusal = "unverified_transaction_id"
	}
	door := w.tokenDoor(kind, r, refusal)
	door.Doubtful = w.HastySecret != "" && door.Recorded && (form && w.hasty(id) || refusal == "unverified_transaction_id")
	return door
}

// tokenDoor adds the checks of every door that takes a token. A request without a token
// belongs to no account, and is not recorded.
func (w *World) tokenDoor(kind string, r ledger.Request, refusal string) Door {
	if r.Get("secure") == "" {
		return Door{Kind: kind, Status: http.StatusBadRequest}
	}
	if doubts(r, "secure") {
		refusal = "repeated_parameter"
	}
	if refusal != "" {
		return Door{Kind: kind, Status: http.StatusBadRequest, Recorded: true, Refusal: refusal}
	}
	return Door{Kind: kind, Status: http.StatusOK, Recorded: true}
}

func (w *World) clicklessRefusal(r ledger.Request) string {
	if doubts(r, "offer", "publisher", "external_transaction_id", "order_id") {
		return "repeated_parameter"
	}
	if r.Get("publisher") == "" {
		return "missing_publisher"
	}
	if _, err := positive(r.Get("publisher")); err != nil {
		return "invalid_publisher"
	}
	if _, err := positive(r.Get("offer")); err != nil && r.Get("offer") != "" {
		return "invalid_offer"
	}
	return ""
}

var amountForm = regexp.MustCompile(`^\+?[0-9]+(\.[0-9]+)?$`)

// unreadable reports whether a text was sent as an amount and is not one.
func unreadable(text string) bool { return text != "" && amount(text) == nil }

// moneyLimit is the smallest amount that is too large to be stored, moneyPlaces how
// many decimals are stored.
var moneyLimit = decimal.New(1, 12)

const moneyPlaces = 6

// amount reads revenue or payout; nil when it was not sent or is not an amount.
func amount(text string) *decimal.Decimal {
	if !amountForm.MatchString(text) {
		return nil
	}
	value, err := decimal.NewFromString(strings.TrimPrefix(text, "+"))
	if err != nil {
		return nil
	}
	value = value.Round(moneyPlaces)
	if !value.LessThan(moneyLimit) {
		return nil
	}
	return &value
}

// doubts reports whether one of these parameters has two different values. Any other
// parameter may be repeated.
func doubts(r ledger.Request, names ...string) bool {
	seen := map[string]string{}
	for _, p := range r.Params {
		if before, repeated := seen[p.Name]; slices.Contains(names, p.Name) && repeated && before != p.Value {
			return true
		}
		seen[p.Name] = p.Value
	}
	return false
}

func positive(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		return 0, strconv.ErrSyntax
	}
	return int64(n), nil
}

// number returns 0 for a text that was not sent or is not a number.
func number(text string) int64 {
	n, err := positive(text)
	if err != nil {
		return 0
	}
	return n
}
