package receiver

import (
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"integr8/pipeline/bot"
	"integr8/pipeline/hit"
)

// newHit makes the hit of a request, without its parameters.
func (rc *Receiver) newHit(v *visit, kind hit.Kind, from origin) *hit.Hit {
	// Postgres keeps microseconds: what is stored equals what travelled.
	at := rc.options.Clock().UTC().Truncate(time.Microsecond)
	h := &hit.Hit{
		ID:         NewReceipt(at),
		Kind:       kind,
		ReceivedAt: at,
		Method:     v.method,
		Host:       from.host,
		Path:       v.path,
		UserAgent:  v.userAgent(),
		Referer:    v.referer(),
	}
	if from.clientIP.IsValid() {
		h.ClientIP = from.clientIP.String()
	}
	return h
}

// carry gives the hit the request's parameters, takes every secret out of it,
// and bounds it. Until then the hit must go nowhere. The notes that it returns
// may be told to the sender.
func (rc *Receiver) carry(h *hit.Hit, in *request, limit int) (found hit.Found, notes string) {
	h.Params, h.Notes = in.values, in.notes()
	h.NoteUnreadable()
	h.Prune()
	notes = strings.Join(h.Notes, "; ")
	if limit == hit.MaxShortBytes {
		h.Shorten()
	}
	found = rc.redactor.Hit(h)
	h.Host = strings.ToLower(h.Host) // not before: a token is known by its letters
	h.Fit(limit)
	return found, notes
}

// record makes the hit durable and answers its receipt, or the nil id when it
// could not. A client that hangs up does not stop it.
func (rc *Receiver) record(h *hit.Hit) uuid.UUID {
	if err := rc.options.Queue.Put(rc.patience.Context(), h); err != nil {
		rc.failures.raise("the queue took no hit", h.Kind, err)
		return uuid.Nil
	}
	return h.ID
}

// finish records a hit of a door that takes tokens and answers.
//
// A stranger can send any text as a token, and no answer may tell him whether
// it is somebody's. So every hit that the door accepts is recorded, whatever
// its token: who bounds how many of them are answered 200 must either bound
// those of customers as well, or tell the two apart by the bound. A hit with a
// token that this door does not know, because nobody has it or because it was
// made a second ago or is still to be imported, keeps all that the contract
// names, so that it converts, or can be replayed, in full; of the other
// parameters nothing is kept. Past the quota of such hits it is marked Surplus:
// it reaches its outcome like any other, and is forgotten a day later while its
// token stays unknown. A flood then costs no more than one of clicks, which
// anybody can make too, and leaves less.
func (rc *Receiver) finish(h *hit.Hit, in *request, wrong problem) answer {
	if in.token != "" {
		h.TokenDigest = hit.DigestOf(in.token)
	}
	if wrong.refusal == hit.UnverifiedTransactionID && rc.options.LacksKey() {
		h.Refusal = wrong.refusal // the handler checks it again
	} else if wrong.refusal != "" {
		return rc.refuse(h, in, rc.refusalOf(wrong))
	}
	limit := hit.MaxBytes
	if !rc.options.Directory.KnowsToken(h.TokenDigest) {
		limit = hit.MaxShortBytes
		if h.Surplus = !rc.unknown.permits(h.Client(), h.ReceivedAt); h.Surplus {
			rc.options.ObserveJunk(Surplus, "")
		}
	}
	_, notes := rc.carry(h, in, limit)
	receipt := rc.record(h)
	if receipt == uuid.Nil {
		return unavailable()
	}
	return answer{status: fasthttp.StatusOK, result: Accepted, receipt: receipt, note: notes}
}

// refusalOf returns the answer to a request with that problem.
func (rc *Receiver) refusalOf(wrong problem) answer {
	if wrong.refusal == hit.TooLarge {
		return tooLarge(fasthttp.StatusRequestEntityTooLarge, "the body is too large", rc.options.MaxBodyBytes)
	}
	return refused(wrong.refusal, wrong.subject)
}

// turnAway answers a request that no door takes, and records it as one of that
// kind when it names a token. One of the methods that ask about a door only, and
// one that no door of the kind would record, is answered and nothing else.
func (rc *Receiver) turnAway(v *visit, kind hit.Kind, a answer) answer {
	switch v.method {
	case methodHead, fasthttp.MethodOptions, fasthttp.MethodTrace, fasthttp.MethodConnect:
		return a
	}
	if kind == hit.Click || kind == "" || v.query == "" && len(v.body) == 0 || v.isPrefetch() || bot.Is(v.userAgent()) {
		return a
	}
	in := rc.readRequest(v, kind)
	h := rc.newHit(v, kind, originOf(v, rc.options.TrustedProxies))
	if in.token != "" {
		h.TokenDigest = hit.DigestOf(in.token)
	}
	return rc.refuse(h, in, a)
}

// refuse completes the answer to a request that is refused, and records the hit
// in short form when it names a token, because otherwise nobody can be told. It
// is refused even when that fails.
//
// The quota of refusals is that of all who are refused, whatever token they
// name, for the receipt shows whether there was room. Past it a hit whose token
// exists is still recorded, within a quota that no stranger can use up, but
// nothing of that shows: no receipt, and no wait for the queue. Any other is
// counted, and costs no redaction.
func (rc *Receiver) refuse(h *hit.Hit, in *request, a answer) answer {
	h.Refusal = a.refusal
	if in.token == "" && in.elsewhere != "" {
		h.TokenDigest = hit.DigestOf(in.elsewhere)
	}
	switch {
	case h.TokenDigest.IsZero():
	case rc.refusals.permits(h.Client(), h.ReceivedAt):
		a.receipt = rc.recordRefused(h, in)
	case rc.options.Directory.KnowsToken(h.TokenDigest) && rc.ownRefusals.permits(netip.Addr{}, h.ReceivedAt):
		go rc.recordUntold(h, in)
	default:
		rc.options.ObserveJunk(OverQuota, h.Refusal)
	}
	return a
}

// recordRefused records a refused hit, and answers its receipt or the nil id.
func (rc *Receiver) recordRefused(h *hit.Hit, in *request) uuid.UUID {
	rc.carry(h, in, hit.MaxShortBytes)
	receipt := rc.record(h)
	if receipt == uuid.Nil {
		rc.options.ObserveJunk(NotTaken, h.Refusal)
	}
	return receipt
}

// recordUntold records a refused hit of which the answer says nothing.
func (rc *Receiver) recordUntold(h *hit.Hit, in *request) {
	defer func() {
		if value := recover(); value != nil {
			rc.options.Logger.Error("a door panicked", "kind", h.Kind, "panic", describePanic(value), "stack", string(debug.Stack()))
		}
	}()
	rc.recordRefused(h, in)
}
