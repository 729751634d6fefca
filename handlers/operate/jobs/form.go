package jobs

import (
	"time"

	"github.com/google/uuid"

	"integr8/handlers/operate/dead"
	"integr8/handlers/operate/history"
	"integr8/handlers/operate/reference"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// Form is an order as a request holds it.
type Form struct {
	Act       history.Act `json:"act" enum:"replay,discard,undo,note" doc:"discard gives letters up, undo brings them back, and note adds the note to their history only."`
	Filter    FilterForm  `json:"filter" doc:"Which letters, of those that have died by now: open ones, of undo discarded ones, of note all."`
	PerSecond float64     `json:"per_second,omitempty" minimum:"0.1" maximum:"5000" doc:"At most so many letters a second. Default 200."`
	Note      string      `json:"note,omitempty" maxLength:"500" doc:"Why: kept with what happens to each."`
}

// FilterForm is a filter as a request holds it.
type FilterForm struct {
	All         bool           `json:"all,omitempty" doc:"All of them; nothing else is named then."`
	Receipts    []uuid.UUID    `json:"receipts,omitempty" maxItems:"500" uniqueItems:"true" nullable:"false" doc:"Only these, which are replayed whether open or not; nothing else is named then."`
	Silent      bool           `json:"silent,omitempty" doc:"Those that were replayed over an hour ago, and of which nothing was heard since, in place of open ones."`
	Reason      outcome.Reason `json:"reason,omitempty" maxLength:"100" doc:"Only those with this reason."`
	Kind        hit.Kind       `json:"kind,omitempty" enum:"click,postback,pixel,clickless" doc:"Only those of this kind."`
	Offer       int64          `json:"offer,omitempty" minimum:"1" doc:"Only those that name this offer."`
	Advertiser  int64          `json:"advertiser,omitempty" minimum:"1" doc:"Only those of this advertiser's offers."`
	Publisher   int64          `json:"publisher,omitempty" minimum:"1" doc:"Only those of this publisher."`
	Token       int64          `json:"token,omitempty" minimum:"1" doc:"Only those with this token, by its number."`
	TokenDigest string         `json:"token_digest,omitempty" maxLength:"64" doc:"Only those with a token whose SHA-256 begins so: 8 to 64 hex digits."`
	Network     string         `json:"network,omitempty" maxLength:"50" doc:"Only those from this network: the /24 of an IPv4 address, or the /48 of an IPv6 address."`
	Text        string         `json:"text,omitempty" maxLength:"200" doc:"Only those with this text in the recorded request or in the error."`
	ActID       uuid.UUID      `json:"act,omitzero" format:"uuid" doc:"Only those that this act replayed or discarded."`
	Since       time.Time      `json:"since,omitzero" doc:"Only those that died since."`
	Until       time.Time      `json:"until,omitzero" doc:"Only those that died until then."`
}

// Order returns the order of an account (0: of all). The error matches
// reference.ErrInvalid.
func (f Form) Order(account int64, by dead.Operator) (Order, error) {
	filter, err := f.Filter.filter()
	if err != nil {
		return Order{}, err
	}
	filter.AccountID = account
	return Order{Act: f.Act, Filter: filter, PerSecond: f.PerSecond, By: by}, nil
}

func (f FilterForm) filter() (dead.Filter, error) {
	filter := dead.Filter{
		IDs: f.Receipts, Reason: f.Reason, Kind: f.Kind, OfferID: f.Offer, AdvertiserID: f.Advertiser, PublisherID: f.Publisher,
		TokenID: f.Token, Text: f.Text, Act: f.ActID, Since: f.Since, Until: f.Until,
	}
	var err error
	if filter.TokenDigest, err = dead.ReadDigest(f.TokenDigest); err != nil {
		return filter, err
	}
	if filter.Network, err = dead.ReadNetwork(f.Network); err != nil {
		return filter, err
	}
	if f.Silent {
		filter.State = dead.StateSilent
	}
	return filter, f.checkWays(filter)
}

// checkWays refuses a choice that was probably not meant.
func (f FilterForm) checkWays(filter dead.Filter) error {
	filter.IDs = nil
	ways := 0
	for _, chosen := range []bool{f.All, len(f.Receipts) > 0, !filter.IsZero()} {
		if chosen {
			ways++
		}
	}
	if ways != 1 {
		return reference.Refuse(reference.ErrInvalid, "filter names letters in one way: by receipts, by other fields, or all of them by all")
	}
	return nil
}
