package console

import (
	"net/http"
	"slices"

	"integr8/handlers/operate/search"
	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// hitsShown is a page of a list of hits.
type hitsShown struct {
	Hits []search.Hit
	// Next is the address of the next page; empty on the last.
	Next string
}

// rowsAPage is how many rows of a list a page has.
const rowsAPage = 50

func (c *Console) hitsPage(v *visit) error {
	filter, err := hitsFilter(v)
	if err != nil {
		return err
	}
	var behind search.Cursor
	if text := v.query("cursor"); text != "" {
		if err := behind.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	}
	list, err := c.Searches.Hits(v.ctx(), filter, behind, rowsAPage+1)
	if err != nil {
		return err
	}
	page := hitsShown{}
	for row, err := range list {
		if err != nil {
			return err
		}
		if len(page.Hits) == rowsAPage {
			page.Next = v.with("cursor", search.Behind(page.Hits[rowsAPage-1].ID).String())
			break
		}
		page.Hits = append(page.Hits, row)
	}
	return c.render(v, http.StatusOK, "hits", "Hits", page)
}

func hitsFilter(v *visit) (filter search.Filter, err error) {
	filter = search.Filter{AccountID: v.account(), Kind: hit.Kind(v.query("kind")), Outcome: outcome.Outcome(v.query("outcome")), Reason: outcome.Reason(v.query("reason")), Tests: v.query("test") != ""}
	if filter.OfferID, err = v.number("offer"); err != nil {
		return filter, err
	}
	if filter.PublisherID, err = v.number("publisher"); err != nil {
		return filter, err
	}
	if filter.Since, err = v.moment("since"); err != nil {
		return filter, err
	}
	filter.Until, err = v.moment("until")
	if err == nil && filter.Outcome != "" && !slices.Contains(outcomes, filter.Outcome) {
		err = &badRequest{"There is no such outcome."}
	}
	return filter, err
}

var outcomes = []outcome.Outcome{outcome.Recorded, outcome.Converted, outcome.Duplicate, outcome.Waiting, outcome.Unmatched, outcome.Rejected, outcome.Failed}

// Outcomes are the words of the filter.
func (hitsShown) Outcomes() []outcome.Outcome { return outcomes }

// Kinds are the words of the filter.
func (hitsShown) Kinds() []hit.Kind { return []hit.Kind{"click", "postback", "pixel", "clickless"} }
