package handlers

import (
	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/sql/store"
)

var (
	subIDs = [6]string{hit.ParamSubID, hit.ParamSubID2, hit.ParamSubID3,
		hit.ParamSubID4, hit.ParamSubID5, hit.ParamSubID6}
	advertiserSubIDs = [4]string{hit.ParamAdvSubID, hit.ParamAdvSubID2, hit.ParamAdvSubID3, hit.ParamAdvSubID4}
)

// caseOf states a hit in the terms of the rules. What the door and recheck refused
// is in Refusal. A value of the rest that does not parse counts as absent; of an
// amount the case says that it was there.
func (p *Postbacks) caseOf(b *postback) attribution.Case {
	h := b.hit
	c := attribution.Case{
		HitID:                 h.ID,
		Method:                attribution.Method(h.Kind),
		ReceivedAt:            h.ReceivedAt,
		WaitIsOver:            b.waitIsOver,
		Refusal:               attribution.Reason(h.Refusal),
		Token:                 b.token,
		OrderID:               h.Params[hit.ParamOrderID],
		ExternalTransactionID: h.Params[hit.ParamExternalTransactionID],
		Qualifiers:            Qualifiers(h),
	}
	c.Revenue, c.Unreadable.Revenue = amountOf(h, hit.ParamRevenue)
	c.Payout, c.Unreadable.Payout = amountOf(h, hit.ParamPayout)
	if text := h.Params[hit.ParamCurrency]; text != "" {
		currency, err := hit.Currency(text)
		c.Currency, c.Unreadable.Currency = currency, err != nil
	}
	switch h.Kind {
	case hit.Pixel:
		c.DomainAccount = h.AccountID
	case hit.Clickless:
		c.NamedOffer = numberOf(h, hit.ParamOffer)
		c.NamedPublisher = numberOf(h, hit.ParamPublisher)
	}
	return c
}

// amountOf reads an amount; nil when it was not sent or is unreadable.
func amountOf(h *hit.Hit, name string) (amount *decimal.Decimal, unreadable bool) {
	text := h.Params[name]
	if text == "" {
		return nil, false
	}
	read, err := hit.Amount(text)
	if err != nil {
		return nil, true
	}
	return &read, false
}

func numberOf(h *hit.Hit, name string) int64 {
	number, err := hit.Number(h.Params[name])
	if err != nil {
		return 0
	}
	return number
}

// detailsOf picks what is kept with a conversion beside its terms.
func detailsOf(h *hit.Hit) store.Details {
	details := store.Details{
		OrderID:               h.Params[hit.ParamOrderID],
		ExternalTransactionID: h.Params[hit.ParamExternalTransactionID],
	}
	for i, name := range subIDs {
		details.SubIDs[i] = h.Params[name]
	}
	for i, name := range advertiserSubIDs {
		details.AdvertiserSubIDs[i] = h.Params[name]
	}
	if h.Kind != hit.Clickless {
		return details
	}
	details.UserAgent = h.Params[hit.ParamUserAgent]
	// The door keeps a hash; what an earlier one kept in its place is none.
	if email, err := hit.EmailHash(h.Params[hit.ParamUserEmail]); err == nil {
		details.UserEmailHash = email
	}
	if ip, err := hit.ConversionIP(h.Params[hit.ParamConversionIP]); err == nil {
		details.ConversionIP = ip
	}
	if at, err := hit.SessionTime(h.Params[hit.ParamSessionTime]); err == nil {
		details.SessionTime = at
	}
	return details
}
