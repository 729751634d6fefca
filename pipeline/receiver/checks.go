package receiver

import (
	"errors"

	"integr8/pipeline/hit"
)

// transactionID reads the transaction_id of a postback or a pixel.
func (rc *Receiver) transactionID(in *request) (hit.TransactionID, problem) {
	text := in.get(hit.ParamTransactionID)
	if text == "" {
		return hit.TransactionID{}, problem{refusal: hit.MissingTransactionID}
	}
	id, err := rc.options.Keys.Verify(text)
	switch {
	case err == nil:
		return id, problem{}
	case hit.IsPlaceholder(text):
		return hit.TransactionID{}, problem{refusal: hit.PlaceholderTransaction}
	case errors.Is(err, hit.ErrUnverifiedTransactionID):
		return hit.TransactionID{}, problem{refusal: hit.UnverifiedTransactionID}
	default:
		return hit.TransactionID{}, problem{refusal: hit.MalformedTransactionID}
	}
}

// number reads the number of an offer or a publisher; 0 when absent, which is
// a problem only where missing names one.
func (in *request) number(name string, missing, invalid hit.Refusal) (int64, problem) {
	text := in.get(name)
	if text == "" {
		return 0, problem{refusal: missing}
	}
	n, err := hit.Number(text)
	if err != nil {
		return 0, problem{refusal: invalid}
	}
	return n, problem{}
}

// money checks the amounts and the currency, where they are sent.
func (in *request) money() problem {
	for _, name := range [...]string{hit.ParamRevenue, hit.ParamPayout} {
		if text := in.get(name); text != "" {
			if _, err := hit.Amount(text); err != nil {
				return problem{hit.InvalidAmount, name}
			}
		}
	}
	if text := in.get(hit.ParamCurrency); text != "" {
		if _, err := hit.Currency(text); err != nil {
			return problem{refusal: hit.UnknownCurrency}
		}
	}
	return problem{}
}

// circumstances checks what only a clickless postback tells.
func (in *request) circumstances() problem {
	if text := in.get(hit.ParamConversionIP); text != "" {
		if _, err := hit.ConversionIP(text); err != nil {
			return problem{refusal: hit.InvalidConversionIP}
		}
	}
	if text := in.get(hit.ParamSessionTime); text != "" {
		if _, err := hit.SessionTime(text); err != nil {
			return problem{refusal: hit.InvalidSessionTime}
		}
	}
	if text := in.get(hit.ParamUserEmail); text != "" {
		if _, err := hit.EmailHash(text); err != nil {
			return problem{refusal: hit.InvalidEmail}
		}
	}
	return problem{}
}
