package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"integr8/handlers/operate"
	"integr8/handlers/operate/reference"
	"integr8/handlers/operate/search"
	"integr8/pipeline/failure"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
	"integr8/sql/store"
)

// rowFilter is what lists of hits and of conversions choose by.
type rowFilter struct {
	Account   int64  `placeholder:"ID" help:"Only this account's."`
	Offer     int64  `placeholder:"ID" help:"Only this offer's."`
	Publisher int64  `placeholder:"ID" help:"Only this publisher's."`
	Since     moment `placeholder:"TIME" help:"Only what was received since: how long ago (24h, 7d), a day, or a time (RFC 3339)."`
	Until     moment `placeholder:"TIME" help:"Only what was received before then; a day is included whole."`
	Test      bool   `help:"Those of tests too, which are left out otherwise."`
}

func (f rowFilter) filter() search.Filter {
	return search.Filter{AccountID: f.Account, OfferID: f.Offer, PublisherID: f.Publisher, Since: f.Since.Time, Until: f.Until.end(), Tests: f.Test}
}

// check refuses an account, an offer or a publisher that is not there.
func (f rowFilter) check(ctx context.Context, db *store.Store) error {
	return (reference.Named{Account: f.Account, Offer: f.Offer, Publisher: f.Publisher}).Check(ctx, db)
}

// withPeriodHint adds a hint to search.ErrPeriod.
func withPeriodHint(err error) error {
	if errors.Is(err, search.ErrPeriod) {
		return failure.WithHint(err, "--since must be earlier than --until")
	}
	return err
}

type hitsCommand struct {
	listing
	rowFilter
	Kind    hit.Kind        `default:"" enum:",click,postback,pixel,clickless" help:"Only click, postback, pixel or clickless hits."`
	Outcome outcome.Outcome `default:"" enum:",recorded,converted,duplicate,waiting,unmatched,rejected,failed" help:"Only those with this outcome."`
	Reason  deadReason      `placeholder:"REASON" help:"Only those with this reason, such as duplicate_same_url."`
}

// Run lists hits.
func (c *hitsCommand) Run(ctx context.Context, inv *invocation) error {
	db, err := inv.store()
	if err != nil {
		return err
	}
	if err := c.check(ctx, db); err != nil {
		return err
	}
	filter := c.filter()
	filter.Kind, filter.Outcome, filter.Reason = c.Kind, c.Outcome, outcome.Reason(c.Reason)
	return inv.listRows(db, hitForm.noun, func(list search.Searches) error {
		found, err := list.Hits(ctx, filter, c.Cursor, c.wanted())
		if err != nil {
			return withPeriodHint(err)
		}
		return writeRows(inv, &c.listing, found, hitForm)
	})
}

// listRows runs a list with progress.
func (inv *invocation) listRows(db *store.Store, noun string, list func(search.Searches) error) error {
	use, progress := search.Searches{Store: db}, inv.newListProgress(noun)
	if progress != nil {
		use.Progress = progress.draw
	}
	defer progress.finish()
	return list(use)
}

var hitForm = form[search.Hit]{
	noun:   "hit",
	id:     func(h *search.Hit) uuid.UUID { return h.ID },
	header: []any{"RECEIPT", "RECEIVED", "ACCOUNT", "OFFER", "PUBLISHER", "KIND", "OUTCOME", "REASON", "TRANSACTION_ID"},
	cells: func(h *search.Hit) []any {
		return []any{h.ID, operate.Clock(h.ReceivedAt), accountOrDash(h.AccountID), orDash(h.OfferID), orDash(h.PublisherID), h.Kind, marked(h.Outcome, h.Test),
			dashed(string(h.Reason)), orDash(h.TransactionID)}
	},
	csv: []csvColumn[search.Hit]{
		{"receipt", func(h *search.Hit) any { return h.ID }},
		{"account_id", func(h *search.Hit) any { return h.AccountID }},
		{"kind", func(h *search.Hit) any { return h.Kind }},
		{"received_at", func(h *search.Hit) any { return h.ReceivedAt }},
		{"outcome", func(h *search.Hit) any { return h.Outcome }},
		{"reason", func(h *search.Hit) any { return h.Reason }},
		{"route", func(h *search.Hit) any { return h.Route }},
		{"token_id", func(h *search.Hit) any { return h.TokenID }},
		{"offer", func(h *search.Hit) any { return h.OfferID }},
		{"publisher", func(h *search.Hit) any { return h.PublisherID }},
		{"transaction_id", func(h *search.Hit) any { return h.TransactionID }},
		{"conversion_id", func(h *search.Hit) any { return h.ConversionID }},
		{"duplicate_of", func(h *search.Hit) any { return h.DuplicateOf }},
		{"decided_at", func(h *search.Hit) any { return h.DecidedAt }},
		{"decisions", func(h *search.Hit) any { return h.Decisions }},
		{"client_ip", func(h *search.Hit) any { return h.ClientIP }},
		{"user_agent", func(h *search.Hit) any { return h.UserAgent }},
		hitParam(hit.ParamOrderID), hitParam(hit.ParamExternalTransactionID), hitParam(hit.ParamSubID), hitParam(hit.ParamDeviceID),
		hitParam(hit.ParamConversionIP), hitParam(hit.ParamRevenue), hitParam(hit.ParamPayout), hitParam(hit.ParamCurrency),
		{"notes", func(h *search.Hit) any { return strings.Join(h.Notes, "; ") }},
		{"test", func(h *search.Hit) any { return h.Test }},
	},
}

func hitParam(name string) csvColumn[search.Hit] {
	return csvColumn[search.Hit]{name, func(h *search.Hit) any { return h.Params[name] }}
}

// marked shows an outcome or a status, and whether it is a test's.
func marked[T ~string](text T, test bool) string {
	if test {
		return string(text) + " (test)"
	}
	return string(text)
}

// dashed shows a text that may be empty.
func dashed(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
