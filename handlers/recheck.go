package handlers

import "integr8/pipeline/hit"

// recheck decides again whether a hit is refused, with the keys and the rules
// of this process, on first handling and on every replay. It accepts a genuine
// transaction_id that a receiver could not verify because it lacked the service secret
// that signed it, and a value that doors of an earlier version refused. When the record
// does not contain enough to decide, the refusal stands: see hit.Stands.
//
// The sender got 400 and may send the request again. The dedup key, from the click or
// from the sender's own ids, makes the second one a duplicate.
func (p *Postbacks) recheck(h *hit.Hit) { h.Recheck(p.options.Keys) }
