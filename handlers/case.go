package handlers

import (
	"cmp"

	"github.com/shopspring/decimal"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
	"integr8/pipeline/redact"
)

var (
	subIDs = [6]string{hit.ParamSubID, hit.ParamSubID2, hit.ParamSubID3,
		hit.ParamSubID4, hit.ParamSubID5, hit.ParamSubID6}
	advertiserSubIDs = [4]string{hit.ParamAdvSubID, hit.ParamAdvSubID2, hit.ParamAdvSubID3, hit.ParamAdvSubID4}
)

// caseOf returns a hit as the rules need it. Refusal is the refusal of the door or of
// recheck. Any other value that does not parse counts as absent; for an amount,
// Unreadable says that it was sent.
func (p *Postbacks) caseOf(b *postback) attribution.Case {
	h := b.hit
	c := attribution.Case{
		HitID:                 h.ID,
		Kind:                  h.Kind,
		ReceivedAt:            h.ReceivedAt,
		WaitIsOver:            b.waitIsOver,
		TestAccount:           h.TestAccount,
		Refusal:               h.Refusal,
		Token:                 b.token,
		OrderID:               h.Params[hit.ParamOrderID],
		ExternalTransactionID: h.Params[hit.ParamExternalTransactionID],
		Qualifiers:            attribution.QualifiersOf(h),
	}
	c.Revenue, c.Unreadable.Revenue = amountOf(h, hit.ParamRevenue)
	c.Payout, c.Unreadable.Payout = amountOf(h, hit.ParamPayout)
	if text := h.Params[hit.ParamCurrency]; !hit.NoAmount(text) {
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
	if hit.NoAmount(text) { // a door of an earlier version kept null and the like
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

// detailsOf returns what is stored with a conversion beside its terms: parameters, those of
// every kind of hit here and those of clickless ones only in addVisit, and what the click
// tells. click is nil where there is none.
func detailsOf(h *hit.Hit, click *attribution.Click) attribution.Details {
	details := attribution.Details{
		OrderID:               h.Params[hit.ParamOrderID],
		ExternalTransactionID: h.Params[hit.ParamExternalTransactionID],
		DeviceID:              h.Params[hit.ParamDeviceID],
	}
	if value, err := hit.Amount(h.Params[hit.PurchaseValue]); err == nil {
		details.PurchaseValue = &value
	}
	if click != nil {
		details.DeviceID = cmp.Or(details.DeviceID, click.DeviceID)
		details.ClickedAt, details.ClickIP, details.ClickUserAgent = click.ClickedAt, click.ClientIP, click.UserAgent
	}
	for i, name := range subIDs {
		details.SubIDs[i] = h.Params[name]
	}
	for i, name := range advertiserSubIDs {
		details.AdvertiserSubIDs[i] = h.Params[name]
	}
	if h.Kind == hit.Clickless {
		addVisit(&details, h)
	}
	return details
}

// addVisit adds the parameters that describe the visitor of a clickless hit. Of any
// other hit the click describes the visitor.
func addVisit(details *attribution.Details, h *hit.Hit) {
	details.UserAgent = h.Params[hit.ParamUserAgent]
	// The door replaces an address by its hash; an earlier version of it did not always.
	if email, err := redact.EmailHash(h.Params[hit.ParamUserEmail]); err == nil {
		details.UserEmailHash = email
	}
	if ip, err := hit.ConversionIP(h.Params[hit.ParamConversionIP]); err == nil {
		details.ConversionIP = ip
	}
	if at, err := hit.SessionTime(h.Params[hit.ParamSessionTime]); err == nil {
		details.SessionTime = at
	}
}
