package handlers

import "integr8/pipeline/hit"

// recheck decides anew whether a hit is refused, with the keys and by the rules
// of this process, on first handling and on every replay. A genuine transaction_id
// that a receiver could not verify, because it lacked the service secret that
// signed it, is accepted here, and so is a value for which doors of an earlier
// version refused the hit. Where the record does not allow it the refusal stands:
// see hit.Stands.
//
// The sender was answered 400 and may fire again. The dedup key of a click, or
// of the sender's own ids, makes the second one a duplicate.
func (p *Postbacks) recheck(h *hit.Hit) { p.options.Keys.Recheck(h) }
