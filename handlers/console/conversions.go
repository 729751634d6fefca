package console

import (
	"net/http"

	"integr8/handlers/operate/search"
)

// conversionsShown is a page of a list of conversions.
type conversionsShown struct {
	Conversions []search.Conversion
	// Next is the address of the next page; empty on the last.
	Next string
}

func (c *Console) conversionsPage(v *visit) error {
	filter, err := hitsFilter(v)
	if err != nil {
		return err
	}
	filter.Status, filter.Currency, filter.SubID = v.query("status"), v.query("currency"), v.query("sub_id")
	var behind search.Cursor
	if text := v.query("cursor"); text != "" {
		if err := behind.UnmarshalText([]byte(text)); err != nil {
			return err
		}
	}
	list, err := c.Searches.Conversions(v.ctx(), filter, behind, rowsAPage+1)
	if err != nil {
		return err
	}
	page := conversionsShown{}
	for row, err := range list {
		if err != nil {
			return err
		}
		if len(page.Conversions) == rowsAPage {
			page.Next = v.with("cursor", search.Behind(page.Conversions[rowsAPage-1].ID).String())
			break
		}
		page.Conversions = append(page.Conversions, row)
	}
	return c.render(v, http.StatusOK, "conversions", "Conversions", page)
}
