package hit

import "errors"

// check looks at one thing in a hit's parameters. It returns what is wrong and
// which parameter that is about, for Refusal.Text, or an empty Refusal.
type check func(Keys, *Hit) (refusal Refusal, subject string)

// The checks of each kind, in the order in which a sender best mends them.
var (
	conversionChecks = []check{checkTransactionID, checkAmounts, checkCurrency}
	clicklessChecks  = []check{checkPublisher, checkOffer, checkAmounts, checkCurrency,
		checkConversionIP, checkSessionTime, checkEmail}
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

// ChecksAgain reports whether the hit was refused for the value of a parameter
// that it keeps: Check finds then what the door found.
func (h *Hit) ChecksAgain() bool {
	if detail, isDetail := refusedDetails[h.Refusal]; isDetail && h.Params[detail] == "" {
		return false // it had to make room: see Fit
	}
	return h.Refusal.OfValue()
}

// refusedDetails names the details that can be refused. A parameter that decides
// is always kept.
var refusedDetails = map[Refusal]string{
	InvalidConversionIP: ParamConversionIP,
	InvalidSessionTime:  ParamSessionTime,
	InvalidEmail:        ParamUserEmail,
}

// OfValue reports whether the refusal is one of Check's: it is about the value
// of a parameter that the hit keeps, so that it can be checked again. Every
// other one is about the form of the request, which is not kept.
func (r Refusal) OfValue() bool {
	switch r {
	case MissingTransactionID, PlaceholderTransaction, MalformedTransactionID, UnverifiedTransactionID,
		MissingOffer, InvalidOffer, MissingPublisher, InvalidPublisher,
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

func checkAmounts(_ Keys, h *Hit) (Refusal, string) {
	for _, name := range [...]string{ParamRevenue, ParamPayout} {
		if text := h.Params[name]; text != "" {
			if _, err := Amount(text); err != nil {
				return InvalidAmount, name
			}
		}
	}
	return "", ""
}

func checkCurrency(_ Keys, h *Hit) (Refusal, string) {
	return checkValue(h, ParamCurrency, UnknownCurrency, func(text string) error { _, err := Currency(text); return err })
}

func checkConversionIP(_ Keys, h *Hit) (Refusal, string) {
	return checkValue(h, ParamConversionIP, InvalidConversionIP, func(text string) error { _, err := ConversionIP(text); return err })
}

func checkSessionTime(_ Keys, h *Hit) (Refusal, string) {
	return checkValue(h, ParamSessionTime, InvalidSessionTime, func(text string) error { _, err := SessionTime(text); return err })
}

func checkEmail(_ Keys, h *Hit) (Refusal, string) {
	return checkValue(h, ParamUserEmail, InvalidEmail, func(text string) error { _, err := EmailHash(text); return err })
}

// checkValue refuses a value that is there and cannot be read.
func checkValue(h *Hit, name string, refusal Refusal, read func(string) error) (Refusal, string) {
	if text := h.Params[name]; text != "" && read(text) != nil {
		return refusal, ""
	}
	return "", ""
}
