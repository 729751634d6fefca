package api

import (
	"context"
	"net/http"

	"integr8/handlers/operate/keys"
	"integr8/handlers/operate/reference"
)

// operating is the access of operations that act on dead letters.
var operating = access{role: keys.Operate}

// addWrites registers the operations that change something.
func (a *api) addWrites() {
	a.addActs()

	add(a, editing("create-advertiser", http.MethodPost, "/advertisers", "Create an advertiser"), created(a, reference.AdvertiserObject, a.Advertisers.Show,
		func(ctx context.Context, account int64, form reference.NameForm) (reference.Advertiser, reference.Warnings, error) {
			return a.Advertisers.Create(ctx, account, form.Name)
		}))
	addWhole(a, editing("edit-advertiser", http.MethodPatch, "/advertisers/{id}", "Rename an advertiser"),
		edited(func(ctx context.Context, account, id int64, form reference.NameForm) (reference.Advertiser, reference.Warnings, error) {
			return a.Advertisers.Rename(ctx, account, id, form.Name)
		}))
	add(a, editing("create-publisher", http.MethodPost, "/publishers", "Create a publisher"), created(a, reference.PublisherObject, a.Publishers.Show,
		func(ctx context.Context, account int64, form reference.NameForm) (reference.Publisher, reference.Warnings, error) {
			return a.Publishers.Create(ctx, account, form.Name)
		}))
	addWhole(a, editing("edit-publisher", http.MethodPatch, "/publishers/{id}", "Edit or pause a publisher"),
		edited(func(ctx context.Context, account, id int64, form reference.PublisherForm) (reference.Publisher, reference.Warnings, error) {
			change, err := form.Change()
			if err != nil {
				return reference.Publisher{}, nil, err
			}
			return a.Publishers.Edit(ctx, account, id, change)
		}))
	add(a, editing("create-offer", http.MethodPost, "/offers", "Create an offer"), created(a, reference.OfferObject, a.Offers.Show,
		func(ctx context.Context, account int64, form reference.OfferForm) (reference.Offer, reference.Warnings, error) {
			offer, err := form.NewOffer(account)
			if err != nil {
				return reference.Offer{}, nil, err
			}
			return a.Offers.Create(ctx, offer)
		}))
	addWhole(a, editing("edit-offer", http.MethodPatch, "/offers/{id}", "Edit or pause an offer"),
		edited(func(ctx context.Context, account, id int64, form reference.OfferEditForm) (reference.Offer, reference.Warnings, error) {
			edit, err := form.Edit()
			if err != nil {
				return reference.Offer{}, nil, err
			}
			return a.Offers.Edit(ctx, account, id, edit)
		}))
	a.addTerms()
	a.addUniqueOrders()
	add(a, editing("create-domain", http.MethodPost, "/domains", "Give an account a tracking domain"), created(a, reference.DomainObject, a.Domains.Show,
		func(ctx context.Context, account int64, form reference.HostForm) (reference.Domain, reference.Warnings, error) {
			return a.Domains.Create(ctx, account, form.Host)
		}))
	addWhole(a, editing("edit-domain", http.MethodPatch, "/domains/{id}", "Change the host of a tracking domain"),
		edited(func(ctx context.Context, account, id int64, form reference.HostForm) (reference.Domain, reference.Warnings, error) {
			return a.Domains.Move(ctx, account, id, form.Host)
		}))
	a.addTokens()
	a.addKeys()
}

// addActs registers what acts on dead letters.
func (a *api) addActs() {
	act := func(id, path, summary, description string) operation {
		return operation{id: id, method: http.MethodPost, path: path, tag: tagDead, summary: summary, description: description, access: operating}
	}
	job := func(id, path, summary, description string) operation {
		o := act(id, path, summary, description)
		o.tag = tagJobs
		return o
	}
	add(a, act("replay-dead-letters", "/dead-letters/replay", "Publish the hits of dead letters again",
		"Under their own ids, so that nothing is ever paid twice: an interrupted request may be sent again. "+
			"All receipts must be those of dead letters of the account, or nothing is done. `warnings` say which hits will fail again."), a.replay)
	add(a, act("discard-dead-letters", "/dead-letters/discard", "Give dead letters up",
		"All receipts must be those of dead letters of the account, or nothing is done. A job with the act undo brings them back."), a.discard)
	add(a, act("note-dead-letters", "/dead-letters/note", "Note something on dead letters",
		"In whatever state they are; nothing else changes. All receipts must be those of dead letters of the account, or nothing is done."), a.note)

	create := job("create-job", "/jobs", "Replay, discard, undo or note on all that a filter matches",
		"The system does it, at a rate, whatever becomes of the client. With an Idempotency-Key the request can be sent again for a day: it creates one job. "+
			"Jobs of an account run one after the other.")
	create.status = http.StatusCreated
	add(a, create, a.createJob)
	add(a, job("cancel-job", "/jobs/{id}/cancel", "Cancel a job",
		"What it has done stays done. One that has ended stays as it is: see its state."), shown(a.Jobs.Cancel))
}
