package trace

import (
	"encoding/json"
	"fmt"

	"integr8/pipeline/hit"
	"integr8/pipeline/outcome"
)

// orderHint returns the hint for a duplicate that names another order than the
// conversion of its click; empty for any other hit. The sender meant a second
// conversion, and the offer counts one a click.
func orderHint(record Record, conversions []Conversion) string {
	if record.Outcome != outcome.Duplicate || record.TransactionID == nil {
		return ""
	}
	h, err := hit.Decode(record.Request)
	if err != nil {
		return ""
	}
	for _, first := range conversions {
		if record.DuplicateOf == nil || first.ID != *record.DuplicateOf {
			continue
		}
		var sent map[string]string
		if err := json.Unmarshal(first.Parameters, &sent); err != nil {
			return ""
		}
		for _, name := range []string{hit.ParamOrderID, hit.ParamExternalTransactionID} {
			if id := h.Params[name]; id != "" && id != sent[name] {
				return fmt.Sprintf("The offer counts one conversion a click, and this click has its own, with %s. This one has %s %q. "+
					"If each order shall count: `integr8 offer edit %d --many-per-click`, for clicks from then on; else nothing to do.",
					namedOrder(name, sent[name]), name, id, first.OfferID)
			}
		}
	}
	return ""
}

func namedOrder(name, id string) string {
	if id == "" {
		return "no " + name
	}
	return fmt.Sprintf("%s %q", name, id)
}
