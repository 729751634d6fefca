package handlers

import "integr8/pipeline/hit"

// recheck looks anew at a hit that a door refused for the value of a
// parameter, with the keys and by the rules of this process. A genuine
// transaction_id that a receiver could not verify, because it lacked the
// service secret that signed it, is accepted here: on first handling, and on
// every replay. What is still wrong stays refused, possibly for another reason.
//
// The sender was answered 400 and may fire again. The dedup key of a click, or
// of the sender's own ids, makes the second one a duplicate. A clickless hit
// without any id has no such key, so its refusal stands.
func (p *Postbacks) recheck(h *hit.Hit) {
	if h.Refusal == "" || !h.Refusal.OfValue() {
		return
	}
	if h.Kind == hit.Clickless && h.Params[hit.ParamExternalTransactionID] == "" && h.Params[hit.ParamOrderID] == "" {
		return
	}
	h.Refusal, _ = p.options.Keys.Check(h)
}
