package reference

import (
	"errors"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"integr8/handlers/attribution"
	"integr8/pipeline/hit"
)

// Changed is an object that was created or edited, with what may not be intended.
type Changed[T any] struct {
	Object   T        `json:"object"`
	Warnings []string `json:"warnings"`
}

// NewChanged returns an object with its warnings.
func NewChanged[T any](object T, warnings Warnings) Changed[T] {
	return Changed[T]{object, append([]string{}, warnings...)}
}

// AccountForm is an account to be created, in JSON.
type AccountForm struct {
	Name     string `json:"name" minLength:"1" maxLength:"200" doc:"The name, for people."`
	TimeZone string `json:"time_zone,omitempty" maxLength:"100" doc:"Time zone whose days its reports have, such as Asia/Kolkata. Default UTC."`
}

// AccountEditForm is a change of an account in JSON; what is left out stays.
type AccountEditForm struct {
	Name     *string `json:"name,omitempty" minLength:"1" maxLength:"200" doc:"The new name."`
	TimeZone *string `json:"time_zone,omitempty" minLength:"1" maxLength:"100" doc:"Time zone whose days its reports have from now on, such as Asia/Kolkata."`
}

// Change returns the change. Its errors match ErrInvalid.
func (f AccountEditForm) Change() (AccountChange, error) {
	if f == (AccountEditForm{}) {
		return AccountChange{}, errNothingToChange
	}
	return AccountChange(f), nil
}

// NameForm is an advertiser or a publisher to be created, or a new name, in JSON.
type NameForm struct {
	Name string `json:"name" minLength:"1" maxLength:"200" doc:"The name, for people."`
}

// PublisherForm is a change of a publisher in JSON; what is left out stays.
type PublisherForm struct {
	Name   *string             `json:"name,omitempty" minLength:"1" maxLength:"200" doc:"The new name."`
	Status *attribution.Status `json:"status,omitempty" enum:"active,paused" doc:"Links of a paused publisher send nobody on, and nothing converts for it."`
}

// Change returns the change. Its errors match ErrInvalid.
func (f PublisherForm) Change() (PublisherChange, error) {
	if f == (PublisherForm{}) {
		return PublisherChange{}, errNothingToChange
	}
	return PublisherChange(f), nil
}

// errNothingToChange refuses an edit that names no new value.
var errNothingToChange = Refuse(ErrInvalid, "nothing to change: say what is to be new")

// OfferForm is an offer to be created in JSON, in the form of Offer.
type OfferForm struct {
	Advertiser    int64              `json:"advertiser" minimum:"1" doc:"Advertiser whose offer it is."`
	Name          string             `json:"name" minLength:"1" maxLength:"200" doc:"The name, for people."`
	Destination   string             `json:"destination" maxLength:"8192" doc:"Where visitors are sent, with macros such as {transaction_id}."`
	Payout        string             `json:"payout" maxLength:"50" doc:"What the publisher earns a conversion: 2.50, or 80% of the revenue sent."`
	Revenue       string             `json:"revenue" maxLength:"50" doc:"What the advertiser owes a conversion: 3.00, or 100% of the revenue sent."`
	Currency      string             `json:"currency" maxLength:"3" doc:"ISO 4217 code of the amounts."`
	Window        string             `json:"window,omitempty" maxLength:"50" doc:"How long after its click a conversion counts: 30d (the default), 12h."`
	Status        attribution.Status `json:"status,omitempty" enum:"active,paused" doc:"Default active."`
	OwnAmounts    bool               `json:"own_amounts,omitempty" doc:"Let the amounts of clickless hits replace the offer's with every token, and not only with one made for clickless."`
	Ceiling       string             `json:"ceiling,omitempty" maxLength:"50" doc:"Largest revenue and payout of a clickless hit that count. Default none."`
	ManyPerClick  bool               `json:"many_per_click,omitempty" doc:"Let one click convert several times, once for each order_id."`
	UniqueOrders  bool               `json:"unique_orders,omitempty" doc:"Pay an order_id only once, whatever the way in."`
	BaseWords     []string           `json:"base_words,omitempty" nullable:"false" maxItems:"100" doc:"Words that mean an approved base conversion in its senders' events and statuses."`
	IgnoredParams []string           `json:"ignored_params,omitempty" nullable:"false" maxItems:"100" doc:"Parameters such as status or goal_id that its senders use for something else."`

	AllowMissingTransactionID bool `json:"allow_missing_transaction_id,omitempty" doc:"Take a destination that cannot return the transaction_id, for offers that only convert without clicks."`
}

// NewOffer returns the offer of an account. Its errors match ErrInvalid.
func (f OfferForm) NewOffer(account int64) (NewOffer, error) {
	given := OfferEditForm{Payout: &f.Payout, Revenue: &f.Revenue, Currency: &f.Currency}
	if f.Window != "" {
		given.Window = &f.Window
	}
	if f.Ceiling != "" {
		given.Ceiling = &f.Ceiling
	}
	if len(f.BaseWords) > 0 {
		given.BaseWords = &f.BaseWords
	}
	if len(f.IgnoredParams) > 0 {
		given.IgnoredParams = &f.IgnoredParams
	}
	read, err := given.Edit()
	if err != nil {
		return NewOffer{}, err
	}
	offer := attribution.Offer{
		AccountID: account, AdvertiserID: f.Advertiser, Name: f.Name, Destination: f.Destination, Status: f.Status,
		Currency: *read.Currency, Payout: *read.Payout, Revenue: *read.Revenue,
		OwnAmounts: f.OwnAmounts, Identity: attribution.Identity{ManyPerClick: f.ManyPerClick},
	}
	if read.Window != nil {
		offer.Window = *read.Window
	}
	if read.Ceiling != nil {
		offer.Ceiling = *read.Ceiling
	}
	if read.BaseWords != nil {
		offer.Consent.Words = *read.BaseWords
	}
	if read.IgnoredParams != nil {
		offer.Consent.Ignored = *read.IgnoredParams
	}
	return NewOffer{Offer: offer, UniqueOrders: f.UniqueOrders, AllowMissingTransactionID: f.AllowMissingTransactionID}, nil
}

// OfferEditForm is a change of an offer in JSON; what is left out stays.
type OfferEditForm struct {
	Advertiser    *int64              `json:"advertiser,omitempty" minimum:"1" doc:"Advertiser whose offer it is."`
	Name          *string             `json:"name,omitempty" minLength:"1" maxLength:"200" doc:"The new name."`
	Destination   *string             `json:"destination,omitempty" maxLength:"8192" doc:"Where visitors are sent from now on."`
	Payout        *string             `json:"payout,omitempty" maxLength:"50" doc:"What the publisher earns a conversion: 2.50, or 80%."`
	Revenue       *string             `json:"revenue,omitempty" maxLength:"50" doc:"What the advertiser owes a conversion: 3.00, or 100%."`
	Currency      *string             `json:"currency,omitempty" maxLength:"3" doc:"Currency of the amounts, which are not converted."`
	Window        *string             `json:"window,omitempty" maxLength:"50" doc:"How long after its click a conversion still counts: 30d, 12h."`
	Status        *attribution.Status `json:"status,omitempty" enum:"active,paused" doc:"Links of a paused offer send nobody on, and nothing converts; what arrives can be replayed later."`
	OwnAmounts    *bool               `json:"own_amounts,omitempty" doc:"Let the amounts of clickless hits count with every token."`
	Ceiling       *string             `json:"ceiling,omitempty" maxLength:"50" doc:"Largest amounts of a clickless hit that count; none for no ceiling."`
	ManyPerClick  *bool               `json:"many_per_click,omitempty" doc:"For clicks from a minute ahead: earlier ones keep their rule."`
	BaseWords     *[]string           `json:"base_words,omitempty" nullable:"false" maxItems:"100" doc:"Instead of those set before."`
	IgnoredParams *[]string           `json:"ignored_params,omitempty" nullable:"false" maxItems:"100" doc:"Instead of those set before."`

	AllowMissingTransactionID bool `json:"allow_missing_transaction_id,omitempty" doc:"Take a destination that cannot return the transaction_id."`
}

// Edit returns the change. Its errors match ErrInvalid.
func (f OfferEditForm) Edit() (OfferEdit, error) {
	edit := OfferEdit{AllowMissingTransactionID: f.AllowMissingTransactionID, OfferChange: OfferChange{
		AdvertiserID: f.Advertiser, Name: f.Name, Destination: f.Destination, Status: f.Status, OwnAmounts: f.OwnAmounts,
	}}
	if f.ManyPerClick != nil {
		edit.Identity = &attribution.Identity{ManyPerClick: *f.ManyPerClick}
	}
	err := errors.Join(
		parsed("payout", f.Payout, ParseTerms, &edit.Payout), parsed("revenue", f.Revenue, ParseTerms, &edit.Revenue),
		parsed("currency", f.Currency, hit.Currency, &edit.Currency), parsed("ceiling", f.Ceiling, ParseCeiling, &edit.Ceiling),
		parsed("window", f.Window, parseWindow, &edit.Window),
		parsed("base_words", joined(f.BaseWords), ParseBaseWords, &edit.BaseWords),
		parsed("ignored_params", joined(f.IgnoredParams), ParseIgnoredParams, &edit.IgnoredParams),
	)
	if err != nil {
		return OfferEdit{}, err
	}
	if edit.OfferChange == (OfferChange{}) {
		return OfferEdit{}, errNothingToChange
	}
	return edit, nil
}

// parsed sets into to what the text of a field says, unless the text is nil. The error
// matches ErrInvalid.
func parsed[T any](field string, text *string, parse func(string) (T, error), into **T) error {
	if text == nil {
		return nil
	}
	value, err := parse(*text)
	*into = &value
	return At(field, Invalid(err))
}

// joined returns a list as the parsers of lists take it.
func joined(list *[]string) *string {
	if list == nil {
		return nil
	}
	return new(strings.Join(*list, ","))
}

// parseWindow reads a span of time in the form of operate.Span.
func parseWindow(text string) (time.Duration, error) {
	window, err := model.ParseDuration(strings.TrimSpace(text))
	if err != nil {
		return 0, Refuse(ErrInvalid, "%q is no span of time such as 30d or 12h", text)
	}
	return time.Duration(window), CheckWindow(time.Duration(window))
}

// HostForm is a tracking domain to be created, or a new host, in JSON.
type HostForm struct {
	Host string `json:"host" minLength:"1" maxLength:"300" doc:"A host such as track.example.com, whose DNS leads here, without a scheme, port or path. It belongs to one account only."`
}
