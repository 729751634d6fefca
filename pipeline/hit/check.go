package hit

import (
	"errors"
	"strings"

	"integr8/pipeline/ascii"
	"integr8/pipeline/outcome"
	"integr8/pipeline/token"
)

// check looks at one thing in a hit's parameters. It returns the reason to refuse
// the hit and the parameter that it is about, for Reason.SenderText, or NoReason.
type check func(token.Keys, *Hit) (refusal outcome.Reason, subject string)

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

// Check looks at the values of the hit's parameters, as far as that needs no
// lookup, and sets TransactionID, or OfferID and PublisherID, from them. It returns
// the first reason to refuse the hit, with the parameter that it is about. Doors check the hits that arrive, and handlers those that a
// door refused, so that both refuse the same.
func (h *Hit) Check(keys token.Keys) (refusal outcome.Reason, subject string) {
	for _, check := range checksOf(h.Kind) {
		if refusal, subject = check(keys, h); refusal != outcome.NoReason {
			return refusal, subject
		}
	}
	return outcome.NoReason, ""
}

func checkTransactionID(keys token.Keys, h *Hit) (outcome.Reason, string) {
	text := h.Params[ParamTransactionID]
	if text == "" {
		return outcome.MissingTransactionID, ""
	}
	id, err := keys.Verify(text)
	switch {
	case err == nil:
		h.TransactionID = id
		return outcome.NoReason, ""
	case IsPlaceholder(text):
		return outcome.PlaceholderTransaction, ""
	case errors.Is(err, token.ErrUnverifiedTransactionID):
		return outcome.UnverifiedTransactionID, ""
	default:
		return outcome.MalformedTransactionID, foreignID(text)
	}
}

// foreignID says what was sent as a transaction_id, where that shows by its form; it
// is empty for anything else. The text is as sent, or as it is recorded.
func foreignID(text string) string {
	at := strings.IndexByte(text, '@')
	switch {
	case strings.Contains(strings.ToLower(text), token.Mark+"_"), strings.Contains(text, TokenDigestMark):
		return "the secure token in transaction_id"
	case at > 0 && at < len(text)-1, strings.Contains(text, EmailMark):
		return "the e-mail address in transaction_id"
	}
	return ""
}

func checkOrderID(_ token.Keys, h *Hit) (outcome.Reason, string) {
	if IsPlaceholderKey(h.Params[ParamOrderID]) {
		return outcome.PlaceholderOrderID, ""
	}
	return outcome.NoReason, ""
}

func checkExternalID(_ token.Keys, h *Hit) (outcome.Reason, string) {
	if IsPlaceholderKey(h.Params[ParamExternalTransactionID]) {
		return outcome.PlaceholderExternalID, ""
	}
	return outcome.NoReason, ""
}

// NumberIn reads the number of an offer or a publisher; 0 when it is absent,
// which is a refusal only where missing names one.
func NumberIn(params map[string]string, name string, missing, invalid outcome.Reason) (int64, outcome.Reason) {
	text := params[name]
	if text == "" {
		return 0, missing
	}
	n, err := Number(text)
	if err != nil {
		return 0, invalid
	}
	return n, outcome.NoReason
}

func checkPublisher(_ token.Keys, h *Hit) (refusal outcome.Reason, subject string) {
	h.PublisherID, refusal = NumberIn(h.Params, ParamPublisher, outcome.MissingPublisher, outcome.InvalidPublisher)
	return refusal, ""
}

// checkOffer lets the offer be absent: an offer-level token names it.
func checkOffer(_ token.Keys, h *Hit) (refusal outcome.Reason, subject string) {
	h.OfferID, refusal = NumberIn(h.Params, ParamOffer, outcome.NoReason, outcome.InvalidOffer)
	return refusal, ""
}

// NoteUnreadable notes the values that nobody can read, and the details that are
// read in a form other than the one that was sent. None of them refuses a hit: a
// detail is left out, and only the rules know whether an amount counts; they reject
// the hit where it does.
func (h *Hit) NoteUnreadable() {
	if len(h.Params) == 0 || h.Kind == Click {
		return
	}
	var amounts, rounded, details []string
	for _, name := range [...]string{ParamRevenue, ParamPayout} {
		text := h.Params[name]
		if text == "" || plainAmount(text) {
			continue
		}
		if _, less, err := amount(text); err != nil {
			amounts = append(amounts, name)
		} else if less {
			rounded = append(rounded, name)
		}
	}
	if unreadable(Currency, h.Params[ParamCurrency]) {
		amounts = append(amounts, ParamCurrency)
	}
	if h.Kind == Clickless {
		details = h.noteDetails()
	}
	if text := h.Params[PurchaseValue]; !NoAmount(text) && unreadable(Amount, text) {
		details = append(details, PurchaseValue)
	}
	h.noteAll("more than six decimals, where they count they are rounded to six: ", rounded)
	h.noteAll("cannot be read, and reject the hit where they count: ", amounts)
	h.noteAll("cannot be read, and are left out: ", details)
}

// noteDetails notes the details of a clickless hit that are read in a form other
// than the one that was sent, and returns those that cannot be read.
func (h *Hit) noteDetails() (unreadable []string) {
	if text := h.Params[ParamConversionIP]; text != "" {
		switch _, more, err := conversionIP(text); {
		case err != nil:
			unreadable = append(unreadable, ParamConversionIP)
		case more:
			h.Note("conversion_ip: more than an address, the first one is read without its port, brackets and zone")
		}
	}
	if text := h.Params[ParamSessionTime]; text != "" {
		switch _, assumed, err := sessionTime(text); {
		case err != nil:
			unreadable = append(unreadable, ParamSessionTime)
		case assumed:
			h.Note("session_time: without a time zone, read as UTC")
		}
	}
	return unreadable
}

// plainAmount is the fast path: an amount in its usual form, which Amount takes as it
// is.
func plainAmount(text string) bool {
	whole, fraction, pointed := strings.Cut(text, ".")
	const certain = 12 // digits, which are below AmountLimit
	return len(whole) <= certain && len(fraction) <= AmountPlaces && ascii.IsDigits(whole) && pointed == ascii.IsDigits(fraction)
}

// unreadable reports whether a value was sent that its parser does not take.
func unreadable[T any](parse func(string) (T, error), text string) bool {
	if text == "" {
		return false
	}
	_, err := parse(text)
	return err != nil
}
