package check

import "slices"

// forget removes the rows of requests that are not in the ledger, which it recognises
// by the host of the requests. The checker still finds anything else that they left
// behind, such as a conversion for another's hit or a leak.
func (r *rows) forget(host string) {
	ids := map[string]bool{}
	for _, hit := range r.hits {
		if hit.host == host {
			ids[hit.id] = true
		}
	}
	r.hits = slices.DeleteFunc(r.hits, func(h hitRow) bool { return ids[h.id] })
	r.conversions = slices.DeleteFunc(r.conversions, func(c conversionRow) bool { return ids[c.id] })
	r.clicks = slices.DeleteFunc(r.clicks, func(c clickRow) bool { return ids[c.hitID] })
	r.dead = slices.DeleteFunc(r.dead, func(d deadRow) bool { return ids[d.id] })
	r.waiting = slices.DeleteFunc(r.waiting, func(w waitingRow) bool { return ids[w.hitID] })
}
