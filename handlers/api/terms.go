package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate/reference"
)

// TermsAsked names a publisher's own terms for an offer.
type TermsAsked struct {
	ObjectAsked
	Publisher int64  `path:"publisher" minimum:"1" doc:"The publisher's number."`
	IfMatch   string `header:"If-Match" required:"true" minLength:"1" maxLength:"200" doc:"The ETag of the offer as it was read, or *."`
}

type termsGiven struct {
	TermsAsked
	Body reference.TermsForm
}

// addTerms registers the operations on the terms of single publishers for an offer. They
// are a part of the offer, and of its version.
func (a *api) addTerms() {
	const path = "/offers/{id}/publishers/{publisher}"
	addWhole(a, editing("set-terms", http.MethodPatch, path, "Set a publisher's own payout and revenue for an offer"), a.setTerms)
	clear := editing("clear-terms", http.MethodDelete, path, "Take a publisher's own terms for an offer back")
	clear.description = "The offer's terms apply again. " + ifMatchIsVersion
	addWhole(a, clear, a.clearTerms)
}

func (a *api) setTerms(ctx context.Context, in *termsGiven) (*tagged[reference.Changed[reference.Offer]], error) {
	terms, err := in.Body.Terms()
	if err != nil {
		return nil, err
	}
	return edit(ctx, in.ObjectAsked, in.IfMatch, func(ctx context.Context, account int64) (reference.Offer, reference.Warnings, error) {
		return a.Offers.SetTerms(ctx, account, in.ID, in.Publisher, terms)
	})
}

func (a *api) clearTerms(ctx context.Context, in *TermsAsked) (*tagged[reference.Changed[reference.Offer]], error) {
	return edit(ctx, in.ObjectAsked, in.IfMatch, func(ctx context.Context, account int64) (reference.Offer, reference.Warnings, error) {
		return a.Offers.ClearTerms(ctx, account, in.ID, in.Publisher)
	})
}
