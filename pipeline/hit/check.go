package hit

import (
	"errors"
	"strings"
)

// check looks at one thing in a hit's parameters. It returns what is wrong and
// which parameter that is about, for Refusal.Text, or an empty Refusal.
type check func(Keys, *Hit) (refusal Refusal, subject string)

// The checks of each kind, in the order in which a sender best mends them.
var (
	conversionChecks = []check{checkTransactionID, checkOrderID}
	clicklessChecks  = []check{checkPublisher, checkOffer, checkOrderID, checkExternalID}
)

func checksOf(kind Kind) []check {
	switch kind {
	case Postback, Pixel:
		return conversionChecks
	case Clickless:
		return clicklessChecks
	}
	return nil // tracking links are read before there is a hit
}

// Check looks at the values of a hit's parameters, as far as that needs no
// lookup, and fills in what they name: TransactionID, or OfferID and
// PublisherID. It returns the first thing that is wrong, with the parameter
// that it is about. Doors use it for what arrives, and handlers for what a
// door refused, so that both refuse the same.
func (k Keys) Check(h *Hit) (refusal Refusal, subject string) {
	for _, check := range checksOf(h.Kind) {
		if refusal, subject = check(k, h); refusal != "" {
			return refusal, subject
		}
	}
	return "", ""
}

// OfValue reports whether the refusal is one of Check's: it is about the value
// of a parameter that the hit keeps, so that it can be checked again, or one that
// no door gives any more. Every other one is about the form of the request, see
// Hit.Stands.
func (r Refusal) OfValue() bool {
	switch r {
	case MissingTransactionID, PlaceholderTransaction, MalformedTransactionID, UnverifiedTransactionID,
		PlaceholderOrderID, PlaceholderExternalID, MissingOffer, InvalidOffer, MissingPublisher, InvalidPublisher,
		InvalidAmount, UnknownCurrency, InvalidConversionIP, InvalidSessionTime, InvalidEmail:
		return true
	}
	return false
}

func checkTransactionID(keys Keys, h *Hit) (Refusal, string) {
	text := h.Params[ParamTransactionID]
	if text == "" {
		return MissingTransactionID, ""
	}
	id, err := keys.Verify(text)
	switch {
	case err == nil:
		h.TransactionID = id
		return "", ""
	case IsPlaceholder(text):
		return PlaceholderTransaction, ""
	case errors.Is(err, ErrUnverifiedTransactionID):
		return UnverifiedTransactionID, ""
	default:
		return MalformedTransactionID, ""
	}
}

func checkOrderID(_ Keys, h *Hit) (Refusal, string) {
	if IsPlaceholderKey(h.Params[ParamOrderID]) {
		return PlaceholderOrderID, ""
	}
	return "", ""
}

func checkExternalID(_ Keys, h *Hit) (Refusal, string) {
	if IsPlaceholderKey(h.Params[ParamExternalTransactionID]) {
		return PlaceholderExternalID, ""
	}
	return "", ""
}

// NumberIn reads the number of an offer or a publisher; 0 when it is absent,
// which is a refusal only where missing names one.
func NumberIn(params map[string]string, name string, missing, invalid Refusal) (int64, Refusal) {
	text := params[name]
	if text == "" {
		return 0, missing
	}
	n, err := Number(text)
	if err != nil {
		return 0, invalid
	}
	return n, ""
}

func checkPublisher(_ Keys, h *Hit) (refusal Refusal, subject string) {
	h.PublisherID, refusal = NumberIn(h.Params, ParamPublisher, MissingPublisher, InvalidPublisher)
	return refusal, ""
}

// checkOffer lets the offer be absent: an offer-level token names it.
func checkOffer(_ Keys, h *Hit) (refusal Refusal, subject string) {
	h.OfferID, refusal = NumberIn(h.Params, ParamOffer, "", InvalidOffer)
	return refusal, ""
}

// NoteUnreadable notes the values that nobody can read. None of them refuses a
// hit: a detail is left out, and whether an amount counts only the rules know,
// which reject the hit where it does. An address is dropped, for what is none
// could not be hashed.
func (h *Hit) NoteUnreadable() {
	if len(h.Params) == 0 {
		return
	}
	if email := h.Params[ParamUserEmail]; email != "" {
		if _, err := EmailHash(email); err != nil {
			delete(h.Params, ParamUserEmail)
			h.note("user_email: no address and no hash of one, dropped")
		}
	}
	if h.Kind == Click {
		return
	}
	var amounts, details []string
	for _, name := range [...]string{ParamRevenue, ParamPayout} {
		if text := h.Params[name]; !plainAmount(text) && unreadable(Amount, text) {
			amounts = append(amounts, name)
		}
	}
	if unreadable(Currency, h.Params[ParamCurrency]) {
		amounts = append(amounts, ParamCurrency)
	}
	if h.Kind == Clickless {
		if unreadable(ConversionIP, h.Params[ParamConversionIP]) {
			details = append(details, ParamConversionIP)
		}
		if unreadable(SessionTime, h.Params[ParamSessionTime]) {
			details = append(details, ParamSessionTime)
		}
	}
	h.noteAll("cannot be read, and reject the hit where they count: ", amounts)
	h.noteAll("cannot be read, and are left out: ", details)
}

// plainAmount is the fast path: an amount in its usual form, which Amount takes.
func plainAmount(text string) bool {
	whole, fraction, pointed := strings.Cut(text, ".")
	const certain = 11 // digits, whatever they are rounded to
	return len(whole) <= certain && len(fraction) <= certain && isDigits(whole) && pointed == isDigits(fraction)
}

// unreadable reports whether a value was sent that its parser does not take.
func unreadable[T any](parse func(string) (T, error), text string) bool {
	if text == "" {
		return false
	}
	_, err := parse(text)
	return err != nil
}
